// The codes under which object/ reports what is wrong with a file, and what to do about each. One place, so that
// `sockscope explain CODE` and the documentation agree with the messages.

import type { Problem, ProblemNote, Severity, SourcePlace } from '../base/index.ts';

interface CodeRow {
  readonly severity: Severity;
  readonly remedy: string;
}

const REBUILD = 'Build the object again: clang -target bpf -O2 -g -c PROGRAM.c -o PROGRAM.o';

/** Every code of this folder, with its severity and remedy. */
export const OBJECT_CODES = {
  'object-not-elf': {
    severity: 'error',
    remedy: 'Give an object made by `clang -target bpf -O2 -g -c`, a C file or a .bpfasm file',
  },
  'object-big-endian': {
    severity: 'error',
    remedy: 'Build for little-endian BPF: -target bpfel (or -target bpf on a little-endian machine)',
  },
  'object-32-bit': { severity: 'error', remedy: REBUILD },
  'object-wrong-machine': { severity: 'error', remedy: 'Build for BPF and not for the host: add -target bpf' },
  'object-not-relocatable': {
    severity: 'error',
    remedy: 'Give the object file itself (clang -c), not something linked from it',
  },
  'object-truncated': { severity: 'error', remedy: REBUILD },
  'object-bad-section': { severity: 'error', remedy: REBUILD },
  'object-bad-symbol': { severity: 'error', remedy: REBUILD },
  'object-bad-relocation': { severity: 'error', remedy: REBUILD },
  'object-bad-call': {
    severity: 'error',
    remedy: 'Call a function that is defined in this file; helpers are declared in bpf/bpf_helpers.h',
  },
  'object-bad-map': {
    severity: 'error',
    remedy: 'Define maps as libbpf does: struct { __uint(type, ...); __type(key, ...); ... } name SEC(".maps")',
  },
  'object-legacy-map': {
    severity: 'warning',
    remedy: 'libbpf 1.0 and later refuses SEC("maps"); move the map to SEC(".maps")',
  },
  'object-ring-types': {
    severity: 'warning',
    remedy:
      'Leave them out: libbpf hands their sizes to the kernel, which then creates no map (-EINVAL); cilium/ebpf drops them, as is done here',
  },
  'object-map-pinning': {
    severity: 'note',
    remedy:
      'Use LIBBPF_PIN_NONE or LIBBPF_PIN_BY_NAME, or a loader that gives the number a meaning; here the map is not pinned',
  },
  'object-bad-data': { severity: 'error', remedy: 'Make the global data smaller, or put it into a map' },
  'object-bad-license': { severity: 'warning', remedy: 'Add: char _license[] SEC("license") = "GPL";' },
  'object-bad-btf': {
    severity: 'warning',
    remedy: 'Build again with -g; without BTF there are no map types and no source lines from BTF',
  },
  'object-bad-dwarf': {
    severity: 'warning',
    remedy: 'Build again with -g; without DWARF there are no local variables',
  },
  'object-no-program': { severity: 'error', remedy: 'Put the entry function into a section: SEC("sockops")' },
  'object-no-sockops': {
    severity: 'error',
    remedy: 'Put the entry function into SEC("sockops"); Sockscope runs sock_ops programs only',
  },
  'object-section-name': {
    severity: 'warning',
    remedy:
      'Name the section exactly "sockops": libbpf 1.0 and later cannot guess the program type from other spellings',
  },
  'object-static-program': {
    severity: 'warning',
    remedy: 'Remove `static` from the entry function, or move the function out of the section',
  },
  'object-unresolved-extern': {
    severity: 'error',
    remedy: 'Define it, or mark the declaration __weak and test it before use',
  },
  'object-unresolved-core': {
    severity: 'warning',
    remedy:
      'Guard the access with bpf_core_field_exists() or bpf_core_type_exists(), or give the BTF of a kernel that has it',
  },
  'object-bad-core': { severity: 'error', remedy: REBUILD },
  'object-unsupported-section': {
    severity: 'warning',
    remedy: 'Sockscope ignores it; sock_ops programs do not need it',
  },
  'object-too-large': {
    severity: 'error',
    remedy: 'Split the object; the kernel takes at most a million instructions for a program',
  },
} as const satisfies Record<string, CodeRow>;

export type ObjectCode = keyof typeof OBJECT_CODES;

interface ProblemExtra {
  /** Other than the code's own. */
  readonly severity?: Severity;
  readonly remedy?: string;
  readonly notes?: readonly ProblemNote[];
  /** A place in the source; the object file where absent. */
  readonly at?: SourcePlace;
}

/** Collects the problems of one file. Says each thing once and stops counting where a hostile file would flood the reader. */
export class ProblemList {
  readonly file: string;
  readonly #problems: Problem[] = [];
  readonly #seen = new Set<string>();

  constructor(file: string) {
    this.file = file;
  }

  add(code: ObjectCode, message: string, extra: ProblemExtra = {}): void {
    if (this.isFull) return;
    const key = `${code}\n${message}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const row = OBJECT_CODES[code];
    this.#problems.push({
      code,
      severity: extra.severity ?? row.severity,
      message,
      at: extra.at ?? { file: this.file },
      remedy: extra.remedy ?? row.remedy,
      ...(extra.notes === undefined ? {} : { notes: extra.notes }),
    });
  }

  /** Takes over problems found by another reader. */
  addAll(problems: readonly Problem[]): void {
    for (const problem of problems) {
      const key = `${problem.code}\n${problem.message}`;
      if (this.#seen.has(key) || this.#problems.length >= MAX_PROBLEMS) continue;
      this.#seen.add(key);
      this.#problems.push(problem);
    }
  }

  /** Whether further problems would not be kept. */
  get isFull(): boolean {
    return this.#problems.length >= MAX_PROBLEMS;
  }

  get all(): readonly Problem[] {
    return this.#problems;
  }
}

const MAX_PROBLEMS = 100;
