// From a row to its page. One describer per kind of row; a new kind without one does not compile.

import { availabilityText, sinceText } from './availability.ts';
import type { CatalogueEntry, EntryKind } from './catalogue.ts';
import type { ByteOrder, CtxFieldRow, CtxGuard } from './ctx-field-row.ts';
import { definitionOf } from './definitions.ts';
import { describeHelper, describeKfunc } from './describe-calls.ts';
import { describeMapType, describeOption, describeUserOption } from './describe-options.ts';
import { meaningfulOps, shortOpName } from './meaning.ts';
import type { OpRow, OpSocket } from './op-row.ts';
import { OP_ROWS } from './ops.ts';
import type { Page, PageFact } from './page.ts';
import { PROFILES } from './profiles.ts';
import type { SockFieldRow } from './sock-fields.ts';
import { SOCKOPT_ROWS } from './sockopts.ts';
import type { KernelView } from './view.ts';

type EntryOf<Kind extends EntryKind> = Extract<CatalogueEntry, { readonly kind: Kind }>;
type Describer<Kind extends EntryKind> = (entry: EntryOf<Kind>, views: readonly KernelView[]) => Page;

const SOCKETS: Readonly<Record<OpSocket, string>> = {
  none: 'none',
  full: 'full, locked',
  'full-or-request':
    'full and locked on the active side; a request sock on the passive side (is_fullsock 0, state 12, sk NULL, TCP fields 0)',
  'full-unlocked': 'full, treated as not locked (is_fullsock 1, TCP fields 0, option helpers give -EOPNOTSUPP)',
};

const ORDERS: Readonly<Record<ByteOrder, (name: string) => string>> = {
  host: () => 'host byte order',
  network: (name) => `network byte order: bpf_ntohl(skops->${name}) is the number`,
  'network-high': (name) =>
    `network byte order, as a 32-bit number: bpf_ntohl(skops->${name}) is the port; on a little-endian machine it sits in the upper half`,
};

const GUARDS: Readonly<Record<CtxGuard, string>> = {
  always: 'in every op',
  'sock-common': 'in every op, on request socks too',
  locked: 'on a full socket under its lock',
  full: 'on a full socket',
  skb: 'in ops with a packet',
  none: 'on a full socket; elsewhere see below',
};

function where(name: string): PageFact[] {
  const definition = definitionOf(name);
  if (!definition) return [];
  const vmlinux = definition.inVmlinux ? 'also in vmlinux.h' : 'a macro, not in vmlinux.h';
  return [{ label: 'Header', text: `${definition.headers.map((header) => `<${header}>`).join(' or ')}; ${vmlinux}` }];
}

function describeOp({ name, row }: EntryOf<'op'>, views: readonly KernelView[]): Page {
  const facts: PageFact[] = [{ label: 'Kernels', text: availabilityText('ops', row.lifetimes, views) }];
  if (row.callers.length > 0) facts.push({ label: 'Called from', text: row.callers.join('; ') });
  facts.push({ label: 'Socket', text: SOCKETS[row.socket] });
  for (const argument of row.arguments) {
    const late = argument.lifetimes[0]!.since > row.lifetimes[0]!.since;
    const since = late ? ` (${availabilityText('ops', argument.lifetimes, views)})` : '';
    facts.push({ label: `args[${argument.index}]`, text: `${argument.name}: ${argument.doc}${since}` });
  }
  facts.push({ label: 'Reply', text: replyText(row) });
  facts.push({
    label: 'Enabled by',
    text: row.enabledBy.length > 0 ? row.enabledBy.join(' or ') : 'nothing: always called',
  });
  if (row.condition !== undefined) facts.push({ label: 'Only when', text: row.condition });
  facts.push({ label: 'Packet', text: packetText(row, views) });
  return {
    title: name,
    kind: `op ${row.number}`,
    lead: row.doc,
    facts,
    pitfalls: [...commonPitfalls(row), ...row.pitfalls],
    ...(row.example === '' ? {} : { example: row.example }),
    seeAlso: row.seeAlso,
    source: row.source,
  };
}

/** What holds for every op of a sort. */
function commonPitfalls(row: OpRow): readonly string[] {
  const pitfalls: string[] = [];
  if (row.enabledBy.length > 0) {
    pitfalls.push(
      'It never fires until the flag is set on the socket with bpf_sock_ops_cb_flags_set(): in TCP_CONNECT_CB for the active side, in TCP_LISTEN_CB for the passive one (children inherit it), or in an ESTABLISHED op.',
    );
  }
  if (row.reply.kind === 'value') {
    pitfalls.push('The reply counts only when the program, and every other one of the cgroup tree, returns 1.');
  }
  return pitfalls;
}

function replyText(row: OpRow): string {
  if (row.reply.kind === 'ignored') return 'ignored';
  return `${row.reply.unit}; ${row.reply.rule}; without one: ${row.reply.fallback}`;
}

function packetText(row: OpRow, views: readonly KernelView[]): string {
  if (row.packet.kind === 'none') return 'none: skb_data is NULL, skb_len 0';
  const since = availabilityText('ops', row.packet.lifetimes, views);
  return `${row.packet.doc} (${since})`;
}

function describeField({ name, row, alias }: EntryOf<'field'>, views: readonly KernelView[]): Page {
  const other = row.aliases?.find((candidate) => candidate.name === alias);
  const count = other?.count ?? row.count;
  const facts: PageFact[] = [{ label: 'Kernels', text: availabilityText('context', row.lifetimes, views) }];
  const elements = count > 1 ? `${count} elements of ${row.size} bytes` : `${row.size} bytes`;
  facts.push({ label: 'Place', text: `offset ${row.offset}, ${elements}` });
  const names = [{ name: row.name, count: row.count }, ...(row.aliases ?? [])].filter((one) => one.name !== name);
  if (names.length > 0) {
    const text = names.map((one) => `${one.name}${one.count > 1 ? `[${one.count}]` : ''}`).join(', ');
    facts.push({ label: 'Same bytes', text });
  }
  facts.push({ label: 'Access', text: accessText(row, count, views) });
  if (row.repr.kind !== 'pointer') facts.push({ label: 'Order', text: ORDERS[row.order](row.name) });
  if (row.repr.kind === 'number' && row.repr.unit !== undefined) facts.push({ label: 'Unit', text: row.repr.unit });
  facts.push({ label: 'Valid', text: GUARDS[row.guard] });
  const ops = meaningfulOps(row);
  if (row.repr.kind === 'op-argument') facts.push(...(other ? replyFacts() : argumentFacts(views)));
  else if (ops) facts.push({ label: 'Not zero in', text: ops.join(', ') });
  if (!/^(always valid|valid on every kind of socket)$/.test(row.otherwise)) {
    facts.push({ label: 'Otherwise', text: row.otherwise });
  }
  facts.push({ label: 'Kernel field', text: row.backing });
  return {
    title: name,
    kind: 'context field',
    declaration: `${row.ctype}${row.ctype.endsWith('*') ? '' : ' '}${name}${count > 1 ? `[${count}]` : ''};`,
    lead: other?.doc ?? row.doc,
    facts,
    pitfalls: row.pitfalls ?? [],
    ...(row.example === undefined ? {} : { example: row.example }),
    seeAlso: row.seeAlso ?? [],
    source: row.source,
  };
}

/** What the words hold on entry, op by op. */
function argumentFacts(views: readonly KernelView[]): PageFact[] {
  return OP_ROWS.filter((op) => op.arguments.length > 0).map((op) => ({
    label: shortOpName(op.name),
    text: op.arguments
      .map((argument) => {
        const late = argument.lifetimes[0]!.since > op.lifetimes[0]!.since;
        const since = late ? ` (${availabilityText('ops', argument.lifetimes, views)})` : '';
        return `[${argument.index}] ${argument.doc}${since}`;
      })
      .join('; '),
  }));
}

/** What the kernel does with the answer, op by op. */
function replyFacts(): PageFact[] {
  const answered = OP_ROWS.filter((op) => op.reply.kind === 'value');
  return [
    ...answered.map((op) => ({ label: shortOpName(op.name), text: replyText(op) })),
    { label: 'Other ops', text: 'ignored' },
  ];
}

function accessText(row: CtxFieldRow, count: number, views: readonly KernelView[]): string {
  const sizes = [...(row.narrow ?? []), row.size].join(', ');
  const read = `read with ${sizes} bytes at its start`;
  if (!row.write) return `${read}; read-only`;
  const writes: string[] = [];
  for (const [text, indexes] of groupWrites(row, count, views)) {
    const first = indexes[0]!;
    const last = indexes[indexes.length - 1]!;
    const elements = first === last ? `element ${first}` : `elements ${first} to ${last}`;
    writes.push(count > 1 ? `${elements} ${text}` : text);
  }
  return `${read}; written with ${row.size} bytes: ${writes.join(', ')}`;
}

/** Elements by the words for when they can be written; what is gone for good is not said again for each target. */
function groupWrites(
  row: CtxFieldRow,
  count: number,
  views: readonly KernelView[],
): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const { index, lifetimes } of row.write ?? []) {
    if (index >= count) continue;
    const gone = lifetimes.every((range) => range.until !== undefined);
    const text = gone ? sinceText(lifetimes) : availabilityText('context', lifetimes, views);
    groups.set(text, [...(groups.get(text) ?? []), index]);
  }
  return groups;
}

const NARROW: Readonly<Record<SockFieldRow['narrow'], string>> = {
  none: '',
  start: ', or fewer at its start',
  anywhere: ', or fewer anywhere in it',
};

function describeSockField({ name, structure, row }: EntryOf<'sock-field'>, views: readonly KernelView[]): Page {
  const pointer = structure === 'bpf_sock' ? 'skops->sk' : 'bpf_tcp_sock(skops->sk)';
  const order =
    row.order === 'host'
      ? 'host byte order'
      : `network byte order: ${row.size === 2 ? 'bpf_ntohs' : 'bpf_ntohl'}(${row.name}) is the number`;
  return {
    title: name,
    kind: `field of struct ${structure}`,
    declaration: `${row.ctype} ${row.name}${row.count > 1 ? `[${row.count}]` : ''};`,
    lead: row.doc,
    facts: [
      { label: 'Kernels', text: availabilityText('context', row.lifetimes, views) },
      { label: 'Reached by', text: `${pointer}, compared with NULL first` },
      {
        label: 'Place',
        text: `offset ${row.offset}, ${row.count > 1 ? `${row.count} elements of ` : ''}${row.size} bytes`,
      },
      { label: 'Access', text: `read with ${row.size} bytes${NARROW[row.narrow]}; read-only` },
      { label: 'Order', text: order },
    ],
    pitfalls: [],
    seeAlso: structure === 'bpf_sock' ? ['sk'] : ['bpf_tcp_sock', 'sk'],
    source: row.source,
  };
}

/** Lists that a helper's page has beyond what its row says. */
const HELPER_LISTS: Readonly<Record<string, (views: readonly KernelView[]) => PageFact>> = {
  bpf_setsockopt: (views) => optionList('set', views),
  bpf_getsockopt: (views) => optionList('get', views),
};

function optionList(side: 'set' | 'get', views: readonly KernelView[]): PageFact {
  const rows = SOCKOPT_ROWS.filter((row) => {
    const lifetimes = row[side]?.lifetimes;
    return lifetimes && (views.length === 0 || views.some((view) => view.presence('options', lifetimes) !== 'no'));
  });
  return { label: 'Options', text: rows.map((row) => row.name).join(', ') };
}

function describeHelperEntry({ row }: EntryOf<'helper'>, views: readonly KernelView[]): Page {
  const page = describeHelper(row, views);
  const list = HELPER_LISTS[row.name];
  return list ? { ...page, facts: [...page.facts, list(views)] } : page;
}

const DESCRIBERS: { readonly [Kind in EntryKind]: Describer<Kind> } = {
  op: describeOp,
  field: describeField,
  'sock-field': describeSockField,
  helper: describeHelperEntry,
  kfunc: ({ row }, views) => describeKfunc(row, views),
  option: ({ row }, views) => describeOption(row, views),
  'user-option': ({ row }) => describeUserOption(row),
  'map-type': ({ row }, views) => describeMapType(row, views),
  flag: ({ name, row }, views) => ({
    title: name,
    kind: 'callback flag',
    lead: row.doc,
    facts: [
      { label: 'Kernels', text: availabilityText('ops', row.lifetimes, views) },
      { label: 'Value', text: `0x${row.value.toString(16)} (bit ${row.bit})` },
      { label: 'Enables', text: row.enables.join(', ') },
      ...where(name),
    ],
    pitfalls: [
      'bpf_sock_ops_cb_flags_set() replaces the whole mask: OR the flag with skops->bpf_sock_ops_cb_flags to keep the others.',
    ],
    example: `bpf_sock_ops_cb_flags_set(skops, skops->bpf_sock_ops_cb_flags | ${name});`,
    seeAlso: [...row.enables, 'bpf_sock_ops_cb_flags_set'],
    source: row.source,
  }),
  state: ({ name, row }, views) => ({
    title: name,
    kind: 'TCP state',
    lead: row.doc,
    facts: [
      { label: 'Kernels', text: availabilityText('ops', row.lifetimes, views) },
      { label: 'Value', text: String(row.number) },
      ...where(name),
    ],
    pitfalls: [],
    seeAlso: ['BPF_SOCK_OPS_STATE_CB', 'state'],
    source: row.source,
  }),
  constant: ({ name, row }, views) => ({
    title: name,
    kind: 'constant',
    lead: row.doc,
    facts: [
      { label: 'Value', text: row.value > 0xffff ? `0x${row.value.toString(16)}` : String(row.value) },
      { label: 'Kernels', text: availabilityText('maps', row.lifetimes, views) },
      ...where(name),
    ],
    pitfalls: [],
    seeAlso: [],
    source: row.source,
  }),
  macro: ({ name, row }) => ({
    title: name,
    kind: 'macro',
    declaration: row.form,
    lead: row.doc,
    facts: [{ label: 'Header', text: row.header.endsWith('.h') ? `<${row.header}>` : row.header }],
    pitfalls: row.pitfalls ?? [],
    ...(row.example === undefined ? {} : { example: row.example }),
    seeAlso: [],
  }),
  section: ({ name, row }) => ({
    title: `SEC("${name}")`,
    kind: 'section',
    lead: row.doc,
    facts: [],
    pitfalls: [],
    seeAlso: [],
    source: row.source,
  }),
  limit: ({ name, row }, views) => ({
    title: name,
    kind: 'limit',
    lead: row.doc,
    facts: [
      ...row.values.map((value) => ({
        label: value.value.toLocaleString('en-US'),
        text: availabilityText(row.area, value.lifetimes, []),
      })),
      ...views.map((view) => ({
        label: `On ${view.target.name}`,
        text: view.limit(row.name as never).toLocaleString('en-US'),
      })),
    ],
    pitfalls: [],
    seeAlso: [],
    source: row.source,
  }),
  profile: ({ name, row }) => ({
    title: name,
    kind: 'kernel profile',
    lead: row.doc,
    facts: [
      { label: 'Kernel', text: `${row.title}, numbered ${row.version}` },
      { label: 'Also written', text: row.aliases.join(', ') },
    ],
    pitfalls: [],
    seeAlso: PROFILES.filter((other) => other.name !== name).map((other) => other.name),
    source: row.source,
  }),
};

/**
 * The page of an entry. With views it also says on which of those kernels the thing is missing or unknown.
 */
export function describe(entry: CatalogueEntry, views: readonly KernelView[] = []): Page {
  const describer = DESCRIBERS[entry.kind] as Describer<EntryKind>;
  return describer(entry as never, views);
}
