// Hover, completion, signatures, outline, definition, hints and suppression, asked at a cursor in a small program.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  analyseSource,
  completionsAt,
  definitionAt,
  documentSymbols,
  findInHeader,
  foldingRanges,
  hoverAt,
  inlayHints,
  type SourceAnalysis,
  signatureAt,
  sourceDiagnostics,
} from '../../src/ide/index.ts';
import {
  CALLBACK_FLAGS,
  CTX_FIELDS,
  type CtxFieldRow,
  MAP_TYPES,
  OPS,
  SOCK_OPS_HELPERS,
  SOCKOPTS,
  viewFor,
} from '../../src/kernel/index.ts';
import { CFile } from '../../src/syntax/index.ts';
import { readAnnotations } from '../support/annotations.ts';
import { parser } from './support.ts';

const KERNELS = ['5.10', '6.1', '6.12'];

/** A fixture with a `$0` cursor, as analysis and offset. */
function at(
  source: string,
  kernels: readonly string[] = KERNELS,
): { readonly analysis: SourceAnalysis; readonly cursor: number } {
  const { text, cursor } = readAnnotations(source);
  assert.ok(cursor !== undefined, 'the fixture has a cursor');
  return {
    analysis: analyseSource(
      new CFile(parser, text),
      kernels.map((kernel) => viewFor(kernel)),
    ),
    cursor,
  };
}

const body = (code: string): string =>
  `#include <linux/bpf.h>\nSEC("sockops")\nint f(struct bpf_sock_ops *skops)\n{\n\t${code}\n\treturn 1;\n}\n`;
const hover = (code: string): string | undefined => {
  const { analysis, cursor } = at(code.includes('SEC(') ? code : body(code));
  return hoverAt(analysis, cursor)?.markdown;
};
const complete = (code: string): readonly string[] => {
  const { analysis, cursor } = at(code.includes('SEC(') ? code : body(code));
  return completionsAt(analysis, cursor).map((item) => item.label);
};

test('every row of the tables has a hover', () => {
  for (const row of OPS)
    if (row.socket !== 'none')
      assert.match(hover(`if (skops->op == $0${row.name}) ;`) ?? '', new RegExp(row.name), row.name);
  for (const row of CTX_FIELDS as readonly CtxFieldRow[])
    for (const name of [row.name, ...(row.aliases ?? []).map((alias) => alias.name)])
      assert.match(hover(`skops->$0${name};`) ?? '', /context field/, name);
  for (const row of CALLBACK_FLAGS) assert.match(hover(`int x = $0${row.name};`) ?? '', new RegExp(row.name), row.name);
  for (const row of SOCKOPTS) assert.match(hover(`int x = $0${row.name};`) ?? '', new RegExp(row.name), row.name);
  for (const row of MAP_TYPES) assert.match(hover(`int x = $0${row.name};`) ?? '', new RegExp(row.name), row.name);
  for (const row of SOCK_OPS_HELPERS) assert.match(hover(`$0${row.name}();`) ?? '', new RegExp(row.name), row.name);
});

test('a hover says which target kernels lack the thing', () => {
  assert.match(hover('skops->skb_hwtsta$0mp;') ?? '', /5\.10/);
  assert.match(hover('bpf_get_netns_c$0ookie(skops);') ?? '', /5\.10/);
});

test('numbers are explained by what they are compared with', () => {
  assert.match(hover('if (skops->op == 7$0) ;') ?? '', /BPF_SOCK_OPS_BASE_RTT/);
  assert.match(hover('switch (skops->state) { case 10$0: break; }') ?? '', /BPF_TCP_LISTEN/);
  assert.match(hover('int op = skops->op; if (op == 3$0) ;') ?? '', /TCP_CONNECT_CB/);
  assert.match(hover('if (bpf_ntohl(skops->remote_port) == 80$0) ;') ?? '', /0x5000/);
});

test('byte-order functions show the worked-out value, macros theirs', () => {
  assert.match(hover('int x = bpf_h$0tons(443);') ?? '', /0xbb01/);
  assert.match(
    hover(
      '#define PORT (400 + 43)\nSEC("sockops")\nint f(struct bpf_sock_ops *skops)\n{\n\treturn skops->local_port == PO$0RT;\n}\n',
    ) ?? '',
    /= 443/,
  );
});

test('members of sk are those of struct bpf_sock', () => {
  assert.match(hover('struct bpf_sock *sk = skops->sk; if (sk) bpf_printk("%d", sk->dst_p$0ort);') ?? '', /dst_port/);
  assert.equal(hover('struct key { int op; } k; k.o$0p = 1;'), undefined);
});

test('no hover in comments and in files that are not ours', () => {
  assert.equal(hover('/* skops->remote_po$0rt */'), undefined);
  const { analysis, cursor } = at('int main(void) { return BPF_SOCK_OPS_RWND_$0INIT; }');
  assert.equal(hoverAt(analysis, cursor), undefined);
});

test('completion of fields: what the op has comes first, what no target has is left out', () => {
  const all = complete('skops->$0');
  assert.ok(all.includes('op') && all.includes('remote_port') && all.includes('skb_hwtstamp'));
  const asking = complete('if (skops->op == BPF_SOCK_OPS_RWND_INIT) { skops->$0 }');
  assert.equal(asking[1], 'reply');
  const { analysis, cursor } = at(body('skops->$0'), ['5.10']);
  assert.ok(!completionsAt(analysis, cursor).some((item) => item.label === 'skb_hwtstamp'));
  const zero = completionsAt(...place('if (skops->op == BPF_SOCK_OPS_STATE_CB) { skops->$0 }')).find(
    (item) => item.label === 'skb_len',
  )!;
  assert.match(zero.detail, /always 0 in this op/);
});

function place(code: string): [SourceAnalysis, number] {
  const { analysis, cursor } = at(body(code));
  return [analysis, cursor];
}

test('completion of cases leaves out those that are there', () => {
  const cases = complete('switch (skops->op) {\n\tcase BPF_SOCK_OPS_RWND_INIT: break;\n\tcase $0\n\t}');
  assert.ok(!cases.includes('BPF_SOCK_OPS_RWND_INIT') && cases.includes('BPF_SOCK_OPS_STATE_CB'));
});

test('completion in comparisons, calls, sections and map definitions', () => {
  assert.equal(complete('if (skops->op == $0)')[0], 'BPF_SOCK_OPS_TIMEOUT_INIT');
  assert.equal(complete('if (skops->state == $0)')[0], 'BPF_TCP_ESTABLISHED');
  assert.ok(complete('bpf_sock_ops_cb_flags_set(skops, $0').includes('BPF_SOCK_OPS_RTT_CB_FLAG'));
  assert.deepEqual(complete('bpf_setsockopt(skops, $0').slice(0, 2), ['SOL_TCP', 'SOL_SOCKET']);
  assert.ok(complete('bpf_setsockopt(skops, SOL_SOCKET, $0').every((label) => /^(SO_|SK_)/.test(label)));
  assert.ok(complete('bpf_$0').includes('bpf_get_socket_cookie'));
  assert.ok(complete('SEC("$0')[0] === 'sockops');
  assert.ok(
    complete(
      'struct { __uint(type, $0); } m SEC(".maps");\nSEC("sockops")\nint f(struct bpf_sock_ops *skops) { return 1; }\n',
    ).includes('BPF_MAP_TYPE_SOCKHASH'),
  );
});

test('snippets at the start of a statement and of a file', () => {
  assert.equal(complete('$0')[0], 'switch (skops->op)');
  assert.deepEqual(
    complete('#include <linux/bpf.h>\n$0\nSEC("sockops")\nint f(struct bpf_sock_ops *skops) { return 1; }\n'),
    ['sock_ops program'],
  );
});

test('nothing in comments', () => assert.deepEqual(complete('/* skops->$0 */'), []));

test('signature help follows the commas', () => {
  const { analysis, cursor } = at(body('bpf_setsockopt(skops, SOL_TCP, (1, 2), $0'));
  const found = signatureAt(analysis.file, cursor)!;
  assert.equal(found.activeParameter, 3);
  assert.match(found.label.slice(found.parameters[3]!.start, found.parameters[3]!.end), /optval/);
});

test('outline, folding and hints', () => {
  const { analysis } = at(
    'struct key {\n\tint a;\n};\nstruct { __uint(type, BPF_MAP_TYPE_HASH); } m SEC(".maps");\nSEC("sockops")\nint f(struct bpf_sock_ops *skops)\n{\n\treturn skops->remote_port == bpf_htonl(80) && skops->op == BPF_SOCK_OPS_RWND_INIT;$0\n}\n',
  );
  assert.deepEqual(
    documentSymbols(analysis).map((symbol) => [symbol.name, symbol.kind, symbol.detail]),
    [
      ['key', 'struct', ''],
      ['m', 'map', 'hash'],
      ['f', 'program', 'sockops'],
    ],
  );
  assert.ok(foldingRanges(analysis).length >= 2);
  assert.deepEqual(
    inlayHints(analysis, { start: 0, end: 10_000 }).map((hint) => hint.label),
    [' (network order)', ' = 0x50000000', ' = 2'],
  );
});

test('definitions: locals, macros, maps, functions, and the shipped headers', () => {
  const source =
    '#define LIMIT 3\nstruct { __uint(type, BPF_MAP_TYPE_HASH); } m SEC(".maps");\nstatic int g(int x) { return x; }\nSEC("sockops")\nint f(struct bpf_sock_ops *skops)\n{\n\tint rv = LIMIT;\n\trv = g(rv) + (int)(long)&m;\n\treturn skops->op == 3;\n}\n';
  const go = (needle: string, shift = 0) => {
    const offset = source.lastIndexOf(needle) + shift;
    const { analysis } = at(`${source}$0`);
    const found = definitionAt(analysis, offset);
    return found?.kind === 'here'
      ? source.slice(found.span.start, found.span.end)
      : found?.kind === 'header'
        ? `${found.header}:${found.symbol}`
        : undefined;
  };
  assert.equal(go('LIMIT'), 'LIMIT');
  assert.equal(go('g(rv)'), 'g');
  assert.equal(go('rv)'), 'rv');
  assert.equal(go('&m', 1), 'm');
  assert.equal(go('op ==', 0), 'linux/bpf.h:op');
});

test('a symbol is found in a header by its definition, not its first mention', () => {
  const header =
    '/* remote_port is here */\nstruct other {\n\t__u32 remote_port;\n};\nstruct bpf_sock_ops {\n\t__u32 op;\n\t__u32 remote_port;\n};\n#define TCP_BPF_IW 1001\n';
  assert.equal(findInHeader(header, 'remote_port')!.start, header.lastIndexOf('remote_port'));
  assert.equal(findInHeader(header, 'TCP_BPF_IW')!.start, header.indexOf('TCP_BPF_IW'));
  assert.equal(findInHeader(header, 'absent'), undefined);
});

test('suppression comments need a reason and a known code', () => {
  const codes = (comment: string): string[] => {
    const { analysis } = at(
      `SEC("sockops")\nint f(struct bpf_sock_ops *skops)\n{\n\t${comment}\n\treturn skops->remote_port == 80;\n}\nchar l[] SEC("license") = "GPL";\n$0`,
    );
    return sourceDiagnostics(analysis).map((diagnostic) => diagnostic.code);
  };
  assert.deepEqual(codes(''), ['port-byte-order']);
  assert.deepEqual(codes('// sockscope-ignore port-byte-order: the peer is known to swap'), []);
  assert.deepEqual(codes('// sockscope-ignore port-byte-order'), ['suppression', 'port-byte-order']);
  assert.deepEqual(codes('// sockscope-ignore no-such-code: why'), ['suppression', 'port-byte-order']);
  assert.deepEqual(codes('// sockscope-ignore-file port-byte-order: all of it'), []);
});

test('severities can be changed and codes switched off', () => {
  const { analysis } = at(body('if (skops->remote_port == 80) return 0;$0'));
  const of = (settings: Record<string, 'off' | 'error' | 'hint'>) =>
    sourceDiagnostics(analysis, settings).map((d) => `${d.severity}[${d.code}]`);
  assert.deepEqual(of({ 'return-zero': 'off' }), ['warning[port-byte-order]']);
  assert.deepEqual(of({ 'return-zero': 'hint', 'port-byte-order': 'error' }), [
    'error[port-byte-order]',
    'hint[return-zero]',
  ]);
});

test('large and strange texts are read in bounded time', () => {
  for (const text of [
    'x'.repeat(1_000_000),
    '{'.repeat(20_000),
    '('.repeat(20_000),
    '#define A A B\n#define B B A\nint f(struct bpf_sock_ops *s) { A; return B; }',
    '/*'.repeat(1000),
    '"'.repeat(1001),
    `int a[] = {${'1,'.repeat(100_000)}};`,
  ]) {
    const started = process.cpuUsage();
    const file = new CFile(parser, text);
    sourceDiagnostics(analyseSource(file, [viewFor('6.12')]));
    const used = process.cpuUsage(started);
    assert.ok(used.user + used.system < 20_000_000, text.slice(0, 30));
  }
});
