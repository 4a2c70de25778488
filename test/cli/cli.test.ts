// The command line: what it prints, where it prints it, and how it ends.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { bundlePath, golden, root, scratch, sockscope } from './support.ts';

const object = (name: string) => `test/fixtures/samples/${name}.o`;
const scenario = (name: string) => `samples/${name}.handshake.json`;

test('run prints a ladder, a table, notes, sockets and maps within 100 columns', () => {
  for (const name of ['return_zero', 'syn_timeout', 'conn_stats']) {
    const file = name === 'return_zero' ? `samples/mistakes/${name}.handshake.json` : scenario(name);
    const { status, stdout, stderr } = sockscope(['run', object(name), '--scenario', file]);
    assert.equal(stderr, '');
    assert.equal(status, 0);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 100, `${name}: ${line.length} columns: ${line}`);
    golden(`run-${name}.txt`, stdout);
  }
});

test('there are colours when they are asked for, and only then', () => {
  const plain = sockscope(['run', object('return_zero')]).stdout;
  const coloured = sockscope(['run', object('return_zero')], { env: { FORCE_COLOR: '1' } }).stdout;
  assert.ok(!plain.includes('\u001b'));
  assert.ok(coloured.includes('\u001b['));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is removed
  assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), plain);
  assert.ok(!sockscope(['run', object('return_zero')], { env: { NO_COLOR: '1' } }).stdout.includes('\u001b'));
});

test('run --format json has the documented shape', () => {
  const { status, stdout } = sockscope([
    'run',
    object('initial_rwnd'),
    '--scenario',
    scenario('initial_rwnd'),
    '--format',
    'json',
  ]);
  assert.equal(status, 0);
  const report = JSON.parse(stdout);
  assert.deepEqual(Object.keys(report), [
    'title',
    'kernel',
    'seed',
    'hz',
    'callbacks',
    'segments',
    'actions',
    'sockets',
    'maps',
    'printk',
    'outputs',
    'faults',
    'notes',
    'attach_errors',
  ]);
  const [callback] = report.callbacks.filter((one: { op: string }) => one.op === 'BPF_SOCK_OPS_RWND_INIT');
  assert.equal(callback.reply, 40);
  assert.equal(callback.return, 1);
  assert.equal(callback.host, 'client');
  assert.equal(callback.call_site, 'tcp_connect_init()');
  assert.equal(callback.ctx.remote_ip4, 0x0201000a);
  assert.equal(callback.ctx.remote_port, 0xbb010000);
  assert.deepEqual(callback.ctx.remote_ip6, [0, 0, 0xffff0000, 0x0201000a]);
  assert.equal(callback.ctx.sk, true);
  assert.deepEqual(callback.args, [0, 0, 0, 0]);
  assert.ok(callback.effects[0].startsWith('initial receive window'), callback.effects[0]);
  assert.equal(report.segments[0].window, 58400);
  assert.deepEqual(report.maps.segments.entries, [{ key: 0, value: 40 }]);
  assert.equal(
    sockscope(['run', object('initial_rwnd'), '--scenario', scenario('initial_rwnd'), '--format', 'json']).stdout,
    stdout,
  );
});

test('run --svg writes a picture with clickable groups, and no partial file when it cannot', () => {
  const file = scratch('ladder.svg');
  assert.equal(
    sockscope(['run', object('syn_timeout'), '--scenario', scenario('syn_timeout'), '--svg', file]).status,
    0,
  );
  const svg = readFileSync(file, 'utf8');
  golden('ladder-syn_timeout.svg', svg);
  assert.match(svg, /<g class="ladder-callback[^>]*data-callback="0"[^>]*role="button" tabindex="0"><title>/);
  assert.match(svg, /data-segment="0"/);
  assert.match(svg, /prefers-color-scheme: dark/);
  const folder = scratch('no-such-folder');
  const { status, stderr } = sockscope(['run', object('syn_timeout'), '--svg', path.join(folder, 'x.svg')]);
  assert.equal(status, 2);
  assert.match(stderr, /cannot be written: its folder does not exist/);
  assert.ok(!existsSync(folder));
});

test('presets can be named, a misspelt one is told', () => {
  assert.equal(sockscope(['run', object('global_data'), '--scenario', 'ipv6']).status, 0);
  const { status, stderr } = sockscope(['run', object('global_data'), '--scenario', 'syn-los']);
  assert.equal(status, 2);
  assert.match(stderr, /there is no preset "syn-los"\n {2}help: did you mean "syn-loss"\?/);
});

test('--kernel changes the kernel of the run', () => {
  const report = JSON.parse(sockscope(['run', object('global_data'), '--kernel', '5.10', '--format', 'json']).stdout);
  assert.equal(report.kernel, '5.10');
  const { status, stderr } = sockscope(['run', object('global_data'), '--kernel', 'banana']);
  assert.equal(status, 2);
  assert.ok(stderr.length > 0 && !stderr.includes('    at '));
});

// ---- test ----

/** A folder with one scenario that holds, one that fails and one that is wrong, over a committed object. */
function suite(): string {
  const folder = scratch('suite');
  mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
  const program = path.join(root, object('initial_rwnd'));
  const body = (expect: string) =>
    `{\n  "title": "forty segments",\n  "programs": [{ "file": ${JSON.stringify(program)} }],\n  "maps": { "segments": [{ "key": 0, "value": 40 }] },\n  "expect": ${expect}\n}\n`;
  writeFileSync(
    path.join(folder, 'a.handshake.json'),
    body('{ "callbacks": [{ "op": "BPF_SOCK_OPS_RWND_INIT", "reply": 40 }] }'),
  );
  writeFileSync(
    path.join(folder, 'b.handshake.json'),
    body(
      '{\n    "callbacks": [\n      { "op": "BPF_SOCK_OPS_RWND_INIT", "reply": 41 }\n    ],\n    "segments": [{ "flags": "SYN", "window": 1 }]\n  }',
    ),
  );
  writeFileSync(path.join(folder, 'node_modules', 'c.handshake.json'), '{');
  return folder;
}

test('test finds scenarios, and a failure stands at the line of the expectation', () => {
  const folder = suite();
  const { status, stdout, stderr } = sockscope(['test', '.'], { cwd: folder });
  assert.equal(stderr, '');
  assert.equal(status, 1);
  golden('test-text.txt', stdout.replace(/\(\d+ ms\)/g, '(N ms)'));
});

test('test --format json and junit', () => {
  const folder = suite();
  const json = JSON.parse(sockscope(['test', '.', '--format', 'json'], { cwd: folder }).stdout);
  assert.deepEqual(
    json.scenarios.map((one: { file: string; ok: boolean }) => [one.file, one.ok]),
    [
      ['a.handshake.json', true],
      ['b.handshake.json', false],
    ],
  );
  const [failure] = json.scenarios[1].failures;
  assert.equal(failure.line, 7);
  assert.equal(failure.column, 50);
  assert.equal(failure.expected, '41');
  assert.equal(failure.actual, '40');
  assert.equal(typeof failure.callback, 'number');
  const junit = sockscope(['test', '.', '--format', 'junit'], { cwd: folder }).stdout;
  golden('test-junit.xml', junit.replace(/time="[\d.]+"/g, 'time="T"'));
});

test('test --shard divides the scenarios without overlap', () => {
  const folder = suite();
  const files = (shard: string) =>
    JSON.parse(sockscope(['test', '.', '--shard', shard, '--format', 'json'], { cwd: folder }).stdout).scenarios.map(
      (one: { file: string }) => one.file,
    );
  assert.deepEqual([...files('1/2'), ...files('2/2')].sort(), ['a.handshake.json', 'b.handshake.json']);
  assert.equal(sockscope(['test', '.', '--shard', '3/2'], { cwd: folder }).status, 2);
});

test('test --coverage lcov counts lines of the source', () => {
  const folder = suite();
  sockscope(['test', 'a.handshake.json', '--coverage', 'lcov', '--coverage-file', 'cover.lcov'], { cwd: folder });
  const text = readFileSync(path.join(folder, 'cover.lcov'), 'utf8');
  assert.match(text, /^SF:.*initial_rwnd\.bpf\.c$/m);
  assert.match(text, /^FNDA:[1-9]\d*,initial_rwnd$/m);
  assert.match(text, /^DA:\d+,[1-9]/m);
  assert.match(text, /end_of_record/);
});

test('a scenario that cannot be used is an error of its own, exit code 2', () => {
  const file = scratch('typo.handshake.json');
  writeFileSync(file, '{\n  "programs": [{ "file": "missing.bpf.c" }],\n  "netwrk": {}\n}\n');
  const { status, stdout } = sockscope(['test', file]);
  assert.equal(status, 2);
  assert.match(stdout, /:3:3: error: a scenario has no member "netwrk"/);
  assert.match(stdout, /did you mean "network"\?/);
});

// ---- other commands ----

test('sweep runs many connections, the same each time', () => {
  const args = [
    'sweep',
    object('experiment'),
    '--connections',
    '60',
    '--vary',
    'delay=1ms..100ms',
    'loss=0..0.05',
    '--format',
    'json',
  ];
  const first = sockscope(args);
  assert.equal(first.status, 0);
  const result = JSON.parse(first.stdout);
  assert.equal(result.connections, 60);
  assert.ok(result.handshake_ns.min >= 2e6 && result.handshake_ns.median > result.handshake_ns.min);
  assert.equal(result.callbacks.BPF_SOCK_OPS_TCP_LISTEN_CB, 60);
  assert.equal(sockscope(args).stdout, first.stdout);
  const text = sockscope(args.slice(0, 4)).stdout;
  assert.match(text, /60 connections in/);
  assert.match(sockscope([...args.slice(0, 4), '--vary', 'dely=1ms']).stderr, /"dely" cannot be varied/);
});

test('explain answers and suggests', () => {
  const { status, stdout } = sockscope(['explain', 'BPF_SOCK_OPS_RWND_INIT']);
  assert.equal(status, 0);
  assert.match(stdout, /BPF_SOCK_OPS_RWND_INIT/);
  const wrong = sockscope(['explain', 'BPF_SOCK_OPS_RWND_INT']);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /did you mean .*RWND_INIT/);
});

test('disasm prints instructions with source lines and helper names', () => {
  const { status, stdout } = sockscope(['disasm', object('global_data')]);
  assert.equal(status, 0);
  assert.match(stdout, /exit/);
  assert.match(stdout, /bpf_map_update_elem/);
});

// ---- wrong use ----

test('help lists every command, and every command has help', () => {
  const { status, stdout } = sockscope(['--help']);
  assert.equal(status, 0);
  for (const command of [
    'run',
    'test',
    'sweep',
    'disasm',
    'asm',
    'explain',
    'verify',
    'check',
    'debug',
    'lsp',
    'dap',
  ]) {
    assert.match(stdout, new RegExp(`^ {2}${command}\\b`, 'm'));
    assert.equal(sockscope([command, '--help']).status, 0, command);
  }
});

test('wrong use is one line on standard error and exit code 2', () => {
  const cases: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [['rnu'], /unknown command 'rnu'[\s\S]*Did you mean run\?/],
    [['run'], /missing required argument 'file'/],
    [['run', object('global_data'), '--frmat', 'json'], /unknown option '--frmat'/],
    [['run', object('global_data'), '--format', 'xml'], /Allowed choices are text, json/],
    [['run', object('global_data'), '--seed', '-1'], /whole number/],
    [['run', 'no/such/file.bpf.c'], /no such file/],
    [['run', 'no/such/file.handshake.json'], /no such file/],
    [['run', 'samples'], /folder|directory/],
    [['run', 'package-lock.json'], /has no member/],
    [['run', 'README.md'], /neither C, nor a BPF object, nor BPF assembly/],
    [['test', 'no-such-folder'], /no such file/],
    [['run', object('global_data'), '--program', 'global_dat'], /did you mean "global_data"\?/],
  ];
  for (const [args, message] of cases) {
    const { status, stdout, stderr } = sockscope(args);
    assert.equal(status, 2, `${args.join(' ')}\n${stderr}`);
    assert.equal(stdout, '', args.join(' '));
    assert.match(stderr, message);
    assert.ok(!/\n {4}at /.test(stderr), 'no stack trace');
  }
});

test('objects that are none, cut off, of another machine or without programs get one clear message', () => {
  const bytes = readFileSync(path.join(root, object('global_data')));
  const wrong = (name: string, change: (copy: Buffer) => Buffer) => {
    const file = scratch(name);
    writeFileSync(file, change(Buffer.from(bytes)));
    return file;
  };
  const files = [
    wrong('big-endian.o', (copy) => {
      copy[5] = 2;
      return copy;
    }),
    wrong('x86.o', (copy) => {
      copy.writeUInt16LE(62, 18);
      return copy;
    }),
    wrong('cut.o', (copy) => copy.subarray(0, 200)),
    wrong('empty.o', () => Buffer.alloc(0)),
    wrong('text.o', () => Buffer.from('hello')),
  ];
  for (const file of files) {
    const { status, stdout, stderr } = sockscope(['run', file]);
    assert.equal(status, 2, `${file}: ${stderr}`);
    assert.equal(stdout, '');
    assert.match(stderr, /error: /, file);
    assert.ok(!/\n {4}at /.test(stderr), 'no stack trace');
  }
});

test('truncation at any byte is never an internal error', () => {
  const bytes = readFileSync(path.join(root, object('return_zero')));
  for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 12)) {
    const file = scratch('truncated.o');
    writeFileSync(file, bytes.subarray(0, at));
    assert.notEqual(sockscope(['run', file]).status, 3, `cut at ${at}`);
  }
});

test('a fault ends in exit code 1 with the place in the source', () => {
  const { status, stdout } = sockscope(['run', 'test/fixtures/cases/null_pointer.o', '--skip-verifier']);
  assert.equal(status, 1);
  assert.match(stdout, /through a null pointer/);
  assert.match(stdout, /null_pointer\.bpf\.c:\d+/);
});

test('a program that the kernel would refuse runs, but says so first', () => {
  const { status, stderr } = sockscope(['run', 'test/fixtures/cases/null_pointer.o']);
  assert.equal(status, 1);
  assert.match(stderr, /is refused by 6\.12/);
});

test('a closed pipe ends the command quietly', async () => {
  const child = spawn(process.execPath, [bundlePath, 'run', object('conn_stats'), '--format', 'json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout.destroy();
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(stderr, '');
  assert.equal(code, 0);
});

test('a whole page goes through a pipe that is read slowly', () => {
  const result = spawnSync(
    'sh',
    ['-c', `"${process.execPath}" "${bundlePath}" run ${object('conn_stats')} --format json | (sleep 0.3; wc -c)`],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  assert.ok(Number(result.stdout.trim()) > 30_000, result.stdout);
});

test('nothing is left in the folder that it ran in', () => {
  const folder = scratch('empty');
  mkdirSync(folder);
  sockscope(['run', path.join(root, object('global_data'))], { cwd: folder });
  assert.deepEqual(readdirSync(folder), []);
});
