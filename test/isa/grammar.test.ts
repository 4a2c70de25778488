// The TextMate grammar of .bpfasm files: how a tour of the language is coloured, and that it knows every word of the table.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { INSN_ROWS } from '../../src/isa/index.ts';

const GRAMMAR = 'syntaxes/bpfasm.tmLanguage.json';

test('a tour of the language is coloured as its snapshot says', () => {
  const tool = path.resolve('node_modules/vscode-tmgrammar-test/dist/snapshot.js');
  const update = process.env['UPDATE'] === '1' ? ['--updateSnapshot'] : [];
  const run = spawnSync(process.execPath, [tool, '-g', GRAMMAR, ...update, 'test/isa/grammar/tour.bpfasm'], {
    encoding: 'utf8',
  });
  assert.equal(run.status, 0, `${run.stdout}${run.stderr}`);
});

interface Rule {
  readonly name?: string;
  readonly match?: string;
  readonly patterns?: readonly Rule[];
}

test('every word of the instruction table has a colour of its own', () => {
  const { repository } = JSON.parse(readFileSync(GRAMMAR, 'utf8')) as {
    readonly repository: Readonly<Record<string, Rule>>;
  };
  const rules = ['keyword', 'type', 'register'].flatMap((name) => {
    const rule = repository[name]!;
    return rule.patterns ?? [rule];
  });
  const words = new Set(
    INSN_ROWS.flatMap((row) => row.text.flatMap((text) => text.replace(/\{[^}]*\}/g, ' ').match(/[A-Za-z]\w*/g) ?? [])),
  );
  // The letter of a signed operator is part of the operator.
  words.delete('s');
  assert.ok(words.size > 30);
  const unknown = [...words].filter(
    (word) => !rules.some((rule) => rule.match !== undefined && new RegExp(`^(?:${rule.match})$`).test(word)),
  );
  assert.deepEqual(unknown, []);
});
