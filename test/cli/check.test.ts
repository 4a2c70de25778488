// `sockscope check` on whole files: what it says of files that hold no sock_ops program, that lean on headers, or that no loader takes.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '../..');
const work = mkdtempSync(path.join(tmpdir(), 'sockscope-check-'));
after(() => rmSync(work, { recursive: true, force: true }));

let folders = 0;
/** From the sources and not from a bundle: what is checked needs the headers and the parser beside it. */
function check(files: Readonly<Record<string, string>>, ...args: string[]) {
  const folder = path.join(work, `case${folders++}`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const tsx = pathToFileURL(path.join(root, 'node_modules/tsx/dist/loader.mjs')).href;
  const main = path.join(root, 'src/cli/main.ts');
  const command = ['--import', tsx, main, 'check', Object.keys(files)[0]!, '--kernel', '6.1,6.12', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
  assert.notEqual(status, 3, stderr);
  return { status, stdout };
}

const HEAD = '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\nchar _license[] SEC("license") = "GPL";\n';
const PROGRAM = 'SEC("sockops") int p(struct bpf_sock_ops *skops) { skops->reply = -1; return 1; }\n';

test('a file without a sock_ops program is told what is looked for, and is no failure', () => {
  for (const text of ['', `${HEAD}int x;\n`, `${HEAD}SEC("xdp") int p(struct xdp_md *ctx) { return 2; }\n`]) {
    const { status, stdout } = check({ 'x.c': text });
    assert.match(stdout, /^x\.c:1:1: note: no sock_ops program was found in this file: .*SEC\("sockops"\)/m);
    assert.equal(status, 0, stdout);
  }
});

test('a mistake in a header stands at the line that includes it, once, and names the header', () => {
  const { status, stdout } = check({
    'x.c': `${HEAD}#include "deep/outer.h"\n${PROGRAM}`,
    'deep/outer.h': '#include "inner.h"\n',
    'deep/inner.h': 'static inline int a(void) { return MISSING; }\nstatic inline int b(void) { return MISSING; }\n',
  });
  assert.deepEqual(
    stdout.match(/^x\.c.*error.*$/gm),
    [1, 2].map((line) => `x.c:4:1: error: in deep/inner.h:${line}: use of undeclared identifier 'MISSING'`),
  );
  assert.equal(status, 1);
});

test('-I and -D reach the compiler', () => {
  const files = { 'x.c': `${HEAD}#include "a.h"\n${PROGRAM.replace('-1', 'ANSWER')}`, 'elsewhere/a.h': '' };
  assert.equal(check(files).status, 1);
  const { status, stdout } = check(files, '-I', 'elsewhere', '-DANSWER=-1');
  assert.equal(status, 0, stdout);
  assert.match(stdout, /p: loads on 6\.1, 6\.12/);
});

test('what a loader refuses before any verifier is told on the name', () => {
  const map = 'struct { __u32 type; int *key; } broken SEC(".maps") = { .type = 1 };\n';
  const use =
    'SEC("sockops") int p(struct bpf_sock_ops *skops) { __u32 k = 0; return bpf_map_delete_elem(&broken, &k) == 0; }\n';
  const { status, stdout } = check({ 'x.c': HEAD + map + use });
  assert.match(stdout, /^x\.c:4:34: error: map 'broken': 'type' is not written with __uint\(\)/m);
  assert.equal(status, 1);
});

test('a map that a kernel would not create is told, and one that user space completes is not', () => {
  const map = (name: string, body: string) => `struct { ${body} } ${name} SEC(".maps");\n`;
  const use = (name: string) => `bpf_map_delete_elem(&${name}, &k);`;
  const { stdout } = check({
    'x.c':
      HEAD +
      map('events', '__uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); __type(value, __u32);') +
      map(
        'local',
        '__uint(type, BPF_MAP_TYPE_CGRP_STORAGE); __uint(map_flags, 1); __type(key, int); __type(value, int);',
      ) +
      map('wide', '__uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u64); __type(value, int);') +
      map('later', '__uint(type, BPF_MAP_TYPE_HASH); __type(key, __u32); __type(value, __u32);') +
      map(
        'sized',
        '__uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __type(key, __u32); __type(value, __u32);',
      ) +
      `SEC("sockops") int p(struct bpf_sock_ops *skops) { __u32 k = 0; ${use('later')} ${use('sized')} return 1; }\n`,
  });
  assert.match(
    stdout,
    /warning: map 'events': a ring buffer has no key and no value.*libbpf hands their sizes to the kernel/,
  );
  assert.match(stdout, /warning: no target kernel creates map 'wide': key_size is 8, it must be 4 \(-EINVAL\)/);
  assert.match(stdout, /warning: 6\.1 does not create map 'local': it has no BPF_MAP_TYPE_CGRP_STORAGE yet/);
  assert.doesNotMatch(stdout, /later'|sized'/);
});

test('a structure that our built-in types lack makes the verdict uncertain and fails nothing', () => {
  const { status, stdout } = check({
    'x.c': `#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_core_read.h>\nchar _license[] SEC("license") = "GPL";
struct page_pool { int unheard_of; } __attribute__((preserve_access_index));
SEC("sockops") int p(struct bpf_sock_ops *skops)
{
	struct page_pool *pool = (void *)bpf_get_current_task();
	skops->reply = BPF_CORE_READ(pool, unheard_of);
	return 1;
}
`,
  });
  assert.match(
    stdout,
    /warning: every target kernel refuses this: 'struct page_pool\.unheard_of' could not be relocated/,
  );
  assert.doesNotMatch(stdout, /195896080\(\)/);
  assert.match(stdout, /p: not certain for 6\.1, 6\.12/);
  assert.equal(status, 0, stdout);
});
