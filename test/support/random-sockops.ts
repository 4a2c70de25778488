// Random sock_ops programs as assembly, for comparing verifiers: a skeleton that loads, made of parts that may or may not be
// allowed (context accesses, map values, packet reads, null checks, spills, helpers, loops, subprograms). A program is a list of
// parts, so that a difference can be shrunk by leaving parts out.

import type { Random } from '../../src/base/index.ts';

/** Lines that belong together; `kept` parts are the frame that every program needs. */
export interface Part {
  readonly lines: readonly string[];
  readonly kept: boolean;
}

export interface RandomSockOps {
  readonly parts: readonly Part[];
}

const MAPS = [
  '.map counts, hash, 4, 16, 8',
  '.map table, array, 4, 64, 4',
  '.map events, ringbuf, 0, 0, 4096',
  '.map programs, prog_array, 4, 4, 4',
];

/** Text of a program. */
export const textOf = ({ parts }: RandomSockOps): string => parts.flatMap((part) => part.lines).join('\n');

const OFFSETS = [
  0, 4, 8, 16, 20, 24, 28, 32, 48, 60, 64, 68, 72, 76, 80, 84, 88, 92, 96, 112, 140, 164, 168, 176, 184, 192, 200, 208,
  212, 216, 224, 2, 66, 188,
];
const SIZES = ['u8', 'u16', 'u32', 'u64'] as const;
const ALU = ['+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>=', 's>>=', 's/=', 's%='] as const;
const COMPARISONS = ['==', '!=', '>', '>=', '<', '<=', 's>', 's>=', 's<', 's<=', '&'] as const;
const NUMBERS = [
  0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64, 100, 255, 1000, 65535, -1, -8, 0x7fffffff, -0x80000000,
] as const;

class Writer {
  readonly #random: Random;
  #labels = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  #label(): string {
    return `l${this.#labels++}`;
  }

  #chance(one: number): boolean {
    return this.#random.below(one) > 0;
  }

  #scalar(): string {
    return this.#random.pick(['r7', 'r8', 'r9']);
  }

  #narrow(register: string): string {
    return this.#random.below(3) === 0 ? register.replace('r', 'w') : register;
  }

  part(): readonly string[] {
    const random = this.#random;
    const makers: readonly (() => readonly string[])[] = [
      () => [`${this.#scalar()} = *(${random.pick(['u32', 'u32', 'u32', ...SIZES])} *)(r6 + ${random.pick(OFFSETS)})`],
      () => [
        random.below(2) === 0
          ? `*(u32 *)(r6 + ${random.pick([4, 164, 4, 0, 24])}) = ${this.#scalar()}`
          : `*(${random.pick(SIZES)} *)(r6 + ${random.pick([4, 164, 8])}) = ${random.pick(NUMBERS)}`,
      ],
      () => this.#arithmetic(),
      () => this.#arithmetic(),
      () => this.#branch(),
      () => this.#branch(),
      () => this.#mapValue(),
      () => this.#mapValue(),
      () => this.#mapChange(),
      () => this.#socket(),
      () => this.#packet(),
      () => this.#stack(),
      () => this.#stack(),
      () => this.#spill(),
      () => this.#helper(),
      () => this.#ringBuffer(),
      () => this.#loop(),
      () => this.#subprogram(),
      () => this.#atomic(),
      () => this.#pointerArithmetic(),
      () => this.#tailCall(),
    ];
    return random.pick(makers)();
  }

  #arithmetic(): readonly string[] {
    const random = this.#random;
    const register = this.#scalar();
    switch (random.below(6)) {
      case 0: {
        const narrow = random.below(2) === 0;
        const [left, right] = [register, this.#scalar()].map((name) => (narrow ? name.replace('r', 'w') : name));
        return [`${left} ${random.pick(ALU)} ${right}`];
      }
      case 1:
        return [`${register} = -${register}`];
      case 2:
        return [
          `${register} = ${random.pick(['be16', 'be32', 'be64', 'le16', 'le32', 'bswap32', 'bswap64'])} ${register}`,
        ];
      case 3:
        return [`${register} = (${random.pick(['s8', 's16', 's32'])})${this.#scalar()}`];
      default:
        return [`${this.#narrow(register)} ${random.pick(ALU)} ${random.pick(NUMBERS)}`];
    }
  }

  #branch(): readonly string[] {
    const random = this.#random;
    const label = this.#label();
    const narrow = random.below(3) === 0;
    const name = (register: string) => (narrow ? register.replace('r', 'w') : register);
    const right = random.below(3) === 0 ? name(this.#scalar()) : `${random.pick(NUMBERS)}`;
    return [
      `if ${name(this.#scalar())} ${random.pick(COMPARISONS)} ${right} goto ${label}`,
      `${this.#scalar()} += ${random.below(9)}`,
      `${label}:`,
    ];
  }

  #lookup(): readonly string[] {
    const key = this.#chance(6) ? ['*(u32 *)(r10 - 4) = 0'] : [];
    return [
      ...key,
      'r2 = r10',
      'r2 += -4',
      `r1 = ${this.#random.pick(['counts', 'table'])} ll`,
      'call bpf_map_lookup_elem',
    ];
  }

  #mapValue(): readonly string[] {
    const random = this.#random;
    const label = this.#label();
    const check = this.#chance(7) ? [`if r0 == 0 goto ${label}`] : [];
    const move =
      random.below(2) === 0
        ? ['r3 = r7', ...(this.#chance(4) ? [`r3 &= ${random.pick([3, 7, 15, 31, 63])}`] : []), 'r0 += r3']
        : [];
    const offset = random.pick([0, 0, 4, 8, 12, 15, 16, 56, -4]);
    const access =
      random.below(2) === 0
        ? `${this.#scalar()} = *(${random.pick(SIZES)} *)(r0 + ${offset})`
        : `*(${random.pick(SIZES)} *)(r0 + ${offset}) = ${random.below(2) === 0 ? this.#scalar() : random.pick([1, 7])}`;
    return [...this.#lookup(), ...check, ...move, access, `${label}:`];
  }

  #mapChange(): readonly string[] {
    const random = this.#random;
    const value = this.#chance(5) ? ['*(u64 *)(r10 - 24) = 1', '*(u64 *)(r10 - 16) = r7'] : [];
    if (random.below(3) === 0)
      return ['*(u32 *)(r10 - 4) = 3', 'r2 = r10', 'r2 += -4', 'r1 = counts ll', 'call bpf_map_delete_elem', 'r8 = r0'];
    return [
      ...value,
      '*(u32 *)(r10 - 4) = 3',
      `r1 = counts ll`,
      'r2 = r10',
      'r2 += -4',
      'r3 = r10',
      `r3 += ${random.pick([-24, -24, -24, -8, -16])}`,
      `r4 = ${random.pick([0, 1, 2])}`,
      'call bpf_map_update_elem',
    ];
  }

  #socket(): readonly string[] {
    const random = this.#random;
    const label = this.#label();
    const check = this.#chance(6) ? [`if r2 == 0 goto ${label}`] : [];
    if (random.below(3) === 0) {
      const again = this.#chance(6) ? [`if r0 == 0 goto ${label}`] : [];
      return [
        'r2 = *(u64 *)(r6 + 184)',
        ...check,
        'r1 = r2',
        'call bpf_tcp_sock',
        ...again,
        `r8 = *(${random.pick(['u32', 'u32', 'u64'])} *)(r0 + ${random.pick([0, 4, 8, 72, 80, 100, 120])})`,
        `${label}:`,
      ];
    }
    const access =
      random.below(5) === 0
        ? `*(u32 *)(r2 + 16) = ${random.below(9)}`
        : `r8 = *(${random.pick(['u32', 'u32', 'u16', 'u8'])} *)(r2 + ${random.pick([0, 4, 8, 12, 16, 20, 24, 28, 44, 48, 50, 52, 72, 76, 80])})`;
    return ['r2 = *(u64 *)(r6 + 184)', ...check, access, `${label}:`];
  }

  #packet(): readonly string[] {
    const random = this.#random;
    const label = this.#label();
    const length = random.pick([1, 4, 13, 20, 40]);
    const variable = random.below(4) === 0 ? [`r7 &= ${random.pick([3, 15])}`, 'r2 += r7'] : [];
    const check = this.#chance(6) ? [`if r4 ${random.pick(['>', '>', '>', '>='])} r3 goto ${label}`] : [];
    const access =
      random.below(8) === 0
        ? `*(u8 *)(r2 + 0) = 1`
        : `r9 = *(${random.pick(['u8', 'u16', 'u32'])} *)(r2 + ${random.pick([0, 0, 2, 12, length - 1, length])})`;
    return [
      'r2 = *(u64 *)(r6 + 192)',
      'r3 = *(u64 *)(r6 + 200)',
      ...variable,
      'r4 = r2',
      `r4 += ${length}`,
      ...check,
      access,
      `${label}:`,
    ];
  }

  #stack(): readonly string[] {
    const random = this.#random;
    const offset = random.pick([-1, -2, -4, -8, -12, -16, -20, -24, -32, -64, -500, -512, -513, -520, 0, 8]);
    if (random.below(2) === 0)
      return [
        `*(${random.pick(SIZES)} *)(r10 ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}) = ${random.below(2) === 0 ? this.#scalar() : random.pick([0, 1, -1])}`,
      ];
    return [`${this.#scalar()} = *(${random.pick(SIZES)} *)(r10 ${offset < 0 ? '-' : '+'} ${Math.abs(offset)})`];
  }

  #spill(): readonly string[] {
    const random = this.#random;
    const size = random.pick(['u64', 'u64', 'u64', 'u32']);
    const what = random.pick(['r6', 'r7', 'r10']);
    const back = random.pick(['u64', 'u64', 'u32', 'u16']);
    return [
      `*(${size} *)(r10 - 40) = ${what}`,
      `r1 = *(${back} *)(r10 - ${random.pick([40, 40, 36])})`,
      random.pick(['r8 = *(u32 *)(r1 + 0)', 'r7 = r1', 'r8 = r1', 'r1 += 4']),
    ];
  }

  #helper(): readonly string[] {
    const random = this.#random;
    return random.pick<() => readonly string[]>([
      () => ['r1 = r6', 'call bpf_get_socket_cookie', 'r7 = r0'],
      () => ['call bpf_ktime_get_ns', 'r8 = r0'],
      () => ['call bpf_get_prandom_u32', 'r7 = r0'],
      () => ['r1 = r6', `r2 = ${random.pick([0, 127])}`, 'call bpf_sock_ops_cb_flags_set', 'r9 = r0'],
      () => [
        ...(this.#chance(5) ? ['*(u64 *)(r10 - 16) = 10'] : []),
        'r1 = r6',
        'r2 = 6',
        'r3 = 1001',
        'r4 = r10',
        'r4 += -16',
        `r5 = ${random.pick([4, 4, 4, 8, 16, 17, 0])}`,
        `call ${random.pick(['bpf_setsockopt', 'bpf_getsockopt'])}`,
      ],
      () => [
        'r1 = r6',
        'r2 = r10',
        'r2 += -16',
        `r3 = ${random.pick([2, 4, 16, 17, 0])}`,
        'r4 = 0',
        `call ${random.pick(['bpf_load_hdr_opt', 'bpf_store_hdr_opt'])}`,
      ],
      () => ['r1 = r6', 'r2 = 4', 'r3 = 0', 'call bpf_reserve_hdr_opt'],
      () => ['r1 = r6', 'call bpf_redirect'],
      () => [`r1 = r6`, 'r2 = r10', 'r2 += -8', 'r3 = 4', 'call bpf_get_current_comm'],
    ])();
  }

  #ringBuffer(): readonly string[] {
    const random = this.#random;
    const label = this.#label();
    const check = this.#chance(6) ? [`if r0 == 0 goto ${label}`] : [];
    const end = this.#chance(6)
      ? ['r1 = r0', 'r2 = 0', `call ${random.pick(['bpf_ringbuf_submit', 'bpf_ringbuf_discard'])}`]
      : [];
    return [
      'r1 = events ll',
      'r2 = 16',
      'r3 = 0',
      'call bpf_ringbuf_reserve',
      ...check,
      `*(${random.pick(['u32', 'u64'])} *)(r0 + ${random.pick([0, 8, 12, 16])}) = 1`,
      ...end,
      `${label}:`,
    ];
  }

  #loop(): readonly string[] {
    const random = this.#random;
    const label = this.#label();
    const body =
      random.below(2) === 0 ? [`${this.#scalar()} ${random.pick(['+=', '^=', '&='])} ${random.pick([1, 3])}`] : [];
    return [
      'r1 = 0',
      `${label}:`,
      ...body,
      'r1 += 1',
      `if r1 ${random.pick(['<', '<', 's<', '!='])} ${random.pick([3, 8, 20])} goto ${label}`,
    ];
  }

  #subprogram(): readonly string[] {
    const random = this.#random;
    return [
      `r1 = ${random.pick(['r6', 'r7', 'r10', '5'])}`,
      `r2 = ${random.pick(['r7', '3', 'r10'])}`,
      'call helper_function',
      `${random.pick(['r7', 'r8'])} = r0`,
    ];
  }

  #atomic(): readonly string[] {
    const random = this.#random;
    const size = random.pick(['u64', 'u64', 'u32', 'u16']);
    const operation =
      random.below(2) === 0
        ? `lock *(${size} *)(r10 - 8) ${random.pick(['+=', '&=', '|=', '^='])} r7`
        : `r7 = atomic_fetch_add((${size} *)(r10 - 8), r7)`;
    return [...(this.#chance(5) ? ['*(u64 *)(r10 - 8) = 1'] : []), operation];
  }

  #pointerArithmetic(): readonly string[] {
    const random = this.#random;
    return random.pick<() => readonly string[]>([
      () => [
        'r3 = r10',
        ...(this.#chance(3) ? [`${this.#scalar()} &= 7`] : []),
        `r3 += ${random.pick(['r7', 'r8', '-16'])}`,
        `*(u8 *)(r3 - ${random.pick([8, 32, 64])}) = 1`,
      ],
      () => ['r3 = r6', `r3 += ${random.pick([0, 4, 8])}`, 'r8 = *(u32 *)(r3 + 0)'],
      () => ['r3 = r6', 'r3 *= 2'],
      () => ['r3 = r10', 'r3 -= r6', 'r8 = r3'],
      () => ['r3 = r10', 'r3 += -8', `if r3 == r10 goto +0`],
    ])();
  }

  #tailCall(): readonly string[] {
    return ['r1 = r6', 'r2 = programs ll', `r3 = ${this.#random.pick(['0', 'r7', '9'])}`, 'call bpf_tail_call'];
  }
}

/** A program of about `size` parts. */
export function randomSockOps(random: Random, size: number): RandomSockOps {
  const writer = new Writer(random);
  const frame = (lines: readonly string[]): Part => ({ lines, kept: true });
  const parts: Part[] = [frame([...MAPS, 'r6 = r1', 'r7 = 0', 'r8 = *(u32 *)(r6 + 0)', 'r9 = *(u32 *)(r6 + 68)'])];
  for (let count = 0; count < size; count++) parts.push({ lines: writer.part(), kept: false });
  if (random.below(12) > 0)
    parts.push({ lines: [random.pick(['r0 = 1', 'r0 = 1', 'r0 = 1', 'r0 = 0', 'r0 = r7', 'r0 = 2'])], kept: false });
  parts.push(frame(['exit']));
  if (parts.some((part) => part.lines.includes('call helper_function'))) {
    parts.push(
      frame([
        'helper_function:',
        random.pick(['r0 = r1', 'r0 = r2', 'r0 = *(u32 *)(r1 + 0)', 'r0 = 1']),
        random.pick(['r0 += 1', '*(u64 *)(r10 - 8) = r0', 'r1 = r10']),
        'exit',
      ]),
    );
  }
  parts.push(frame(['.license "GPL"']));
  return { parts };
}

/**
 * A program of arithmetic and comparisons on three numbers, whose verdict hangs on what is known of one of them at the end: an offset
 * into the stack or a map value, a branch that must be dead, the result.
 */
export function randomNumbers(random: Random, size: number): RandomSockOps {
  const numbers = ['r7', 'r8', 'r9'];
  const frame = (lines: readonly string[]): Part => ({ lines, kept: true });
  const start = ['.map table, array, 4, 64, 4', 'r6 = r1', 'r7 = *(u32 *)(r6 + 0)', 'r8 = *(u32 *)(r6 + 68)'];
  const parts: Part[] = [frame([...start, 'call bpf_get_prandom_u32', 'r9 = r0'])];
  const half = (names: readonly string[]): readonly string[] =>
    random.below(3) === 0 ? names.map((name) => name.replace('r', 'w')) : names;
  for (let count = 0; count < size; count++) {
    const [left, right] = half([random.pick(numbers), random.pick(numbers)]) as [string, string];
    const comparison = random.below(3) === 0 ? right : random.pick(NUMBERS);
    const lines: readonly string[] = [
      `if ${left} ${random.pick(COMPARISONS)} ${comparison} goto out`,
      `if ${left} ${random.pick(COMPARISONS)} ${random.pick(NUMBERS)} goto out`,
      `${left} ${random.pick(['+=', '-=', '*=', '&=', '|=', '^='])} ${right}`,
      `${left} ${random.pick(['<<=', '>>=', 's>>='])} ${random.pick([1, 2, 3, 8, 16, 24, 31])}`,
      `${left} ${random.pick(['+=', '-=', '*=', '&=', '|=', '^=', '/=', '%='])} ${random.pick(NUMBERS.filter((n) => n !== 0))}`,
      `${left} &= ${random.pick([1, 3, 7, 15, 31, 63, 255])}`,
      `${left} = ${right}`,
    ];
    parts.push({ lines: [random.pick(lines)], kept: false });
  }
  const number = random.pick(numbers);
  const lookUp = ['*(u32 *)(r10 - 4) = 0', 'r2 = r10', 'r2 += -4', 'r1 = table ll', 'call bpf_map_lookup_elem'];
  const ends: readonly (readonly string[])[] = [
    ['r3 = r10', `r3 += ${number}`, '*(u8 *)(r3 - 64) = 1'],
    [...lookUp, 'if r0 == 0 goto out', `r0 += ${number}`, `r3 = *(u8 *)(r0 + ${random.pick([0, 1, 32, 56])})`],
    [`if ${number} ${random.pick(COMPARISONS)} ${random.pick(NUMBERS)} goto out`, 'r0 = r4', 'exit'],
    [`r0 = ${number}`, 'exit'],
  ];
  parts.push(frame(random.pick(ends)), frame(['out:', 'r0 = 1', 'exit', '.license "GPL"']));
  return { parts };
}

/** Leaves parts out, and then lines of parts, while the program still interests; for a small example of a difference. */
export function shrink(program: RandomSockOps, interests: (candidate: RandomSockOps) => boolean): RandomSockOps {
  let best = program;
  for (let changed = true; changed; ) {
    changed = false;
    for (const candidate of smaller(best)) {
      if (!interests(candidate)) continue;
      best = candidate;
      changed = true;
      break;
    }
  }
  return best;
}

function* smaller({ parts }: RandomSockOps): Generator<RandomSockOps> {
  for (const [index, part] of parts.entries()) if (!part.kept) yield { parts: parts.filter((_, at) => at !== index) };
  for (const [index, part] of parts.entries()) {
    if (part.lines.length < 2) continue;
    for (const line of part.lines.keys()) {
      yield {
        parts: parts.map((other, at) =>
          at === index ? { ...other, lines: other.lines.filter((_, kept) => kept !== line) } : other,
        ),
      };
    }
  }
}
