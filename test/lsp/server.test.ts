// The server over standard input and output, one transcript per kind of request, and what it does with bad input.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { assertGolden } from '../support/golden.ts';
import { TestClient } from './client.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'sockscope-lsp-'));
const uriOf = (name: string): string => pathToFileURL(path.join(folder, name)).href;

const PROGRAM = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define WINDOW 40

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

static int window(struct bpf_sock_ops *skops)
{
	return WINDOW;
}

SEC("sockops")
int answer(struct bpf_sock_ops *skops)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&counts, &zero);

	switch (skops->op) {
	case BPF_SOCK_OPS_RWND_INIT:
		skops->reply = window(skops);
		break;
	}
	if (count && skops->remote_port == bpf_htonl(443))
		*count += 1;
	return 1;
}

char _license[] SEC("license") = "GPL";
`;

/** Position of the first (or nth) occurrence of a text, `shift` characters into it. */
function at(text: string, needle: string, shift = 0, nth = 1): { line: number; character: number } {
  let offset = -1;
  for (let i = 0; i < nth; i++) offset = text.indexOf(needle, offset + 1);
  assert.ok(offset >= 0, needle);
  const before = text.slice(0, offset + shift).split('\n');
  return { line: before.length - 1, character: before.at(-1)!.length };
}

/** The text of a page is the knowledge base's and has goldens there: here its first line will do. */
const firstLine = (value: string): string => value.split('\n')[0]!;

/** A result with what differs from machine to machine replaced. */
const stable = (value: unknown): string =>
  `${JSON.stringify(value, undefined, 2).replaceAll(pathToFileURL(folder).href, 'file:///workspace').replaceAll(pathToFileURL(root).href, 'file:///sockscope').replaceAll(folder, '/workspace')}\n`;
const check = (name: string, value: unknown): void =>
  assertGolden(path.join(import.meta.dirname, 'golden', `${name}.golden.json`), stable(value));

const client = new TestClient();
const uri = uriOf('answer.bpf.c');

before(async () => {
  writeFileSync(path.join(folder, 'answer.bpf.c'), PROGRAM);
  const { capabilities } = await client.initialize({
    folders: [folder],
    configuration: 'pull',
    initializationOptions: { kernels: ['5.10', '6.12'] },
  });
  client.configuration = { kernels: ['5.10', '6.12'] };
  check('initialize', capabilities);
  client.open(uri, PROGRAM);
  await client.diagnosticsOf(uri);
});

after(async () => {
  await client.close();
  assert.ok(client.exited);
  assert.deepEqual(
    client.messages.filter((message) => message.includes('internal error')),
    [],
  );
  rmSync(folder, { recursive: true, force: true });
});

const ask = <Result>(method: string, params: object = {}): Promise<Result> =>
  client.request<Result>(method, { textDocument: { uri }, ...params });

test('hover', async () => {
  const found = await ask<{ contents: { kind: string; value: string }; range: unknown }>('textDocument/hover', {
    position: at(PROGRAM, 'remote_port'),
  });
  assert.ok(found.contents.value.length > 100);
  check('hover', { ...found, contents: { ...found.contents, value: firstLine(found.contents.value) } });
});

test('completion and its details', async () => {
  const position = at(PROGRAM, 'skops->reply', 7);
  const items = await ask<{ label: string; detail: string; data?: unknown }[]>('textDocument/completion', { position });
  assert.equal(items[0]!.label, 'op');
  assert.ok(items.some((item) => item.label === 'reply'));
  const reply = items.find((item) => item.label === 'reply')!;
  const resolved = await client.request<{ documentation: { value: string } }>('completionItem/resolve', reply);
  check('completion', { ...resolved, documentation: firstLine(resolved.documentation.value) });
});

test('signature help', async () =>
  check('signature', await ask('textDocument/signatureHelp', { position: at(PROGRAM, '&counts, &zero', 9) })));

test('definition: in the file and in the generated header', async () => {
  check('definition-here', await ask('textDocument/definition', { position: at(PROGRAM, 'window(skops)', 2) }));
  const [link] = await ask<{ targetUri: string; targetRange: { start: { line: number } } }[]>(
    'textDocument/definition',
    { position: at(PROGRAM, 'remote_port', 2) },
  );
  assert.match(link!.targetUri, /headers\/linux\/bpf\.h$/);
  const header = readFileSync(new URL(link!.targetUri), 'utf8').split('\n');
  assert.match(header[link!.targetRange.start.line]!, /remote_port/);
});

test('document symbols', async () => check('symbols', await ask('textDocument/documentSymbol')));
test('folding', async () => check('folding', await ask('textDocument/foldingRange')));
test('inlay hints', async () =>
  check(
    'hints',
    await ask('textDocument/inlayHint', {
      range: { start: { line: 0, character: 0 }, end: { line: 40, character: 0 } },
    }),
  ));

test('verdicts, code lenses, disassembly and the verifier log', async () => {
  const deadline = Date.now() + 30_000;
  let verdicts: { state: string; programs: { name: string; verdicts: { accepted: boolean }[] }[] };
  do {
    verdicts = await client.request('sockscope/verdicts', { uri });
    await new Promise((resolve) => setTimeout(resolve, 100));
  } while (verdicts.state === 'running' && Date.now() < deadline);
  assert.equal(verdicts.state, 'current', client.messages.join('\n'));
  check('verdicts', verdicts);
  check('lenses', await ask('textDocument/codeLens'));
  const { text } = await client.request<{ text: string }>('sockscope/disassembly', { uri });
  assert.match(text, /answer:\n/);
  assert.match(text, /call .*bpf_map_lookup_elem/);
  const log = await client.request<{ text: string }>('sockscope/verifierLog', {
    uri,
    kernel: '6.12',
    program: 'answer',
  });
  assert.match(log.text, /processed \d+ insns/);
});

test('a mistake is shown at once, mended by its action, and never shown for an older text', async () => {
  const name = uriOf('mistake.bpf.c');
  const wrong = PROGRAM.replace('skops->reply = window(skops);', 'skops->remote_ip4 = 0;');
  client.open(name, wrong);
  const first = await client.diagnosticsOf(name, (published) => published.diagnostics.length > 0);
  assert.deepEqual(
    first.diagnostics.map((diagnostic) => diagnostic.code),
    ['ctx-read-only'],
  );
  const start = at(wrong, 'skops->remote_ip4 = 0');
  client.change(name, 2, [
    { range: { start, end: { line: start.line, character: start.character + 21 } }, text: 'skops->reply = 40' },
  ]);
  const second = await client.diagnosticsOf(name, (published) => published.version === 2);
  assert.deepEqual(second.diagnostics, []);
  // Whatever the compiler found for the first text must not come back.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.ok(
    client.published
      .filter((published) => published.uri === name && published.version === 2)
      .every((published) => published.diagnostics.length === 0),
  );
  client.notify('textDocument/didClose', { textDocument: { uri: name } });
  assert.equal(
    (await client.diagnosticsOf(name, (published) => published.version === undefined)).diagnostics.length,
    0,
  );
});

test('code actions', async () => {
  const name = uriOf('action.bpf.c');
  const wrong = PROGRAM.replace('return 1;\n}\n\nchar', 'return 0;\n}\n\nchar');
  client.open(name, wrong);
  await client.diagnosticsOf(name, (published) => published.diagnostics.length > 0);
  const position = at(wrong, 'return 0;', 7);
  check(
    'actions',
    await client.request('textDocument/codeAction', {
      textDocument: { uri: name },
      range: { start: position, end: position },
      context: { diagnostics: [] },
    }),
  );
});

test('what only the compiled program shows is placed on its line, with where the value came from', async () => {
  const name = uriOf('bounds.bpf.c');
  const wrong = PROGRAM.replace('*count += 1;', 'count[skops->local_port] += 1;');
  writeFileSync(path.join(folder, 'bounds.bpf.c'), wrong);
  client.open(name, wrong);
  const found = await client.diagnosticsOf(
    name,
    (published) => published.diagnostics.some((diagnostic) => diagnostic.code.startsWith('verifier')),
    40_000,
  );
  const diagnostic = found.diagnostics.find((entry) => entry.code.startsWith('verifier'))!;
  assert.equal(diagnostic.range.start.line, at(wrong, 'count[skops').line);
  assert.match(diagnostic.message, /every target kernel refuses this/);
  assert.ok((diagnostic.relatedInformation ?? []).length > 0);
});

test('assembly: diagnostics, hover, references, rename, tokens, format', async () => {
  const name = uriOf('program.bpfasm');
  const text =
    '.section sockops\nprog:\n  r0   = 1\nif r0 == 0 goto out\n\tr0 += 1   # count\nout:\n\texit\n\tbogus r1\n';
  client.open(name, text, 'bpfasm');
  const found = await client.diagnosticsOf(name, (published) => published.diagnostics.length > 0);
  const asm = <Result>(method: string, params: object = {}): Promise<Result> =>
    client.request<Result>(method, { textDocument: { uri: name }, ...params });
  check('assembly', {
    diagnostics: found.diagnostics,
    hover: await asm('textDocument/hover', { position: at(text, 'r0 += 1') }),
    references: await asm('textDocument/references', {
      position: at(text, 'goto out', 6),
      context: { includeDeclaration: true },
    }),
    rename: await asm('textDocument/rename', { position: at(text, 'goto out', 6), newName: 'done' }),
    symbols: await asm('textDocument/documentSymbol'),
    tokens: await asm('textDocument/semanticTokens/full'),
    format: await asm('textDocument/formatting', { options: { tabSize: 8, insertSpaces: false } }),
  });
  await assert.rejects(
    asm('textDocument/rename', { position: at(text, 'goto out', 6), newName: 'r1' }),
    /is a register/,
  );
});

test('workspace diagnostics on request', async () => {
  mkdirSync(path.join(folder, 'sub'), { recursive: true });
  writeFileSync(
    path.join(folder, 'sub', 'other.bpf.c'),
    PROGRAM.replace('return 1;\n}\n\nchar', 'return 2;\n}\n\nchar'),
  );
  const result = await client.request<{ files: number }>('workspace/executeCommand', {
    command: 'sockscope.server.checkWorkspace',
    arguments: [],
  });
  assert.ok(result.files >= 1);
  const found = await client.diagnosticsOf(uriOf('sub/other.bpf.c'));
  assert.deepEqual(
    found.diagnostics.map((diagnostic) => diagnostic.code),
    ['return-range'],
  );
});

test('settings: kernels and severities take effect at once', async () => {
  const name = uriOf('settings.bpf.c');
  const text = PROGRAM.replace('skops->reply = window(skops);', 'if (skops->skb_hwtstamp) skops->reply = 3;');
  client.open(name, text);
  await client.diagnosticsOf(name, (published) =>
    published.diagnostics.some((diagnostic) => diagnostic.code === 'ctx-field-since'),
  );
  client.configuration = { kernels: ['6.12'], diagnostics: { 'reads-zero': 'off' } };
  client.notify('workspace/didChangeConfiguration', { settings: null });
  await client.diagnosticsOf(name, (published) => published.diagnostics.length === 0);
  client.configuration = { kernels: ['5.10', '6.12'] };
  client.notify('workspace/didChangeConfiguration', { settings: null });
});

test('bad input: closed files, odd files, files that are not ours', async () => {
  for (const method of [
    'textDocument/hover',
    'textDocument/completion',
    'textDocument/definition',
    'textDocument/codeAction',
    'textDocument/codeLens',
  ]) {
    const result = await client.request<unknown>(method, {
      textDocument: { uri: uriOf('never-opened.c') },
      position: { line: 0, character: 0 },
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
      context: { diagnostics: [] },
    });
    assert.ok(
      result === null || (Array.isArray(result) && result.length === 0),
      `${method}: ${JSON.stringify(result)}`,
    );
  }
  const silent: [string, string][] = [
    ['plain.c', 'int main(void) { return 2; }\n'],
    ['xdp.bpf.c', '#include <linux/bpf.h>\nSEC("xdp")\nint f(struct xdp_md *ctx) { return -1; }\n'],
    ['empty.c', ''],
    ['oneline.c', `${'int x; '.repeat(40_000)}`],
    ['nonsense.c', '\u0000\ufffd\ud800 ))) }}} #define #define ((( /* '],
  ];
  for (const [file, text] of silent) {
    client.open(uriOf(file), text);
    assert.deepEqual((await client.diagnosticsOf(uriOf(file))).diagnostics, [], file);
  }
  const wide = uriOf('wide.bpf.c');
  const text = PROGRAM.replace(/\n/g, '\r\n').replace(
    'skops->reply = window(skops);',
    '/* \u{1F600} ü */ skops->remote_ip4 = 0;',
  );
  client.open(wide, text);
  const found = await client.diagnosticsOf(wide, (published) => published.diagnostics.length > 0);
  const lines = text.split('\r\n');
  const line = lines.findIndex((candidate) => candidate.includes('remote_ip4'));
  assert.deepEqual(found.diagnostics[0]!.range, {
    start: { line, character: lines[line]!.indexOf('skops->remote_ip4') },
    end: { line, character: lines[line]!.indexOf('skops->remote_ip4') + 'skops->remote_ip4'.length },
  });
  assert.ok(!client.exited);
});

test('a burst of keystrokes ends with the diagnostics of the last text', async () => {
  const name = uriOf('burst.bpf.c');
  client.open(name, PROGRAM);
  const insert = '\tskops->remote_ip4 = 0;\n';
  const where = at(PROGRAM, '\tif (count');
  for (let i = 0; i < insert.length; i++)
    client.change(name, 2 + i, [
      {
        range: { start: { line: where.line, character: i }, end: { line: where.line, character: i } },
        text: insert[i],
      },
    ]);
  const last = 1 + insert.length;
  const found = await client.diagnosticsOf(name, (published) => published.version === last);
  assert.deepEqual(
    found.diagnostics.map((diagnostic) => diagnostic.code),
    ['ctx-read-only'],
  );
});

test('assembly is put before the verifier as well', async () => {
  const name = uriOf('refused.bpfasm');
  const text = '.section sockops\nprog:\n\tr0 = *(u64 *)(r1 + 24) # two fields\n\texit\n.license "GPL"\n';
  writeFileSync(path.join(folder, 'refused.bpfasm'), text);
  client.open(name, text, 'bpfasm');
  const found = await client.diagnosticsOf(name, (published) => published.diagnostics.length > 0, 40_000);
  assert.equal(found.diagnostics[0]!.code, 'verifier-ctx-access');
  assert.equal(found.diagnostics[0]!.range.start.line, 2);
});

test('without a compiler the text is still checked, and the remedy is said once', async (context) => {
  const other = new TestClient();
  context.after(() => other.close());
  await other.initialize({
    folders: [folder],
    initializationOptions: { clangPath: path.join(folder, 'no-such-clang') },
  });
  const wrong = PROGRAM.replace('skops->reply = window(skops);', 'skops->remote_ip4 = 0;');
  for (const name of ['one.bpf.c', 'two.bpf.c']) {
    other.open(uriOf(name), wrong);
    const found = await other.diagnosticsOf(uriOf(name), (published) => published.diagnostics.length > 0);
    assert.deepEqual(
      found.diagnostics.map((diagnostic) => diagnostic.code),
      ['ctx-read-only'],
    );
  }
  const deadline = Date.now() + 20_000;
  const said = () => other.messages.filter((message) => /no-such-clang/.test(message));
  while (said().length === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assert.equal(said().length, 1, other.messages.join('\n'));
  assert.equal(
    (await other.request<{ state: string }>('sockscope/verdicts', { uri: uriOf('one.bpf.c') })).state,
    'no-compiler',
  );
});

test('a workspace that is not trusted starts no process', async (context) => {
  const other = new TestClient();
  context.after(() => other.close());
  const witness = path.join(folder, 'witness');
  const fake = path.join(folder, 'fake-clang');
  writeFileSync(fake, `#!/bin/sh\necho started > ${witness}\nexit 1\n`, { mode: 0o755 });
  await other.initialize({ folders: [folder], initializationOptions: { trusted: false, clangPath: fake } });
  const name = uriOf('untrusted.bpf.c');
  other.open(name, PROGRAM.replace('return 1;\n}\n\nchar', 'return 2;\n}\n\nchar'));
  await other.diagnosticsOf(name, (published) => published.diagnostics.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.deepEqual(await other.request('sockscope/verdicts', { uri: name }), {
    state: 'not-compiled',
    programs: [],
    reason: 'This workspace is not trusted, so nothing is compiled.',
  });
  assert.match((await other.request<{ text: string }>('sockscope/disassembly', { uri: name })).text, /not trusted/);
  assert.equal(existsSync(witness), false);
});

test('what is not compiled says why, and does not look as if it were under way', async () => {
  const documents: [string, string, RegExp][] = [
    ['untitled:Untitled-1', PROGRAM, /Save the text as a file/],
    [uriOf('header.c'), 'struct bpf_sock_ops;\nint f(void);\n', /no sock_ops program/],
    [uriOf('huge.bpf.c'), `${PROGRAM}${'/* data */\n'.repeat(200_000)}`, /too large/],
  ];
  for (const [document, text, reason] of documents) {
    client.open(document, text);
    await client.diagnosticsOf(document);
    const answer = await client.request<{ state: string; reason: string }>('sockscope/verdicts', { uri: document });
    assert.equal(answer.state, 'not-compiled', document);
    assert.match(answer.reason, reason);
  }
});
