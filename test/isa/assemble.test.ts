// The assembler beyond single instructions: labels, sections, symbols, maps, places in the text, problems; and what clang prints.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AssembledSection, type Assembly, assemble, writeAssembly } from '../../src/isa/index.ts';

const fixture = (name: string): string => readFileSync(path.join(import.meta.dirname, 'llvm', name), 'utf8');

/** Assembles a text that has to be right. */
function good(text: string): Assembly {
  const { value, problems } = assemble(text, { mapTypeId: (type) => ({ array: 2, hash: 1 })[type] });
  assert.deepEqual(problems, []);
  return value;
}

const sectionOf = (assembly: Assembly, name: string): AssembledSection => {
  const section = assembly.sections.find((each) => each.name === name);
  assert.ok(section !== undefined, `no section ${name}`);
  return section;
};
const hexOf = (assembly: Assembly, name: string): string =>
  Buffer.from(sectionOf(assembly, name).bytes).toString('hex');

/** "line:column-line:column message" of every problem, 1-based as people count. */
function problemsOf(text: string): string[] {
  return assemble(text).problems.map(({ message, at, severity }) => {
    const { start, end } = at!.range!;
    const place = `${start.line0 + 1}:${start.column0 + 1}-${end.line0 + 1}:${end.column0 + 1}`;
    return `${place} ${severity === 'error' ? '' : `${severity}: `}${message}`;
  });
}

for (const name of ['sockops-v1', 'sockops-v4']) {
  test(`${name}: the sections of clang's text are those of clang's object, debug information included`, () => {
    const assembly = good(fixture(`${name}.clang.s`));
    const wanted: Readonly<Record<string, string>> = JSON.parse(fixture(`${name}.sections.golden.json`));
    assert.ok(Object.keys(wanted).length >= 8);
    for (const [section, hex] of Object.entries(wanted)) assert.equal(hexOf(assembly, section), hex, section);
  });

  test(`${name}: written out and assembled again, every section and relocation is the same`, () => {
    const before = good(fixture(`${name}.clang.s`));
    const after = good(writeAssembly(before));
    assert.deepEqual(
      after.sections.map(({ name: section, flags, bytes, relocations }) => ({ section, flags, bytes, relocations })),
      before.sections.map(({ name: section, flags, bytes, relocations }) => ({ section, flags, bytes, relocations })),
    );
    const symbols = ({ symbols }: Assembly) =>
      symbols
        .filter((symbol) => symbol.value.kind !== 'undefined')
        .map(({ name: symbol, binding, type, size }) => `${symbol} ${binding} ${type} ${size}`)
        .filter((line) => !/^LBB/.test(line))
        .sort();
    assert.deepEqual(symbols(after), symbols(before));
  });
}

test('clang tells which line every instruction came from', () => {
  const { lines, sections } = good(fixture('sockops-v4.clang.s'));
  const code = sections.findIndex((section) => section.name === 'sockops');
  const inCode = lines.filter((line) => line.section === code && line.file === '/src/sockops.c');
  assert.ok(inCode.some((line) => line.line0 > 0 && line.column0 > 0));
  assert.ok(lines.some((line) => !line.isStatement));
});

test('labels: before their use and after, several at a place, numeric ones, distances', () => {
  const text = 'goto end\n1: r0 = 0\nif r1 == 0 goto 1b\nif r1 == 1 goto 1f\ngoto +0\n1:\nend: also: exit\n';
  const same = 'goto +4\nr0 = 0\nif r1 == 0 goto -2\nif r1 == 1 goto +1\ngoto +0\nexit';
  assert.equal(hexOf(good(text), '.text'), hexOf(good(same), '.text'));
});

test('calls and addresses of functions leave what the linker needs, as clang does', () => {
  const assembly = good(
    '.globl far\n.section sockops,"ax",@progbits\nf: call far\ncall near\nr2 = near ll\nexit\nnear: exit\nfar: exit',
  );
  const section = sectionOf(assembly, 'sockops');
  assert.deepEqual(section.relocations, [
    { offset: 0, kind: 'call', to: { kind: 'symbol', name: 'far' } },
    { offset: 16, kind: 'imm64', to: { kind: 'section', section: 0 } },
  ]);
  assert.equal(
    hexOf(assembly, 'sockops').slice(0, 64),
    '85100000ffffffff' + '8510000003000000' + '1802000028000000' + '0000000000000000',
  );
});

test('maps: declared by .map, loaded by name, pointed into by name[0]', () => {
  const assembly = good(
    '.map counts, array, 4, 8, 16\n.map wide, percpu-hash, 8, 64, 1000, flags=1, extra=0x10, fd=7\n.map outer, 12, 4, 4, 2, inner=counts\nr1 = wide ll\nr2 = counts[0] + 4 ll\nexit',
  );
  assert.deepEqual(
    assembly.maps.map(({ range: _range, ...map }) => map),
    [
      {
        name: 'counts',
        type: 'array',
        typeId: 2,
        keySize: 4,
        valueSize: 8,
        maxEntries: 16,
        flags: 0,
        extra: 0n,
        inner: undefined,
        fd: 1,
      },
      {
        name: 'wide',
        type: 'percpu_hash',
        typeId: undefined,
        keySize: 8,
        valueSize: 64,
        maxEntries: 1000,
        flags: 1,
        extra: 16n,
        inner: undefined,
        fd: 7,
      },
      {
        name: 'outer',
        type: '12',
        typeId: 12,
        keySize: 4,
        valueSize: 4,
        maxEntries: 2,
        flags: 0,
        extra: 0n,
        inner: 'counts',
        fd: 3,
      },
    ],
  );
  assert.equal(
    hexOf(assembly, '.text').slice(0, 64),
    '1811000007000000' + '0000000000000000' + '1822000001000000' + '0000000004000000',
  );
  assert.equal(sectionOf(assembly, '.text').relocations.length, 2);
  assert.deepEqual(
    good(writeAssembly(assembly)).maps.map((map) => map.fd),
    [1, 7, 3],
  );
});

test('sections: code without flags is code, names with slashes, a license, data', () => {
  const assembly = good(
    '.section sockops/a\nexit\n.license "GPL"\nr0 = 0\n.data\nx: .long 5\n.bss\n.comm y,8,8\n.lcomm z,4\n.section "odd name","aw"\n.byte 1',
  );
  assert.deepEqual(
    assembly.sections.map(({ name, flags, type }) => `${name} ${flags} ${type}`),
    ['sockops/a ax progbits', 'license aw progbits', '.data aw progbits', '.bss aw nobits', 'odd name aw progbits'],
  );
  assert.equal(Buffer.from(sectionOf(assembly, 'license').bytes).toString(), 'GPL\0');
  assert.equal(sectionOf(assembly, 'sockops/a').bytes.length, 16);
  assert.deepEqual(
    assembly.symbols.map(({ name, value }) => `${name} ${value.kind}`),
    ['x place', 'y common', 'z place'],
  );
});

test('every instruction knows its place in the text', () => {
  const text = '# first\n  r0 = 1 # one\nloop: r1 = 2 ll; exit\n';
  const [section] = good(text).sections;
  assert.deepEqual(section!.origins, [
    { offset: 0, range: { start: { line0: 1, column0: 2 }, end: { line0: 1, column0: 8 } } },
    { offset: 8, range: { start: { line0: 2, column0: 6 }, end: { line0: 2, column0: 15 } } },
    { offset: 24, range: { start: { line0: 2, column0: 17 }, end: { line0: 2, column0: 21 } } },
  ]);
});

test('remarks: #, //, /* */, and ; where no statement follows it', () => {
  const text =
    '; whole line, r0 = 9\nr0 = 1 # a\nr0 += 1 // b\nr0 /* c\n d */ += 1\nr0 += 1 ; set the result\nr0 += 1; r0 += 1; exit';
  assert.equal(sectionOf(good(text), '.text').bytes.length, 8 * 7);
});

test('problems say what, where and what instead', () => {
  assert.deepEqual(problemsOf('r0 = r1 + r2'), ['1:9-1:10 found `+`, expected the end of the statement']);
  assert.deepEqual(problemsOf('mov r0, 1'), ['1:1-1:4 `mov` starts no instruction']);
  assert.deepEqual(problemsOf('exit\n\tgoto nowhere'), ['2:7-2:14 `nowhere` is not defined in this section']);
  assert.deepEqual(problemsOf('a: exit\na: exit'), ['2:1-2:2 `a` is defined already']);
  assert.deepEqual(problemsOf('r0 = 4294967296'), ['1:6-1:16 4294967296 is not between -2147483648 and 4294967295']);
  assert.deepEqual(problemsOf('r0 = *(u32 *)(r1 + 40000)'), [
    '1:20-1:25 the number is 40000, and the instruction has room for -32768 to 32767',
  ]);
  assert.deepEqual(problemsOf('r11 = 0'), ['1:1-1:4 warning: BPF has the registers r0 to r10, and no register 11']);
  assert.deepEqual(problemsOf('.sektion x'), ['1:1-1:9 `.sektion` is no directive']);
  assert.deepEqual(problemsOf('.macro x'), ['1:1-1:7 `.macro` is not supported here']);
  assert.deepEqual(problemsOf('.map m, array, 4'), [
    '1:1-1:17 `.map` needs a name, a type, a key size, a value size and a number of entries',
  ]);
  assert.deepEqual(problemsOf('.map m, array, 4, 4, 1, colour=3'), [
    '1:25-1:33 after the number of entries come flags=N, extra=N, inner=NAME or fd=N',
  ]);
  assert.deepEqual(problemsOf('.map m, array, 4, 4, 1\nr1 = m + 4 ll'), ['2:6-2:11 a map has no inside']);
  assert.deepEqual(problemsOf('.ascii "abc'), ['1:8-1:12 the closing quotation mark is missing']);
  assert.deepEqual(problemsOf('.zero 0x7fffffff'), ['1:1-1:17 a section may have 16777216 bytes at most']);
  assert.deepEqual(problemsOf('r0 = 1 / 0'), ['1:10-1:11 division by zero']);
  assert.deepEqual(problemsOf('goto 1f'), ['1:6-1:8 there is no label `1:` after this line']);
  const remedies = (text: string) => assemble(text).problems.map((problem) => problem.remedy);
  assert.match(remedies('mov32 r0, 1')[0] ?? '', /C-like form/);
  assert.match(remedies('r0 = r1 + r2')[0] ?? '', /two operands/);
  assert.match(remedies('*(u64 *)(r1 + 0) += r2')[0] ?? '', /lock/);
  assert.match(remedies('goto +40000')[0] ?? '', /gotol/);
});

test('numbers made of labels, and what alignment fills with', () => {
  assert.equal(
    hexOf(good('a: exit\nb: exit\n.data\n.long (b + 4) - (a + 1), b - a - 2\n.p2align 4, 0xee'), '.data'),
    `0b00000006000000${'ee'.repeat(8)}`,
  );
  assert.equal(
    hexOf(good('exit\n.p2align 4\nexit'), '.text'),
    '9500000000000000' + '1500000000000000' + '9500000000000000',
  );
  assert.equal(hexOf(good('.data\n.byte 1\n.balign 4\n.fill 2, 2, 0x1234'), '.data'), '01000000' + '34123412');
});

test('directives say what they need', () => {
  assert.deepEqual(problemsOf('.byte 1, , 2'), ['1:1-1:13 `.byte` needs a number as argument 2']);
  assert.deepEqual(problemsOf('.p2align 17'), ['1:10-1:12 17 is not between 0 and 16']);
  assert.deepEqual(problemsOf('.align 6'), ['1:8-1:9 6 is not a power of two']);
  assert.deepEqual(problemsOf('.type x'), ['1:1-1:8 `.type` needs a name and `@function` or `@object`']);
  assert.deepEqual(problemsOf('.globl'), ['1:1-1:7 `.globl` needs the name of a symbol']);
  assert.deepEqual(problemsOf('.section 5x'), ['1:10-1:12 `5x` is not a number']);
  assert.deepEqual(problemsOf('.license GPL'), [
    '1:10-1:13 `.license` takes a string in quotation marks, such as "GPL"',
  ]);
  assert.deepEqual(problemsOf('.popsection'), ['1:1-1:12 `.popsection` has no `.pushsection` before it']);
  assert.deepEqual(problemsOf('.zero n'), ['1:7-1:8 `.zero` needs a number that is known at this point']);
  assert.deepEqual(problemsOf('.zero 16777216\n.byte 1'), ['2:7-2:8 a section may have 16777216 bytes at most']);
  assert.deepEqual(problemsOf('x: exit\n.comm x, 4'), ['2:1-2:11 `x` is defined already']);
  assert.deepEqual(problemsOf('.map m, array, 4, 4, 1, fd=3\n.map n, array, 4, 4, 1, fd=3'), [
    '2:1-2:29 `m` already has fd 3',
  ]);
});

test('a wrong statement takes nothing with it: the others keep their bytes', () => {
  const { value, problems } = assemble('r0 = 1\nr0 = = 2\ngoto nowhere\nexit');
  assert.equal(problems.length, 2);
  assert.equal(hexOf(value, '.text'), 'b700000001000000' + '0000000000000000' + '9500000000000000');
});

test('deep nesting and long input end with a problem, not with a crash', () => {
  assert.notEqual(problemsOf(`r0 = ${'('.repeat(100_000)}`).length, 0);
  assert.notEqual(problemsOf(`r0 = ${'-'.repeat(100_000)}1`).length, 0);
  assert.notEqual(problemsOf(`r0 = 1${' + (1'.repeat(50_000)}`).length, 0);
  assert.deepEqual(problemsOf('.set a, b\n.set b, a\nr0 = a'), ['3:6-3:7 `a` is not defined in this section']);
  assert.equal(sectionOf(good('r0 = 1\n'.repeat(20_000)), '.text').bytes.length, 160_000);
});

const ALPHABET = [
  ...'r0 r1 w2 r10 = += s >>= == != < goto if call exit lock ll u32 u64 * ( ) [ ] { } , : ; # \\ " \' 0x10 -1 7f 1b 5 label . .long .quad .section .map .uleb128 .p2align .asciz .set array @ % & | ~ ! é \n \n \n'.split(
    ' ',
  ),
  '\n',
  ' ',
];

test('no text makes the assembler throw, and what it accepts can be written out and read again', () => {
  const pieces = fc.array(
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...ALPHABET) }, { weight: 1, arbitrary: fc.string() }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(pieces, fc.constantFrom('', ' '), (words, gap) => {
      const { value } = assemble(words.join(gap));
      const again = assemble(writeAssembly(value));
      for (const [index, section] of value.sections.entries())
        assert.equal(again.value.sections[index]?.bytes.length, section.bytes.length);
    }),
    { seed: 22, numRuns: 3000 },
  );
});

test('clang output cut and damaged anywhere never throws', () => {
  const text = fixture('sockops-v1.clang.s');
  const edit = fc.tuple(
    fc.nat({ max: text.length }),
    fc.nat({ max: 30 }),
    fc.constantFrom('', ',', '(', '"', '\n', 'r1', '0x', ':', '.'),
  );
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let damaged = text.slice(0, 12_000);
      for (const [at, length, insert] of edits) damaged = damaged.slice(0, at) + insert + damaged.slice(at + length);
      assemble(damaged);
    }),
    { seed: 23, numRuns: 150 },
  );
});
