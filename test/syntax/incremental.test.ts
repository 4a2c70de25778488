// After any sequence of edits a file, its analysis and its diagnostics are those of a fresh one.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Random } from '../../src/base/index.ts';
import { loadCParser } from '../../src/host/index.ts';
import { checkSource } from '../../src/ide/index.ts';
import { viewFor } from '../../src/kernel/index.ts';
import { CFile } from '../../src/syntax/index.ts';
import { PIECE_SIZES, type PieceSizes } from '../../src/syntax/piece-parser.ts';

const root = path.resolve(import.meta.dirname, '../..');
const parser = await loadCParser();
const views = ['5.10', '6.12'].map((kernel) => viewFor(kernel));

const programs = [
  ...readdirSync(path.join(root, 'samples'))
    .filter((name) => name.endsWith('.bpf.c'))
    .map((name) => path.join(root, 'samples', name)),
  ...readdirSync(path.join(root, 'test/ide/cases'))
    .filter((name) => name.endsWith('.wrong.bpf.c'))
    .map((name) => path.join(root, 'test/ide/cases', name)),
].map((file) => readFileSync(file, 'utf8'));

const SNIPPETS = [
  '{',
  '}',
  '(',
  ')',
  ';',
  '"',
  '/*',
  '*/',
  '//',
  '\n',
  '#define X(a) a\n',
  '#if 0\n',
  '#endif\n',
  '\\\n',
  'SEC("sockops")\n',
  'return 0;\n',
  'skops->',
  'skops->remote_ip4 = 0;',
  'case ',
  'if (skops->op == 3)',
  'struct bpf_sock_ops *',
  '__uint(type, ',
  'static ',
  '\u00fc',
  '\u{1F600}',
  '\t',
  'bpf_sock_ops_cb_flags_set(skops, 1);',
  'int helper(struct bpf_sock_ops *c) { return c->sk->mark; }\n',
];

function edited(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const kind = random.below(4);
  if (kind === 0) return text.slice(0, at) + text.slice(Math.min(text.length, at + 1 + random.below(30)));
  if (kind === 1) return text.slice(0, at) + random.pick(SNIPPETS) + text.slice(at);
  if (kind === 2) {
    const from = random.below(text.length + 1);
    return text.slice(0, at) + text.slice(from, from + random.below(120)) + text.slice(at);
  }
  // A line moves, as when somebody cuts and pastes.
  const lines = text.split('\n');
  const [line] = lines.splice(random.below(lines.length), 1);
  lines.splice(random.below(lines.length + 1), 0, line ?? '');
  return lines.join('\n');
}

/** What two files must agree on. */
function picture(file: CFile): unknown {
  return {
    masked: file.maskedText,
    items: file.items,
    diagnostics: checkSource(file, views),
  };
}

/** As in a program of thousands of lines: every block and every statement is a piece of its own. */
const FINEST: PieceSizes = { withBlocks: 0, block: 2, byStatement: 0 };

for (const [seed, sizes] of [
  [1, PIECE_SIZES],
  [2, PIECE_SIZES],
  [3, FINEST],
  [4, FINEST],
] as const) {
  test(`edits give what a fresh file gives (seed ${seed})`, () => {
    const random = new Random(seed);
    for (let round = 0; round < 6; round++) {
      let text = random.pick(programs);
      const file = new CFile(parser, text, sizes);
      checkSource(file, views);
      const history: string[] = [];
      for (let step = 0; step < 14; step++) {
        text = edited(text, random);
        history.push(text);
        file.update(text);
        const fresh = new CFile(parser, text, sizes);
        assert.deepEqual(picture(file), picture(fresh), `seed ${seed}, round ${round}, step ${step}:\n${text}`);
      }
      // And back again, which meets what was kept.
      for (const before of history.reverse().slice(0, 5)) {
        file.update(before);
        const fresh = new CFile(parser, before, sizes);
        assert.deepEqual(picture(file), picture(fresh));
      }
    }
  });
}

test('typing a statement character by character', () => {
  const text = programs[0]!;
  const at = text.lastIndexOf('return 1;');
  const typed = 'if (skops->remote_port == 80)\n\t\tskops->local_port = 3;\n\t';
  const file = new CFile(parser, text);
  for (let i = 1; i <= typed.length; i++) {
    const next = text.slice(0, at) + typed.slice(0, i) + text.slice(at);
    file.update(next);
    const fresh = new CFile(parser, next);
    assert.deepEqual(picture(file), picture(fresh), JSON.stringify(typed.slice(0, i)));
  }
  const codes = checkSource(file, views).map((diagnostic) => diagnostic.code);
  assert.ok(codes.includes('ctx-read-only') && codes.includes('port-byte-order'), codes.join(' '));
});

test('programs read the same in one piece and in the smallest ones', () => {
  const whole: PieceSizes = { withBlocks: Infinity, block: Infinity, byStatement: Infinity };
  const shapes = [
    'switch (skops->op) {\ncase 1:\n\tfor (int i = 0; i < 3; i++)\n\t\tx += i;\n\tif (x) x = 1; else x = 2;\ncase 2: {\n\tx = 3;\n} break;\ndefault:;\n}',
    'do { x++; } while (x < 3);\nwhile (x) x--;\nout: x = (struct key){ .port = 1 }.port;\nstruct key k = { 1, 2 }; x = ({ int y = 2; y; });',
    'if (x) { x = 1; } else if (x > 2) { x = 2; } else { x = 3; }\nfor (;;) { if (x) break; }\n{ int z = 1; x = z; }\nx = \'{\'; bpf_printk("};");',
  ].map(
    (body) =>
      `struct key { int port; int other; };\nSEC("sockops") int f(struct bpf_sock_ops *skops)\n{\n\tint x = 0;\n${body}\n\treturn 1;\n}\n`,
  );
  for (const text of [...programs, ...shapes]) {
    const one = new CFile(parser, text, whole);
    for (const sizes of [FINEST, { withBlocks: 100, block: 40, byStatement: 60 }, PIECE_SIZES])
      assert.deepEqual(picture(new CFile(parser, text, sizes)), picture(one), text);
  }
});
