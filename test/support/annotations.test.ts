// The reader of annotations itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { annotated, compareAnnotations, readAnnotations } from './annotations.ts';

test('an annotation is about its own line, lines above, or the one before it', () => {
  const fixture = readAnnotations(
    [
      'a; //~ error[one]: first',
      '//~^ warning[two]',
      '//~| hint[three]: third',
      'b;',
      'c;',
      '//~^^ note[four] @5.4,5.10: fourth',
    ].join('\n'),
  );
  assert.deepEqual(
    fixture.expected.map((row) => [row.line0, row.severity, row.code, row.text, row.kernels.join('+')]),
    [
      [0, 'error', 'one', 'first', ''],
      [0, 'warning', 'two', '', ''],
      [0, 'hint', 'three', 'third', ''],
      [3, 'note', 'four', 'fourth', '5.4+5.10'],
    ],
  );
  assert.deepEqual(fixture.problems, []);
});

test('header lines, line names, cursor and range are read and the marks are taken out', () => {
  const fixture = readAnnotations('//- kernels: 5.4 5.15\nint a; //#BP1\nx$0y $1abc$2\n');
  assert.equal(fixture.header.get('kernels'), '5.4 5.15');
  assert.equal(fixture.marks.get('BP1'), 1);
  assert.equal(fixture.text, '//- kernels: 5.4 5.15\nint a; //#BP1\nxy abc\n');
  assert.equal(fixture.text.slice(0, fixture.cursor), '//- kernels: 5.4 5.15\nint a; //#BP1\nx');
  assert.equal(fixture.text.slice(fixture.range!.start, fixture.range!.end), 'abc');
});

test('block comments work like line comments', () => {
  const fixture = readAnnotations('a; /*~ error[one]: text */\n/*- kernels: 6.1 */\n');
  assert.deepEqual(
    fixture.expected.map((row) => row.text),
    ['text'],
  );
  assert.equal(fixture.header.get('kernels'), '6.1');
});

test('a missing and an extra diagnostic both fail, and the file as it should be is shown', () => {
  const fixture = readAnnotations('a; //~ error[one]: first\nb;\n');
  assert.equal(
    compareAnnotations(fixture, [{ line0: 0, severity: 'error', code: 'one', message: 'the first mistake' }]),
    undefined,
  );
  const missing = compareAnnotations(fixture, []);
  assert.match(missing!, /missing on line 1: error\[one\]/);
  const extra = compareAnnotations(fixture, [
    { line0: 0, severity: 'error', code: 'one', message: 'the first mistake' },
    { line0: 1, severity: 'hint', code: 'two', message: 'another' },
  ]);
  assert.match(extra!, /not expected on line 2: hint\[two\]: another/);
  assert.match(extra!, /b; \/\/~ hint\[two\]: another/);
});

test('severity, text and kernels must all fit', () => {
  const fixture = readAnnotations('a; //~ error[one] @5.4: word\n');
  const base = { line0: 0, severity: 'error', code: 'one', message: 'a word', kernels: ['5.4'] };
  assert.equal(compareAnnotations(fixture, [base]), undefined);
  assert.notEqual(compareAnnotations(fixture, [{ ...base, severity: 'warning' }]), undefined);
  assert.notEqual(compareAnnotations(fixture, [{ ...base, message: 'nothing' }]), undefined);
  assert.notEqual(compareAnnotations(fixture, [{ ...base, kernels: ['5.4', '6.1'] }]), undefined);
});

test('what cannot be read is a problem and not silence', () => {
  const fixture = readAnnotations('a; //~ eror[one]: typo\n//~^^^ error[two]\n');
  assert.equal(fixture.problems.length, 2);
  assert.notEqual(compareAnnotations(fixture, []), undefined);
});

test('accepting is a paste: the shown file reads back as the found set', () => {
  const found = [
    { line0: 0, severity: 'error', code: 'one', message: 'first' },
    { line0: 0, severity: 'hint', code: 'two', message: 'second' },
  ];
  const fixture = readAnnotations(annotated('a;\nb;\n', found));
  assert.deepEqual(
    fixture.expected.map((row) => row.code),
    ['one', 'two'],
  );
});
