// What an object leaves open for the kernel: configuration values, kernel functions and variables.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { decodeProgram } from '../../src/isa/index.ts';
import { BTF_KIND } from '../../src/object/btf.ts';
import { BtfBuilder } from '../../src/object/btf-builder.ts';
import { type BpfObject, type Btf, type KconfigValue, readBits, readObject } from '../../src/object/index.ts';

const folder = path.resolve(import.meta.dirname, '../fixtures/obj');
const COMPILERS = ['clang14', 'clang16', 'clang19', 'clang22', 'zig21'];

function load(
  name: string,
  options: { kconfig?: ReadonlyMap<string, KconfigValue>; linuxVersionCode?: number; kernelBtf?: Btf } = {},
): BpfObject {
  return readObject(new Uint8Array(readFileSync(path.join(folder, name))), { file: name, ...options });
}

/** Values of the .kconfig map by name, as the program's BTF lays them out, checked against the offsets that instructions use. */
function configOf(object: BpfObject): Record<string, bigint> {
  const map = object.maps.find((one) => one.dataSection === '.kconfig')!;
  const references = object.programs[0]!.mapReferences.filter((one) => one.mapFd === map.fd);
  const out: Record<string, bigint> = {};
  const bytes = map.initial!;
  // The layout that libbpf gives: by alignment downwards, then by size, then by name.
  let at = 0;
  for (const [name, size] of [
    ['CONFIG_THAT_NOBODY_HAS', 8],
    ['CONFIG_HZ', 4],
    ['CONFIG_TCP_CONG_DCTCP', 4],
    ['LINUX_KERNEL_VERSION', 4],
    ['CONFIG_IPV6', 1],
    ['CONFIG_TCP_CONG_BBR', 1],
    ['CONFIG_DEFAULT_TCP_CONG', 8],
  ] as const) {
    out[name] = readBits(bytes, 8 * at, 8 * size)!;
    assert.ok(
      references.some((one) => one.valueOffset === at),
      `${name} is read at ${at}`,
    );
    at += size;
  }
  assert.equal(bytes.length, at);
  return out;
}

for (const compiler of COMPILERS) {
  test(`configuration values are laid out and set as libbpf does: ${compiler}`, () => {
    const object = load(`kconfig.${compiler}.o`, {
      linuxVersionCode: 0x060c05,
      kconfig: new Map<string, KconfigValue>([
        ['CONFIG_HZ', 1000n],
        ['CONFIG_IPV6', 'y'],
        ['CONFIG_TCP_CONG_DCTCP', 'm'],
        ['CONFIG_TCP_CONG_BBR', 'm'],
        ['CONFIG_DEFAULT_TCP_CONG', { text: 'bbr' }],
      ]),
    });
    assert.deepEqual(object.problems, []);
    assert.deepEqual(configOf(object), {
      CONFIG_THAT_NOBODY_HAS: 0n,
      CONFIG_HZ: 1000n,
      CONFIG_TCP_CONG_DCTCP: 2n,
      LINUX_KERNEL_VERSION: 0x060c05n,
      CONFIG_IPV6: 1n,
      CONFIG_TCP_CONG_BBR: BigInt('m'.charCodeAt(0)),
      CONFIG_DEFAULT_TCP_CONG: 0x726262n,
    });
  });
}

test('a configuration value that does not fit its type, or is missing, is an error that names it', () => {
  const bad = (name: string, value: KconfigValue): string[] =>
    load('kconfig.zig21.o', { kconfig: new Map([[name, value]]) }).problems.map(({ message }) => message);
  assert.match(bad('CONFIG_IPV6', 'm').join(), /'CONFIG_IPV6' cannot be set: its value is m/);
  assert.match(bad('CONFIG_HZ', 1n << 40n).join(), /does not fit into 4 bytes/);
  assert.match(bad('CONFIG_HZ', 'y').join(), /needs a bool, a char or enum libbpf_tristate/);
  assert.match(bad('CONFIG_DEFAULT_TCP_CONG', 3n).join(), /needs an integer/);
  assert.match(bad('CONFIG_HZ', { text: 'fast' }).join(), /needs a char array/);
});

const kfuncKernel = (): BtfBuilder => {
  const b = new BtfBuilder();
  b.int('int', 4, 'signed')
    .int('unsigned long long', 8)
    .struct('sock', [['x', 'int']]);
  b.struct('bpf_sock_ops_kern', [['sk', 'struct sock *']]);
  return b;
};

for (const compiler of COMPILERS) {
  test(`kernel functions have the ids of the given kernel, weak ones may be missing: ${compiler}`, () => {
    const b = kfuncKernel();
    const enable = b.add('', BTF_KIND.funcProto, 2, b.id('int'), [
      b.text('skops'),
      b.id('struct bpf_sock_ops_kern *'),
      b.text('flags'),
      b.id('unsigned long long'),
    ]);
    const enableId = b.add('bpf_sock_ops_enable_tx_tstamp', BTF_KIND.func, 1, enable);
    const cast = b.add('', BTF_KIND.funcProto, 1, b.id('void *'), [b.text('ctx'), b.id('void *')]);
    const castId = b.add('bpf_cast_to_kern_ctx', BTF_KIND.func, 1, cast);
    const lock = b.add('', BTF_KIND.funcProto, 0, 0);
    b.add('bpf_rcu_read_lock', BTF_KIND.func, 1, lock);
    const variable = b.add('bpf_stats_enabled_key', BTF_KIND.var, 0, b.id('int'), [1]);
    const object = load(`kfunc.${compiler}.o`, { kernelBtf: b.build() });
    const program = object.programs[0]!;
    const messages = object.problems.map(({ message }) => message);
    assert.deepEqual(messages, ["the given kernel has no variable 'jiffies'"]);
    assert.deepEqual(program.kfuncReferences.map(({ name, btfId }) => [name, btfId]).sort(), [
      ['bpf_cast_to_kern_ctx', castId],
      ['bpf_sock_ops_enable_tx_tstamp', enableId],
    ]);
    const insns = decodeProgram(program.bytes);
    assert.ok(insns.some((insn) => insn?.kind === 'load-imm64' && insn.source === 'btf-id' && insn.low === variable));
    // The call of the missing weak function is left as a call of a helper that does not exist; its address is zero.
    assert.ok(insns.some((insn) => insn?.kind === 'call-helper' && insn.helper >= 2_002_000_000));
    const absent = object.kernelSymbols.find(({ name }) => name === 'bpf_no_such_kfunc')!;
    assert.deepEqual([absent.origin, absent.btfId, absent.weak], ['absent', 0, true]);
  });

  test(`without a kernel's types kernel functions have made-up ids and their names: ${compiler}`, () => {
    const object = load(`kfunc.${compiler}.o`);
    assert.deepEqual(object.problems, []);
    const program = object.programs[0]!;
    for (const reference of program.kfuncReferences) {
      const insn = decodeProgram(program.bytes)[reference.slot];
      assert.ok(insn?.kind === 'call-kfunc' && insn.btfId === reference.btfId);
    }
    assert.ok(object.kernelSymbols.every(({ origin }) => origin === 'synthetic'));
    assert.equal(new Set(object.kernelSymbols.map(({ btfId }) => btfId)).size, object.kernelSymbols.length);
    assert.ok(program.ksymReferences.some(({ name }) => name === 'jiffies'));
  });
}

test('a kernel function with other arguments than declared is warned of', () => {
  const b = kfuncKernel();
  const other = b.add('', BTF_KIND.funcProto, 1, b.id('int'), [b.text('x'), b.id('int')]);
  b.add('bpf_cast_to_kern_ctx', BTF_KIND.func, 1, other);
  const object = load('kfunc.zig21.o', { kernelBtf: b.build() });
  assert.ok(object.problems.some(({ message }) => /'bpf_cast_to_kern_ctx' takes other arguments/.test(message)));
});
