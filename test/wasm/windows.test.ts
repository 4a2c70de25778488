// What compiled code remembers of its checks, and the lookups that it does by itself, against the interpreter: at the ends of regions
// and pages, walking either way, and after calls that change what is mapped. States must be equal, also after a snapshot's restore.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wasmParts } from '../../src/host/wasm.ts';
import { type CallEnd, faultText, type VirtualMachine } from '../../src/vm/index.ts';
import { fakeContext, fakePort, load } from '../vm/support.ts';

const ENGINES = { interpreter: {}, compiled: wasmParts({ compileAfter: 0 }) } as const;

const textOf = (end: CallEnd): string =>
  end.kind === 'returned' ? `${end.r0} after ${end.insns}` : `${end.fault.place.slot}: ${faultText(end.fault)}`;

interface Outcome {
  readonly ends: readonly string[];
  readonly events: readonly string[];
  readonly hash: string;
}

/** Calls a program a few times; takes a snapshot after the first call and goes back to it at the end. */
function outcome(vm: VirtualMachine): Outcome {
  const ends: string[] = [];
  const port = fakePort();
  const call = () => ends.push(textOf(vm.call({ program: vm.programs[0]!.name, port, context: fakeContext() })));
  call();
  const first = vm.stateHash();
  const snapshot = vm.snapshot();
  call();
  call();
  const hash = vm.stateHash();
  vm.restore(snapshot);
  assert.equal(vm.stateHash(), first, 'a snapshot has every page that was written');
  return { ends, events: port.events.map((event) => JSON.stringify(event)), hash };
}

function same(name: string, text: string, expected?: RegExp): void {
  test(name, () => {
    const [interpreted, compiled] = Object.values(ENGINES).map((vm) => outcome(load(text, { vm })));
    assert.deepEqual(compiled, interpreted);
    if (expected !== undefined) assert.match(interpreted!.ends.join('\n'), expected);
  });
}

/** A loop over the bytes of a large value: `step` at a time, from `from` to `to`, with `body` at the pointer r2. */
const walk = (from: number, to: number, step: number, body: string): string => `
  .map big, array, 4, 20000, 1
  .section sockops
  main:
    r6 = big[0] + 0 ll
    r2 = r6
    r2 += ${from}
    r7 = ${Math.floor((to - from) / step) + 1}
    r0 = 0
  again:
    ${body}
    r2 += ${step}
    r7 += -1
    if r7 != 0 goto again
    exit`;

for (const [name, body] of [
  ['words', 'r0 += r7\n*(u64 *)(r2 + 0) = r0'],
  ['half words and bytes', '*(u32 *)(r2 + 0) = w7\n*(u8 *)(r2 + 5) = w7\nr0 += 1'],
  ['reads of what is written', '*(u16 *)(r2 + 0) = w7\nr3 = *(u64 *)(r2 + 0)\nr0 += r3'],
  ['atomics', 'r3 = 3\nlock *(u64 *)(r2 + 0) += r3\nr0 += 1'],
] as const) {
  same(`upwards over pages: ${name}`, walk(0, 19980, 12, body), /^\d+ after/);
  same(`downwards over pages: ${name}`, walk(19980, 0, -12, body), /^\d+ after/);
  same(`in and out of pages: ${name}`, walk(4083, 4100, 1, body), /^\d+ after/);
  same(`past the end: ${name}`, walk(19900, 20100, 3, body), /out of bounds|outside|beyond|past/i);
  same(`before the start: ${name}`, walk(100, -100, -3, body));
}

same(
  'a read-only value is read and not written',
  `.map fixed, array, 4, 64, 1, flags=0x80
  .section sockops
  main:
    r2 = fixed[0] + 0 ll
    r0 = *(u32 *)(r2 + 8)
    r0 = *(u32 *)(r2 + 60)
    *(u32 *)(r2 + 8) = 1
    exit`,
  /read-only/,
);

same(
  'two regions by one register in turn',
  `.map a, array, 4, 64, 1
  .map b, array, 4, 4096, 1
  .section sockops
  main:
    r6 = a[0] + 0 ll
    r7 = b[0] + 0 ll
    r8 = 20
    r0 = 0
  again:
    r2 = r6
    if r8 & 1 goto +1
    r2 = r7
    r3 = *(u64 *)(r2 + 56)
    r0 += r3
    *(u64 *)(r2 + 56) = r8
    r8 += -1
    if r8 != 0 goto again
    exit`,
);

const lookup = (map: string, key: string): string =>
  `${key}\nr1 = ${map} ll\nr2 = r10\nr2 += -16\ncall bpf_map_lookup_elem\n`;

same(
  'a value that is deleted while it is in use',
  `.map m, hash, 4, 8, 4
  .section sockops
  main:
    *(u32 *)(r10 - 16) = 5
    *(u64 *)(r10 - 32) = 77
    r1 = m ll
    r2 = r10
    r2 += -16
    r3 = r10
    r3 += -32
    r4 = 0
    call bpf_map_update_elem
    ${lookup('m', '')}
    if r0 == 0 goto none
    r6 = r0
    r7 = *(u64 *)(r6 + 0)
    *(u64 *)(r6 + 0) = r7
    r1 = m ll
    r2 = r10
    r2 += -16
    call bpf_map_delete_elem
    r8 = *(u64 *)(r6 + 0)
    *(u64 *)(r6 + 0) = 9
    ${lookup('m', '')}
    if r0 != 0 goto none
    r0 = r7
    r0 += r8
    exit
  none:
    r0 = 1
    exit`,
  /^154 after/,
);

for (const [size, word] of [
  [4, '*(u32 *)(r10 - 16) = w7'],
  [8, '*(u64 *)(r10 - 16) = r7'],
  [12, '*(u64 *)(r10 - 16) = 1\n*(u32 *)(r10 - 8) = w7'],
  [6, '*(u32 *)(r10 - 16) = w7\n*(u16 *)(r10 - 12) = 3'],
] as const)
  same(
    `lookups in a hash map, keys of ${size} bytes, present and absent`,
    `.map m, hash, ${size}, 8, 64
    .section sockops
    main:
      r7 = 60
      r6 = 0
    fill:
      ${word}
      *(u64 *)(r10 - 32) = r7
      r1 = m ll
      r2 = r10
      r2 += -16
      r3 = r10
      r3 += -32
      r4 = 0
      call bpf_map_update_elem
      r7 += -3
      if r7 s> 0 goto fill
      r7 = 70
    find:
      ${lookup('m', word)}
      if r0 == 0 goto absent
      r3 = *(u64 *)(r0 + 0)
      r6 += r3
      r6 *= 3
      lock *(u64 *)(r0 + 0) += r7
    absent:
      r7 += -1
      if r7 != 0 goto find
      r0 = r6
      exit`,
    /^[1-9]\d+ after/,
  );

same(
  'lookups in an array: first use, later uses, beyond the end',
  `.map m, array, 4, 8, 600
  .section sockops
  main:
    r7 = 620
    r6 = 0
  find:
    ${lookup('m', '*(u32 *)(r10 - 16) = w7')}
    if r0 == 0 goto absent
    r3 = *(u64 *)(r0 + 0)
    r6 += r3
    r6 += 1
    *(u64 *)(r0 + 0) = r7
  absent:
    r7 += -1
    if r7 != 0 goto find
    r0 = r6
    exit`,
  /^599 after/,
);

same(
  'a lookup whose key is nowhere',
  `.map m, array, 4, 8, 4
  .section sockops
  main:
    r1 = m ll
    r2 = 64
    call bpf_map_lookup_elem
    r0 = 0
    exit`,
  /key/,
);

same(
  'a lookup whose map depends on the way',
  `.map a, array, 4, 8, 4
  .map b, hash, 4, 8, 4
  .section sockops
  main:
    *(u32 *)(r10 - 16) = 1
    r7 = 6
    r6 = 0
  again:
    r1 = a ll
    if r7 & 1 goto +2
    r1 = b ll
    r2 = r10
    r2 += -16
    call bpf_map_lookup_elem
    if r0 == 0 goto absent
    r6 += 1
  absent:
    r7 += -1
    if r7 != 0 goto again
    r0 = r6
    exit`,
);
