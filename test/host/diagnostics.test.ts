// What compilers print, read into problems. The texts are those of clang 14 to 22 for small mistakes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDiagnostics, utf16Column } from '../../src/host/clang-diagnostics.ts';

const SOURCE = ['#include "missing.h"', 'int é = /* 😀 */ wrong + 1;', '\treturn skops->nope;'];

const parse = (text: string) =>
  parseDiagnostics(text, { rename: (file) => (file === '/tmp/x/a.c' ? 'a.c' : file), lines: () => SOURCE });

test('an error with a source range', () => {
  const [problem, ...rest] = parse(
    "/tmp/x/a.c:2:22:{2:22-2:27}: error: use of undeclared identifier 'wrong'\n1 error generated.\n",
  );
  assert.deepEqual(rest, []);
  assert.equal(problem!.message, "use of undeclared identifier 'wrong'");
  assert.equal(problem!.severity, 'error');
  assert.equal(problem!.code, 'compiler-error');
  // Bytes are counted by clang: é has two and the smiley four; in UTF-16 they are one and two units.
  assert.deepEqual(problem!.at, {
    file: 'a.c',
    range: { start: { line0: 1, column0: 18 }, end: { line0: 1, column0: 23 } },
  });
});

test('an error without a range covers the word', () => {
  const [problem] = parse("/tmp/x/a.c:3:16: error: no member named 'nope' in 'struct bpf_sock_ops'\n");
  assert.deepEqual(problem!.at!.range, { start: { line0: 2, column0: 15 }, end: { line0: 2, column0: 19 } });
});

test('a missing header covers its name', () => {
  const [problem] = parse("/tmp/x/a.c:1:10: fatal error: 'missing.h' file not found\n");
  assert.equal(problem!.severity, 'error');
  assert.deepEqual(problem!.at!.range, { start: { line0: 0, column0: 9 }, end: { line0: 0, column0: 20 } });
});

test('warnings carry their option, notes belong to what is before them', () => {
  const problems = parse(
    [
      "/tmp/x/a.c:2:5:{2:5-2:7}: warning: unused variable 'x' [-Wunused-variable]",
      '/tmp/x/a.c:1:1: note: declared here',
      "/tmp/x/a.c:3:1: error: 'f' has a bad type [-Werror,-Wint-conversion]",
      '2 errors generated.',
    ].join('\n'),
  );
  assert.deepEqual(
    problems.map(({ code, severity }) => [code, severity]),
    [
      ['-Wunused-variable', 'warning'],
      ['-Wint-conversion', 'error'],
    ],
  );
  assert.equal(problems[0]!.notes?.[0]?.message, 'declared here');
  assert.equal(problems[0]!.notes?.[0]?.at?.range?.start.line0, 0);
});

test('a mistake in a header says where the header was included', () => {
  const [problem] = parse(
    [
      'In file included from /tmp/x/a.c:1:',
      'In file included from b.h:7:',
      "c.h:4:2: error: unknown type name '__u99'",
    ].join('\n'),
  );
  assert.equal(problem!.at!.file, 'c.h');
  assert.deepEqual(
    problem!.notes!.map(({ at }) => [at!.file, at!.range!.start.line0]),
    [
      ['a.c', 0],
      ['b.h', 6],
    ],
  );
});

test('errors of the driver have no place', () => {
  const [problem] = parse("clang-19: error: unknown argument: '-fnonsense'\n");
  assert.equal(problem!.message, "unknown argument: '-fnonsense'");
  assert.equal(problem!.at, undefined);
  assert.equal(parse('error: unable to create target\n')[0]!.message, 'unable to create target');
});

test('columns of bytes become columns of UTF-16 units', () => {
  assert.equal(utf16Column('aé😀b', 0), 0);
  assert.equal(utf16Column('aé😀b', 1), 1);
  assert.equal(utf16Column('aé😀b', 3), 2);
  assert.equal(utf16Column('aé😀b', 7), 4);
  assert.equal(utf16Column('ab', 9), 2);
});
