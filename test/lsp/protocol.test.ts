// The server as a stranger sees it: phases of the protocol, odd requests, folders that come and go, and edits of every kind, after
// which everything must be as if the text had just been opened.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Random } from '../../src/base/index.ts';
import { TestClient } from './client.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'sockscope-lsp-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const codeOf = (request: Promise<unknown>): Promise<number | string> =>
  request.then(
    (result) => `answered ${JSON.stringify(result)}`,
    (error: { readonly code?: number }) => error.code ?? String(error),
  );

const place = { textDocument: { uri: 'file:///x.c' }, position: { line: 0, character: 0 } };

test('nothing is answered before initialize, twice, without its parameters, or after shutdown', async () => {
  const client = new TestClient();
  assert.equal(await codeOf(client.request('textDocument/hover', place)), -32002);
  await client.initialize();
  assert.equal(
    await codeOf(client.request('initialize', { processId: null, rootUri: null, capabilities: {} })),
    -32600,
  );
  for (const params of [
    {},
    null,
    { textDocument: {} },
    { textDocument: { uri: 5 } },
    { textDocument: place.textDocument },
  ])
    for (const method of ['hover', 'completion', 'definition', 'references', 'rename', 'codeAction', 'inlayHint'])
      assert.equal(
        await codeOf(client.request(`textDocument/${method}`, params ?? [])),
        -32602,
        `${method} ${JSON.stringify(params)}`,
      );
  assert.equal(await codeOf(client.request('textDocument/nonsense', place)), -32601);
  assert.equal(await codeOf(client.request('textDocument/hover', place)), 'answered null');
  await client.request('shutdown', null);
  assert.equal(await codeOf(client.request('textDocument/hover', place)), -32600);
  client.notify('exit', null);
  await client.ended();
  assert.deepEqual(
    client.messages.filter((message) => message.includes('internal error')),
    [],
  );
});

test('open programs are built again when a folder comes or goes', async (context) => {
  const client = new TestClient();
  context.after(() => client.close());
  await client.initialize({ folders: [folder] });
  const uri = pathToFileURL(path.join(folder, 'f.bpf.c')).href;
  client.open(uri, readFileSync(path.join(root, 'samples/initial_rwnd.bpf.c'), 'utf8'));
  // By its text, and once more when it was built.
  await client.diagnosticsOf(uri, () => client.published.length === 2);
  const other = { uri: pathToFileURL(path.join(folder, 'other')).href, name: 'other' };
  for (const [count, event] of [
    [3, { added: [other], removed: [] }],
    [4, { added: [], removed: [other] }],
  ] as const) {
    client.notify('workspace/didChangeWorkspaceFolders', { event });
    await client.diagnosticsOf(uri, () => client.published.length === count);
  }
});

test('beside clangd, members of structs are left to it', async (context) => {
  const client = new TestClient();
  context.after(() => client.close());
  await client.initialize({ initializationOptions: { trusted: false, clangd: true } });
  const text = 'SEC("sockops")\nint f(struct bpf_sock_ops *skops)\n{\n\tskops->\n\treturn 1;\n}\n';
  client.open('untitled:f.bpf.c', text);
  const items = await client.request<readonly unknown[]>('textDocument/completion', {
    textDocument: { uri: 'untitled:f.bpf.c' },
    position: { line: 3, character: 8 },
  });
  assert.deepEqual(items, []);
});

const PIECES = [
  ...[
    '{',
    '}',
    '(',
    ')',
    ';',
    '\n',
    '\r\n',
    '\r',
    '"',
    "'",
    '/*',
    '*/',
    '//',
    '#if 0\n',
    '#endif\n',
    '\\\n',
    '\t',
    ',',
  ],
  ...['\u{1F600}', 'ü', '\0', '\uFEFF', 'skops->op', 'skops->', 'reply = 7;', 'static ', 'struct {', 'return 0;'],
  'SEC("sockops")\nint g(struct bpf_sock_ops *s) { return 2; }\n',
  'bpf_setsockopt(skops, SOL_TCP, TCP_NODELAY, 0, 4);',
  'case BPF_SOCK_OPS_RTT_CB:',
];

test('after edits of every kind the server says what it says of the same text freshly opened', async (context) => {
  const client = new TestClient();
  context.after(() => client.close());
  await client.initialize({ initializationOptions: { trusted: false, kernels: ['5.10', '6.12'] } });
  const samples = path.join(root, 'samples');
  const files = ['.', 'mistakes'].flatMap((where) =>
    readdirSync(path.join(samples, where))
      .filter((file) => file.endsWith('.bpf.c'))
      .map((file) => path.join(samples, where, file)),
  );
  for (let round = 0; round < 20; round++) {
    const random = new Random(round + 1);
    let text = readFileSync(random.pick(files), 'utf8');
    if (random.below(4) === 0) text = text.replaceAll('\n', '\r\n');
    const edited = `file:///edited-${round}.bpf.c`;
    let document = TextDocument.create(edited, 'c', 1, text);
    client.open(edited, text);
    const versions = 2 + random.below(8);
    for (let version = 2; version <= versions; version++) {
      const changes = Array.from({ length: 1 + random.below(3) }, () => {
        const change = changeOf(document, random);
        document = TextDocument.update(document, [change], version);
        return change;
      });
      client.change(edited, version, changes);
    }
    const fresh = `file:///fresh-${round}.bpf.c`;
    client.open(fresh, document.getText());
    const { diagnostics } = await client.diagnosticsOf(edited, (published) => published.version === versions);
    const plain = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll(edited, fresh)) as unknown;
    assert.deepEqual(plain(diagnostics), plain((await client.diagnosticsOf(fresh)).diagnostics), `round ${round}`);
    const lines = document.getText().split(/\r\n|\r|\n/);
    for (const { range } of diagnostics)
      for (const { line, character } of [range.start, range.end])
        assert.ok(character <= (lines[line]?.length ?? -1), `round ${round}: ${line}:${character}`);
    for (const method of ['documentSymbol', 'foldingRange', 'inlayHint', 'codeLens']) {
      const whole = { start: { line: 0, character: 0 }, end: { line: 1e6, character: 0 } };
      const [one, other] = await Promise.all(
        [edited, fresh].map((uri) => client.request(`textDocument/${method}`, { textDocument: { uri }, range: whole })),
      );
      assert.deepEqual(plain(one), plain(other), `round ${round}: ${method}`);
    }
    for (const uri of [edited, fresh]) client.notify('textDocument/didClose', { textDocument: { uri } });
  }
  assert.deepEqual(
    client.messages.filter((message) => message.includes('internal error')),
    [],
  );
});

/** One change as clients send them: mostly a small range, now and then one past the end of its line or the text, or all of it. */
function changeOf(
  document: TextDocument,
  random: Random,
): { readonly text: string; readonly range?: { start: At; end: At } } {
  const text = document.getText();
  const { length } = text;
  const piece = random.below(3) === 0 ? '' : random.pick(PIECES);
  if (random.below(50) === 0) return { text: `${text}${piece}` };
  const from = random.below(length + 1);
  const to = random.below(3) > 0 ? from : Math.min(length, from + random.below(random.below(10) === 0 ? 400 : 40));
  const start = document.positionAt(from);
  const end = document.positionAt(to);
  const kind = random.below(30);
  if (kind === 0)
    return { text: piece, range: { start: { line: 1e5, character: 0 }, end: { line: 1e5, character: 3 } } };
  if (kind < 3) return { text: piece, range: { start, end: { line: end.line, character: end.character + 99 } } };
  return { text: piece, range: { start, end } };
}

interface At {
  readonly line: number;
  readonly character: number;
}
