// Helpers by the names that programs use, macros of the BPF headers included.

import { HELPER_ROWS, type HelperRow, isGplCompatible } from '../kernel/index.ts';
import type { ProgramFile } from '../syntax/index.ts';

const BY_NAME = new Map<string, HelperRow>(HELPER_ROWS.map((row) => [row.name, row]));

/** Macros of bpf_helpers.h and bpf_core_read.h that come down to one helper. */
const MACROS: Readonly<Record<string, string>> = {
  bpf_printk: 'bpf_trace_printk',
  BPF_CORE_READ: 'bpf_probe_read_kernel',
  BPF_CORE_READ_INTO: 'bpf_probe_read_kernel',
  BPF_CORE_READ_STR_INTO: 'bpf_probe_read_kernel_str',
  BPF_PROBE_READ: 'bpf_probe_read_kernel',
  bpf_core_read: 'bpf_probe_read_kernel',
  bpf_core_read_str: 'bpf_probe_read_kernel_str',
  BPF_SNPRINTF: 'bpf_snprintf',
};

/** The helper behind a called name; undefined for any other function. */
export function helperByName(name: string): HelperRow | undefined {
  return BY_NAME.get(MACROS[name] ?? name);
}

/** Whether the file's license lets it call GPL-only helpers; undefined when it states none. */
export function gplCompatible(source: ProgramFile): boolean | undefined {
  return source.license === undefined ? undefined : isGplCompatible(source.license.text);
}
