// `extern ... __kconfig`: values of the kernel's configuration that the loader writes into a read-only map before it loads.
// The layout of that map and which value fits which C type are libbpf's.

import type { Btf } from './btf.ts';
import { sizeOf, strip } from './c-types.ts';
import type { KconfigValue } from './options.ts';

/** What C type the program declared for the value. */
type Holder =
  | { readonly kind: 'bool' | 'char' | 'tristate' }
  | { readonly kind: 'int'; readonly signed: boolean }
  | { readonly kind: 'string' };

export interface KconfigExtern {
  readonly name: string;
  readonly weak: boolean;
  readonly sizeBytes: number;
  readonly align: number;
  readonly holder: Holder;
}

/** Values that a program may ask for on any kernel that Sockscope models; a caller's own come first. */
const USUAL: ReadonlyMap<string, KconfigValue> = new Map<string, KconfigValue>([
  ['CONFIG_64BIT', 'y'],
  ['CONFIG_BPF', 'y'],
  ['CONFIG_BPF_JIT', 'y'],
  ['CONFIG_BPF_SYSCALL', 'y'],
  ['CONFIG_CGROUPS', 'y'],
  ['CONFIG_CGROUP_BPF', 'y'],
  ['CONFIG_DEFAULT_TCP_CONG', { text: 'cubic' }],
  ['CONFIG_HZ', 250n],
  ['CONFIG_INET', 'y'],
  ['CONFIG_IPV6', 'y'],
  ['CONFIG_NET', 'y'],
  ['CONFIG_SMP', 'y'],
  ['CONFIG_TCP_CONG_BBR', 'm'],
  ['CONFIG_TCP_CONG_CUBIC', 'y'],
  ['CONFIG_TCP_CONG_DCTCP', 'm'],
  ['CONFIG_X86_64', 'y'],
  ['LINUX_HAS_BPF_COOKIE', 1n],
  ['LINUX_HAS_SYSCALL_WRAPPER', 1n],
]);

/** KERNEL_VERSION(6, 12, 0). */
const DEFAULT_VERSION_CODE = (6 << 16) | (12 << 8);

/** What the kernel at hand answers; undefined when nobody said. */
export function kconfigValue(
  name: string,
  given: ReadonlyMap<string, KconfigValue> | undefined,
  versionCode: number | undefined,
): KconfigValue | undefined {
  const value = given?.get(name);
  if (value !== undefined) return value;
  if (name === 'LINUX_KERNEL_VERSION') return BigInt(versionCode ?? DEFAULT_VERSION_CODE);
  return USUAL.get(name);
}

/** Reads the declared type; undefined when no configuration value fits it. */
export function kconfigHolder(
  btf: Btf,
  typeId: number,
): { readonly holder: Holder; readonly sizeBytes: number; readonly align: number } | undefined {
  const type = strip(btf, typeId)?.type;
  const sizeBytes = sizeOf(btf, typeId);
  if (type === undefined || sizeBytes === undefined || sizeBytes === 0 || sizeBytes > 4096) return undefined;
  if (type.kind === 'enum') {
    return sizeBytes === 4 && type.name === 'libbpf_tristate'
      ? { holder: { kind: 'tristate' }, sizeBytes, align: 4 }
      : undefined;
  }
  if (type.kind === 'array') {
    const element = strip(btf, type.element)?.type;
    return element?.kind === 'int' && element.sizeBytes === 1
      ? { holder: { kind: 'string' }, sizeBytes, align: 1 }
      : undefined;
  }
  if (type.kind !== 'int' || ![1, 2, 4, 8].includes(sizeBytes)) return undefined;
  if (type.encoding === 'bool') return sizeBytes === 1 ? { holder: { kind: 'bool' }, sizeBytes, align: 1 } : undefined;
  if (sizeBytes === 1) return { holder: { kind: 'char' }, sizeBytes, align: 1 };
  return { holder: { kind: 'int', signed: type.signed }, sizeBytes, align: sizeBytes };
}

/** The order in which libbpf lays the values out: by alignment downwards, then by size and name. */
export function orderKconfig(externs: readonly KconfigExtern[]): KconfigExtern[] {
  return [...externs].sort(
    (a, b) => b.align - a.align || a.sizeBytes - b.sizeBytes || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
}

const TRISTATE = { n: 0n, y: 1n, m: 2n } as const;

/** Bytes of the value in the type that the program declared, or why it does not fit. */
export function encodeKconfig(
  extern: KconfigExtern,
  value: KconfigValue,
): { readonly bytes: Uint8Array } | { readonly reason: string } {
  const { holder, sizeBytes } = extern;
  if (value === 'y' || value === 'm' || value === 'n') {
    switch (holder.kind) {
      case 'bool':
        return value === 'm'
          ? { reason: `its value is m (a module), which a bool cannot hold` }
          : integer(value === 'y' ? 1n : 0n, 1);
      case 'tristate':
        return integer(TRISTATE[value], sizeBytes);
      case 'char':
        return integer(BigInt(value.charCodeAt(0)), 1);
      default:
        return { reason: `its value is ${value}, which needs a bool, a char or enum libbpf_tristate` };
    }
  }
  if (typeof value === 'object') {
    if (holder.kind !== 'string') return { reason: `its value is the text "${value.text}", which needs a char array` };
    const bytes = new Uint8Array(sizeBytes);
    for (let i = 0; i < Math.min(value.text.length, sizeBytes - 1); i++) bytes[i] = value.text.charCodeAt(i);
    return { bytes };
  }
  if (holder.kind === 'tristate' || holder.kind === 'string')
    return { reason: `its value is the number ${value}, which needs an integer` };
  const bits = 8 * sizeBytes;
  const fits =
    holder.kind === 'bool'
      ? value === 0n || value === 1n
      : holder.kind === 'int' && holder.signed
        ? BigInt.asIntN(bits, value) === value
        : BigInt.asUintN(bits, value) === value;
  return fits ? integer(value, sizeBytes) : { reason: `its value ${value} does not fit into ${sizeBytes} bytes` };
}

function integer(value: bigint, sizeBytes: number): { readonly bytes: Uint8Array } {
  const bytes = new Uint8Array(sizeBytes);
  let rest = BigInt.asUintN(64, value);
  for (let i = 0; i < sizeBytes; i++) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return { bytes };
}
