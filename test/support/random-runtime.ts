// Random programs that every verifier should accept and that do much at run time: arithmetic with edge values, memory of all widths,
// atomics, branches, loops, functions, callbacks, maps of all kinds, strings, formats, dynptrs, ring buffers, packet bytes. What they
// compute is stored in the map `out`, for comparing machines. A program is a list of parts that stand alone, so that it can be shrunk.
//
// Between parts r0 to r5, r7 and r8 hold numbers, r6 the address of `out`, r9 the context; the stack is filled, and numbers down to r10 - 64 are kept.
// `{data}` and `{data_end}` stand for loads from the context, which differ between program types.

import type { Random } from '../../src/base/index.ts';

export interface RuntimePart {
  readonly lines: readonly string[];
  /** Names of what the part needs besides: maps (MAPS, or texts) and functions behind the program. */
  readonly maps: readonly string[];
  readonly functions: readonly (readonly string[])[];
}

export interface RuntimeProgram {
  readonly parts: readonly RuntimePart[];
  /** Contents of the map `in`: numbers that a verifier does not know. */
  readonly input: Uint8Array;
  readonly packet: Uint8Array;
  /** Contents of read-only maps of text, by name. */
  readonly texts: ReadonlyMap<string, string>;
}

export const OUT_BYTES = 1024;
const IN_BYTES = 256;
const TEXT_BYTES = 64;
/** All that parts use of the entry function's frame: what is left out while shrinking must not show what was there before. */
const STACK_BYTES = 176;

/** The maps that parts may use. */
const MAPS: Readonly<Record<string, string>> = {
  hash: 'hash, 4, 8, 3',
  loose: 'hash, 8, 16, 4, flags=1',
  array: 'array, 4, 16, 4',
  odd: 'array, 4, 5, 3',
  percpu_hash: 'percpu_hash, 4, 8, 3',
  percpu_array: 'percpu_array, 4, 16, 3',
  lru: 'lru_hash, 4, 8, 128',
  lru_percpu: 'lru_percpu_hash, 4, 8, 128',
  trie: 'lpm_trie, 8, 8, 6, flags=1',
  queue: 'queue, 0, 8, 3',
  stack: 'stack, 0, 8, 3',
  bloom: 'bloom_filter, 0, 8, 200',
  rb: 'ringbuf, 0, 0, 4096',
  inner: 'array, 4, 8, 2',
  outer_array: 'array_of_maps, 4, 4, 2, inner=inner',
  outer_hash: 'hash_of_maps, 4, 4, 2, inner=inner',
};
/** Maps of maps hold `inner` under key 0. */
export const OUTER_MAPS: readonly string[] = ['outer_array', 'outer_hash'];

/** Kernel functions by the number that stands in the text. */
export const KFUNCS: Readonly<Record<number, string>> = {
  1: 'bpf_iter_num_new',
  2: 'bpf_iter_num_next',
  3: 'bpf_iter_num_destroy',
  4: 'bpf_dynptr_adjust',
  5: 'bpf_dynptr_size',
  6: 'bpf_dynptr_is_null',
  7: 'bpf_dynptr_is_rdonly',
  8: 'bpf_dynptr_clone',
  9: 'bpf_dynptr_slice',
  10: 'bpf_strlen',
  11: 'bpf_strnlen',
  12: 'bpf_strchr',
  13: 'bpf_strrchr',
  14: 'bpf_strchrnul',
  15: 'bpf_strnchr',
  16: 'bpf_strcmp',
  17: 'bpf_strcasecmp',
  18: 'bpf_strspn',
  19: 'bpf_strcspn',
  20: 'bpf_strstr',
  21: 'bpf_strnstr',
  22: 'bpf_dynptr_copy',
  23: 'bpf_dynptr_memset',
  24: 'bpf_iter_bits_new',
  25: 'bpf_iter_bits_next',
  26: 'bpf_iter_bits_destroy',
  27: 'bpf_map_sum_elem_count',
  28: 'bpf_throw',
};
const kfunc = (name: string): string => {
  const [number] = Object.entries(KFUNCS).find(([, each]) => each === name) ?? [];
  if (number === undefined) throw new RangeError(`no kernel function ${name} in the table`);
  return `call kfunc ${number}`;
};

/** The text of a program for one kind of context. */
export function textOf(program: RuntimeProgram, context: { readonly data: string; readonly dataEnd: string }): string {
  const names = new Set(program.parts.flatMap(({ maps }) => maps));
  // A template is created before what it is the template of.
  const ordered = [...Object.keys(MAPS), ...program.texts.keys()].filter((name) => names.has(name));
  const maps = ordered.map((name) => `.map ${name}, ${MAPS[name] ?? `array, 4, ${TEXT_BYTES}, 1, flags=0x80`}`);
  const functions = program.parts.flatMap((part) => part.functions.flat());
  const text = [
    `.map out, array, 4, ${OUT_BYTES}, 1`,
    `.map in, array, 4, ${IN_BYTES}, 1`,
    ...maps,
    '.section sockops',
    'main:',
    'r9 = r1',
    'r6 = out[0] + 0 ll',
    ...Array.from({ length: STACK_BYTES / 8 }, (_, i) => `*(u64 *)(r10 - ${8 * i + 8}) = ${(8 * i + 8) * 0x010101}`),
    ...[0, 1, 2, 3, 4, 5, 7, 8].map((register) => `r${register} = ${register} ll`),
    ...program.parts.flatMap(({ lines }) => lines),
    ...[0, 1, 2, 3, 4, 5, 7, 8].map((register, i) => `*(u64 *)(r6 + ${OUT_BYTES - 64 + 8 * i}) = r${register}`),
    'w0 ^= w7',
    'exit',
    ...(functions.length === 0 ? [] : ['.text', ...functions]),
    '.license "GPL"',
  ].join('\n');
  return `${text.replaceAll('{data}', context.data).replaceAll('{data_end}', context.dataEnd)}\n`;
}

/** Bytes of a text map. */
export function textBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(TEXT_BYTES);
  bytes.set(new TextEncoder().encode(text).subarray(0, TEXT_BYTES - 1));
  return bytes;
}

export function randomRuntime(random: Random, count: number): RuntimeProgram {
  const writer = new Writer(random);
  const parts = Array.from({ length: count }, () => writer.part());
  const input = new Uint8Array(IN_BYTES);
  const view = new DataView(input.buffer);
  for (let at = 0; at < IN_BYTES; at += 8) view.setBigInt64(at, BigInt.asIntN(64, writer.edge()), true);
  const packet = Uint8Array.from({ length: 14 + random.below(80) }, () => random.below(256));
  return { parts, input, packet, texts: writer.texts };
}

/** A smaller program of the same interest, by leaving out parts, then lines. */
export function shrinkRuntime(
  program: RuntimeProgram,
  interests: (candidate: RuntimeProgram) => boolean,
): RuntimeProgram {
  let best = program;
  for (let size = best.parts.length >> 1; size >= 1; size >>= 1)
    for (let at = 0; at + size <= best.parts.length; ) {
      const candidate = { ...best, parts: best.parts.filter((_, index) => index < at || index >= at + size) };
      if (interests(candidate)) best = candidate;
      else at++;
    }
  for (let part = 0; part < best.parts.length; part++)
    for (let line = best.parts[part]!.lines.length - 1; line >= 0; line--) {
      const parts = best.parts.map((each, index) =>
        index === part ? { ...each, lines: each.lines.filter((_, other) => other !== line) } : each,
      );
      if (interests({ ...best, parts })) best = { ...best, parts };
    }
  return best;
}

const BINARY = ['+=', '-=', '*=', '/=', '%=', 's/=', 's%=', '|=', '&=', '^=', '<<=', '>>=', 's>>=', '='] as const;
const CONDITIONS = ['==', '!=', '>', '>=', '<', '<=', 's>', 's>=', 's<', 's<=', '&'] as const;
const IMMEDIATES = [
  0, 1, -1, 2, 3, 7, 31, 32, 63, 64, 255, 256, 0x7fff, 0xffff, 0x7fffffff, -0x80000000, -0x7fffffff,
] as const;
const WIDE = [
  0n,
  1n,
  -1n,
  2n,
  7n,
  0xffn,
  0x7fn,
  0x80n,
  0xffffn,
  0x8000n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  -0x80000000n,
  0x7fffffffffffffffn,
  -0x8000000000000000n,
  -0x7fffffffffffffffn,
  0x123456789abcdef0n,
] as const;
const UPDATE_FLAGS = [0, 0, 0, 0, 1, 2, 3, 4, 8] as const;
const RESEEDED = [1, 2, 3, 4, 5] as const;

type PartBody = (writer: Writer) => { lines: string[]; maps?: string[]; functions?: string[][] };

class Writer {
  readonly random: Random;
  readonly texts = new Map<string, string>();
  #labels = 0;
  #saved = 0;

  constructor(random: Random) {
    this.random = random;
  }

  part(): RuntimePart {
    const random = this.random;
    const simple = random.below(100) < 45;
    const body = random.pick(simple ? SIMPLE : CALLING)(this);
    const lines = simple ? body.lines : [...body.lines, ...this.reseed()];
    return { lines, maps: body.maps ?? [], functions: body.functions ?? [] };
  }

  edge(): bigint {
    const random = this.random;
    if (random.below(2) === 0) return random.pick(WIDE);
    const word = (BigInt(random.u32()) << 32n) | BigInt(random.u32());
    return word >> BigInt(random.below(64));
  }
  label(): string {
    return `l${this.#labels++}`;
  }
  /** Stores a register into the next place of `out`. */
  save(register = 'r0'): string {
    return `*(u64 *)(r6 + ${8 * (this.#saved++ % (OUT_BYTES / 8 - 8))}) = ${register}`;
  }
  scalar(): number {
    return this.random.pick([0, 1, 2, 3, 4, 5, 7, 8]);
  }
  imm(): number {
    return this.random.below(3) === 0 ? this.random.u32() | 0 : this.random.pick(IMMEDIATES);
  }
  /** Numbers for r1 to r5 after a call: constants, or what the verifier cannot know. */
  reseed(): string[] {
    const random = this.random;
    return RESEEDED.flatMap((register) =>
      random.below(3) === 0
        ? [`r${register} = ${this.edge()} ll`]
        : [`r${register} = in[0] + ${8 * random.below(IN_BYTES / 8)} ll`, `r${register} = *(u64 *)(r${register} + 0)`],
    );
  }
  text(content: string): string {
    const name = `text${this.texts.size}`;
    this.texts.set(name, content);
    return name;
  }
  alu(): string {
    const random = this.random;
    const [a, b] = [this.scalar(), this.scalar()];
    const wide = random.below(2) === 0 ? 'r' : 'w';
    switch (random.below(8)) {
      case 0:
        return random.pick([
          `${wide}${a} = -${wide}${a}`,
          `r${a} = (s${random.pick([8, 16, 32])})r${b}`,
          `w${a} = (s${random.pick([8, 16])})w${b}`,
        ]);
      case 1:
        return `r${a} = ${random.pick(['be', 'le', 'bswap'])}${random.pick([16, 32, 64])} r${a}`;
      case 2:
      case 3: {
        const op = random.pick(BINARY);
        const divides = /[/%]/.test(op);
        const imm = /<|>/.test(op) ? random.below(wide === 'r' ? 64 : 32) : this.imm();
        return `${wide}${a} ${op} ${divides && imm === 0 ? 1 : imm}`;
      }
      default:
        return `${wide}${a} ${random.pick(BINARY)} ${wide}${b}`;
    }
  }
  condition(target: string): string {
    const random = this.random;
    const wide = random.below(2) === 0 ? 'r' : 'w';
    const other = random.below(2) === 0 ? `${wide}${this.scalar()}` : `${this.imm()}`;
    return `if ${wide}${this.scalar()} ${random.pick(CONDITIONS)} ${other} goto ${target}`;
  }
  /** `key` words at r10 - 72 and a value at r10 - 96, apart from what other parts keep. */
  keyed(map: string): string[] {
    const random = this.random;
    const key = random.below(random.below(4) === 0 ? 300 : 5);
    const wide = map === 'loose' ? [`*(u32 *)(r10 - 68) = ${random.below(2)}`] : [];
    const prefix =
      map === 'trie'
        ? [
            `*(u32 *)(r10 - 72) = ${random.pick([0, 8, 12, 16, 24, 31, 32, 33])}`,
            `*(u32 *)(r10 - 68) = ${random.pick([0x0a, 0x010a, 0x02010a, 0x0302010a, 0xff0a])}`,
          ]
        : [`*(u32 *)(r10 - 72) = ${key}`, ...wide];
    return [
      ...prefix,
      `*(u64 *)(r10 - 96) = ${this.imm()}`,
      `*(u64 *)(r10 - 88) = r8`,
      `r1 = ${map} ll`,
      'r2 = r10',
      'r2 += -72',
    ];
  }
  width(): { readonly bits: number; readonly size: number } {
    const size = this.random.pick([1, 2, 4, 8]);
    return { bits: size * 8, size };
  }
  aligned(size: number): number {
    return size * (1 + this.random.below(64 / size));
  }
}

const KEYED = ['hash', 'loose', 'array', 'odd', 'percpu_hash', 'percpu_array', 'lru', 'lru_percpu', 'trie'] as const;

/** Parts without calls: they leave numbers in registers. */
const SIMPLE: readonly PartBody[] = [
  (w) => ({ lines: Array.from({ length: 1 + w.random.below(6) }, () => w.alu()) }),
  (w) => ({ lines: Array.from({ length: 1 + w.random.below(6) }, () => w.alu()) }),
  (w) => ({ lines: [`r${w.scalar()} = ${w.edge()} ll`, w.alu(), w.save(`r${w.scalar()}`)] }),
  (w) => ({ lines: w.reseed() }),
  (w) => {
    const [end, other] = [w.label(), w.label()];
    return w.random.below(2) === 0
      ? { lines: [w.condition(end), w.alu(), w.alu(), `${end}:`] }
      : {
          lines: [
            w.condition(other),
            w.alu(),
            `${w.random.pick(['goto', 'gotol'])} ${end}`,
            `${other}:`,
            w.alu(),
            `${end}:`,
          ],
        };
  },
  // The stack.
  (w) => {
    const { bits, size } = w.width();
    const at = w.aligned(size);
    const value = w.random.below(2) === 0 ? `${w.imm()}` : `${size === 8 ? 'r' : 'w'}${w.scalar()}`;
    return { lines: [`*(u${bits} *)(r10 - ${at}) = ${value}`] };
  },
  (w) => {
    const { bits, size } = w.width();
    const signed = size < 8 && w.random.below(2) === 0;
    return { lines: [`r${w.scalar()} = *(${signed ? 's' : 'u'}${bits} *)(r10 - ${w.aligned(size)})`] };
  },
  // A number kept whole and read in pieces.
  (w) => {
    const at = 8 * (1 + w.random.below(8));
    const { bits, size } = w.width();
    const register = w.scalar();
    return {
      lines: [
        `*(u64 *)(r10 - ${at}) = r${register}`,
        `r${register} = *(${size < 8 && w.random.below(2) === 0 ? 's' : 'u'}${bits} *)(r10 - ${at - size * w.random.below(8 / size)})`,
        w.save(`r${register}`),
      ],
    };
  },
  // A place in `in` that only a register knows.
  (w) => {
    const { bits, size } = w.width();
    const [a, b] = w.random.pick([
      [1, 2],
      [3, 4],
      [0, 5],
      [7, 8],
    ]);
    return {
      lines: [
        `r${b} &= ${IN_BYTES / 2 - 1}`,
        `r${a} = in[0] + ${w.random.below(IN_BYTES / 2 - 8)} ll`,
        `r${a} += r${b}`,
        `r${a} = *(${size < 8 && w.random.below(2) === 0 ? 's' : 'u'}${bits} *)(r${a} + ${w.random.below(8)})`,
      ],
    };
  },
  // Stores into a map value, in or out of alignment.
  (w) => {
    const { bits, size } = w.width();
    const at = w.random.below(OUT_BYTES - 64 - 8);
    const value = w.random.below(2) === 0 ? `${w.imm()}` : `${size === 8 ? 'r' : 'w'}${w.scalar()}`;
    return { lines: [`*(u${bits} *)(r6 + ${at}) = ${value}`, `r${w.scalar()} = *(u64 *)(r6 + ${at & ~7})`] };
  },
  // Atomics on the stack and on a map value.
  (w) => {
    const place = (size: number): string =>
      w.random.below(2) === 0
        ? `r10 - ${8 * (1 + w.random.below(8)) - (size === 4 ? 4 * w.random.below(2) : 0)}`
        : `r6 + ${size * w.random.below((OUT_BYTES - 64) / size)}`;
    const a = w.scalar();
    return {
      lines: [
        w.random.pick([
          `lock *(u64 *)(${place(8)}) ${w.random.pick(['+=', '|=', '&=', '^='])} r${a}`,
          `lock *(u32 *)(${place(4)}) ${w.random.pick(['+=', '|=', '&=', '^='])} w${a}`,
          `r${a} = atomic_fetch_${w.random.pick(['add', 'or', 'and', 'xor'])}((u64 *)(${place(8)}), r${a})`,
          `w${a} = atomic_fetch_${w.random.pick(['add', 'or', 'and', 'xor'])}((u32 *)(${place(4)}), w${a})`,
          `r${a} = xchg_64(${place(8)}, r${a})`,
          `w${a} = xchg32_32(${place(4)}, w${a})`,
          `r0 = cmpxchg_64(${place(8)}, r0, r${a})`,
          `w0 = cmpxchg32_32(${place(4)}, w0, w${a})`,
          `r${a} = load_acquire((u64 *)(${place(8)}))`,
          `w${a} = load_acquire((u32 *)(${place(4)}))`,
          `w${a} = load_acquire((u${w.random.pick([8, 16])} *)(${place(4)}))`,
          `store_release((u64 *)(${place(8)}), r${a})`,
          `store_release((u32 *)(${place(4)}), w${a})`,
          `store_release((u${w.random.pick([8, 16])} *)(${place(4)}), w${a})`,
        ]),
      ],
    };
  },
  // A compare and exchange that succeeds.
  (w) => {
    const at = w.aligned(8);
    const a = w.random.pick([1, 2, 3, 7]);
    const narrow = w.random.below(2) === 0;
    return {
      lines: [
        narrow ? `w0 = *(u32 *)(r10 - ${at})` : `r0 = *(u64 *)(r10 - ${at})`,
        narrow ? `w0 = cmpxchg32_32(r10 - ${at}, w0, w${a})` : `r0 = cmpxchg_64(r10 - ${at}, r0, r${a})`,
        w.save(),
      ],
    };
  },
  // A loop with a known number of rounds, and one that may_goto bounds too.
  (w) => {
    const top = w.label();
    const out = w.label();
    const may = w.random.below(3) === 0;
    return {
      lines: [
        `*(u64 *)(r10 - 104) = ${1 + w.random.below(6)}`,
        `${top}:`,
        ...(may ? [`may_goto ${out}`] : []),
        w.alu(),
        w.alu(),
        'r5 = *(u64 *)(r10 - 104)',
        'r5 += -1',
        '*(u64 *)(r10 - 104) = r5',
        `if r5 != 0 goto ${top}`,
        `${out}:`,
        'r5 = *(u64 *)(r10 - 104)',
      ],
    };
  },
  // Packet bytes behind a check.
  (w) => {
    const { bits, size } = w.width();
    const out = w.label();
    const at = w.random.below(60);
    return {
      lines: [
        `r2 = {data}`,
        `r3 = {data_end}`,
        'r4 = r2',
        `r4 += ${at + size}`,
        `if r4 > r3 goto ${out}`,
        `r5 = *(${size < 8 && w.random.below(3) === 0 ? 's' : 'u'}${bits} *)(r2 + ${at})`,
        w.save('r5'),
        `${out}:`,
        'r3 -= r2',
        w.save('r3'),
        ...w.reseed(),
      ],
    };
  },
];

const FORMATS = [
  '%d',
  '%i',
  '%u',
  '%x',
  '%X',
  '%ld',
  '%lu',
  '%lx',
  '%lld',
  '%llu',
  '%llx',
  '%llX',
  '%5d|',
  '%-5d|',
  '%05d|',
  '%+d',
  '% d',
  '%08x',
  '%-8llx|',
  '%c',
  '%3c',
  '%%',
  'text',
  '%10llu',
  '%li',
  '%lli',
] as const;

/** A text that is nearly a number. */
function numeral(random: Random): string {
  const digits = (set: string, most: number): string =>
    Array.from({ length: 1 + random.below(most) }, () => set[random.below(set.length)]).join('');
  const body = random.pick([
    () => digits('0123456789', 20),
    () => `0x${digits('0123456789abcdefABCDEF', 17)}`,
    () => `0${digits('01234567', 22)}`,
    () => digits('0123456789abcdefxg -+', 8),
    () => random.pick(['9223372036854775807', '9223372036854775808', '18446744073709551615', '18446744073709551616']),
  ])();
  return `${random.pick(['', '', '-', '+', ' ', '\t-', '  +', '--'])}${body}${random.pick(['', '', 'z', ' ', '\n'])}`.slice(
    0,
    40,
  );
}

const word = (random: Random): string =>
  Array.from({ length: random.below(7) }, () => random.pick(['a', 'b', 'c', 'A', 'B', 'z', ' '])).join('');

/** `text` on the stack, from r10 - `below` on. */
const onStack = (text: string, below: number): string[] =>
  [...new TextEncoder().encode(text)].map((byte, i) => `*(u8 *)(r10 - ${below - i}) = ${byte}`);

const dynptrOver = (w: Writer): string[] => [
  `r1 = out[0] + ${8 * w.random.below(64)} ll`,
  `r2 = ${w.random.pick([1, 8, 16, 31, 32, 100])}`,
  `r3 = ${w.random.below(8) === 0 ? 1 : 0}`,
  'r4 = r10',
  'r4 += -136',
  'call bpf_dynptr_from_mem',
  w.save(),
];
const dynptrStep = (w: Writer): string[] => {
  const offset = w.random.pick([0, 1, 4, 8, 24, 28, 31, 32, 33, 4294967295]);
  const length = w.random.pick([1, 2, 4, 8]);
  const end = w.label();
  return w.random.pick([
    () => [
      '*(u64 *)(r10 - 96) = 0',
      'r1 = r10',
      'r1 += -96',
      `r2 = ${length}`,
      'r3 = r10',
      'r3 += -136',
      `r4 = ${offset} ll`,
      `r5 = ${w.random.below(6) === 0 ? 1 : 0}`,
      'call bpf_dynptr_read',
      w.save(),
      'r1 = *(u64 *)(r10 - 96)',
      w.save('r1'),
    ],
    () => [
      `*(u64 *)(r10 - 96) = ${w.imm()}`,
      'r1 = r10',
      'r1 += -136',
      `r2 = ${offset} ll`,
      'r3 = r10',
      'r3 += -96',
      `r4 = ${length}`,
      `r5 = ${w.random.below(6) === 0 ? 1 : 0}`,
      'call bpf_dynptr_write',
      w.save(),
    ],
    () => [
      'r1 = r10',
      'r1 += -136',
      `r2 = ${offset} ll`,
      `r3 = ${length}`,
      'call bpf_dynptr_data',
      `if r0 == 0 goto ${end}`,
      `*(u8 *)(r0 + 0) = ${w.random.below(256)}`,
      `r0 = *(u8 *)(r0 + ${length - 1})`,
      `${end}:`,
      w.save(),
    ],
    () => [
      'r1 = r10',
      'r1 += -136',
      `r2 = ${w.random.below(40)}`,
      `r3 = ${w.random.below(40)}`,
      kfunc('bpf_dynptr_adjust'),
      'r0 = (s32)r0',
      w.save(),
    ],
    () => ['r1 = r10', 'r1 += -136', kfunc(w.random.pick(['bpf_dynptr_size'])), 'r0 = (s32)r0', w.save()],
    () => [
      'r1 = r10',
      'r1 += -136',
      kfunc(w.random.pick(['bpf_dynptr_is_null', 'bpf_dynptr_is_rdonly'])),
      'r0 &= 255',
      w.save(),
    ],
    () => [
      'r1 = r10',
      'r1 += -136',
      `r2 = ${w.random.below(40)}`,
      `r3 = ${w.random.below(40)}`,
      `r4 = ${w.random.below(256)}`,
      kfunc('bpf_dynptr_memset'),
      'r0 = (s32)r0',
      w.save(),
    ],
  ])();
};

/** Parts with calls: r0 stays, r1 to r5 are filled anew behind them. */
const CALLING: readonly PartBody[] = [
  // Update, delete, look up.
  ...[0, 1, 2].map(
    (): PartBody => (w) => {
      const map = w.random.pick(KEYED);
      const lines: string[] = [];
      for (let i = 1 + w.random.below(3); i > 0; i--) {
        lines.push(...w.keyed(map));
        const kind = w.random.below(5);
        if (kind < 2)
          lines.push(
            'r3 = r10',
            'r3 += -96',
            `r4 = ${w.random.pick(UPDATE_FLAGS)}`,
            'call bpf_map_update_elem',
            w.save(),
          );
        else if (kind === 2) lines.push('call bpf_map_delete_elem', w.save());
        else {
          const end = w.label();
          const { bits, size } = w.width();
          const small = map === 'odd' && size === 8;
          lines.push(
            'call bpf_map_lookup_elem',
            `if r0 == 0 goto ${end}`,
            'r7 = r0',
            ...(small ? ['r0 = *(u32 *)(r7 + 1)'] : [`r0 = *(u${bits} *)(r7 + 0)`]),
            ...(map === 'odd' || w.random.below(2) === 0
              ? [`*(u8 *)(r7 + ${w.random.below(5)}) = ${w.random.below(256)}`]
              : [`r1 = ${w.imm()}`, 'lock *(u64 *)(r7 + 0) += r1', '*(u32 *)(r7 + 4) = w0']),
            `r0 += ${w.imm()}`,
            `${end}:`,
            'r7 = 5',
            w.save(),
          );
        }
      }
      return { lines, maps: [map] };
    },
  ),
  // A value whose entry is replaced or deleted while it is held.
  (w) => {
    const map = w.random.pick(['hash', 'lru', 'array', 'loose'] as const);
    const end = w.label();
    const keyed = w.keyed(map);
    const update = ['r3 = r10', 'r3 += -96', 'r4 = 0', 'call bpf_map_update_elem', w.save()];
    return {
      maps: [map],
      lines: [
        ...keyed,
        ...update,
        'r0 = 0',
        ...keyed.filter((line) => !line.includes('r10 -')),
        'call bpf_map_lookup_elem',
        `if r0 == 0 goto ${end}`,
        'r7 = r0',
        `*(u64 *)(r10 - 96) = ${w.imm()}`,
        `r1 = ${map} ll`,
        'r2 = r10',
        'r2 += -72',
        ...update,
        `r1 = ${map} ll`,
        'r2 = r10',
        'r2 += -72',
        'call bpf_map_lookup_elem',
        `if r0 == 0 goto ${end}`,
        'r0 = *(u64 *)(r0 + 0)',
        `${end}:`,
        'r7 = 6',
        w.save(),
      ],
    };
  },
  // A lookup on a CPU by number.
  (w) => {
    const map = w.random.pick(['percpu_hash', 'percpu_array', 'lru_percpu'] as const);
    const end = w.label();
    return {
      maps: [map],
      lines: [
        ...w.keyed(map),
        `r3 = ${w.random.pick([0, 1, 2, 4096, 4294967295])} ll`,
        'call bpf_map_lookup_percpu_elem',
        `if r0 == 0 goto ${end}`,
        'r0 = 1',
        `${end}:`,
        w.save(),
      ],
    };
  },
  // Maps of maps.
  (w) => {
    const map = w.random.pick(OUTER_MAPS);
    const end = w.label();
    return {
      maps: ['inner', map],
      lines: [
        `*(u32 *)(r10 - 72) = ${w.random.pick([0, 0, 1, 2])}`,
        `r1 = ${map} ll`,
        'r2 = r10',
        'r2 += -72',
        'call bpf_map_lookup_elem',
        `if r0 == 0 goto ${end}`,
        'r1 = r0',
        `*(u32 *)(r10 - 72) = ${w.random.below(3)}`,
        'r2 = r10',
        'r2 += -72',
        'call bpf_map_lookup_elem',
        `if r0 == 0 goto ${end}`,
        `r1 = ${w.imm()}`,
        'lock *(u64 *)(r0 + 0) += r1',
        'r0 = *(u64 *)(r0 + 0)',
        `${end}:`,
        w.save(),
      ],
    };
  },
  // Queues and stacks.
  (w) => {
    const map = w.random.pick(['queue', 'stack'] as const);
    const lines: string[] = [];
    for (let i = 1 + w.random.below(4); i > 0; i--) {
      const push = w.random.below(2) === 0;
      lines.push(`*(u64 *)(r10 - 96) = ${w.imm()}`, `r1 = ${map} ll`, 'r2 = r10', 'r2 += -96');
      if (push) lines.push(`r3 = ${w.random.pick([0, 0, 2, 1, 3])}`, 'call bpf_map_push_elem', w.save());
      else
        lines.push(
          `call ${w.random.pick(['bpf_map_peek_elem', 'bpf_map_pop_elem'])}`,
          w.save(),
          'r1 = *(u64 *)(r10 - 96)',
          w.save('r1'),
        );
    }
    return { lines, maps: [map] };
  },
  (w) => {
    const push = w.random.below(2) === 0;
    const start = [`*(u64 *)(r10 - 96) = ${w.random.below(4)}`, 'r1 = bloom ll', 'r2 = r10', 'r2 += -96'];
    return {
      maps: ['bloom'],
      lines: push
        ? [...start, `r3 = ${w.random.pick([0, 0, 0, 1, 2])}`, 'call bpf_map_push_elem', w.save()]
        : [...start, 'call bpf_map_peek_elem', w.save()],
    };
  },
  // Ring buffers.
  (w) => {
    const end = w.label();
    const size = w.random.pick([1, 7, 8, 16, 100, 1000, 2000, 4080, 4088, 4089, 5000]);
    const finish = w.random.pick(['bpf_ringbuf_submit', 'bpf_ringbuf_discard']);
    return {
      maps: ['rb'],
      lines: w.random.pick([
        () => ['r1 = rb ll', `r2 = ${w.random.pick([0, 1, 2, 3, 4, 77])}`, 'call bpf_ringbuf_query', w.save()],
        () => [
          `*(u64 *)(r10 - 96) = ${w.imm()}`,
          'r1 = rb ll',
          'r2 = r10',
          'r2 += -96',
          `r3 = ${1 + w.random.below(8)}`,
          `r4 = ${w.random.pick([0, 0, 1, 2, 3, 4])}`,
          'call bpf_ringbuf_output',
          w.save(),
        ],
        () => [
          'r1 = rb ll',
          `r2 = ${size}`,
          `r3 = ${w.random.pick([0, 0, 0, 1])}`,
          'call bpf_ringbuf_reserve',
          `if r0 == 0 goto ${end}`,
          `*(u8 *)(r0 + ${size - 1}) = 1`,
          'r1 = r0',
          `r2 = ${w.random.pick([0, 1, 2])}`,
          `call ${finish}`,
          'r0 = 1',
          `${end}:`,
          w.save(),
        ],
        () => [
          'r1 = rb ll',
          `r2 = ${size}`,
          `r3 = ${w.random.pick([0, 0, 1])}`,
          'r4 = r10',
          'r4 += -120',
          'call bpf_ringbuf_reserve_dynptr',
          w.save(),
          `*(u64 *)(r10 - 96) = ${w.imm()}`,
          'r1 = r10',
          'r1 += -120',
          `r2 = ${w.random.below(12)}`,
          'r3 = r10',
          'r3 += -96',
          'r4 = 8',
          'r5 = 0',
          'call bpf_dynptr_write',
          w.save(),
          'r1 = r10',
          'r1 += -120',
          'r2 = 0',
          `call ${finish}_dynptr`,
          'r0 = 7',
        ],
      ])(),
    };
  },
  // Numbers from text, texts from numbers.
  (w) => {
    const text = numeral(w.random);
    const length = new TextEncoder().encode(text).length;
    return {
      lines: [
        ...onStack(text, 160),
        '*(u64 *)(r10 - 96) = 0',
        'r1 = r10',
        'r1 += -160',
        `r2 = ${w.random.below(4) === 0 ? 1 + w.random.below(length) : length}`,
        `r3 = ${w.random.pick([0, 0, 0, 8, 10, 16, 1, 32])}`,
        'r4 = r10',
        'r4 += -96',
        `call ${w.random.pick(['bpf_strtol', 'bpf_strtoul'])}`,
        w.save(),
        'r1 = *(u64 *)(r10 - 96)',
        w.save('r1'),
      ],
    };
  },
  (w) => {
    const count = w.random.below(4);
    const specs = Array.from({ length: count }, () => w.random.pick(FORMATS));
    const used = specs.filter((spec) => spec.includes('%') && spec !== '%%').length;
    const map = w.text(specs.join(w.random.pick(['', ' ', ','])));
    const at = 8 * w.random.below(80);
    return {
      maps: [map],
      lines: [
        `r1 = ${w.edge()} ll`,
        '*(u64 *)(r10 - 112) = r1',
        `*(u64 *)(r10 - 104) = r${w.random.pick([2, 3, 4, 5])}`,
        `*(u64 *)(r10 - 96) = ${w.imm()}`,
        ...(w.random.below(6) === 0
          ? ['r1 = 0', 'r2 = 0']
          : ['r1 = r6', `r1 += ${at}`, `r2 = ${w.random.pick([1, 4, 10, 40, 64])}`]),
        `r3 = ${map}[0] + 0 ll`,
        'r4 = r10',
        'r4 += -112',
        `r5 = ${8 * used}`,
        'call bpf_snprintf',
        w.save(),
      ],
    };
  },
  (w) => {
    const [a, b] = [word(w.random), word(w.random)];
    const map = w.text(w.random.below(3) === 0 ? a : b);
    return {
      maps: [map],
      lines: [
        '*(u64 *)(r10 - 96) = 0',
        ...onStack(a, 96),
        'r1 = r10',
        'r1 += -96',
        `r2 = ${1 + w.random.below(8)}`,
        `r3 = ${map}[0] + 0 ll`,
        'call bpf_strncmp',
        w.save(),
      ],
    };
  },
  // Kernel functions on texts.
  (w) => {
    const name = w.random.pick([
      'bpf_strlen',
      'bpf_strnlen',
      'bpf_strchr',
      'bpf_strrchr',
      'bpf_strchrnul',
      'bpf_strnchr',
      'bpf_strcmp',
      'bpf_strcasecmp',
      'bpf_strspn',
      'bpf_strcspn',
      'bpf_strstr',
      'bpf_strnstr',
    ]);
    const a = w.text(word(w.random) + word(w.random));
    const b = w.text(word(w.random).slice(0, 3));
    const count = w.random.pick([0, 1, 2, 3, 5, 64, 100]);
    const character = w.random.pick([0, 0x61, 0x62, 0x41, 0x20, 0x161]);
    const second = /str(n?len|r?chr|chrnul|nchr)$/.test(name)
      ? name === 'bpf_strnchr'
        ? [`r2 = ${count}`, `r3 = ${character}`]
        : [`r2 = ${name === 'bpf_strnlen' ? count : character}`]
      : [`r2 = ${b}[0] + 0 ll`, `r3 = ${count}`];
    return { maps: [a, b], lines: [`r1 = ${a}[0] + 0 ll`, ...second, kfunc(name), 'r0 = (s32)r0', w.save()] };
  },
  // Dynptrs over a map value.
  (w) => ({ lines: [...dynptrOver(w), ...Array.from({ length: 1 + w.random.below(5) }, () => dynptrStep(w)).flat()] }),
  // Numbers one after the other.
  (w) => {
    const [from, to] = [w.random.below(12) - 4, w.random.below(12) - 4];
    const [next, end] = [w.label(), w.label()];
    return {
      lines: [
        'r7 = 0',
        'r1 = r10',
        'r1 += -144',
        `r2 = ${w.random.below(5) === 0 ? w.imm() : from}`,
        `r3 = ${to}`,
        kfunc('bpf_iter_num_new'),
        'r0 = (s32)r0',
        w.save(),
        `${next}:`,
        'r1 = r10',
        'r1 += -144',
        kfunc('bpf_iter_num_next'),
        `if r0 == 0 goto ${end}`,
        'r0 = *(s32 *)(r0 + 0)',
        'r7 += r0',
        'w7 *= 3',
        `goto ${next}`,
        `${end}:`,
        'r1 = r10',
        'r1 += -144',
        kfunc('bpf_iter_num_destroy'),
        w.save('r7'),
        'r0 = 0',
      ],
    };
  },
  // Functions of the program.
  (w) => {
    const name = `f${w.label()}`;
    const end = w.label();
    const body = Array.from({ length: 2 + w.random.below(4) }, () => w.alu().replaceAll(/([rw])([78])/g, '$13'));
    return {
      lines: [`call ${name}`, w.save(), w.save('r7')],
      functions: [
        [
          `${name}:`,
          'r0 = r2',
          '*(u64 *)(r10 - 8) = r1',
          'r8 = r3',
          `if r4 s> ${w.imm()} goto ${end}`,
          ...body,
          `${end}:`,
          'r1 = *(u64 *)(r10 - 8)',
          'r0 ^= r1',
          'r0 += r8',
          'exit',
        ],
      ],
    };
  },
  // Callbacks.
  (w) => {
    const name = `c${w.label()}`;
    const go = w.label();
    const count = w.random.pick([0, 1, 5, 40, 8388609]);
    return {
      lines: [
        `*(u64 *)(r10 - 96) = ${w.imm()}`,
        `r1 = ${count}`,
        `r2 = ${name} ll`,
        'r3 = r10',
        'r3 += -96',
        `r4 = ${w.random.below(6) === 0 ? 1 : 0}`,
        'call bpf_loop',
        w.save(),
        'r1 = *(u64 *)(r10 - 96)',
        w.save('r1'),
      ],
      functions: [
        [
          `${name}:`,
          'r3 = *(u64 *)(r2 + 0)',
          `r3 ${w.random.pick(['+=', '^=', '*=', '-='])} r1`,
          `w3 += ${w.imm()}`,
          '*(u64 *)(r2 + 0) = r3',
          'r0 = 0',
          `if r1 != ${w.random.below(40)} goto ${go}`,
          'r0 = 1',
          `${go}:`,
          'exit',
        ],
      ],
    };
  },
  (w) => {
    const name = `c${w.label()}`;
    const map = w.random.pick(['hash', 'array', 'percpu_hash', 'percpu_array', 'lru'] as const);
    return {
      maps: [map],
      lines: [
        '*(u64 *)(r10 - 96) = 0',
        `r1 = ${map} ll`,
        `r2 = ${name} ll`,
        'r3 = r10',
        'r3 += -96',
        `r4 = ${w.random.below(6) === 0 ? 1 : 0}`,
        'call bpf_for_each_map_elem',
        w.save(),
        'r1 = *(u64 *)(r10 - 96)',
        w.save('r1'),
      ],
      functions: [
        [
          `${name}:`,
          'r5 = *(u64 *)(r4 + 0)',
          'r2 = *(u32 *)(r2 + 0)',
          'r5 += r2',
          'r3 = *(u64 *)(r3 + 0)',
          'r5 += r3',
          '*(u64 *)(r4 + 0) = r5',
          'r0 = 0',
          'exit',
        ],
      ],
    };
  },
  // Memory by address.
  (w) => ({
    lines: [
      '*(u64 *)(r10 - 96) = 0',
      'r1 = r10',
      'r1 += -96',
      `r2 = ${1 + w.random.below(8)}`,
      `r3 = in[0] + ${w.random.below(IN_BYTES - 8)} ll`,
      `call ${w.random.pick(['bpf_probe_read_kernel', 'bpf_probe_read_kernel_str'])}`,
      w.save(),
      'r1 = *(u64 *)(r10 - 96)',
      w.save('r1'),
    ],
  }),
  // One CPU's share and the elements of a map.
  (w) => {
    const map = w.random.pick(['hash', 'loose', 'array', 'percpu_hash', 'lru', 'trie', 'queue'] as const);
    return { maps: [map], lines: [`r1 = ${map} ll`, kfunc('bpf_map_sum_elem_count'), w.save()] };
  },
  // The bits of a few words, one after the other.
  (w) => {
    const [next, end] = [w.label(), w.label()];
    return {
      lines: [
        `r1 = ${w.edge()} ll`,
        '*(u64 *)(r10 - 96) = r1',
        `*(u64 *)(r10 - 88) = r${w.random.pick([2, 3, 4])}`,
        'r7 = 0',
        'r1 = r10',
        'r1 += -152',
        'r2 = r10',
        'r2 += -96',
        `r3 = ${w.random.pick([0, 1, 1, 2, 512, 513])}`,
        kfunc('bpf_iter_bits_new'),
        'r0 = (s32)r0',
        w.save(),
        `${next}:`,
        'r1 = r10',
        'r1 += -152',
        kfunc('bpf_iter_bits_next'),
        `if r0 == 0 goto ${end}`,
        'r0 = *(s32 *)(r0 + 0)',
        'r7 += r0',
        'w7 *= 5',
        `goto ${next}`,
        `${end}:`,
        'r1 = r10',
        'r1 += -152',
        kfunc('bpf_iter_bits_destroy'),
        w.save('r7'),
        'r0 = 0',
      ],
    };
  },
  // Two dynptrs: a copy of one that has been moved, bytes of one into the other, a slice.
  (w) => {
    const end = w.label();
    const small = () => w.random.below(20);
    return {
      lines: [
        ...dynptrOver(w),
        ...dynptrStep(w),
        'r1 = r10',
        'r1 += -136',
        'r2 = r10',
        'r2 += -168',
        kfunc('bpf_dynptr_clone'),
        'r0 = (s32)r0',
        w.save(),
        ...w.random.pick([
          () => ['r1 = r10', 'r1 += -168', `r2 = ${small()}`, `r3 = ${small()}`, kfunc('bpf_dynptr_adjust')],
          () => [
            'r1 = r10',
            'r1 += -136',
            `r2 = ${small()}`,
            'r3 = r10',
            'r3 += -168',
            `r4 = ${small()}`,
            `r5 = ${small()}`,
            kfunc('bpf_dynptr_copy'),
          ],
        ])(),
        'r0 = (s32)r0',
        w.save(),
        ...['-136', '-168'].flatMap((at) => [
          'r1 = r10',
          `r1 += ${at}`,
          kfunc('bpf_dynptr_size'),
          'r0 = (s32)r0',
          w.save(),
        ]),
        'r1 = r10',
        'r1 += -168',
        `r2 = ${small()}`,
        'r3 = r10',
        'r3 += -96',
        'r4 = 8',
        kfunc('bpf_dynptr_slice'),
        `if r0 == 0 goto ${end}`,
        'r0 = *(u64 *)(r0 + 0)',
        `${end}:`,
        w.save(),
      ],
    };
  },
  // An exception, thrown when the verifier does not know of it: the program ends with the cookie.
  (w) => {
    const name = `f${w.label()}`;
    const on = w.label();
    return w.random.below(3) > 0
      ? { lines: [`r0 = ${w.imm()}`, w.save()] }
      : {
          lines: [`call ${name}`, w.save()],
          functions: [
            [
              `${name}:`,
              'r0 = r1',
              `w1 &= ${w.random.pick([1, 3, 15])}`,
              `if w1 != ${w.random.pick([0, 1])} goto ${on}`,
              `r1 = ${w.random.below(200)}`,
              kfunc('bpf_throw'),
              `${on}:`,
              'exit',
            ],
          ],
        };
  },
  // The program ends early.
  (w) => {
    const on = w.label();
    return {
      lines: [
        `if w2 ${w.random.pick(CONDITIONS)} ${w.imm()} goto ${on}`,
        `w0 = ${w.imm()}`,
        'exit',
        `${on}:`,
        'r0 = 3',
      ],
    };
  },
  // A callback that calls helpers, and functions that call functions.
  (w) => {
    const [callback, inner] = [`c${w.label()}`, `f${w.label()}`];
    const [absent, stop] = [w.label(), w.label()];
    const map = w.random.pick(['hash', 'array', 'lru'] as const);
    return {
      maps: [map],
      lines: [
        `*(u64 *)(r10 - 96) = ${w.imm()}`,
        `r1 = ${w.random.pick([1, 3, 7])}`,
        `r2 = ${callback} ll`,
        'r3 = r10',
        'r3 += -96',
        'r4 = 0',
        'call bpf_loop',
        w.save(),
        'r1 = *(u64 *)(r10 - 96)',
        w.save('r1'),
      ],
      functions: [
        [
          `${callback}:`,
          'r6 = r1',
          'r7 = r2',
          '*(u64 *)(r10 - 8) = r6',
          '*(u32 *)(r10 - 4) = w6',
          '*(u64 *)(r10 - 16) = r6',
          `r1 = ${map} ll`,
          'r2 = r10',
          'r2 += -4',
          'r3 = r10',
          'r3 += -16',
          `r4 = ${w.random.pick([0, 0, 1, 2])}`,
          'call bpf_map_update_elem',
          'r8 = r0',
          `r1 = ${map} ll`,
          'r2 = r10',
          'r2 += -4',
          'call bpf_map_lookup_elem',
          `if r0 == 0 goto ${absent}`,
          'r0 = *(u64 *)(r0 + 0)',
          'r8 += r0',
          `${absent}:`,
          'r1 = r8',
          'r2 = r6',
          `call ${inner}`,
          'r1 = *(u64 *)(r7 + 0)',
          'r1 ^= r0',
          '*(u64 *)(r7 + 0) = r1',
          'r0 = 0',
          `if r6 < ${w.random.below(8)} goto ${stop}`,
          `r0 = ${w.random.below(2)}`,
          `${stop}:`,
          'exit',
        ],
        [`${inner}:`, '*(u64 *)(r10 - 8) = r1', '*(u16 *)(r10 - 6) = w2', 'r0 = *(u64 *)(r10 - 8)', 'r0 *= 31', 'exit'],
      ],
    };
  },
  // Texts: with the formats of strings and addresses, and to the trace log.
  (w) => {
    const content = w.text(word(w.random));
    const spec = w.random.pick(['%s', '%5s|', '%-6s|', '%s%%']);
    const ip = w.random.pick(['%pI4', '%pi4', '%pI6', '%pi6']);
    const map = w.text(`${spec}${w.random.pick([' ', '', ':'])}${ip} %d`);
    return {
      maps: [content, map],
      lines: [
        `r1 = ${content}[0] + 0 ll`,
        '*(u64 *)(r10 - 112) = r1',
        `r1 = in[0] + ${8 * w.random.below(IN_BYTES / 8 - 2)} ll`,
        '*(u64 *)(r10 - 104) = r1',
        `*(u64 *)(r10 - 96) = ${w.imm()}`,
        'r1 = r6',
        `r1 += ${8 * w.random.below(80)}`,
        // A full buffer before the address is a difference that stays (docs/differences.md).
        `r2 = ${w.random.pick([16, 30, 60])}`,
        `r3 = ${map}[0] + 0 ll`,
        'r4 = r10',
        'r4 += -112',
        'r5 = 24',
        'call bpf_snprintf',
        w.save(),
      ],
    };
  },
  (w) => {
    const text = `fuzz ${w.random.pick(['%d', '%x %d', '%lld', '%u %u %u', '%5d', '%d %', '%q', '%s'])}\0`;
    return {
      lines: [
        ...onStack(text, 160),
        'r1 = r10',
        'r1 += -160',
        `r2 = ${text.length - w.random.below(2)}`,
        `r3 = ${w.imm()}`,
        'r4 = r8',
        'r5 = 5',
        'call bpf_trace_printk',
        w.save(),
      ],
    };
  },
];
