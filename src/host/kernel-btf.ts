// The types of a kernel that the user names: /sys/kernel/btf/vmlinux, raw BTF saved from another machine, or a vmlinux with a .BTF section.
// For CO-RE relocations, kernel functions and typed kernel pointers. Of a vmlinux only that section is read.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ByteReader, decodeUtf8, type Outcome, type Problem } from '../base/index.ts';
import { parseTarget } from '../kernel/index.ts';
import { type Btf, readBtf } from '../object/index.ts';
import { readFailure, readFileBytes } from './files.ts';
import { hostProblem } from './host-problems.ts';

/** Where Linux shows the BTF of the kernel that runs. */
export const RUNNING_KERNEL_BTF = '/sys/kernel/btf/vmlinux';

/** Kernel types by path: one file for every kernel, or one for each kernel by its name ("6.12", "rhel9"). */
export type KernelBtfChoice = string | Readonly<Record<string, string>>;

const MAX_BTF_BYTES = 64 * 1024 * 1024;

interface Known {
  readonly modified: number;
  readonly size: number;
  readonly outcome: Outcome<Btf | undefined>;
}
const known = new Map<string, Known>();

/** BTF of a file (default: the running kernel), read again only when the file changes. Undefined with one problem when nothing can be made of it. */
export function readKernelBtf(file = RUNNING_KERNEL_BTF): Outcome<Btf | undefined> {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    return { value: undefined, problems: [readFailure(file, error)] };
  }
  try {
    const { mtimeMs: modified, size } = fstatSync(handle);
    const before = known.get(file);
    if (before !== undefined && before.modified === modified && before.size === size) return before.outcome;
    const outcome = readTypes(handle, file);
    known.set(file, { modified, size, outcome });
    return outcome;
  } catch (error) {
    return { value: undefined, problems: [readFailure(file, error)] };
  } finally {
    closeSync(handle);
  }
}

/** The types chosen for a kernel, by its name as `parseTarget` gives it. Undefined without problems: none were chosen for it. */
export function kernelBtfFor(choice: KernelBtfChoice | undefined, kernel: string): Outcome<Btf | undefined> {
  const file = fileFor(choice, kernel);
  return file === undefined ? { value: undefined, problems: [] } : readKernelBtf(file);
}

function fileFor(choice: KernelBtfChoice | undefined, kernel: string): string | undefined {
  if (choice === undefined || typeof choice === 'string') return choice === '' ? undefined : choice;
  if (Object.hasOwn(choice, kernel)) return choice[kernel];
  const title = parseTarget(kernel).value?.title;
  return Object.entries(choice).find(([name]) => parseTarget(name).value?.title === title)?.[1];
}

function readTypes(handle: number, file: string): Outcome<Btf | undefined> {
  const head = bytesAt(handle, 0, 64);
  if (head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46) {
    const section = btfSection(handle, head);
    if (typeof section === 'string') return unusable(file, section);
    return checked(section, file);
  }
  if (head[0] === 0x1f && head[1] === 0x8b) return unusable(file, 'the file is compressed; unpack it first');
  if (head[0] === 0x4d && head[1] === 0x5a)
    return unusable(
      file,
      'this is a kernel image for booting, in which the types are packed; give the vmlinux that it was made from',
    );
  const { value, problems } = readFileBytes(file, MAX_BTF_BYTES);
  return value === undefined ? { value: undefined, problems } : checked(value, file);
}

/** Reads the types and looks whether they are a kernel's. */
function checked(bytes: Uint8Array, file: string): Outcome<Btf | undefined> {
  const { value: btf, problems } = readBtf(bytes, { file });
  if (btf === undefined) return unusable(file, problems[0]?.message ?? 'it cannot be read');
  if (btf.find('struct', 'task_struct') === undefined || btf.find('struct', 'sock') === undefined)
    return unusable(
      file,
      'these are not the types of a kernel: there is no struct task_struct or no struct sock (a module or a BPF object has only its own)',
    );
  return { value: btf, problems };
}

function unusable(file: string, why: string): Outcome<undefined> {
  const problem: Problem = hostProblem('kernel-btf', `no kernel types in this file: ${why}`, { file });
  return { value: undefined, problems: [problem] };
}

/** The bytes of section .BTF of an ELF file, or why there are none. */
function btfSection(handle: number, head: Uint8Array): Uint8Array | string {
  if (head[5] !== 1) return 'the ELF file is big-endian';
  const wide = head[4] === 2;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const table = wide ? Number(view.getBigUint64(0x28, true)) : view.getUint32(0x20, true);
  const rowBytes = view.getUint16(wide ? 0x3a : 0x2e, true);
  const count = view.getUint16(wide ? 0x3c : 0x30, true);
  const names = view.getUint16(wide ? 0x3e : 0x32, true);
  if (rowBytes < (wide ? 64 : 40) || names >= count) return 'the ELF file has no readable section headers';
  const rows = bytesAt(handle, table, rowBytes * count);
  const range = (row: number): { readonly name: number; readonly offset: number; readonly size: number } => {
    const reader = new ByteReader(rows, { offset: row * rowBytes });
    const name = reader.u32();
    const at = new DataView(rows.buffer, rows.byteOffset + row * rowBytes, rowBytes);
    return wide
      ? { name, offset: Number(at.getBigUint64(0x18, true)), size: Number(at.getBigUint64(0x20, true)) }
      : { name, offset: at.getUint32(0x10, true), size: at.getUint32(0x14, true) };
  };
  if (rows.length < rowBytes * count) return 'the ELF file is cut off';
  const texts = range(names);
  const strings = bytesAt(handle, texts.offset, Math.min(texts.size, 1 << 20));
  for (let row = 1; row < count; row++) {
    const { name, offset, size } = range(row);
    const end = strings.indexOf(0, name);
    if (decodeUtf8(strings.subarray(name, end < 0 ? strings.length : end)) !== '.BTF') continue;
    if (size > MAX_BTF_BYTES) return `section .BTF has ${size} bytes`;
    const bytes = bytesAt(handle, offset, size);
    return bytes.length < size ? 'section .BTF is cut off' : bytes;
  }
  return 'the ELF file has no section .BTF (a kernel built with CONFIG_DEBUG_INFO_BTF has one)';
}

/** Up to `length` bytes from an offset on; fewer at the end of the file. */
function bytesAt(handle: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readSync(handle, bytes, done, length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}
