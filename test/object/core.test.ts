// CO-RE relocations against kernels made up here, so that every answer is known; and against the built-in types.
// The outcomes for a real kernel were compared with libbpf's, instruction by instruction, when this was written.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { decodeProgram } from '../../src/isa/index.ts';
import { viewFor } from '../../src/kernel/index.ts';
import { BTF_KIND } from '../../src/object/btf.ts';
import { BtfBuilder } from '../../src/object/btf-builder.ts';
import { applyCore } from '../../src/object/core.ts';
import {
  type BpfObject,
  type Btf,
  builtinKernelBtf,
  type CoreRelocation,
  findMember,
  POISONED_HELPER,
  readObject,
  sizeOf,
} from '../../src/object/index.ts';

const folder = path.resolve(import.meta.dirname, '../fixtures/obj');
const COMPILERS = ['clang14', 'clang16', 'clang19', 'clang22', 'zig21'];

const load = (compiler: string, kernelBtf?: Btf): BpfObject =>
  readObject(new Uint8Array(readFileSync(path.join(folder, `core.${compiler}.o`))), {
    file: 'core.o',
    ...(kernelBtf === undefined ? {} : { kernelBtf }),
  });

/** New value of the first relocation that asks this; 'poisoned' when it failed. */
function answer(object: BpfObject, what: string, spec: string): bigint | 'poisoned' {
  const found = object.programs[0]!.coreRelocations.find((one) => one.what === what && one.spec === spec);
  assert.ok(found !== undefined, `${what} of ${spec}`);
  return found.outcome.kind === 'patched' ? found.outcome.newValue : 'poisoned';
}

/** A kernel in which everything lies elsewhere than in the program. */
function otherKernel(): Btf {
  const b = new BtfBuilder();
  b.int('unsigned char', 1)
    .int('unsigned short', 2)
    .int('unsigned int', 4)
    .int('int', 4, 'signed')
    .int('unsigned long long', 8);
  b.struct('$addresses', [
    ['skc_daddr', 'unsigned int'],
    ['skc_rcv_saddr', 'unsigned int'],
  ]);
  b.struct('sock_common', [
    ['padding', 'unsigned long long'],
    ['', 'struct $addresses'],
    ['before', 'unsigned char', 3],
    ['skc_reuseport', 'unsigned char', 1],
    ['skc_reuse', 'unsigned char', 4],
    ['skc_state', 'unsigned char'],
    ['skc_family', 'unsigned short'],
  ]);
  b.struct('sock', [
    ['first', 'unsigned int'],
    ['sk_mark', 'unsigned int'],
    ['__sk_common', 'struct sock_common'],
  ]);
  b.struct('inet_connection_sock', [
    ['sk', 'struct sock'],
    ['icsk_ca_priv', 'unsigned long long[13]'],
    ['icsk_ca_state', 'unsigned char', 5],
  ]);
  b.struct('tcp_sock', [
    ['inet_conn', 'struct inet_connection_sock'],
    ['snd_cwnd', 'unsigned int'],
    ['srtt_us', 'unsigned int'],
    ['bytes_acked', 'unsigned long long'],
  ]);
  b.enum('tcp_ca_state', [
    ['TCP_CA_Open', 0],
    ['TCP_CA_Loss', 4],
  ]);
  return b.build();
}

for (const compiler of COMPILERS) {
  test(`every kind of relocation is answered from the given kernel: ${compiler}`, () => {
    const kernel = otherKernel();
    const object = load(compiler, kernel);
    const tcp = kernel.find('struct', 'tcp_sock')!;
    const offset = (record: string, member: string): bigint =>
      BigInt(findMember(kernel, kernel.find('struct', record)!, member)!.offsetBits / 8);
    assert.equal(answer(object, 'field byte offset', 'struct tcp_sock.snd_cwnd'), offset('tcp_sock', 'snd_cwnd'));
    assert.equal(answer(object, 'field byte offset', 'struct tcp_sock.srtt_us'), offset('tcp_sock', 'srtt_us'));
    assert.equal(answer(object, 'field byte offset', 'struct tcp_sock.bytes_acked'), offset('tcp_sock', 'bytes_acked'));
    assert.equal(
      answer(object, 'field byte offset', 'struct sock.__sk_common.skc_family'),
      8n + offset('sock_common', 'skc_family'),
    );
    assert.equal(
      answer(object, 'field byte offset', 'struct sock.__sk_common.skc_state'),
      8n + offset('sock_common', 'skc_state'),
    );
    assert.equal(answer(object, 'field byte offset', 'struct sock.sk_mark'), 4n);
    assert.equal(
      answer(object, 'field byte offset', 'struct inet_connection_sock.icsk_ca_priv[3]'),
      24n + offset('inet_connection_sock', 'icsk_ca_priv'),
    );
    assert.equal(answer(object, 'field byte offset', 'struct sock_common.skc_daddr'), 8n);
    assert.equal(
      answer(object, 'field byte offset', 'struct tcp_sock___other.snd_cwnd'),
      offset('tcp_sock', 'snd_cwnd'),
    );
    assert.equal(answer(object, 'field byte offset', 'struct sock_common.skc_reuseport'), 16n);
    assert.equal(answer(object, 'field byte size', 'struct sock_common.skc_reuseport'), 1n);
    assert.equal(answer(object, 'field left shift', 'struct sock_common.skc_reuseport'), 64n - 4n);
    assert.equal(answer(object, 'field right shift', 'struct sock_common.skc_reuseport'), 63n);
    assert.equal(answer(object, 'field is signed', 'struct sock_common.skc_reuseport'), 0n);
    assert.equal(answer(object, 'field byte size', 'struct tcp_sock.bytes_acked'), 8n);
    assert.equal(answer(object, 'field exists', 'struct tcp_sock.snd_cwnd'), 1n);
    assert.equal(answer(object, 'field exists', 'struct tcp_sock.never_in_any_kernel'), 0n);
    assert.equal(answer(object, 'field byte offset', 'struct tcp_sock.never_in_any_kernel'), 'poisoned');
    assert.equal(answer(object, 'type exists', 'struct sock'), 1n);
    assert.equal(answer(object, 'type exists', 'struct no_such_type'), 0n);
    assert.equal(
      answer(object, 'type size', 'struct sock_common'),
      BigInt(sizeOf(kernel, kernel.find('struct', 'sock_common')!)!),
    );
    assert.equal(answer(object, 'target type id', 'struct sock'), BigInt(kernel.find('struct', 'sock')!));
    assert.equal(answer(object, 'enumerator exists', 'enum tcp_ca_state::TCP_CA_Loss'), 1n);
    assert.equal(answer(object, 'enumerator exists', 'enum tcp_ca_state::TCP_CA_Imaginary'), 0n);
    assert.equal(answer(object, 'enumerator value', 'enum tcp_ca_state::TCP_CA_Loss'), 4n);
    assert.equal(kernel.kindOf(tcp), BTF_KIND.struct);
  });

  test(`the instructions hold the answers, and sizes of loads follow the kernel's fields: ${compiler}`, () => {
    const object = load(compiler, otherKernel());
    const program = object.programs[0]!;
    const insns = decodeProgram(program.bytes);
    const checked = new Map<string, number>();
    for (const relocation of program.coreRelocations) {
      const insn = insns[relocation.slot];
      const { outcome } = relocation;
      if (outcome.kind === 'poisoned') {
        assert.ok(insn?.kind === 'call-helper' && insn.helper === POISONED_HELPER);
        continue;
      }
      checked.set(insn!.kind, (checked.get(insn!.kind) ?? 0) + 1);
      if (insn?.kind === 'load') assert.equal(BigInt(insn.offset), outcome.newValue);
      else if (insn?.kind === 'alu') assert.ok(insn.src.kind === 'imm' && BigInt(insn.src.value) === outcome.newValue);
      else if (insn?.kind === 'load-imm64')
        assert.equal((BigInt(insn.high) << 32n) | BigInt(insn.low), outcome.newValue);
      else assert.fail(`a ${insn?.kind} was relocated`);
      // The program thinks of snd_cwnd as 8 bytes in its other view of the struct; the kernel has 4.
      if (relocation.spec === 'struct tcp_sock___other.snd_cwnd') assert.ok(insn.kind === 'load' && insn.size === 4);
    }
    for (const kind of ['load', 'alu', 'load-imm64']) assert.ok((checked.get(kind) ?? 0) > 1, kind);
  });

  test(`a failed relocation is a warning at its line that names type and field: ${compiler}`, () => {
    const { problems } = load(compiler, otherKernel());
    assert.equal(problems.length, 1);
    const [problem] = problems;
    assert.equal(problem!.code, 'object-unresolved-core');
    assert.equal(problem!.severity, 'warning');
    assert.match(problem!.message, /'struct tcp_sock\.never_in_any_kernel'/);
    assert.match(problem!.at!.file, /core\.bpf\.c$/);
    assert.equal(problem!.at!.range!.start.line0, 98);
  });

  test(`the built-in types know what sock_ops programs usually read: ${compiler}`, () => {
    const object = load(compiler);
    const failed = object.programs[0]!.coreRelocations.filter(({ outcome }) => outcome.kind === 'poisoned').map(
      ({ spec }) => spec,
    );
    assert.deepEqual(failed, ['struct tcp_sock.never_in_any_kernel']);
  });
}

test('two kernel types of one name that answer differently are an error', () => {
  const b = new BtfBuilder();
  b.int('unsigned int', 4).struct('tcp_sock', [['snd_cwnd', 'unsigned int']]);
  b.struct('tcp_sock', [
    ['pad', 'unsigned int'],
    ['snd_cwnd', 'unsigned int'],
  ]);
  const { problems } = load('zig21', b.build());
  assert.ok(
    problems.some(({ code, message }) => code === 'object-bad-core' && /several types 'struct tcp_sock'/.test(message)),
    JSON.stringify(problems),
  );
});

/** A program with one local type, its relocation, and a kernel: what becomes of `r0 = imm`. */
function matches(
  declareLocal: (b: BtfBuilder) => number,
  declareKernel: (b: BtfBuilder) => void,
): CoreRelocation['outcome'] {
  const local = new BtfBuilder();
  const type = declareLocal(local);
  const kernel = new BtfBuilder();
  declareKernel(kernel);
  const code = Uint8Array.of(0xb7, 0, 0, 0, 1, 0, 0, 0);
  const outcome = applyCore(code, { offset: 0, type, access: '0', kind: 12 }, local.build(), kernel.build());
  assert.ok(outcome.kind === 'done');
  return outcome.relocation.outcome;
}

test('type matching looks at members by name and shape', () => {
  const scalars = (b: BtfBuilder): BtfBuilder =>
    b.int('int', 4, 'signed').int('unsigned int', 4).int('long', 8, 'signed');
  const local = (b: BtfBuilder): number =>
    scalars(b)
      .struct('thing___mine', [
        ['a', 'int'],
        ['next', 'struct thing *'],
      ])
      .id('struct thing___mine');
  const value = (declare: (b: BtfBuilder) => void): bigint => {
    const outcome = matches(local, (b) => declare(scalars(b)));
    assert.ok(outcome.kind === 'patched');
    return outcome.newValue;
  };
  const row = (type: string) => (b: BtfBuilder) =>
    void b.struct('thing', [
      ['extra', 'long'],
      ['next', 'struct thing *'],
      ['a', type],
    ]);
  assert.equal(value(row('int')), 1n);
  assert.equal(value(row('unsigned int')), 0n);
  assert.equal(value(row('long')), 0n);
  assert.equal(
    value((b) => void b.struct('thing', [['a', 'int']])),
    0n,
  );
  assert.equal(
    value((b) => void b.struct('other', [['a', 'int']])),
    0n,
  );
  assert.equal(
    value((b) => void b.union('thing', [['a', 'int']])),
    0n,
  );
});

test('a relocation that is malformed is an error and changes nothing', () => {
  const b = new BtfBuilder();
  b.int('int', 4, 'signed').struct('s', [['a', 'int']]);
  const btf = b.build();
  const type = btf.find('struct', 's')!;
  for (const info of [
    { offset: 4, type, access: '0:0', kind: 0 },
    { offset: 80, type, access: '0:0', kind: 0 },
    { offset: 0, type: 99, access: '0:0', kind: 0 },
    { offset: 0, type, access: '0:7', kind: 0 },
    { offset: 0, type, access: '0:0:0:0', kind: 0 },
    { offset: 0, type, access: '', kind: 0 },
    { offset: 0, type, access: '0:0', kind: 13 },
    { offset: 0, type, access: '0:0', kind: 8 },
    { offset: 0, type, access: '0', kind: 11 },
  ]) {
    const code = Uint8Array.of(0xb7, 1, 0, 0, 0, 0, 0, 0);
    const before = code.slice();
    assert.equal(applyCore(code, info, btf, btf).kind, 'invalid', JSON.stringify(info));
    assert.deepEqual(code, before);
  }
});

for (const compiler of COMPILERS) {
  const loadUapi = (kernel: string): BpfObject => {
    const bytes = new Uint8Array(readFileSync(path.join(folder, `uapi.${compiler}.o`)));
    return readObject(bytes, { file: 'uapi.o', view: viewFor(kernel) });
  };

  test(`the context and what it leads to are relocated for the simulated kernel: ${compiler}`, () => {
    const object = loadUapi('6.18');
    assert.deepEqual(object.problems, []);
    assert.equal(answer(object, 'field byte offset', 'struct bpf_sock_ops.op'), 0n);
    assert.equal(answer(object, 'field byte offset', 'struct bpf_sock_ops.args[2]'), 12n);
    assert.equal(answer(object, 'field byte offset', 'struct bpf_sock_ops.reply'), 4n);
    assert.equal(answer(object, 'field byte offset', 'struct bpf_sock_ops.remote_ip6[3]'), 44n);
    assert.equal(answer(object, 'field byte offset', 'struct bpf_sock_ops.sk'), 184n);
    assert.equal(answer(object, 'field byte offset', 'struct bpf_sock_ops.skb_hwtstamp'), 216n);
    assert.equal(answer(object, 'field byte offset', 'struct bpf_sock.state'), 72n);
    assert.equal(answer(object, 'field byte offset', 'struct bpf_tcp_sock.bytes_acked'), 88n);
    assert.equal(answer(object, 'enumerator value', 'enum bpf_func_id::BPF_FUNC_get_netns_cookie'), 122n);
    assert.equal(answer(object, 'enumerator exists', 'enum bpf_func_id::BPF_FUNC_not_a_helper'), 0n);
    assert.deepEqual(
      object.kernelSymbols.map(({ origin }) => origin),
      ['synthetic'],
    );
  });

  test(`an older kernel lacks a field, a helper, a kernel function: ${compiler}`, () => {
    const object = loadUapi('5.4');
    assert.equal(answer(object, 'field exists', 'struct bpf_sock_ops.skb_hwtstamp'), 0n);
    assert.equal(answer(object, 'field byte offset', 'struct bpf_sock_ops.skb_hwtstamp'), 'poisoned');
    assert.equal(answer(object, 'enumerator exists', 'enum bpf_func_id::BPF_FUNC_get_netns_cookie'), 0n);
    assert.deepEqual(
      object.kernelSymbols.map(({ origin }) => origin),
      ['absent'],
    );
  });
}

test('built-in types have no name twice and no type without a size', () => {
  const btf = builtinKernelBtf();
  const names = new Set<string>();
  for (let id = 1; id < btf.endId; id++) {
    const type = btf.type(id)!;
    if (type.kind !== 'struct' && type.kind !== 'union' && type.kind !== 'enum') continue;
    if (type.name === '') continue;
    assert.ok(!names.has(type.name), type.name);
    names.add(type.name);
    assert.ok(type.sizeBytes > 0, type.name);
  }
  for (const name of [
    'sock',
    'sock_common',
    'tcp_sock',
    'inet_connection_sock',
    'inet_sock',
    'tcp_request_sock',
    'request_sock',
    'sk_buff',
    'bpf_sock_ops_kern',
    'task_struct',
    'bpf_sock_ops',
    'bpf_sock',
    'bpf_tcp_sock',
    'bpf_func_id',
  ]) {
    assert.ok(names.has(name), name);
  }
});
