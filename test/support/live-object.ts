// An object file put before the running kernel as libbpf puts it: BTF mended, maps made with their types and first contents, programs
// with the kernel's numbers in place of ours. Only what sock_ops programs use; every program is loaded as sock_ops.

import { cpus } from 'node:os';
import { BTF_KIND } from '../../src/object/btf.ts';
import type { BpfObject, Btf, MapDefinition, Program } from '../../src/object/index.ts';
import { readElf } from '../../src/object/index.ts';
import type { Kernel, OracleLoad } from './kernel-oracle.ts';

const MAP_UPDATE = 2;
const MAP_FREEZE = 22;
const READ_ONLY_FOR_PROGRAMS = 0x80;
/** Map types whose keys and values may not carry BTF. */
const WITHOUT_TYPES = new Set([3, 4, 7, 12, 13, 14, 15, 16, 17, 18, 22, 23, 27, 30, 31]);
const ARENA = 33;
const ENOTSUPP = 524;
const LINKAGE_GLOBAL = 1;
const LINKAGE_EXTERN = 2;
const PERF_EVENT_ARRAY = 4;

export interface LiveObject {
  /** The load of a program; `bytes` in place of its own, where given. */
  load(program: Program, bytes?: Uint8Array): OracleLoad;
  close(): void;
}

/** Loads types and maps; the reason why not, where the kernel does not take them. */
export function liveObject(kernel: Kernel, file: Uint8Array, object: BpfObject): LiveObject | { readonly why: string } {
  const section = readElf(file, object.file).value?.section('.BTF');
  const loaded = section === undefined ? 0 : kernel.loadBtf(mendedBtf(section.bytes, object.btf));
  // gcc 12 writes encodings that kernels do not know; libbpf goes on without types then.
  const btfFd = loaded === -ENOTSUPP ? 0 : loaded;
  if (btfFd < 0) return { why: `BTF: errno ${-btfFd}` };
  const fds = new Map<number, number>();
  const close = (): void => {
    for (const fd of [...fds.values(), btfFd]) if (fd > 0) kernel.close(fd);
  };
  for (const map of object.maps) {
    const fd = createMap(kernel, map, btfFd);
    if (fd < 0) {
      close();
      return { why: `map ${map.name}: errno ${-fd}` };
    }
    fds.set(map.fd, fd);
  }
  return {
    load(program, bytes = program.bytes) {
      const hasTypes = btfFd > 0 && program.subprograms.every(({ btfFuncId }) => btfFuncId > 0);
      return {
        bytes: withFds(bytes, fds),
        license: program.license,
        ...(hasTypes ? { btfFd, funcInfo: functionInfo(program) } : {}),
      };
    },
    close,
  };
}

function createMap(kernel: Kernel, map: MapDefinition, btfFd: number): number {
  const inner = map.inner === undefined ? undefined : createMap(kernel, map.inner, btfFd);
  if (inner !== undefined && inner < 0) return inner;
  const typed = btfFd > 0 && map.valueTypeId > 0 && !WITHOUT_TYPES.has(map.typeId);
  const fd = kernel.createMap({
    name: map.name,
    typeId: map.typeId,
    keySize: map.keySize,
    valueSize: map.valueSize,
    // As libbpf: one event for each possible CPU.
    maxEntries: map.maxEntries === 0 && map.typeId === PERF_EVENT_ARRAY ? cpus().length : map.maxEntries,
    flags: map.flags,
    // An arena's address is the loader's choice.
    extra: map.typeId === ARENA ? 0n : map.extra,
    ...(inner === undefined ? {} : { innerFd: inner }),
    ...(typed ? { btfFd, keyTypeId: map.keyTypeId, valueTypeId: map.valueTypeId } : {}),
  });
  if (inner !== undefined) kernel.close(inner);
  if (fd < 0 || map.initial === undefined) return fd;
  const { initial } = map;
  kernel.command(MAP_UPDATE, (attr, place) => {
    attr.setUint32(0, fd, true);
    attr.setBigUint64(8, place(new Uint8Array(4)).address, true);
    attr.setBigUint64(16, place(initial).address, true);
  });
  if ((map.flags & READ_ONLY_FOR_PROGRAMS) !== 0) kernel.command(MAP_FREEZE, (attr) => attr.setUint32(0, fd, true));
  return fd;
}

function withFds(bytes: Uint8Array, fds: ReadonlyMap<number, number>): Uint8Array {
  const patched = Uint8Array.from(bytes);
  const words = new DataView(patched.buffer);
  for (let at = 0; at + 16 <= patched.length; at += 8) {
    if (patched[at] !== 0x18) continue;
    const source = patched[at + 1]! >> 4;
    const fd = fds.get(words.getInt32(at + 4, true));
    if ((source === 1 || source === 2) && fd !== undefined) words.setInt32(at + 4, fd, true);
    at += 8;
  }
  return patched;
}

function functionInfo({ subprograms }: Program): Uint8Array {
  return new Uint8Array(
    Uint32Array.from(subprograms.flatMap(({ startSlot, btfFuncId }) => [startSlot, btfFuncId])).buffer,
  );
}

// --- BTF ----------------------------------------------------------------------------------------------------------------------

/** Bytes that follow the 12 of a type, by kind. */
function extraBytes(kind: number, count: number): number {
  switch (kind) {
    case BTF_KIND.int:
    case BTF_KIND.var:
    case BTF_KIND.declTag:
      return 4;
    case BTF_KIND.array:
      return 12;
    case BTF_KIND.struct:
    case BTF_KIND.union:
    case BTF_KIND.datasec:
    case BTF_KIND.enum64:
      return 12 * count;
    case BTF_KIND.enum:
    case BTF_KIND.funcProto:
      return 8 * count;
    default:
      return 0;
  }
}

/**
 * BTF as the kernel takes it: sections of variables get their offsets and sizes, which the compiler leaves to the linker; the section
 * of kernel symbols becomes a structure of numbers, and external functions become global ones with named parameters.
 */
function mendedBtf(original: Uint8Array, linked: Btf | undefined): Uint8Array {
  const bytes = Uint8Array.from(original);
  const view = new DataView(bytes.buffer);
  const word = (at: number): number => view.getUint32(at, true);
  const put = (at: number, value: number): void => view.setUint32(at, value, true);
  const start = word(4) + word(8);
  const end = start + word(12);
  const strings = word(4) + word(16);
  const nameOf = (at: number): string => {
    let text = '';
    for (let i = strings + word(at); bytes[i]; i++) text += String.fromCharCode(bytes[i]!);
    return text;
  };
  const types: { readonly at: number; readonly kind: number; readonly count: number }[] = [];
  for (let at = start; at < end; ) {
    const kind = (word(at + 4) >>> 24) & 0x1f;
    const count = word(at + 4) & 0xffff;
    types.push({ at, kind, count });
    at += 12 + extraBytes(kind, count);
  }
  const int = types.findIndex(({ at, kind }) => kind === BTF_KIND.int && word(at + 8) === 4) + 1;
  const someName = types.map(({ at, kind }) => (kind === BTF_KIND.func ? word(at) : 0)).find((name) => name !== 0) ?? 0;
  for (const [index, { at, kind, count }] of types.entries()) {
    if (kind === BTF_KIND.var && word(at + 12) === LINKAGE_EXTERN) put(at + 12, LINKAGE_GLOBAL);
    if (kind === BTF_KIND.func && count === 2) put(at + 4, (BTF_KIND.func << 24) | LINKAGE_GLOBAL);
    if (kind === BTF_KIND.funcProto)
      for (let i = 0; i < count; i++) {
        const parameter = at + 12 + 8 * i;
        if (word(parameter) === 0 && word(parameter + 4) !== 0) put(parameter, someName);
      }
    if (kind !== BTF_KIND.datasec) continue;
    const isSymbols = nameOf(at) === '.ksyms';
    if (isSymbols) {
      put(at, 0);
      put(at + 4, (BTF_KIND.struct << 24) | count);
      put(at + 8, 4 * count);
    }
    const section = linked?.type(1 + index);
    const variables = section?.kind === 'data-section' && section.sizeBytes > 0 ? section.variables : undefined;
    let end = 0;
    for (let i = 0; i < count; i++) {
      const variable = at + 12 + 12 * i;
      if (isSymbols) {
        const { at: declared } = types[word(variable) - 1]!;
        if (((word(declared + 4) >>> 24) & 0x1f) === BTF_KIND.var) put(declared + 8, int);
        put(variable, 0);
        put(variable + 4, int);
        put(variable + 8, 32 * i);
        continue;
      }
      put(variable + 4, variables?.[i]?.offset ?? end);
      put(variable + 8, variables?.[i]?.sizeBytes ?? word(variable + 8));
      end = word(variable + 4) + word(variable + 8);
    }
    if (!isSymbols) put(at + 8, variables === undefined || section?.kind !== 'data-section' ? end : section.sizeBytes);
  }
  return bytes;
}
