// Our assembler and disassembler against LLVM's, by files that LLVM made once (llvm/README.md says how).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { assemble, decodeProgram, INSN_ROWS, listing, listingLines, rowOf } from '../../src/isa/index.ts';

const file = (name: string): string => readFileSync(path.join(import.meta.dirname, 'llvm', name), 'utf8');

const source = file('every-instruction.s');
const page = file('every-instruction.objdump.golden.txt');
const bytes = Uint8Array.from(
  Buffer.from(
    page
      .split('\n')
      .map((line) => line.split('\t')[1] ?? '')
      .join('')
      .replaceAll(' ', ''),
    'hex',
  ),
);
const symbols = [{ name: 'first', slot: 0 }];

/** The first line in which two texts differ, since a diff of two long pages hides it. */
function assertSameLines(actual: string, expected: string): void {
  const ours = actual.split('\n');
  expected.split('\n').forEach((line, index) => {
    assert.equal(ours[index], line, `line ${index + 1}`);
  });
  assert.equal(ours.length, expected.split('\n').length);
}

test('the text that uses every instruction assembles to the bytes that llvm-mc gives', () => {
  const { value, problems } = assemble(source);
  assert.deepEqual(problems, []);
  assert.deepEqual(value.sections[0]?.bytes, bytes);
});

test('those bytes print as llvm-objdump prints them', () => {
  assertSameLines(listing(decodeProgram(bytes), bytes, { symbols }), page);
});

test('and as older compilers name registers, with llvm-objdump --mcpu=v1', () => {
  // The version 1 disassembler knows no atomic operation but addition, and takes the rest for that or for unknown.
  const unknown = /<unknown>|atomic_fetch|xchg|\+= r\d+$/;
  const older = file('every-instruction.objdump-v1.golden.txt').split('\n');
  const ours = listing(decodeProgram(bytes), bytes, { symbols, narrowRegisters: 'r' }).split('\n');
  older.forEach((line, index) => {
    if (!unknown.test(line) && !unknown.test(ours[index] ?? '')) assert.equal(ours[index], line);
  });
});

test('that file uses every row, with a number and with a register where there are both', () => {
  const seen = new Set<string>();
  for (const insn of decodeProgram(bytes)) {
    const row = insn === undefined ? undefined : rowOf(insn);
    if (insn === undefined || row === undefined) continue;
    const form = 'src' in insn && typeof insn.src === 'object' ? insn.src.kind : 'reg';
    seen.add(`${row.name} ${form}`);
  }
  const wanted = INSN_ROWS.flatMap(({ name, opcode }) =>
    typeof opcode === 'number' || !('imm' in opcode) ? [`${name} reg`] : [`${name} reg`, `${name} imm`],
  );
  assert.deepEqual(
    wanted.filter((each) => !seen.has(each)),
    [],
  );
});

test('llvm-objdump without hexadecimal numbers', () => {
  const lines = listingLines(decodeProgram(bytes), bytes, { numbers: 'decimal' });
  const plain = file('every-instruction.objdump-decimal.golden.txt')
    .split('\n')
    .filter((line) => line !== '');
  assert.deepEqual(
    lines.map((line) => line.text),
    plain,
  );
});

interface SyntaxCase {
  readonly text: string;
  readonly bytes?: string;
  readonly error?: string;
}

/** What we read and clang does not. */
const WE_ALSO_READ = new Map([
  ['r0 = (1 << 4) | 3', 'parentheses around a part of a number'],
  ['r0 = *(u32 *)(r1)', 'no offset'],
  ['r0 = *(u32 *)(r1 + -4)', 'any expression as offset'],
  ['r0 = *(u32 *)(r1 - -4)', 'any expression as offset'],
  ['.set foo, 7\nr0 = *(u32 *)(r1 + foo)', 'any expression as offset'],
  ['r12 = 5', 'registers that only the encoding has, with a warning'],
  ['r1 = w2', 'clang prints it for a 32-bit move that clears the upper half, and cannot read it back'],
  ['r0 = *(u8 *)skb[r4 + 1]', 'the number that the encoding has beside the index register'],
  ['.hword 5', 'a spelling that GNU assemblers know'],
  ['.long foo@GOT', 'a symbol variant, which is left to the linker'],
  ['.cfi_startproc', 'unwinding directives are skipped'],
  ['.cfi_endproc', 'unwinding directives are skipped'],
  ['.byte 1, 2, 3, 4\n.p2align 3\nexit', 'clang crashes'],
]);

/** What clang reads and we refuse. */
const WE_REFUSE = new Map([
  ['r0 = 4294967296', 'clang cuts the number off with a warning'],
  ['w0 = -2147483649', 'clang cuts the number off with a warning'],
  ['r0 = foo', 'clang leaves a fixup that nothing fills in'],
  ['if r1 == r2 goto lab', 'jumps cannot be linked'],
  ['gotol lab', 'jumps cannot be linked'],
  ['may_goto lab', 'jumps cannot be linked'],
  ['r1 > > = 5', 'blanks inside an operator'],
  ['r1 s/ = 2', 'blanks inside an operator'],
  ['r1 = 1,', 'a comma that means nothing'],
  ['.quad !1', 'logical operators'],
  ['.quad 1 == 1', 'logical operators'],
  ['.quad 1 && 2', 'logical operators'],
  ['.asciz "a\\x41\\101\n"', 'a string that runs over the end of a line'],
  ['.octa 1', 'directives that BPF has no use for'],
  ['.float 1', 'directives that BPF has no use for'],
  ['.org 16', 'directives that BPF has no use for'],
  ['.macro m\nr0=1\n.endm\nm', 'macros'],
  ['.rept 2\nr0=1\n.endr', 'macros'],
  ['.if 1\nr0 = 1\n.endif', 'macros'],
  ['.quad "a"', 'a quoted symbol in an expression'],
  ['.long f - .\nf: exit', 'instructions off their alignment'],
  ['.uleb128 b - a\na: exit\nb: exit', 'instructions off their alignment'],
  ['.sleb128 a - b\na: exit\nb: exit', 'instructions off their alignment'],
]);

/** What both read, to different bytes. */
const OTHER_BYTES = new Map([
  ['exit\n.p2align 4\nexit', 'clang fills code with words that are no instruction, we with one that does nothing'],
]);

test('every line of syntax gives the bytes that llvm-mc gives, or is refused as llvm-mc refuses it', () => {
  const cases: readonly SyntaxCase[] = JSON.parse(file('syntax.llvm-mc.golden.json'));
  assert.ok(cases.length > 250);
  for (const { text, bytes: expected, error } of cases) {
    const { value, problems } = assemble(text);
    const errors = problems.filter((problem) => problem.severity === 'error').map((problem) => problem.message);
    const code = value.sections.find((section) => section.name === '.text');
    const hex = Buffer.from(code?.bytes ?? []).toString('hex');
    if (error !== undefined) {
      assert.equal(errors.length === 0, WE_ALSO_READ.has(text), `${text}: clang says ${error}`);
    } else if (WE_REFUSE.has(text)) assert.notEqual(errors.length, 0, text);
    else {
      assert.deepEqual(errors, [], text);
      assert.equal(hex === expected, !OTHER_BYTES.has(text), `${text}: ${hex} instead of ${expected}`);
    }
    for (const problem of problems) assert.ok(problem.at?.range !== undefined, text);
  }
});
