// What the compiler and the verifier add: place, weight, kernels, and that one mistake stays one diagnostic.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  analyseSource,
  type BuildResult,
  compilerDiagnostics,
  mergeDiagnostics,
  objectDiagnostics,
  type ProgramVerdict,
  sourceDiagnostics,
  verifierDiagnostics,
} from '../../src/ide/index.ts';
import { viewFor } from '../../src/kernel/index.ts';
import { CFile } from '../../src/syntax/index.ts';
import { parser } from './support.ts';

const TEXT = `#include <linux/bpf.h>
SEC("sockops")
int f(struct bpf_sock_ops *skops)
{
	int unused = 3; /* nothing */
	skops->remote_ip4 = 0;
	return 1;
}
char l[] SEC("license") = "GPL";
`;
const KERNELS = ['5.10', '6.12'];

function verdict(kernel: string, rest: Partial<ProgramVerdict>): ProgramVerdict {
  return {
    kernel,
    program: 'f',
    lines: [
      { slot: 0, file: './x.bpf.c', line0: 4, column0: 2, text: '', isStatement: true },
      { slot: 2, file: './x.bpf.c', line0: 5, column0: 20, text: '', isStatement: true },
      { slot: 9, file: '/usr/include/other.h', line0: 1, column0: 0, text: '', isStatement: true },
    ],
    accepted: false,
    message: 'the kernel says no',
    slot: 2,
    reason: 'ctx-access',
    uncertain: [],
    ...rest,
  };
}

const build = (verdicts: readonly ProgramVerdict[], rest: Partial<BuildResult> = {}): BuildResult => ({
  text: TEXT,
  fileName: 'x.bpf.c',
  state: 'compiled',
  compilerProblems: [],
  objectProblems: [],
  verdicts,
  ...rest,
});

function picture(result: BuildResult) {
  const file = new CFile(parser, TEXT);
  const source = sourceDiagnostics(
    analyseSource(
      file,
      KERNELS.map((kernel) => viewFor(kernel)),
    ),
  );
  const verifier = verifierDiagnostics(file, result, KERNELS.length);
  return { file, verifier, merged: mergeDiagnostics(file, source, verifier, result) };
}

test('one mistake that the text shows and two kernels confirm is one diagnostic with the kernel words', () => {
  const { merged, verifier } = picture(build(KERNELS.map((kernel) => verdict(kernel, {}))));
  assert.equal(verifier.length, 1);
  assert.match(verifier[0]!.message, /every target kernel refuses this/);
  assert.deepEqual(
    merged.map((d) => [d.code, d.severity, d.kernelWords]),
    [['ctx-read-only', 'error', 'the kernel says no']],
  );
});

test('a mistake of an old kernel does not take over what a newer one refuses at the same place', () => {
  const result = build([verdict('6.12', { uncertain: ['a layout is not known'] })]);
  const { file, verifier, merged } = picture(result);
  const source = merged.map((d) => ({ ...d, kernels: ['5.10'] }));
  assert.deepEqual(
    mergeDiagnostics(file, source, verifier, result).map((d) => [d.severity, d.kernels]),
    [
      ['error', ['5.10']],
      ['warning', ['6.12']],
    ],
  );
});

test('a refusal on another line, or of another kind, stands beside', () => {
  const { merged, file } = picture(build([verdict('6.12', { slot: 0, reason: 'too-complex' })]));
  assert.deepEqual(
    merged.map((d) => d.code),
    ['verifier-too-complex', 'ctx-read-only'],
  );
  const [refusal] = merged;
  assert.match(refusal!.message, /^6\.12 refuses this/);
  // From the column on, without the comment at the end of the line.
  assert.equal(TEXT.slice(refusal!.span.start, refusal!.span.end), 'nt unused = 3;');
  assert.equal(file.lines.position(refusal!.span.start).line0, 4);
});

test('lines of other files and refusals without a place go to the function', () => {
  for (const slot of [undefined, 12]) {
    const lines = verdict('6.12', {}).lines.slice(2);
    const { verifier } = picture(build([verdict('6.12', { slot, lines })]));
    assert.equal(TEXT.slice(verifier[0]!.span.start, verifier[0]!.span.end), 'f');
  }
});

test('results for another text are never shown', () => {
  const old = build(
    KERNELS.map((kernel) => verdict(kernel, {})),
    {
      text: `${TEXT} `,
      compilerProblems: [{ code: 'clang', severity: 'error', message: 'x' }],
      objectProblems: [{ code: 'object-bad-map', severity: 'error', message: 'x' }],
    },
  );
  const { verifier, file } = picture(old);
  assert.deepEqual([...verifier, ...compilerDiagnostics(file, old), ...objectDiagnostics(file, old)], []);
});

test('what rests on an assumption is no error', () => {
  const { verifier } = picture(build([verdict('6.12', { slot: 0, uncertain: ['the type of sk is not known'] })]));
  assert.equal(verifier[0]!.severity, 'warning');
  assert.match(verifier[0]!.message, /not certain: the type of sk/);
});

test('where the value came from becomes related places', () => {
  const { verifier } = picture(
    build([
      verdict('6.12', {
        slot: 0,
        explanation: { message: 'no', remedy: 'do so', steps: [{ message: 'read here', line0: 5, column0: 1 }] },
      }),
    ]),
  );
  assert.match(verifier[0]!.message, /no; do so/);
  assert.deepEqual(
    verifier[0]!.related.map((place) => [place.message, TEXT.slice(place.span.start, place.span.end)]),
    [['read here', 'skops->remote_ip4 = 0;']],
  );
});

test('a problem of the object is placed on the name that it quotes', () => {
  const file = new CFile(parser, TEXT);
  const [found] = objectDiagnostics(
    file,
    build([], {
      state: 'object-error',
      objectProblems: [{ code: 'object-bad-map', severity: 'error', message: "map 'l': no type" }],
    }),
  );
  assert.equal(TEXT.slice(found!.span.start, found!.span.end), 'l');
});

test('what only the compiler decides is withdrawn when every kernel accepts, and only then', () => {
  const text = TEXT.replace('skops->remote_ip4 = 0;', '__u16 p = skops->remote_port >> 16; if (p) return 1;');
  const file = new CFile(parser, text);
  const source = sourceDiagnostics(analyseSource(file, [viewFor('6.12')]));
  assert.deepEqual(
    source.map((d) => d.code),
    ['ctx-narrow-read'],
  );
  const accepted = build([verdict('6.12', { accepted: true, message: '', slot: undefined, reason: undefined })], {
    text,
  });
  assert.deepEqual(mergeDiagnostics(file, source, [], accepted), []);
  assert.equal(mergeDiagnostics(file, source, [], undefined).length, 1);
  assert.equal(mergeDiagnostics(file, source, [], { ...accepted, verdicts: [] }).length, 1);
});
