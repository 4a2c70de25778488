// Where a text is cut into items that are parsed by themselves.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topLevelChunks } from '../../src/syntax/chunks.ts';

const cut = (text: string): string[] => {
  const chunks = topLevelChunks(text);
  assert.equal(chunks.map(({ start, end }) => text.slice(start, end)).join(''), text, 'no gaps');
  return chunks.map(({ start, end }) => text.slice(start, end).trim()).filter((chunk) => chunk !== '');
};

const whole: readonly string[] = [
  'struct key { int a; struct { int b; } c[2]; };',
  'struct { int m; int n; } counts ;',
  'typedef struct pair { int a, b; } pair_t;',
  'enum colour : int { RED, GREEN = 2 };',
  'struct key f(struct key *k) { return *k; }',
  'static int table[] = { 1, 2, (3) };',
  'struct key k = (struct key){ .a = 1 };',
  'static int (*handler)(struct bpf_sock_ops *);',
  "int g(void) { char c = '}'; return \"{;\\\"{\"[0] + (c == '\\''); }",
  'int h(int n) { for (int i = 0; i < n; i++) { if (i) { continue; } } return ({ int x = n; x; }); }',
  'struct list { struct list *next; } __unknown = { 0 };',
  'int j(void) __unknown { return 1; }',
];

test('every kind of item is one chunk', () => {
  for (const item of whole) assert.deepEqual(cut(item), [item]);
  for (const separator of ['\n', '\n\n', ' ']) assert.deepEqual(cut(whole.join(separator)), whole);
});

test('what is open reaches no further than the next item', () => {
  const after = ['static int b(void)\n{\n\treturn 1;\n}', 'int c(void)\n{\n\treturn 2;\n}', 'char d[] = "GPL";'];
  for (const open of [
    'int a(void)\n{\n\tif (b) {\n\treturn 0;\n}',
    'int a(void)\n{\n\tif (b(\n}',
    'int a(void)\n{\n\tf("x);\n}',
    'int a = 3',
    'struct s {\n\tint m;\n}',
    'int a(void)\n{\n\twhile (1) {\n\t\tswitch (2) {\n\t\tcase 3:',
  ]) {
    const chunks = cut([open, ...after].join('\n\n'));
    assert.deepEqual(chunks.slice(-2), after.slice(1), JSON.stringify(open));
  }
  assert.deepEqual(cut(`int a(void) { return 0; } }\n${after[0]}`), ['int a(void) { return 0; }', '}', after[0]]);
});

test('code that is not indented is cut by its braces', () => {
  const flat = 'int a(void)\n{\nint x = 1;\nunsigned long y;\nif (x) {\nint z = 2;\n}\nreturn x;\n}';
  assert.deepEqual(cut(`${flat}\n${flat}`), [flat, flat]);
});

test('a long text of open braces takes no time', () => {
  const start = process.cpuUsage();
  topLevelChunks('int f(void) {\n'.repeat(60_000));
  topLevelChunks('{'.repeat(500_000));
  topLevelChunks('int f(('.repeat(100_000));
  const { user } = process.cpuUsage(start);
  assert.ok(user < 2_000_000, `${user} us`);
});
