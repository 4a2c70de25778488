// The types of the running kernel, for CO-RE relocations and typed kernel pointers.

import type { Outcome } from '../base/index.ts';
import { type Btf, readBtf } from '../object/index.ts';
import { readFileBytes } from './files.ts';

/** Where Linux shows the BTF of the kernel that runs. */
export const RUNNING_KERNEL_BTF = '/sys/kernel/btf/vmlinux';

const MAX_BTF_BYTES = 64 * 1024 * 1024;
const known = new Map<string, Outcome<Btf | undefined>>();

/** BTF of a file (default: the running kernel), read once. Undefined with a problem when it is not there or is none. */
export function readKernelBtf(file = RUNNING_KERNEL_BTF): Outcome<Btf | undefined> {
  let outcome = known.get(file);
  if (outcome === undefined) {
    const bytes = readFileBytes(file, MAX_BTF_BYTES);
    outcome =
      bytes.value === undefined ? { value: undefined, problems: bytes.problems } : readBtf(bytes.value, { file });
    known.set(file, outcome);
  }
  return outcome;
}
