// Every row of every table under one roof, with lookup by any usual spelling. What hover, `sockscope explain`, completion and
// docs/reference use to find a row; describe.ts turns an entry into a page.

import { CALLBACK_FLAG_ROWS, type CallbackFlagRow } from './callback-flags.ts';
import { CONSTANT_ROWS, type ConstantRow } from './constants.ts';
import type { CtxFieldRow } from './ctx-field-row.ts';
import { CTX_FIELD_ROWS } from './ctx-fields.ts';
import type { HelperRow } from './helper-row.ts';
import { HELPER_ROWS } from './helpers.ts';
import type { KfuncRow } from './kfunc-row.ts';
import { KFUNC_ROWS } from './kfuncs.ts';
import { LIMIT_ROWS, type LimitRow } from './limits.ts';
import { MACRO_ROWS, type MacroRow, SECTIONS, type SectionRow } from './macros.ts';
import type { MapTypeRow } from './map-type-row.ts';
import { MAP_TYPE_ROWS } from './map-types.ts';
import type { OpRow } from './op-row.ts';
import { OP_ROWS } from './ops.ts';
import { PROFILES, type ProfileRow } from './profiles.ts';
import { BPF_SOCK_FIELD_ROWS, BPF_TCP_SOCK_FIELD_ROWS, type SockFieldRow } from './sock-fields.ts';
import type { SockoptRow } from './sockopt-row.ts';
import { SOCKOPT_ROWS } from './sockopts.ts';
import { TCP_STATE_ROWS, type TcpStateRow } from './tcp-states.ts';
import { USER_OPTIONS, type UserOptionRow } from './user-options.ts';

/** One row, with the table it stands in. `name` is its full name, unique within its kind. */
export type CatalogueEntry =
  | { readonly kind: 'op'; readonly name: string; readonly row: OpRow }
  /** `alias`: the entry is another name of the row's bytes. */
  | { readonly kind: 'field'; readonly name: string; readonly row: CtxFieldRow; readonly alias?: string }
  | {
      readonly kind: 'sock-field';
      readonly name: string;
      readonly structure: 'bpf_sock' | 'bpf_tcp_sock';
      readonly row: SockFieldRow;
    }
  | { readonly kind: 'helper'; readonly name: string; readonly row: HelperRow }
  | { readonly kind: 'kfunc'; readonly name: string; readonly row: KfuncRow }
  | { readonly kind: 'flag'; readonly name: string; readonly row: CallbackFlagRow }
  | { readonly kind: 'state'; readonly name: string; readonly row: TcpStateRow }
  | { readonly kind: 'option'; readonly name: string; readonly row: SockoptRow }
  | { readonly kind: 'user-option'; readonly name: string; readonly row: UserOptionRow }
  | { readonly kind: 'map-type'; readonly name: string; readonly row: MapTypeRow }
  | { readonly kind: 'constant'; readonly name: string; readonly row: ConstantRow }
  | { readonly kind: 'macro'; readonly name: string; readonly row: MacroRow }
  | { readonly kind: 'section'; readonly name: string; readonly row: SectionRow }
  | { readonly kind: 'limit'; readonly name: string; readonly row: LimitRow }
  | { readonly kind: 'profile'; readonly name: string; readonly row: ProfileRow };

export type EntryKind = CatalogueEntry['kind'];

/** Every entry, family by family, in table order. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  ...OP_ROWS.map((row) => ({ kind: 'op', name: row.name, row }) as const),
  ...CTX_FIELD_ROWS.flatMap((row): CatalogueEntry[] => [
    { kind: 'field', name: row.name, row },
    ...(row.aliases ?? []).map(({ name }) => ({ kind: 'field', name, row, alias: name }) as const),
  ]),
  ...BPF_SOCK_FIELD_ROWS.map(
    (row) => ({ kind: 'sock-field', name: `bpf_sock.${row.name}`, structure: 'bpf_sock', row }) as const,
  ),
  ...BPF_TCP_SOCK_FIELD_ROWS.map(
    (row) => ({ kind: 'sock-field', name: `bpf_tcp_sock.${row.name}`, structure: 'bpf_tcp_sock', row }) as const,
  ),
  ...HELPER_ROWS.map((row) => ({ kind: 'helper', name: row.name, row }) as const),
  ...KFUNC_ROWS.map((row) => ({ kind: 'kfunc', name: row.name, row }) as const),
  ...CALLBACK_FLAG_ROWS.map((row) => ({ kind: 'flag', name: row.name, row }) as const),
  ...TCP_STATE_ROWS.map((row) => ({ kind: 'state', name: row.name, row }) as const),
  ...SOCKOPT_ROWS.map((row) => ({ kind: 'option', name: row.name, row }) as const),
  ...USER_OPTIONS.map((row) => ({ kind: 'user-option', name: row.name, row }) as const),
  ...MAP_TYPE_ROWS.map((row) => ({ kind: 'map-type', name: row.name, row }) as const),
  ...CONSTANT_ROWS.map((row) => ({ kind: 'constant', name: row.name, row }) as const),
  ...MACRO_ROWS.map((row) => ({ kind: 'macro', name: row.name, row }) as const),
  ...SECTIONS.map((row) => ({ kind: 'section', name: row.name, row }) as const),
  ...LIMIT_ROWS.map((row) => ({ kind: 'limit', name: row.name, row }) as const),
  ...PROFILES.map((row) => ({ kind: 'profile', name: row.name, row }) as const),
];

/** What a lookup found: the entries that the text names, best first, or the nearest names when there are none. */
export interface LookupResult {
  readonly entries: readonly CatalogueEntry[];
  readonly suggestions: readonly string[];
}

/** Lower case, without what people leave out or add: arrows, brackets, quotes, prefixes and the _CB ending. */
function normal(text: string): string {
  return text
    .trim()
    .replace(/^SEC\(\s*"?(.*?)"?\s*\)$/, '$1')
    .replace(/^.*(?:->|\.(?=\w))/, '')
    .replace(/\[\d+\]$/, '')
    .replace(/\(.*\)$/, '')
    .replace(/^-(?=[A-Za-z])/, '')
    .toLowerCase();
}

const shortened = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^bpf_sock_ops_(?!cb_flags)|^bpf_map_type_|^bpf_tcp_sock\.|^bpf_sock\.|^bpf_tcp_|^bpf_func_|^bpf_/, '')
    .replace(/_cb(_flag)?$/, '');

interface Index {
  /** By full names and by the other whole spellings of a thing. */
  readonly byFull: Map<string, CatalogueEntry[]>;
  /** By names without their prefixes. */
  readonly byShort: Map<string, CatalogueEntry[]>;
}

let index: Index | undefined;

function add(map: Map<string, CatalogueEntry[]>, key: string, entry: CatalogueEntry): void {
  const list = map.get(key);
  if (!list) map.set(key, [entry]);
  else if (!list.includes(entry)) list.push(entry);
}

/** The index over all entries, made when it is first asked for. */
function indexed(): Index {
  if (index) return index;
  const byFull = new Map<string, CatalogueEntry[]>();
  const byShort = new Map<string, CatalogueEntry[]>();
  for (const entry of CATALOGUE) {
    add(byFull, entry.name.toLowerCase(), entry);
    add(byShort, shortened(entry.name), entry);
    switch (entry.kind) {
      case 'op':
        add(byFull, `op ${entry.row.number}`, entry);
        break;
      case 'sock-field':
        add(byShort, entry.row.name, entry);
        break;
      case 'helper':
        add(byFull, `#${entry.row.id}`, entry);
        add(byFull, entry.name.replace(/^bpf_/, 'bpf_func_'), entry);
        break;
      case 'map-type':
        add(byFull, entry.row.short, entry);
        break;
      case 'constant':
        if (entry.row.group === 'errno') add(byFull, `-${entry.row.value}`, entry);
        break;
      case 'profile':
        for (const alias of entry.row.aliases) add(byFull, alias, entry);
        break;
      default:
        break;
    }
  }
  index = { byFull, byShort };
  return index;
}

/** Kinds in the order in which a person most likely means them when one word names several things. */
const KIND_ORDER: Readonly<Record<EntryKind, number>> = {
  op: 0,
  field: 1,
  helper: 2,
  option: 3,
  flag: 4,
  kfunc: 5,
  'map-type': 6,
  macro: 7,
  state: 8,
  constant: 9,
  'sock-field': 10,
  'user-option': 11,
  section: 12,
  limit: 13,
  profile: 14,
};

/**
 * Finds rows by what a person writes: a full name in any case, a name without its prefix ("rwnd_init", "snd_cwnd",
 * "map_lookup_elem", "hash"), an op number ("3" or "op 3"), a helper number ("#49"), an error number ("-22"), an expression
 * ("skops->args[1]"), or a section (`SEC("sockops")`).
 */
export function lookup(text: string): LookupResult {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return { entries: [], suggestions: [] };
  const { byFull, byShort } = indexed();
  const number = /^(?:op\s*#?\s*)?(\d{1,2})$/.exec(wanted);
  if (number) {
    const op = byFull.get(`op ${Number(number[1])}`);
    if (op) return { entries: op, suggestions: [] };
  }
  const plain = normal(text);
  for (const key of [wanted, plain]) {
    const full = byFull.get(key);
    if (full) return { entries: inOrder(full), suggestions: [] };
  }
  for (const key of [shortened(wanted), shortened(plain), plain]) {
    const short = byShort.get(key);
    if (short) return { entries: inOrder(short), suggestions: [] };
  }
  return { entries: [], suggestions: nearest(plain) };
}

function inOrder(entries: readonly CatalogueEntry[]): readonly CatalogueEntry[] {
  return [...entries].sort((a, b) => KIND_ORDER[a.kind] - KIND_ORDER[b.kind]);
}

/** Up to five names that look or read like the text, nearest first. */
function nearest(text: string): readonly string[] {
  const wanted = shortened(text);
  if (wanted.length < 2) return [];
  const scored: { readonly name: string; readonly score: number }[] = [];
  const seen = new Set<string>();
  for (const entry of CATALOGUE) {
    if (seen.has(entry.name)) continue;
    seen.add(entry.name);
    const short = shortened(entry.name);
    const distance = editDistance(wanted, short, 4);
    const contains = wanted.length >= 3 && (short.includes(wanted) || wanted.includes(short)) && short.length >= 3;
    const score = Math.min(distance, contains ? 1.5 + Math.abs(short.length - wanted.length) / 8 : 99);
    const limit = Math.max(1, Math.min(3, Math.floor(wanted.length / 3)));
    if (score <= (contains ? 4 : limit)) scored.push({ name: entry.name, score: score + KIND_ORDER[entry.kind] / 100 });
  }
  return scored
    .sort((a, b) => a.score - b.score)
    .slice(0, 5)
    .map((entry) => entry.name);
}

/** Levenshtein distance, counting a swap of neighbours as one, given up above `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}
