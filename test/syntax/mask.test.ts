// The parser meets no error on what BPF files are made of, and offsets stay those of the file.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { loadCParser } from '../../src/host/index.ts';
import { analyseFlow, CFile, opsOf, readProgramFile } from '../../src/syntax/index.ts';

const root = path.resolve(import.meta.dirname, '../..');
const parser = await loadCParser();

function cFilesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.c'))
    .map((name) => path.join(folder, name))
    .sort();
}

for (const file of [...cFilesBelow('samples'), ...cFilesBelow('test/fixtures'), ...cFilesBelow('test/ide/cases')]) {
  test(`no error node in ${file}`, () => {
    const text = readFileSync(path.join(root, file), 'utf8');
    const parsed = new CFile(parser, text);
    assert.equal(parsed.hasErrors, false, parsed.maskedText);
    assert.equal(parsed.maskedText.length, text.length);
    assert.deepEqual(parsed.maskedText.match(/\n/g)?.length, text.match(/\n/g)?.length);
  });
}

/** Shapes of declarations and statements that the plain grammar stumbles over. */
const SHAPES: Readonly<Record<string, string>> = {
  'a section before a function': 'SEC("sockops") int f(struct bpf_sock_ops *c) { return 1; }',
  'a section behind a map':
    'struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, struct k); __array(values, int (void *)); } m SEC(".maps");',
  'inline attributes': 'static __always_inline int f(void) { return 1; } __noinline __weak int g(void) { return 2; }',
  'an attribute macro of the file': '#define mine __attribute__((noinline)) static\nmine int f(void) { return 1; }',
  'a declaration macro of the file':
    '#define MAP(n) struct { __uint(type, BPF_MAP_TYPE_ARRAY); } n SEC(".maps")\nMAP(counts);\nMAP(others);\nint f(void) { return 1; }',
  'members by a macro of the file':
    '#define COMMON(t) __uint(type, t); __uint(max_entries, 1)\nstruct { COMMON(BPF_MAP_TYPE_ARRAY); __type(key, int); } m SEC(".maps");',
  'a loop macro': 'int f(void) { int i, s = 0; bpf_for(i, 0, 10) { s += i; } bpf_repeat(3) { s++; } return s; }',
  'a macro statement without a semicolon': '#define COUNT(x) x++;\nint f(int a) { COUNT(a)\n return a; }',
  'types as macro arguments':
    'int f(void *p) { return bpf_core_type_exists(struct task_struct) + container_of(p, struct a, b)->c; }',
  'operators as macro arguments': '#define TEST(a, op, b) ((a) op (b))\nint f(int x) { return TEST(x, ==, 3); }',
  'a case range': 'int f(int x) { switch (x) { case 1 ... 5: return 1; default: return 0; } }',
  'inline assembly': 'int f(int x) { asm volatile("%0 += 1" : "+r"(x) : : "memory"); return x; }',
  'conditional code':
    '#ifdef __cplusplus\nextern "C" {\n#endif\n#if 0\n((((\n#else\nint f(void) { return 1; }\n#endif\n#ifdef __cplusplus\n}\n#endif\n',
  'kconfig and license': 'extern int LINUX_KERNEL_VERSION __kconfig; char _license[] SEC("license") = "GPL";',
  'a legacy map': 'struct bpf_map_def SEC("maps") m = { .type = BPF_MAP_TYPE_HASH, .key_size = 4 };',
  'attributes of members':
    'struct s { int a __attribute__((aligned(8))); char b; } __attribute__((packed)); struct t { struct s *p __kptr; };',
  'a statement expression': 'int f(int a) { return ({ int b = a; b + 1; }); }',
  'old-style attributes in front':
    '__attribute__((section("sockops"), used)) int f(struct bpf_sock_ops *c) { return 1; }',
};

for (const [name, text] of Object.entries(SHAPES))
  test(`no error node: ${name}`, () => {
    const file = new CFile(parser, text);
    assert.equal(file.hasErrors, false, file.maskedText);
    assert.equal(file.maskedText.length, text.length);
  });

test('sections, maps and license are read', () => {
  const file = new CFile(
    parser,
    `${SHAPES['a declaration macro of the file']}\nstruct key { int a; };\nstruct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, struct key); __uint(max_entries, 10); } m SEC(".maps");\nSEC("sockops/one") int p(struct bpf_sock_ops *c) { return 1; }\nchar l[] SEC("license") = "GPL";`,
  );
  const source = readProgramFile(file);
  assert.deepEqual([...source.maps.keys()], ['m', 'counts', 'others']);
  assert.equal(source.maps.get('m')!.settings.get('max_entries')!.text, '10');
  assert.equal(source.maps.get('m')!.keyType, 'struct key');
  assert.equal(source.license?.text, 'GPL');
  assert.deepEqual(
    source.contextFunctions.map((entry) => [entry.item.name, entry.section?.name, entry.role]),
    [['p', 'sockops/one', 'program']],
  );
});

// Ops (numbers) under which the statement behind each mark of the form /*@NAME*/ can run.
function reachOf(body: string): Record<string, number[]> {
  const text = `${body.includes('SEC(') ? body : `SEC("sockops") int f(struct bpf_sock_ops *skops) {\n${body}\nreturn 1;\n}`}`;
  const file = new CFile(parser, text);
  const flow = analyseFlow(
    readProgramFile(file),
    (name) => ({ BPF_SOCK_OPS_TIMEOUT_INIT: 1n, BPF_SOCK_OPS_RWND_INIT: 2n, BPF_SOCK_OPS_TCP_CONNECT_CB: 3n })[name],
  );
  const result: Record<string, number[]> = {};
  for (const match of text.matchAll(/\/\*@(\w+)\*\//g)) {
    const at = match.index + match[0].length;
    const found = [...flow.reach]
      .filter(([stmt]) => stmt.start >= at)
      .sort((a, b) => a[0].start - b[0].start || b[0].end - a[0].end)[0];
    result[match[1]!] =
      found === undefined || text.slice(at, found[0].start).trim() !== '' ? [] : opsOf(found[1]).map((op) => op.number);
  }
  return result;
}

test('ops are followed through switch, if, variables, macros, early returns and static functions', () => {
  assert.deepEqual(
    reachOf('switch (skops->op) { case 1: /*@a*/skops->reply = 1; break; case 2: case 3: /*@b*/skops->reply = 2; }').a,
    [1],
  );
  assert.deepEqual(
    reachOf('switch (skops->op) { case 1: /*@a*/skops->reply = 1; case 2: /*@b*/skops->reply = 2; }').b,
    [1, 2],
  );
  assert.deepEqual(
    reachOf('int op = (int)skops->op;\nif (op != 4 && op != 5)\n return 1;\n/*@a*/skops->reply = 1;').a,
    [4, 5],
  );
  assert.deepEqual(reachOf('if (skops->op < 3) { /*@a*/skops->reply = 1; }').a, [1, 2]);
  assert.deepEqual(
    reachOf('if (!(skops->op == 1 || skops->op == 2)) goto out;\n/*@a*/skops->reply = 1;\nout: return 1;').a,
    [1, 2],
  );
  assert.deepEqual(reachOf('if ((1 << skops->op) & 0x18) { /*@a*/skops->reply = 1; }').a, [3, 4]);
  assert.deepEqual(
    reachOf(
      '#define IS(c, x) ((c)->op == (x))\nSEC("sockops") int f(struct bpf_sock_ops *skops) { if (IS(skops, 7)) { /*@a*/skops->reply = 1; } return 1; }',
    ).a,
    [7],
  );
  assert.deepEqual(
    reachOf(
      'static int wanted(unsigned op) { switch (op) { case 9: return 1; case 10: return 1; } return 0; }\nSEC("sockops") int f(struct bpf_sock_ops *skops) { if (wanted(skops->op)) { /*@a*/skops->reply = 1; } return 1; }',
    ).a,
    [9, 10],
  );
  assert.deepEqual(
    reachOf(
      'static void only(struct bpf_sock_ops *c) { /*@a*/c->reply = 1; }\nSEC("sockops") int f(struct bpf_sock_ops *skops) { if (skops->op == BPF_SOCK_OPS_RWND_INIT) only(skops); return 1; }',
    ).a,
    [2],
  );
  assert.deepEqual(
    reachOf('const struct bpf_sock_ops *other = skops;\nif (other->op == 6) { /*@a*/skops->reply = 1; }').a,
    [6],
  );
  assert.deepEqual(reachOf('int rv = 0;\nif (skops->op == 1) rv = 1;\nif (rv) { /*@a*/skops->reply = 1; }').a, [1]);
  assert.deepEqual(
    reachOf('for (int i = 0; i < 3; i++) { if (skops->op != 2) break; /*@a*/skops->reply = 1; }').a,
    [2],
  );
  assert.deepEqual(reachOf('if (skops->op == 1)\n return 1;\nif (skops->op == 1) { /*@a*/skops->reply = 1; }').a, []);
});

test('a parenthesis that is still to be typed leaves what follows alone', () => {
  const after = '\nint after(void)\n{\n\tfor (int k = 0; k < 4; k++)\n\t\t;\n\treturn 0;\n}\n';
  for (const open of [
    'int f(void)\n{\n\tbpf_printk(\n\treturn 1;\n}',
    'int f(void)\n{\n\tbpf_printk("a\n\treturn 1;\n}',
    'SEC("sock\n',
  ]) {
    const file = new CFile(parser, open + after);
    assert.ok(file.maskedText.endsWith(after), open);
    const last = file.functions.at(-1);
    assert.equal(last?.name, 'after', open);
    assert.equal(last.broken, false, open);
  }
});
