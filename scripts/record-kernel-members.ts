// Records members of the kernel's own sockets on the running kernel: `tsx scripts/record-kernel-members.ts OUT.json [ipv4|ipv6]`, as root on Linux
// with Python 3. Builds nothing: the committed object is linked against the running kernel's types by our own loader, attached to a
// cgroup made for the purpose, and taken away again. What is recorded is documented in test/facts/kernel-members/README.md.

import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { decodeProgram } from '../src/isa/index.ts';
import { readBtf, readObject } from '../src/object/index.ts';
import { openKernel } from '../test/support/kernel-oracle.ts';
import { lookupMap } from '../test/support/kernel-programs.ts';

const FIXTURE = path.resolve(import.meta.dirname, '../test/fixtures/kernel-members');
const UNIFIED = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1] ?? '/sys/fs/cgroup';
const CGROUP = `${UNIFIED}/sockscope-members-${process.pid}`;
const PROG_LOAD = 5;
const PROG_ATTACH = 8;
const PROG_DETACH = 9;
const CGROUP_SOCK_OPS = 3;
const ALLOW_MULTI = 2;
const SOCK_OPS = 13;

/** The application of the loopback recordings (test/tcp/support/loopback.ts is the same on the model). */
const APPLICATION = `
import socket, time, os, sys
family = socket.AF_INET6 if sys.argv[1] == 'ipv6' else socket.AF_INET
address = '::1' if sys.argv[1] == 'ipv6' else '127.0.0.1'
def make(at, port):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b'cubic')
    s.bind((at, port))
    return s
def read(s, n):
    while n > 0:
        n -= len(s.recv(65536))
listener = make(address, 5001)
listener.listen(5)
client = make('', 40001)
client.connect((address, 5001))
child, _ = listener.accept()
client.sendall(b'x' * 1000); read(child, 1000)
child.sendall(b'x' * 500); read(client, 500)
time.sleep(0.12)
client.sendall(b'x' * 100000); read(child, 100000)
time.sleep(0.12)
client.close()
child.recv(1); child.close()
time.sleep(0.05)
listener.close()
`;

const [output = 'kernel-members.json', family = 'ipv4'] = process.argv.slice(2);
const kernel = openKernel();
if ('unavailable' in kernel) throw new Error(`the running kernel cannot be asked: ${kernel.unavailable}`);
const types = readBtf(readFileSync('/sys/kernel/btf/vmlinux'), { file: 'the running kernel' });
if (types.value === undefined) throw new Error(types.problems[0]?.message);
const object = readObject(readFileSync(path.join(FIXTURE, 'kernel_members.o')), {
  file: 'kernel_members.o',
  kernelBtf: types.value,
});
const [program] = object.programs;
if (program === undefined) throw new Error(JSON.stringify(object.problems));
for (const problem of object.problems) process.stderr.write(`${problem.severity}: ${problem.message}\n`);

// Without their types: the object's BTF stays here.
const fds = new Map(
  object.maps.map(({ fd, name, typeId, keySize, valueSize, maxEntries }) => [
    fd,
    kernel.createMap({ name, typeId, keySize, valueSize, maxEntries }),
  ]),
);
const bytes = program.bytes.slice();
const words = new DataView(bytes.buffer);
for (const insn of decodeProgram(bytes))
  if (insn?.kind === 'load-imm64' && insn.source === 'map-fd')
    words.setInt32(8 * insn.slot + 4, fds.get(insn.low) ?? -1, true);
const log = kernel.load({ bytes, logLevel: 1 });
if (!log.accepted) throw new Error(`the kernel refuses the program: ${log.messages.join('\n')}`);
const loaded = kernel.command(PROG_LOAD, (attr, place) => {
  attr.setUint32(0, SOCK_OPS, true);
  attr.setUint32(4, bytes.length / 8, true);
  attr.setBigUint64(8, place(bytes).address, true);
  attr.setBigUint64(16, place(new TextEncoder().encode('GPL\0')).address, true);
});
mkdirSync(CGROUP);
const group = openSync(CGROUP, 'r');
const attach = (command: number): number =>
  kernel.command(command, (attr) => {
    attr.setUint32(0, group, true);
    attr.setUint32(4, loaded, true);
    attr.setUint32(8, CGROUP_SOCK_OPS, true);
    attr.setUint32(12, command === PROG_ATTACH ? ALLOW_MULTI : 0, true);
  });
try {
  const attached = attach(PROG_ATTACH);
  if (attached < 0) throw new Error(`the program cannot be attached: errno ${-attached} (loaded: ${loaded})`);
  const script = `echo $$ > ${CGROUP}/cgroup.procs && ip link set lo up && exec taskset 1 python3 - ${family}`;
  const run = spawnSync('unshare', ['-n', 'sh', '-c', script], { input: APPLICATION, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
} finally {
  attach(PROG_DETACH);
  closeSync(group);
  rmdirSync(CGROUP);
}

const source = readFileSync(path.join(FIXTURE, 'kernel_members.bpf.c'), 'utf8');
const names = [
  ...source.matchAll(
    /^\t(?:M\("([^"]+)"|(?:DIRECT|NEW|COMMON|SOCK|INET|ICSK|PROBED|BITS|ICSK_BITS|COMMON_BITS)\(([^)]+)\))/gm,
  ),
].map((match) => match[1] ?? match[2]!);
const mapNamed = (name: string) => object.maps.find((map) => map.name === name)!;
const values = mapNamed('records');
const records: string[][] = [];
const countBytes = lookupMap(
  kernel,
  { fd: fds.get(mapNamed('next').fd)!, keySize: 4, valueBytes: 4 },
  new Uint8Array(4),
);
if (typeof countBytes === 'number') throw new Error(`errno ${countBytes}`);
const count = new DataView(countBytes.buffer, countBytes.byteOffset).getUint32(0, true);
for (let index = 0; index < Math.min(count, values.maxEntries); index++) {
  const key = new Uint8Array(4);
  new DataView(key.buffer).setUint32(0, index, true);
  const value = lookupMap(kernel, { fd: fds.get(values.fd)!, keySize: 4, valueBytes: values.valueSize }, key);
  if (typeof value === 'number') throw new Error(`errno ${value}`);
  const view = new DataView(value.buffer, value.byteOffset);
  records.push(names.map((_, word) => view.getBigUint64(8 * word, true).toString()));
}
const sysctl = (name: string): string => readFileSync(`/proc/sys/net/ipv4/${name}`, 'utf8').trim();
const SYSCTLS = [
  'tcp_ecn',
  'tcp_timestamps',
  'tcp_sack',
  'tcp_window_scaling',
  'tcp_rmem',
  'tcp_wmem',
  'tcp_fastopen',
  'tcp_rto_min_us',
];
const facts = {
  kernel: kernel.release,
  family,
  hz: 250,
  sysctls: Object.fromEntries(SYSCTLS.map((name) => [name, sysctl(name)])),
  names,
  records,
};
writeFileSync(output, `${JSON.stringify(facts).replaceAll('],[', '],\n[')}\n`);
process.stdout.write(`${records.length} of ${count} callbacks, ${names.length} words each\n`);
