// Objects linked as libbpf links them: programs, maps, globals, calls, externs. Each fixture is looked at as every compiler made it.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { decodeProgram } from '../../src/isa/index.ts';
import {
  type BpfObject,
  type MapDefinition,
  type Program,
  readBits,
  readObject,
  sizeOf,
} from '../../src/object/index.ts';
import { loadFixture } from './run-fixture.ts';

const all = readdirSync(path.resolve(import.meta.dirname, '../fixtures/obj'));

/** One test for a fixture in every build of it. */
function eachBuild(fixture: string, title: string, check: (object: BpfObject, name: string) => void): void {
  const builds = all.filter((name) => name.startsWith(`${fixture}.`));
  assert.ok(builds.length > 0, fixture);
  for (const name of builds) test(`${title}: ${name}`, () => check(loadFixture(name), name));
}

const errorsOf = (object: BpfObject): readonly string[] =>
  object.problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);

const mapNamed = (object: BpfObject, name: string): MapDefinition => {
  const found = object.maps.find((map) => map.name === name);
  assert.ok(found !== undefined, `map ${name} among ${object.maps.map((map) => map.name).join(' ')}`);
  return found;
};

const dataMap = (object: BpfObject, section: string): MapDefinition => {
  const found = object.maps.find((map) => map.dataSection === section);
  assert.ok(found !== undefined, `section ${section}`);
  return found;
};

const programNamed = (object: BpfObject, name: string): Program =>
  object.programs.find((program) => program.name === name)!;

for (const name of all.filter((one) => !/nodebug|bare/.test(one))) {
  test(`every program has source lines, from BTF or else from DWARF: ${name}`, () => {
    for (const program of loadFixture(name).programs) {
      assert.ok(program.lines.length > 0, program.name);
      assert.equal(program.lines[0]!.slot, 0);
    }
  });
}

for (const name of all) {
  test(`every load of a linked program refers to a map that exists, every call to a function: ${name}`, () => {
    const object = loadFixture(name);
    assert.deepEqual(errorsOf(object), []);
    assert.ok(object.programs.length > 0);
    assert.deepEqual([...new Set(object.maps.map(({ fd }) => fd))].length, object.maps.length);
    for (const program of object.programs) {
      const starts = new Set(program.subprograms.map(({ startSlot }) => startSlot));
      const references = new Map(program.mapReferences.map((reference) => [reference.slot, reference]));
      for (const insn of decodeProgram(program.bytes)) {
        if (insn?.kind === 'call-local') assert.ok(starts.has(insn.target), `call to ${insn.target}`);
        if (insn?.kind !== 'load-imm64') continue;
        if (insn.source === 'function') assert.ok(starts.has(insn.slot + 1 + (insn.low | 0)));
        if (insn.source !== 'map-fd' && insn.source !== 'map-value') continue;
        const map = object.maps.find(({ fd }) => fd === insn.low);
        assert.ok(map !== undefined, `fd ${insn.low}`);
        assert.equal(references.get(insn.slot)?.mapFd, insn.low);
        assert.equal(insn.source === 'map-value', map.dataSection !== undefined);
        if (insn.source === 'map-value') {
          assert.equal(references.get(insn.slot)?.valueOffset, insn.high);
          assert.ok(insn.high < map.valueSize);
        }
      }
      assert.equal(program.subprograms[0]!.startSlot, 0);
      assert.equal(program.subprograms.at(-1)!.endSlot * 8, program.bytes.length);
      for (const [i, subprogram] of program.subprograms.entries()) {
        if (i > 0) assert.equal(subprogram.startSlot, program.subprograms[i - 1]!.endSlot);
      }
      for (const [i, line] of program.lines.entries()) assert.ok(i === 0 || program.lines[i - 1]!.slot <= line.slot);
    }
  });
}

eachBuild('maps', 'maps of every kind have their numbers', (object) => {
  const rows = object.maps
    .filter((map) => map.dataSection === undefined)
    .map(({ name, typeId, keySize, valueSize, maxEntries, flags }) => [
      name,
      typeId,
      keySize,
      valueSize,
      maxEntries,
      flags,
    ]);
  assert.deepEqual(rows.sort(), [
    ['bloom', 30, 0, 4, 100, 0],
    ['by_cgroup', 13, 4, 4, 5, 0],
    ['events', 2, 4, 8, 8, 0],
    ['flows', 1, 12, 24, 1024, 1],
    ['inner_a', 2, 4, 4, 4, 0],
    ['inner_b', 2, 4, 4, 4, 0],
    ['networks', 11, 8, 4, 32, 1],
    ['outer', 12, 4, 4, 3, 0],
    ['perf', 4, 4, 4, 0, 0],
    ['queue', 22, 0, 4, 16, 0],
    ['recent', 9, 8, 4, 64, 0],
    ['ring', 27, 0, 0, 8192, 0],
    ['scratch', 6, 4, 16, 2, 0],
    ['sockets', 18, 12, 8, 128, 0],
    ['storage', 24, 4, 24, 0, 1],
  ]);
  assert.equal(mapNamed(object, 'bloom').extra, 3n);
  assert.equal(mapNamed(object, 'events').pinnedByName, true);
  assert.deepEqual(mapNamed(object, 'outer').initialSlots, [
    { index: 0, name: 'inner_a' },
    { index: 2, name: 'inner_b' },
  ]);
  const { inner } = mapNamed(object, 'by_cgroup');
  assert.deepEqual([inner?.name, inner?.typeId, inner?.maxEntries, inner?.valueSize], ['by_cgroup.inner', 1, 7, 24]);
  const flows = mapNamed(object, 'flows');
  assert.equal(sizeOf(object.btf!, flows.keyTypeId), 12);
  assert.equal(sizeOf(object.btf!, flows.valueTypeId), 24);
});

eachBuild('globals', 'global data lies in maps with its values', (object, name) => {
  const number = (section: string, variable: string, sizeBytes: number): bigint => {
    const map = dataMap(object, section);
    const type = object.btf!.type(map.valueTypeId);
    assert.ok(type?.kind === 'data-section');
    const entry = type.variables.find((one) => object.btf!.nameOf(one.type) === variable);
    assert.ok(entry !== undefined, variable);
    return readBits(map.initial!, 8 * entry.offset, 8 * sizeBytes)!;
  };
  assert.equal(object.license, 'Dual MIT/GPL');
  assert.equal(object.version, 0x050a00);
  assert.equal(
    dataMap(object, '.bss').initial!.every((byte) => byte === 0),
    true,
  );
  assert.equal(dataMap(object, '.data.own').initial![0], 77);
  assert.equal(dataMap(object, '.rodata.fixed').initial![0], 99);
  assert.equal(dataMap(object, '.rodata.fixed').flags & 0x80, 0x80);
  // gcc keeps `const volatile` in .data.
  if (!name.includes('gcc')) {
    assert.equal(dataMap(object, '.rodata').flags & 0x80, 0x80);
    assert.equal(dataMap(object, '.rodata').valueSize >= 32, true);
  }
  if (!name.includes('nodebug')) {
    assert.equal(number('.data', 'score', 4), 0xfffffffbn);
    assert.equal(number(name.includes('gcc') ? '.data' : '.rodata', 'window', 4), 40n);
    // A static's offset stands in the object itself, not in a symbol of that name.
    if (!name.includes('gcc')) number('.bss', 'hidden_calls', 4);
  }
});

eachBuild('calls', 'subprograms follow the program in the order in which they are met', (object) => {
  const [connect, accept] = [programNamed(object, 'connect_side'), programNamed(object, 'accept_side')];
  const names = (program: Program): string[] => program.subprograms.map((one) => one.name.replace(/\.\w+\.0$/, ''));
  assert.deepEqual(names(connect), ['connect_side', 'add_one', 'scale', 'both', 'clamp']);
  assert.deepEqual(names(accept), ['accept_side', 'add_element', 'clamp', 'scale']);
  const linkage = Object.fromEntries(connect.subprograms.map((one) => [one.name, one.linkage]));
  assert.equal(linkage['clamp'], 'global');
  assert.equal(linkage['scale'], 'static');
  assert.equal(connect.subprograms[0]!.linkage, 'global');
  const callbacks = decodeProgram(connect.bytes).filter(
    (insn) => insn?.kind === 'load-imm64' && insn.source === 'function',
  );
  assert.equal(callbacks.length, 1);
});

eachBuild('tailcall', 'a program array names the programs of its slots', (object, name) => {
  if (!name.includes('gcc')) {
    assert.deepEqual(mapNamed(object, 'handlers').initialSlots, [
      { index: 4, name: 'on_connect' },
      { index: 5, name: 'on_accept' },
    ]);
  }
  assert.deepEqual(object.programs.map((program) => [program.name, program.section, program.isSockOps]).sort(), [
    ['dispatch', 'sockops', true],
    ['on_accept', 'sockops/accept', true],
    ['on_connect', 'sockops', true],
    ['other', 'xdp', false],
  ]);
  const notes = object.problems.map(({ code, severity }) => `${severity} ${code}`);
  assert.deepEqual(notes, ['note object-section-name']);
});

for (const fixture of ['legacy', 'iproute2']) {
  eachBuild(fixture, 'maps of the old section are read, with a warning', (object) => {
    assert.ok(object.problems.some(({ code, severity }) => code === 'object-legacy-map' && severity === 'warning'));
    if (fixture === 'legacy') {
      const { ports, ops } = { ports: mapNamed(object, 'ports'), ops: mapNamed(object, 'ops') };
      assert.deepEqual([ports.typeId, ports.keySize, ports.valueSize, ports.maxEntries], [1, 4, 8, 256]);
      assert.deepEqual([ops.typeId, ops.keySize, ops.valueSize, ops.maxEntries], [2, 4, 16, 16]);
    } else {
      const nested = mapNamed(object, 'nested');
      assert.deepEqual([nested.typeId, nested.maxEntries, nested.pinnedByName], [12, 3, true]);
      assert.deepEqual([nested.inner?.name, nested.inner?.valueSize], ['template', 8]);
    }
    const loads = new Set(
      object.programs[0]!.mapReferences.map(({ mapFd }) => object.maps.find(({ fd }) => fd === mapFd)!.name),
    );
    assert.deepEqual([...loads].sort(), fixture === 'legacy' ? ['ops', 'ports'] : ['nested']);
  });
}

/** The object with every function symbol made a plain label, as compilers wrote before there were function symbols. */
function withoutFunctionSymbols(name: string, keepGlobal: 'global labels' | 'no labels'): BpfObject {
  const bytes = new Uint8Array(readFileSync(path.resolve(import.meta.dirname, '../fixtures/obj', name)));
  const view = new DataView(bytes.buffer);
  const headers = Number(view.getBigUint64(40, true));
  const table = Array.from({ length: view.getUint16(60, true) }, (_, i) => headers + 64 * i).find(
    (at) => view.getUint32(at + 4, true) === 2,
  )!;
  const [start, size] = [Number(view.getBigUint64(table + 24, true)), Number(view.getBigUint64(table + 32, true))];
  for (let at = start; at < start + size; at += 24) {
    if ((bytes[at + 4]! & 0xf) !== 2) continue;
    bytes[at + 4] = keepGlobal === 'global labels' ? bytes[at + 4]! & 0xf0 : 0;
    if (keepGlobal === 'no labels') view.setUint32(at, 0, true);
    view.setBigUint64(at + 16, 0n, true);
  }
  return readObject(bytes, { file: name });
}

test('without function symbols programs are global labels and subprograms what is called', () => {
  const usual = loadFixture('calls.zig21.o');
  const old = withoutFunctionSymbols('calls.zig21.o', 'global labels');
  assert.deepEqual(errorsOf(old), []);
  assert.deepEqual(
    old.programs.map(({ name, bytes }) => [name, Buffer.from(bytes).toString('hex')]),
    usual.programs.map(({ name, bytes }) => [name, Buffer.from(bytes).toString('hex')]),
  );
});

test('a section without any label is one program', () => {
  const usual = loadFixture('globals.zig21-nodebug.o');
  const old = withoutFunctionSymbols('globals.zig21-nodebug.o', 'no labels');
  assert.deepEqual(errorsOf(old), []);
  assert.deepEqual(
    old.programs.map(({ name, section, isSockOps }) => [name, section, isSockOps]),
    [['sockops', 'sockops', true]],
  );
  assert.deepEqual(Buffer.from(old.programs[0]!.bytes), Buffer.from(usual.programs[0]!.bytes));
});
