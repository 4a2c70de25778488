// What to say about a statement that is no instruction: where it stopped making sense, what could stand there, and what
// people who write that usually mean.

import { type AsmReporter, report } from './asm-problem.ts';
import type { Token } from './lexer.ts';
import type { Mismatch } from './match.ts';

/** Reports a statement that matches no row of the instruction table. */
export function mismatchProblem(reporter: AsmReporter, tokens: readonly Token[], mismatch: Mismatch): void {
  const token = tokens[mismatch.at];
  const end = tokens.at(-1)!.span.end;
  const span = token?.span ?? { start: end - 1, end };
  const habit = HABITS.find((one) => one.pattern.test(tokens.map((each) => each.text).join(' ')));
  const found = token === undefined ? 'the statement ends here' : `found \`${token.text}\``;
  const message =
    mismatch.at === 0
      ? `\`${token?.text ?? ''}\` starts no instruction`
      : `${found}, expected ${alternatives(mismatch.expected)}`;
  report(reporter, 'asm-syntax', span, message, habit === undefined ? {} : { remedy: habit.remedy });
}

/** "a, b or c"; long lists are cut short. */
function alternatives(expected: readonly string[]): string {
  const list = expected.length > 6 ? [...expected.slice(0, 5), 'something else that an operand can be'] : expected;
  return list.length < 2 ? (list[0] ?? 'nothing') : `${list.slice(0, -1).join(', ')} or ${list.at(-1)}`;
}

interface Habit {
  readonly pattern: RegExp;
  readonly remedy: string;
}

const HABITS: readonly Habit[] = [
  {
    pattern:
      /^(?:mov|add|sub|mul|div|mod|and|or|xor|lsh|rsh|arsh|neg|ld\w*|st\w*|j\w+|ja|be\d+|le\d+)(?:32|64)? (?:[%rw]|\[)/,
    remedy: 'write it in the C-like form: `r0 = 1`, `r1 += r2`, `r0 = *(u32 *)(r1 + 4)`, `if r1 == 5 goto label`',
  },
  {
    pattern: /^[rw]\d+ = [rw]\d+ [-+*/|&^<>%]/,
    remedy: 'BPF arithmetic has two operands: copy first (`r0 = r1`), then `r0 += r2`',
  },
  {
    pattern: /^\* \( u\d+ \* \) \( r\d+ .*\) (?:\+=|\|=|&=|\^=)/,
    remedy: 'arithmetic on memory is atomic and starts with `lock`',
  },
  { pattern: /^[rw]\d+ (?:\+\+|--|\+ \+|- -)/, remedy: 'write `+= 1` or `-= 1`' },
  {
    pattern: /^(?:w\d+ .*\br\d+|r\d+ .*\bw\d+)/,
    remedy: 'w registers go with w registers, r registers with r registers',
  },
  { pattern: /^if .*\bgoto$/, remedy: 'name a label or a distance such as +4' },
  { pattern: /^if \(/, remedy: 'leave out the parentheses: `if r1 == 5 goto label`' },
  { pattern: /^(?:ret|return|leave)\b/, remedy: 'put the value into r0 and write `exit`' },
  {
    pattern: /^\w+ = cmpxchg/,
    remedy: '`r0 = cmpxchg_64(base + offset, r0, new)` or `w0 = cmpxchg32_32(base + offset, w0, new)`',
  },
  {
    pattern: /^\w+ = (?:atomic_fetch|xchg)/,
    remedy: 'the register that is written is also the one that receives the old value',
  },
  { pattern: /^[A-Za-z_]\w* = /, remedy: 'a symbol gets its value by `.set name, value`' },
  { pattern: /^(?:nop)$/, remedy: 'BPF has no such instruction; `goto +0` does nothing' },
  { pattern: /^[A-Za-z]+$/, remedy: 'a remark starts with `#`, a label ends with `:`' },
];
