// The list of generated files, by path from the root of the project, with their text.

import { diagnosticPages } from './diagnostics.ts';
import { bpfHeader, forwardingHeaders, helperDefsHeader } from './headers.ts';
import { referencePages } from './reference.ts';
import { vmlinuxHeader } from './vmlinux.ts';

/** Path and text of every file that `npm run gen` writes. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['headers/linux/bpf.h', bpfHeader()],
    ['headers/bpf/bpf_helper_defs.h', helperDefsHeader()],
    ['headers/vmlinux.h', vmlinuxHeader()],
    ...forwardingHeaders(),
    ...referencePages(),
    ...diagnosticPages(),
  ]);
}
