// Shared by the tests of ide/: one way to check a text, with the includes and license that an example leaves out.

import { loadCParser } from '../../src/host/tree-sitter.ts';
import { checkSource, type Diagnostic } from '../../src/ide/index.ts';
import { viewFor } from '../../src/kernel/index.ts';
import { CFile, type CParser } from '../../src/syntax/index.ts';

export const DEFAULT_KERNELS = ['5.10', '6.1', '6.12', '6.18'];

export const parser: CParser = await loadCParser();

const PRELUDE =
  '#include <linux/bpf.h>\n#include <netinet/tcp.h>\n#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_endian.h>\n\n';
const LICENSE = '\n\nchar _license[] SEC("license") = "GPL";\n';

/** A whole file around an example. */
export function wholeProgram(example: string): string {
  return (example.includes('#include') ? '' : PRELUDE) + example + (/SEC\("license"\)/.test(example) ? '\n' : LICENSE);
}

export function diagnose(text: string, kernels: readonly string[] = DEFAULT_KERNELS): readonly Diagnostic[] {
  const file = new CFile(parser, text);
  const found = checkSource(
    file,
    kernels.map((kernel) => viewFor(kernel)),
  );
  return found;
}

/** Target kernels that an example asks for in its first comment. */
export function kernelsOf(text: string): readonly string[] {
  return /sockscope-test kernels: ([\d. ]+)/.exec(text)?.[1]?.trim().split(' ') ?? DEFAULT_KERNELS;
}
