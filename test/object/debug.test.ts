// What a debugger sees of the fixtures: lines, scopes, variables with their places. A golden page for some builds, and rules that
// hold for all of them.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import {
  type BpfObject,
  type ExpressionStep,
  findMember,
  type ProgramDebug,
  sizeOf,
  strip,
  typeName,
  type Variable,
  type VariableLocation,
} from '../../src/object/index.ts';
import { assertGolden } from '../support/golden.ts';
import { loadFixture, sourceOf } from './run-fixture.ts';

const folder = path.resolve(import.meta.dirname, '../fixtures/obj');
const all = readdirSync(folder);

function locationText(location: VariableLocation): string {
  switch (location.kind) {
    case 'register':
      return `r${location.register}`;
    case 'frame':
      return `[r10${location.offset}]`;
    case 'register-memory':
      return `[r${location.register}+${location.offset}]`;
    case 'map-memory':
      return `map ${location.mapFd}+${location.offset}`;
    case 'constant':
      return `= ${BigInt.asIntN(64, location.value)}`;
    case 'constant-bytes':
      return `= bytes ${Buffer.from(location.bytes).toString('hex')}`;
    case 'computed':
      return `${location.result === 'address' ? 'at ' : ''}(${location.steps.map(stepText).join(' ')})`;
    case 'pieces':
      return `{${location.pieces.map((piece) => `${locationText(piece.location)}:${piece.sizeBits}`).join(' ')}}`;
    case 'optimised-out':
      return '-';
  }
}

function stepText(step: ExpressionStep): string {
  switch (step.op) {
    case 'constant':
      return `${step.value}`;
    case 'register':
      return `r${step.register}${step.offset === 0n ? '' : `+${step.offset}`}`;
    case 'entry-register':
      return `entry r${step.register}`;
    case 'load':
      return `*${step.sizeBytes}`;
    case 'convert':
      return `${step.signed ? 's' : 'u'}${step.bits}`;
    case 'unary':
    case 'binary':
    case 'stack':
      return step.fn;
    case 'pick':
      return `pick ${step.index}`;
    case 'map-address':
      return `map ${step.mapFd}+${step.offset}`;
  }
}

/** One line per slot at which anything changes. */
function page(object: BpfObject): string {
  const out: string[] = [];
  for (const program of object.programs) {
    const debug = object.debugInfo.forProgram(program);
    out.push(`program ${program.name} (${debug.source})`);
    let before = '';
    for (let slot = 0; slot < program.bytes.length / 8; slot++) {
      const line = debug.lineOf(slot);
      const scopes = debug
        .scopesAt(slot)
        .map((scope) => (scope.call === undefined ? scope.name : `${scope.name} called at ${scope.call.line0 + 1}`));
      const variables = debug
        .variablesAt(slot)
        .filter(({ scope }) => scope >= 0)
        .map(
          (one) =>
            `${'  '.repeat(one.scope)}${one.typeText} ${one.name}${one.shadowed ? ' (shadowed)' : ''} ${locationText(one.location)}`,
        );
      const place =
        line === undefined
          ? 'no line'
          : `${line.line0 + 1}:${line.column0 + 1}${line.isStatement ? '' : ' no statement'}`;
      const text = [`${place} in ${scopes.join(' > ')}`, ...variables.map((one) => `    ${one}`)].join('\n');
      if (text !== before) out.push(`${slot}: ${text}`);
      before = text;
    }
  }
  return `${out.join('\n')}\n`;
}

for (const name of [
  'locals.zig21.o',
  'locals.zig21-O1.o',
  'locals.clang14-O0.o',
  'locals.clang19-dwarf4.o',
  'locals.gcc12.o',
  'calls.clang22.o',
]) {
  test(`lines, scopes and variables of ${name}`, () => {
    assertGolden(path.resolve(import.meta.dirname, 'golden', `${name}.txt`), page(loadFixture(name)));
  });
}

const withDwarf = all.filter((name) => !/nodebug|strip|bare|^rust/.test(name));

/** Names declared in the C source as variables or parameters of functions. */
const declared = (source: readonly string[]): string => source.join('\n');

for (const name of withDwarf) {
  test(`debug information keeps to the source and to the machine: ${name}`, () => {
    const object = loadFixture(name);
    const source = sourceOf(name);
    const text = declared(source);
    for (const program of object.programs) {
      const debug = object.debugInfo.forProgram(program);
      assert.equal(debug.source, 'dwarf');
      const slots = program.bytes.length / 8;
      for (const file of debug.files) assert.match(file, /\.bpf\.c$|\.h$/);
      for (let slot = 0; slot < slots; slot++) {
        const subprogram = program.subprograms.find((one) => slot >= one.startSlot && slot < one.endSlot)!;
        const scopes = debug.scopesAt(slot);
        assert.equal(scopes[0]?.name.replace(/\..*/, ''), subprogram.name.replace(/\..*/, ''));
        for (const scope of scopes) {
          assert.ok(scope.ranges.some((range) => slot >= range.startSlot && slot < range.endSlot));
          if (scope.kind === 'inlined') assert.ok(scope.call !== undefined && scope.call.line0 < source.length);
          assert.ok(text.includes(scope.name));
        }
        const line = debug.lineOf(slot);
        if (line !== undefined && /\.bpf\.c$/.test(line.file))
          assert.ok(source[line.line0]!.trim() !== '' || line.line0 < source.length);
        for (const variable of debug.variablesAt(slot)) checkVariable(variable, scopes.length, text, name);
      }
    }
  });
}

function checkVariable(variable: Variable, scopes: number, text: string, name: string): void {
  assert.ok(
    text.includes(variable.name) || variable.name.startsWith('___') || variable.name === '____fmt',
    `${variable.name} stands in the source of ${name}`,
  );
  assert.ok(variable.scope < scopes);
  assert.ok(variable.type !== undefined && typeName(variable.type.table, variable.type.id) === variable.typeText);
  const { location } = variable;
  if (location.kind === 'register') assert.ok(location.register >= 0 && location.register <= 9);
  if (location.kind === 'frame') {
    const size = sizeOf(variable.type.table, variable.type.id) ?? 0;
    assert.ok(
      location.offset >= -512 && location.offset + size <= 0,
      `${variable.name} at r10${location.offset}, ${size} bytes`,
    );
  }
}

const debugOf = (name: string, program = 0): ProgramDebug => {
  const object = loadFixture(name);
  return object.debugInfo.forProgram(object.programs[program]!);
};

test('lines are found by any suffix of their path', () => {
  const debug = debugOf('locals.zig21.o');
  const source = sourceOf('locals.zig21.o');
  const line0 = source.findIndex((line) => line.includes('sink[0] = folded'));
  const slots = debug.slotsOfLine('locals.bpf.c', line0);
  assert.ok(slots.length > 0);
  assert.deepEqual(debug.slotsOfLine('/home/somebody/project/test/fixtures/c/locals.bpf.c', line0), slots);
  assert.deepEqual(debug.slotsOfLine('C:\\work\\locals.bpf.c', line0), slots);
  assert.deepEqual(debug.slotsOfLine('other.bpf.c', line0), []);
  assert.deepEqual(debug.slotsOfLine('xlocals.bpf.c', line0), []);
  for (const slot of slots) assert.equal(debug.lineOf(slot)?.line0, line0);
  assert.ok(debug.linesWithCode('locals.bpf.c').includes(line0));
  assert.ok(debug.linesWithCode('locals.bpf.c').every((line) => source[line] !== undefined));
});

test('a function begins behind its prologue, an inlined one where its first copy is', () => {
  const unoptimised = debugOf('locals.zig21-O0.o');
  assert.ok(unoptimised.functionStart('locals')! > 0);
  const optimised = debugOf('locals.zig21.o');
  const inlined = optimised.functionStart('weigh');
  assert.ok(inlined !== undefined && optimised.scopesAt(inlined).some(({ name }) => name === 'weigh'));
  assert.equal(optimised.functionStart('nothing'), undefined);
});

test('types of locals: bit-fields, unions, enums, arrays', () => {
  const object = loadFixture('locals.clang14-dwarf3.o');
  const { types } = object.debugInfo;
  const key = object.debugInfo.findType('struct key')!;
  assert.deepEqual(
    ['address', 'port', 'proto', 'flags', 'last'].map((name) => {
      const member = findMember(types, key, name)!;
      return [member.offsetBits, member.sizeBits];
    }),
    [
      [0, 32],
      [32, 16],
      [48, 3],
      [51, 5],
      [56, 8],
    ],
  );
  const verdict = strip(types, object.debugInfo.findType('enum verdict')!)!.type;
  assert.ok(verdict.kind === 'enum' && verdict.signed);
  assert.deepEqual(
    verdict.members.map(({ name, value }) => [name, value]),
    [
      ['VERDICT_NONE', 0n],
      ['VERDICT_KEEP', 3n],
      ['VERDICT_DROP', -1n],
    ],
  );
  assert.equal(sizeOf(types, object.debugInfo.findType('union word')!), 4);
  assert.equal(object.debugInfo.findType('struct nowhere'), undefined);
  assert.ok(object.debugInfo.findType('__u32') !== undefined);
});

test('a Rust program has its map, its functions, its locals', () => {
  const object = loadFixture('rust.rustc195.o');
  assert.deepEqual(
    object.maps.map(({ name, typeId, valueSize, maxEntries }) => [name, typeId, valueSize, maxEntries]),
    [['PORTS', 2, 8, 16]],
  );
  const program = object.programs[0]!;
  assert.deepEqual(
    [program.name, program.isSockOps, program.subprograms.length, object.license],
    ['tcp_options', true, 2, 'GPL'],
  );
  const debug = object.debugInfo.forProgram(program);
  const names = new Set<string>();
  const scopes = new Set<string>();
  for (let slot = 0; slot < program.bytes.length / 8; slot++) {
    for (const variable of debug.variablesAt(slot))
      if (variable.location.kind !== 'optimised-out') names.add(`${variable.name}: ${variable.typeText}`);
    scopes.add(
      debug
        .scopesAt(slot)
        .map(({ name }) => name)
        .join(' > '),
    );
  }
  assert.deepEqual([...scopes].sort(), ['tcp_options', 'tcp_options > total', 'weigh']);
  assert.deepEqual([...names].sort(), ['ctx: struct SockOps *', 'op: u32', 'pair: struct Pair', 'weight: u32']);
  assert.deepEqual(debug.files, ['./sockops.rs']);
});

test('an object with BTF alone has lines, functions and the arguments of an entry', () => {
  const debug = debugOf('maps.zig21-strip.o');
  assert.equal(debug.source, 'btf');
  assert.ok(debug.lines.length > 10 && debug.lines.every((line) => line.text !== '' || line.line0 < 0));
  assert.deepEqual(
    debug.scopesAt(3).map(({ name }) => name),
    ['count'],
  );
  const [skops] = debug.variablesAt(0);
  assert.deepEqual(
    [skops?.name, skops?.typeText, skops?.location],
    ['skops', 'struct bpf_sock_ops *', { kind: 'register', register: 1 }],
  );
  assert.equal(debug.variablesAt(3)[0]?.location.kind, 'optimised-out');
});

test('an object without any debug information answers with nothing', () => {
  const debug = debugOf('legacy.zig21-bare.o');
  assert.equal(debug.source, 'none');
  assert.equal(debug.lineOf(0), undefined);
  assert.deepEqual(debug.variablesAt(0), []);
  assert.deepEqual(
    debug.scopesAt(0).map(({ name }) => name),
    ['old_style'],
  );
});
