// Maps and helpers against the running kernel, where there is one that can be asked: random map commands, and programs that
// store what their helpers returned into an array. Skipped elsewhere.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodeUtf8, Random, toHex } from '../../src/base/index.ts';
import { readKernelBtf } from '../../src/host/index.ts';
import { parseTarget, viewFor } from '../../src/kernel/index.ts';
import type { MapDefinition } from '../../src/object/index.ts';
import { createVm } from '../../src/vm/index.ts';
import { type Kernel, openKernel } from '../support/kernel-oracle.ts';
import {
  deleteFromMap,
  freezeMap,
  keysOfMap,
  type LiveMap,
  lookupMap,
  runProgram,
  updateMap,
} from '../support/kernel-programs.ts';
import { randomRuntime } from '../support/random-runtime.ts';
import { compareRuntime, differenceOf } from '../support/runtime-compare.ts';
import { fakeContext, fakePort, faultOf, load, u32s } from './support.ts';

const opened = openKernel();
const kernel = opened as Kernel;
/** The programs below use instructions and helpers that older kernels refuse. */
const OLDEST: readonly [number, number] = [6, 18];
const isTooOld = (): boolean => {
  const [major = 0, minor = 0] = kernel.release.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
};
const skip =
  'unavailable' in opened
    ? `no BPF: ${opened.unavailable}`
    : isTooOld()
      ? `no BPF that is new enough: ${kernel.release}`
      : false;

/** The running kernel as a target of ours, without the distribution's suffix. */
function target(): string {
  const release = /^\d+\.\d+(?:\.\d+)?/.exec(kernel.release)?.[0] ?? '';
  return parseTarget(release).value === undefined ? '6.18' : release;
}

const possibleCpus = (): number =>
  1 + Number(readFileSync('/sys/devices/system/cpu/possible', 'utf8').trim().split('-').pop());

function liveMap(definition: MapDefinition): LiveMap {
  const fd = kernel.createMap(definition);
  assert.ok(fd >= 0, `the kernel creates a map of type ${definition.typeId}: ${fd}`);
  const perCpu = [5, 6, 10].includes(definition.typeId);
  const valueBytes = perCpu ? ((definition.valueSize + 7) & ~7) * possibleCpus() : definition.valueSize;
  return { fd, keySize: definition.keySize, valueBytes };
}

const KINDS: readonly (readonly [string, Partial<MapDefinition>])[] = [
  ['hash', { typeId: 1, maxEntries: 5 }],
  ['hash without preallocation', { typeId: 1, maxEntries: 5, flags: 1 }],
  ['array', { typeId: 2 }],
  ['per-cpu hash', { typeId: 5 }],
  ['per-cpu array', { typeId: 6 }],
  ['LPM trie', { typeId: 11, keySize: 8, maxEntries: 6, flags: 1 }],
  ['queue', { typeId: 22, keySize: 0, maxEntries: 3 }],
  ['stack', { typeId: 23, keySize: 0, maxEntries: 3 }],
  ['bloom filter', { typeId: 30, keySize: 0, maxEntries: 10 }],
];

for (const [name, over] of KINDS) {
  test(`map commands: ${name}`, { skip }, () => {
    for (let seed = 1; seed <= 4; seed++) {
      const random = new Random(seed);
      const definition: MapDefinition = {
        name: 'm',
        typeId: 1,
        keySize: 4,
        valueSize: 8,
        maxEntries: 4,
        flags: 0,
        extra: 0n,
        fd: 1,
        keyTypeId: 0,
        valueTypeId: 0,
        ...over,
      };
      const made = createVm({ programs: [], maps: [definition], view: viewFor(target()), cpuCount: possibleCpus() });
      const ours = made.value!.map(1)!;
      const live = liveMap(definition);
      for (let i = 0; i < 60; i++) {
        const key = new Uint8Array(definition.keySize);
        if (key.length === 8)
          key.set([
            random.pick([0, 8, 12, 16, 24, 31, 32, 33]),
            0,
            0,
            0,
            10,
            random.below(2),
            random.below(3),
            random.below(4),
          ]);
        else if (key.length === 4) key[0] = random.below(8);
        const value = Uint8Array.from({ length: live.valueBytes }, () => random.below(256));
        if (definition.typeId === 30) value.fill(0).set([random.below(5)]);
        const flags = random.pick([0, 0, 0, 1, 2, 3, 4, 8]);
        const what = random.pick(['update', 'update', 'lookup', 'delete']);
        const where = `seed ${seed}, command ${i}: ${what} ${toHex(key)} flags ${flags}`;
        if (what === 'update') {
          const result = key.length === 0 ? ours.push(value, flags) : ours.update(key, value, flags);
          assert.equal(result, updateMap(kernel, live, key, value, flags), where);
        } else if (what === 'delete' && key.length > 0) {
          assert.equal(ours.delete(key), deleteFromMap(kernel, live, key), where);
        } else if (what === 'lookup') {
          const isFilter = definition.typeId === 30;
          const found = ours.lookup(isFilter ? value : key);
          const expected = lookupMap(kernel, live, key, isFilter ? value : undefined);
          const bytes = typeof found === 'number' ? found : found.values.map((each) => toHex(each)).join('');
          assert.equal(bytes, typeof expected === 'number' ? expected : toHex(expected), where);
        }
      }
      if (definition.keySize > 0)
        assert.deepEqual(
          ours
            .entries()
            .map((entry) => toHex(entry.key))
            .sort(),
          keysOfMap(kernel, live).map(toHex).sort(),
        );
      kernel.close(live.fd);
    }
  });
}

/** Id of a function in the running kernel's BTF. */
const kernelFunction = (name: string): number | undefined => readKernelBtf().value?.find('func', name);

/** Runs a text here and there; the array `out` must hold the same. `texts`: contents of read-only string maps. */
function compare(
  name: string,
  text: string,
  texts: Record<string, string> = {},
  kfuncs: Record<number, string> = {},
): void {
  const initial = (value: string): Uint8Array => {
    const bytes = new Uint8Array(64);
    bytes.set(encodeUtf8(value));
    return bytes;
  };
  const maps = Object.fromEntries(Object.entries(texts).map(([map, value]) => [map, { initial: initial(value) }]));
  const vm = load(`${text}\n.license "GPL"`, { kernel: target(), maps, kfuncs });
  const end = vm.call({ program: vm.programs[0]!.name, port: fakePort(), context: fakeContext() });
  if (end.kind === 'fault') assert.fail(`${name}: ${faultOf(end)}`);
  const fds = new Map<number, number>();
  const live = new Map<string, LiveMap>();
  for (let fd = 1; vm.map(fd) !== undefined; fd++) {
    const { definition } = vm.map(fd)!;
    const map = liveMap(definition);
    fds.set(fd, map.fd);
    live.set(definition.name, map);
    const value = texts[definition.name];
    if (value === undefined) continue;
    updateMap(kernel, map, u32s(0), initial(value), 0);
    freezeMap(kernel, map);
  }
  const ids = new Map(Object.entries(kfuncs).map(([number, kfunc]) => [Number(number), kernelFunction(kfunc) ?? -1]));
  const ran = runProgram(kernel, vm.programs[0]!.bytes, fds, ids);
  if (!ran.ran) assert.fail(`${name}: ${ran.why}`);
  const theirs = lookupMap(kernel, live.get('out')!, u32s(0));
  const ours = vm.mapByName('out')!.lookup(u32s(0));
  for (const map of live.values()) kernel.close(map.fd);
  assert.ok(typeof theirs === 'object' && typeof ours === 'object');
  assert.deepEqual([...new BigInt64Array(ours.values[0]!.slice().buffer)], [...new BigInt64Array(theirs.buffer)], name);
}

/** A program whose results are stored one after the other: `save` gives the statement that stores r0 (or another register). */
function program(maps: string, body: (save: (register?: string) => string) => string, functions = ''): string {
  let stored = 0;
  const save = (register = 'r0'): string => `*(u64 *)(r6 + ${8 * stored++}) = ${register}\n`;
  return `.map out, array, 4, 512, 1\n${maps}\n.section sockops\nmain:\nr6 = out[0] + 0 ll\n${body(save)}\nr0 = 0\nexit\n${functions}`;
}

const stackBytes = (text: string, below: number): string =>
  [...encodeUtf8(text)].map((byte, i) => `*(u8 *)(r10 - ${below - i}) = ${byte}\n`).join('');

test('numbers from text', { skip }, () => {
  const texts = [
    '42',
    '-42',
    '+42',
    '  7 ',
    '0x1f',
    '1f',
    '017',
    '8',
    'x',
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775808',
    '-9223372036854775809',
    '18446744073709551615',
    '18446744073709551616',
    '12abc',
    '0x',
    '0xg',
    '0',
    '00',
    '-0',
    '- 1',
    '--1',
    '\t\n5',
    '0X1F',
    '5\0',
    '-',
    '09',
  ];
  for (const helper of ['bpf_strtol', 'bpf_strtoul'])
    for (const text of texts)
      for (const flags of text === '42' ? [0, 8, 10, 16, 7, 32] : text.includes('x') ? [0, 16] : [0])
        compare(
          `${helper}(${JSON.stringify(text)}, ${flags})`,
          program(
            '',
            (save) => `${stackBytes(text, 40)}*(u64 *)(r10 - 8) = 0
            r1 = r10\nr1 += -40\nr2 = ${text.length}\nr3 = ${flags}\nr4 = r10\nr4 += -8\ncall ${helper}
            ${save()}r1 = *(u64 *)(r10 - 8)\n${save('r1')}`,
          ),
        );
});

test('formats', { skip }, () => {
  const formats = [
    '%d',
    '%i',
    '%u',
    '%x',
    '%X',
    '%ld',
    '%lu',
    '%lx',
    '%lld',
    '%llx',
    '%5d|',
    '%-5d|',
    '%05d|',
    '%+d',
    '% d',
    '%+5d|',
    '%-05d|',
    '%c',
    '%5c|',
    '%-5c|',
    '%s',
    '%10s|',
    '%pI4',
    '%pi4',
    '%pI6',
    '%pi6',
    '%pI4abc',
    '%20pI4|',
    '%px',
    '%20px|',
    '%p',
    '%pks',
    '%d%%',
    '%1d',
    '%10x|',
    '%010x|',
    '%-10x|',
    '%+u',
    '%600d|',
    'a\tb%d\n',
  ];
  for (const format of formats)
    for (const word of format === '%p' ? ['0', '-123'] : ['0', '5', '-123', '0x7fffffffffffffff ll'])
      compare(
        `${format} of ${word}`,
        program(
          '.map fmt, array, 4, 64, 1, flags=0x80',
          (save) => `r1 = ${word}
          *(u64 *)(r10 - 8) = r1\nr1 = r6\nr1 += 8\nr2 = 40\nr3 = fmt[0] + 0 ll\nr4 = r10\nr4 += -8\nr5 = 8
          call bpf_snprintf\n${save()}`,
        ),
        { fmt: format },
      );
});

test('queues and stacks from a program', { skip }, () => {
  for (const type of ['queue', 'stack'])
    for (let seed = 1; seed <= 4; seed++) {
      const random = new Random(seed);
      compare(
        `${type}, seed ${seed}`,
        program(`.map q, ${type}, 0, 8, 3`, (save) =>
          Array.from({ length: 16 }, (_, i) => {
            const push = random.below(2) === 0;
            const start = `*(u64 *)(r10 - 8) = ${push ? i : 99}\nr1 = q ll\nr2 = r10\nr2 += -8\n`;
            if (push) return `${start}r3 = ${random.pick([0, 0, 2, 1, 3])}\ncall bpf_map_push_elem\n${save()}`;
            const helper = random.pick(['bpf_map_peek_elem', 'bpf_map_pop_elem']);
            return `${start}call ${helper}\n${save()}r1 = *(u64 *)(r10 - 8)\n${save('r1')}`;
          }).join(''),
        ),
      );
    }
});

test('updates, deletions and lookups from a program', { skip }, () => {
  for (const type of ['hash', 'array', 'percpu_hash', 'percpu_array'])
    for (let seed = 1; seed <= 4; seed++) {
      const random = new Random(seed);
      compare(
        `${type}, seed ${seed}`,
        program(`.map m, ${type}, 4, 8, 3`, (save) =>
          Array.from({ length: 22 }, (_, i) => {
            const start = `*(u32 *)(r10 - 4) = ${random.below(5)}\n*(u64 *)(r10 - 16) = ${i}\nr1 = m ll\nr2 = r10\nr2 += -4\n`;
            const kind = random.below(3);
            if (kind === 0)
              return `${start}r3 = r10\nr3 += -16\nr4 = ${random.pick([0, 1, 2, 3, 4, 8])}\ncall bpf_map_update_elem\n${save()}`;
            if (kind === 1) return `${start}call bpf_map_delete_elem\n${save()}`;
            return `${start}call bpf_map_lookup_elem\nif r0 == 0 goto l${i}\nr0 = *(u64 *)(r0 + 0)\nr0 += 100\nl${i}:\n${save()}`;
          }).join(''),
        ),
      );
    }
  compare(
    'a value after its replacement and deletion',
    program('.map m, hash, 4, 8, 3', (save) => {
      const set = (value: number) =>
        `*(u64 *)(r10 - 16) = ${value}\nr1 = m ll\nr2 = r10\nr2 += -4\nr3 = r10\nr3 += -16\nr4 = 0\ncall bpf_map_update_elem\n`;
      return `*(u32 *)(r10 - 4) = 1\n${set(5)}r1 = m ll\nr2 = r10\nr2 += -4\ncall bpf_map_lookup_elem\nif r0 == 0 goto gone
        r7 = r0\n${set(6)}r1 = *(u64 *)(r7 + 0)\n${save('r1')}r1 = m ll\nr2 = r10\nr2 += -4\ncall bpf_map_delete_elem
        r1 = *(u64 *)(r7 + 0)\n${save('r1')}gone:`;
    }),
  );
});

test('ring buffers: room, sizes, queries', { skip }, () => {
  const reserve = (size: number, flags: number, label: string) =>
    `r1 = rb ll\nr2 = ${size}\nr3 = ${flags}\ncall bpf_ringbuf_reserve\nif r0 == 0 goto ${label}\nr1 = r0\nr2 = 0\ncall bpf_ringbuf_submit\nr0 = 1\n${label}:\n`;
  const query = (what: number) => `r1 = rb ll\nr2 = ${what}\ncall bpf_ringbuf_query\n`;
  const output = (flags: number) =>
    `*(u64 *)(r10 - 8) = 1\nr1 = rb ll\nr2 = r10\nr2 += -8\nr3 = 8\nr4 = ${flags}\ncall bpf_ringbuf_output\n`;
  const map = '.map rb, ringbuf, 0, 0, 4096';
  compare(
    'one after the other',
    program(map, (save) =>
      [
        query(0),
        query(1),
        query(2),
        query(3),
        query(4),
        output(0),
        output(4),
        output(1),
        query(0),
        reserve(2000, 0, 'a'),
        query(0),
        reserve(2000, 0, 'b'),
        query(0),
        reserve(48, 0, 'c'),
        query(3),
        reserve(8, 1, 'd'),
      ]
        .map((each) => each + save())
        .join(''),
    ),
  );
  for (const size of [4080, 4087, 4088, 4095, 4096, 5000])
    compare(
      `reserve ${size}`,
      program(map, (save) => reserve(size, 0, 'a') + save()),
    );
  for (const [size, flags] of [
    [16, 0],
    [16, 1],
    [16777216, 0],
    [5000, 0],
  ])
    compare(
      `dynptr of ${size}, flags ${flags}`,
      program(
        map,
        (
          save,
        ) => `r1 = rb ll\nr2 = ${size}\nr3 = ${flags}\nr4 = r10\nr4 += -16\ncall bpf_ringbuf_reserve_dynptr\n${save()}
        *(u64 *)(r10 - 32) = 7\nr1 = r10\nr1 += -16\nr2 = 8\nr3 = r10\nr3 += -32\nr4 = 8\nr5 = 0\ncall bpf_dynptr_write\n${save()}
        r1 = r10\nr1 += -16\nr2 = 0\ncall bpf_ringbuf_submit_dynptr\n${query(0)}${save()}`,
      ),
    );
});

test('callbacks: how often, how far, with what result', { skip }, () => {
  const callback = (body: string) => `.text\ncallback:\n${body}\nexit`;
  for (const [count, flags] of [
    [0, 0],
    [5, 0],
    [100, 0],
    [8388608, 1],
    [8388609, 0],
  ])
    compare(
      `bpf_loop(${count}, flags ${flags})`,
      program(
        '',
        (save) =>
          `*(u64 *)(r10 - 8) = 0\nr1 = ${count}\nr2 = callback ll\nr3 = r10\nr3 += -8\nr4 = ${flags}\ncall bpf_loop\n${save()}r1 = *(u64 *)(r10 - 8)\n${save('r1')}`,
        callback('r3 = *(u64 *)(r2 + 0)\nr3 += r1\n*(u64 *)(r2 + 0) = r3\nr0 = 0\nif r1 != 40 goto +1\nr0 = 1'),
      ),
    );
  for (const type of ['hash', 'array', 'percpu_hash', 'percpu_array', 'lru_hash'])
    for (const stop of [0, 1])
      compare(
        `bpf_for_each_map_elem over ${type}, callback returns ${stop}`,
        program(
          `.map m, ${type}, 4, 8, 3`,
          (save) => {
            const fill = [0, 1, 2].map(
              (key) =>
                `*(u32 *)(r10 - 4) = ${key}\n*(u64 *)(r10 - 16) = ${key * 7 + 1}\nr1 = m ll\nr2 = r10\nr2 += -4\nr3 = r10\nr3 += -16\nr4 = 0\ncall bpf_map_update_elem\n${save()}`,
            );
            // The order of a hash map is its own affair: the sum says enough.
            const sum = stop === 0 ? `r1 = *(u64 *)(r10 - 24)\n${save('r1')}` : '';
            return `${fill.join('')}*(u64 *)(r10 - 24) = 0\nr1 = m ll\nr2 = callback ll\nr3 = r10\nr3 += -24\nr4 = 0\ncall bpf_for_each_map_elem\n${save()}${sum}`;
          },
          callback(
            `r5 = *(u64 *)(r4 + 0)\nr2 = *(u32 *)(r2 + 0)\nr5 += r2\nr3 = *(u64 *)(r3 + 0)\nr5 += r3\n*(u64 *)(r4 + 0) = r5\nr0 = ${stop}`,
          ),
        ),
      );
});

test('strings and dynptrs', { skip }, () => {
  for (const [a, b, size] of [
    ['abc', 'abc', 4],
    ['abc', 'abd', 4],
    ['abd', 'abc', 4],
    ['abc', 'abcd', 3],
    ['abc', 'abcd', 5],
    ['', 'a', 1],
  ] as const)
    compare(
      `bpf_strncmp(${a}, ${b}, ${size})`,
      program(
        '.map str, array, 4, 64, 1, flags=0x80',
        (save) =>
          `*(u64 *)(r10 - 8) = 0\n${stackBytes(a, 8)}r1 = r10\nr1 += -8\nr2 = ${size}\nr3 = str[0] + 0 ll\ncall bpf_strncmp\n${save()}`,
      ),
      { str: b },
    );
  compare(
    'dynptr over a map value',
    program('.map v, array, 4, 32, 1', (save) => {
      const read = (offset: number, length: number, flags: number) =>
        `*(u64 *)(r10 - 32) = 0\nr1 = r10\nr1 += -32\nr2 = ${length}\nr3 = r10\nr3 += -16\nr4 = ${offset} ll\nr5 = ${flags}\ncall bpf_dynptr_read\n${save()}r1 = *(u64 *)(r10 - 32)\n${save('r1')}`;
      const write = (offset: number, length: number, flags: number) =>
        `*(u64 *)(r10 - 32) = 77\nr1 = r10\nr1 += -16\nr2 = ${offset}\nr3 = r10\nr3 += -32\nr4 = ${length}\nr5 = ${flags}\ncall bpf_dynptr_write\n${save()}`;
      const data = (offset: number, length: number, label: string) =>
        `r1 = r10\nr1 += -16\nr2 = ${offset}\nr3 = ${length}\ncall bpf_dynptr_data\nif r0 == 0 goto ${label}\nr0 = *(u64 *)(r0 + 0)\n${label}:\n${save()}`;
      return `r7 = v[0] + 0 ll\n*(u64 *)(r7 + 0) = 0x1234\nr1 = r7\nr2 = 32\nr3 = 0\nr4 = r10\nr4 += -16\ncall bpf_dynptr_from_mem\n${save()}
        ${read(0, 8, 0)}${read(28, 8, 0)}${read(24, 8, 0)}${read(33, 1, 0)}${read(0, 8, 1)}${read(4294967295, 8, 0)}
        ${write(8, 8, 0)}${write(28, 8, 0)}${write(32, 1, 0)}${write(0, 8, 1)}${data(8, 8, 'a')}${data(28, 8, 'b')}${data(0, 32, 'c')}`;
    }),
  );
});

/** Cases of a kernel function that the running kernel does not have are left out. */
const has = (name: string): boolean => kernelFunction(name) !== undefined;

test('kernel functions on strings', { skip }, () => {
  const call = (
    kfunc: string,
    second: 'str' | number | undefined,
    third: number | undefined,
    label: string,
    texts: Record<string, string>,
  ) =>
    compare(
      label,
      program(
        '.map a, array, 4, 64, 1, flags=0x80\n.map b, array, 4, 64, 1, flags=0x80',
        (save) => `r1 = a[0] + 0 ll
          ${second === undefined ? '' : second === 'str' ? 'r2 = b[0] + 0 ll' : `r2 = ${second}`}
          ${third === undefined ? '' : `r3 = ${third}`}
          call kfunc 1\nr0 = (s32)r0\n${save()}`,
      ),
      texts,
      { 1: kfunc },
    );
  const words = ['', 'abc', 'ABC', 'abcabc'];
  for (const a of words) {
    if (has('bpf_strlen')) call('bpf_strlen', undefined, undefined, `strlen(${a})`, { a, b: '' });
    for (const count of [0, 2, 100])
      if (has('bpf_strnlen')) call('bpf_strnlen', count, undefined, `strnlen(${a}, ${count})`, { a, b: '' });
    for (const kfunc of ['bpf_strchr', 'bpf_strrchr', 'bpf_strchrnul'])
      for (const character of [0, 0x61, 0x6c])
        if (has(kfunc)) call(kfunc, character, undefined, `${kfunc}(${a}, ${character})`, { a, b: '' });
    for (const count of [0, 2, 100])
      for (const character of [0, 0x63])
        if (has('bpf_strnchr'))
          call('bpf_strnchr', count, character, `strnchr(${a}, ${count}, ${character})`, { a, b: '' });
    for (const b of words) {
      for (const kfunc of ['bpf_strcmp', 'bpf_strcasecmp', 'bpf_strspn', 'bpf_strcspn', 'bpf_strstr', 'bpf_strcasestr'])
        if (has(kfunc)) call(kfunc, 'str', undefined, `${kfunc}(${a}, ${b})`, { a, b });
      for (const kfunc of ['bpf_strnstr', 'bpf_strncasestr', 'bpf_strncasecmp'])
        for (const count of [0, 2, 100])
          if (has(kfunc)) call(kfunc, 'str', count, `${kfunc}(${a}, ${b}, ${count})`, { a, b });
    }
  }
});

test('kernel functions: numbers, dynptrs', { skip }, () => {
  const iterate = { 1: 'bpf_iter_num_new', 2: 'bpf_iter_num_next', 3: 'bpf_iter_num_destroy' };
  for (const [from, to] of [
    [0, 4],
    [-3, 2],
    [5, 5],
    [6, 5],
    [2147483647, -2147483648],
    [0, 8388608 + 1],
  ])
    compare(
      `numbers from ${from} to ${to}`,
      program(
        '',
        (save) => `r1 = r10\nr1 += -8\nr2 = ${from}\nr3 = ${to}\ncall kfunc 1\nr0 = (s32)r0\n${save()}
        ${['a', 'b'].map((label) => `r1 = r10\nr1 += -8\ncall kfunc 2\nif r0 == 0 goto ${label}\nr0 = *(s32 *)(r0 + 0)\nr0 += 1000\n${label}:\n${save()}`).join('')}
        r1 = r10\nr1 += -8\ncall kfunc 3`,
      ),
      {},
      iterate,
    );
  const dynptr = {
    1: 'bpf_dynptr_adjust',
    2: 'bpf_dynptr_size',
    3: 'bpf_dynptr_is_null',
    4: 'bpf_dynptr_is_rdonly',
    5: 'bpf_dynptr_clone',
  };
  for (const [start, end] of [
    [0, 32],
    [4, 12],
    [12, 4],
    [0, 33],
    [32, 32],
    [33, 33],
  ])
    compare(
      `dynptr adjusted to ${start}, ${end}`,
      program(
        '.map v, array, 4, 32, 1',
        (save) => `r1 = v[0] + 0 ll\nr2 = 32\nr3 = 0\nr4 = r10\nr4 += -16\ncall bpf_dynptr_from_mem
        r1 = r10\nr1 += -16\nr2 = ${start}\nr3 = ${end}\ncall kfunc 1\nr0 = (s32)r0\n${save()}
        r1 = r10\nr1 += -16\ncall kfunc 2\nr0 = (s32)r0\n${save()}
        r1 = r10\nr1 += -16\ncall kfunc 3\nr0 &= 255\n${save()}
        r1 = r10\nr1 += -16\ncall kfunc 4\nr0 &= 255\n${save()}
        r1 = r10\nr1 += -16\nr2 = r10\nr2 += -32\ncall kfunc 5\nr0 = (s32)r0\n${save()}
        r1 = r10\nr1 += -32\ncall kfunc 2\nr0 = (s32)r0\n${save()}`,
      ),
      {},
      dynptr,
    );
});

test('arithmetic, byte order, branches and atomics of random programs', { skip }, () => {
  const binary = ['+=', '-=', '*=', '/=', '%=', 's/=', 's%=', '|=', '&=', '^=', '<<=', '>>=', 's>>=', '='];
  const edges = ['0', '1', '-1', '2', '31', '63', '0x7fffffff', '-2147483648'];
  for (let seed = 1; seed <= 40; seed++) {
    const random = new Random(seed);
    const reg = () => random.below(6);
    const lines: string[] = [];
    for (let i = 0; i < 6; i++) {
      const value =
        random.below(3) === 0 ? random.pick(edges) : `0x${random.u32().toString(16)}${random.u32().toString(16)}`;
      lines.push(`r${i} = ${value} ll`, `*(u64 *)(r10 - ${8 * i + 8}) = r${i}`);
    }
    for (let i = 0; i < 60; i++) {
      const wide = random.below(2) === 0 ? 'r' : 'w';
      const [a, b] = [reg(), reg()];
      const slot = 8 * reg() + 8;
      switch (random.below(8)) {
        case 0:
        case 1:
        case 2:
        case 3:
          lines.push(`${wide}${a} ${random.pick(binary)} ${wide}${b}`);
          break;
        case 4:
          lines.push(
            random.pick([
              `${wide}${a} = -${wide}${a}`,
              `r${a} = (s${random.pick([8, 16, 32])})r${b}`,
              `w${a} = (s${random.pick([8, 16])})w${b}`,
            ]),
          );
          break;
        case 5:
          lines.push(`r${a} = ${random.pick(['be', 'le', 'bswap'])}${random.pick([16, 32, 64])} r${a}`);
          break;
        case 6:
          lines.push(
            random.pick([
              `r${a} = atomic_fetch_${random.pick(['add', 'or', 'and', 'xor'])}((u64 *)(r10 - ${slot}), r${a})`,
              `w${a} = atomic_fetch_add((u32 *)(r10 - ${slot}), w${a})`,
              `r${a} = xchg_64(r10 - ${slot}, r${a})`,
              `r0 = cmpxchg_64(r10 - ${slot}, r0, r${a})`,
              `w0 = cmpxchg32_32(r10 - ${slot}, w0, w${a})`,
              `*(u16 *)(r10 - ${slot}) = w${a}`,
              `r${a} = *(s${random.pick([8, 16, 32])} *)(r10 - ${slot})`,
            ]),
          );
          break;
        default:
          lines.push(
            `if ${wide}${a} ${random.pick(['==', '!=', '>', '>=', '<', '<=', 's>', 's>=', 's<', 's<=', '&'])} ${wide}${b} goto l${i}`,
            `r${reg()} ^= r${reg()}`,
            `l${i}:`,
          );
      }
    }
    compare(
      `seed ${seed}`,
      program('', (save) => `${lines.join('\n')}\n${[0, 1, 2, 3, 4, 5].map((i) => save(`r${i}`)).join('')}`),
    );
  }
});

test('random programs of all kinds: results and maps (npm run fuzz:runtime makes more)', { skip }, () => {
  const oracle = { kernel, target: target(), cpus: possibleCpus() };
  let compared = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const random = new Random(seed);
    const comparison = compareRuntime(oracle, randomRuntime(random, 1 + random.below(24)));
    if (comparison.kind === 'refused') continue;
    compared++;
    for (const [engine, effects] of comparison.ours)
      assert.equal(differenceOf(comparison.kernel, effects), undefined, `seed ${seed}, ${engine}`);
  }
  assert.ok(compared >= 50, `the kernel takes ${compared} of 60 programs`);
});
