// Programs that no verifier has seen: random instructions, random arguments for every helper on every kind of map. Whatever they
// do ends in a result or a fault with words; nothing throws, hangs, or leaves a state that a snapshot does not bring back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/base/index.ts';
import { encodeBytes, type Insn } from '../../src/isa/index.ts';
import { HELPER_ROWS, KFUNCS, MAP_TYPES, viewFor } from '../../src/kernel/index.ts';
import type { MapDefinition } from '../../src/object/index.ts';
import { createVm, faultText } from '../../src/vm/index.ts';
import { refusal } from '../../src/vm/maps/create.ts';
import { fakeContext, fakePort, fakeSocket } from './support.ts';

const VIEW = viewFor('7.2');
const HELPERS = HELPER_ROWS.filter((row) => row.sockOps !== undefined).map((row) => row.id);

/** A small map of every type that can be made. */
const MAPS: readonly MapDefinition[] = MAP_TYPES.flatMap((row): MapDefinition[] => {
  for (const keySize of [4, 8, 0])
    for (const valueSize of [8, 4, 0])
      for (const maxEntries of [4, 4096, 0])
        for (const flags of [0, 1]) {
          const map = { name: row.short, typeId: row.id, keySize, valueSize, maxEntries, flags, extra: 0n, fd: row.id };
          const definition = { ...map, keyTypeId: 1, valueTypeId: 1 };
          if (refusal(definition, VIEW) === undefined) return [definition];
        }
  return [];
});

/** Something to pass: the context, a map, stack, a number, a function of the program. */
function argument(random: Random, dst: number, slot: number): Insn[] {
  const move = (src: number): Insn => ({
    kind: 'alu',
    width: 64,
    fn: 'mov',
    dst,
    src: { kind: 'reg', reg: src },
    slot,
  });
  switch (dst === 1 ? random.below(3) : random.below(6)) {
    case 0:
      return [move(6)];
    case 1:
      return [{ kind: 'load-imm64', dst, source: 'map-fd', low: random.pick(MAPS).fd, high: 0, slot }];
    case 2:
    case 3:
      return [
        move(10),
        { kind: 'alu', width: 64, fn: 'add', dst, src: { kind: 'imm', value: -8 * (1 + random.below(16)) }, slot },
      ];
    case 4:
      return [{ kind: 'load-imm64', dst, source: 'function', low: (random.below(8) - slot - 1) >>> 0, high: 0, slot }];
    default:
      return [
        {
          kind: 'alu',
          width: 64,
          fn: 'mov',
          dst,
          src: { kind: 'imm', value: random.pick([0, 1, 4, 8, 16, -1, 1 << 30]) },
          slot,
        },
      ];
  }
}

interface Hostile {
  readonly bytes: Uint8Array;
  readonly kfuncReferences: readonly { readonly slot: number; readonly btfId: number; readonly name: string }[];
}

function hostileProgram(random: Random): Hostile {
  const parts: Uint8Array[] = [];
  const kfuncReferences: { slot: number; btfId: number; name: string }[] = [];
  let slot = 0;
  const push = (insn: Insn) => {
    const encoding = encodeBytes({ ...insn, slot });
    if (encoding.kind !== 'encoded') return;
    parts.push(encoding.bytes);
    slot += encoding.bytes.length / 8;
  };
  push({ kind: 'alu', width: 64, fn: 'mov', dst: 6, src: { kind: 'reg', reg: 1 }, slot });
  for (let i = 1; i <= 16; i++)
    push({ kind: 'store', size: 8, base: 10, offset: -8 * i, src: { kind: 'imm', value: random.below(5) }, slot });
  for (let statements = 12; statements > 0; statements--) {
    const reg = () => random.below(10);
    switch (random.below(6)) {
      case 0:
      case 1:
      case 2:
        for (let n = 1; n <= 5; n++) for (const insn of argument(random, n, slot)) push(insn);
        if (random.below(3) === 0) {
          kfuncReferences.push({ slot, btfId: 1, name: random.pick(KFUNCS).name });
          push({ kind: 'call-kfunc', btfId: 1, btfFdIndex: 0, slot });
        } else push({ kind: 'call-helper', helper: random.pick(HELPERS), slot });
        push({ kind: 'alu', width: 64, fn: 'mov', dst: 7 + random.below(3), src: { kind: 'reg', reg: 0 }, slot });
        break;
      case 3:
        push({
          kind: 'load',
          size: random.pick([1, 2, 4, 8] as const),
          signExtend: false,
          dst: reg(),
          base: random.pick([0, 6, 7, 10]),
          offset: random.below(96) - 64,
          slot,
        });
        break;
      case 4:
        push({
          kind: 'store',
          size: random.pick([1, 2, 4, 8] as const),
          base: random.pick([0, 7, 10]),
          offset: random.below(96) - 80,
          src: { kind: 'reg', reg: reg() },
          slot,
        });
        break;
      default:
        push({
          kind: 'jump-if',
          width: 64,
          fn: 'eq',
          dst: reg(),
          src: { kind: 'imm', value: 0 },
          target: slot + random.below(12) - 4,
          slot,
        });
    }
  }
  push({ kind: 'exit', slot });
  const bytes = new Uint8Array(slot * 8);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  // Now and then a word that means nothing.
  if (random.below(4) === 0) bytes[random.below(bytes.length)] = random.below(256);
  return { bytes, kfuncReferences };
}

test('hostile programs end in a result or in words', () => {
  const ends = new Set<string>();
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    const made = createVm({ programs: [{ name: 'hostile', ...hostileProgram(random) }], maps: MAPS, view: VIEW });
    const vm = made.value;
    assert.ok(vm !== undefined, JSON.stringify(made.problems));
    for (const map of MAPS) vm.map(map.fd)!.push(new Uint8Array(8));
    for (let call = 0; call < 2; call++) {
      const port = fakePort({ socket: fakeSocket() });
      const context = fakeContext({ 0: 4 }, { packet: new Uint8Array(20) });
      const end = vm.call({ program: 'hostile', port, context, budget: 5000 });
      ends.add(end.kind === 'fault' ? end.fault.kind : end.kind);
      if (end.kind === 'fault') assert.ok(faultText(end.fault).length > 0);
      vm.frames();
      const snapshot = vm.snapshot();
      const hash: string = vm.stateHash();
      for (const map of MAPS) vm.map(map.fd)!.entries(3);
      port.time = 1e9;
      vm.runTimers(port);
      vm.restore(snapshot);
      assert.equal(vm.stateHash(), hash, `seed ${seed}`);
    }
  }
  for (const kind of ['returned', 'access', 'bad-argument', 'unmodelled', 'invalid-instruction'])
    assert.ok(ends.has(kind), `some program ends as ${kind}`);
});

test('bytes that are no program at all', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    const bytes = Uint8Array.from({ length: random.below(80) }, () => random.below(256));
    const vm = createVm({ programs: [{ name: 'noise', bytes }], maps: [], view: VIEW }).value!;
    const end = vm.callRaw({ program: 'noise', port: fakePort(), memory: new Uint8Array(8), budget: 1000 });
    if (end.kind === 'fault') assert.ok(faultText(end.fault).length > 0);
  }
});
