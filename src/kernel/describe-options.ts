// Pages of socket options and map types.

import { assertNever } from '../base/index.ts';
import { availabilityText } from './availability.ts';
import { definitionOf } from './definitions.ts';
import type { MapTypeRow, SizeRule } from './map-type-row.ts';
import { shortOpName } from './meaning.ts';
import type { Page, PageFact } from './page.ts';
import type { LengthRule, SockoptRow } from './sockopt-row.ts';
import type { UserOptionRow } from './user-options.ts';
import type { KernelView } from './view.ts';

/** A length rule in words. */
export function lengthText(rule: LengthRule): string {
  switch (rule.kind) {
    case 'exactly':
      return `exactly ${rule.bytes} bytes`;
    case 'at-least':
      return rule.bytes === 1 ? 'any length above 0' : `at least ${rule.bytes} bytes`;
    case 'up-to-saved':
      return '1 byte up to the length of the saved packet';
    default:
      return assertNever(rule, 'lengthText');
  }
}

/** The page of a socket option. */
export function describeOption(row: SockoptRow, views: readonly KernelView[]): Page {
  const facts: PageFact[] = [
    {
      label: 'Level',
      text: `${row.level}, option ${row.number}${row.bpfOnly ? ' (BPF only: user space does not know it)' : ''}`,
    },
  ];
  facts.push({
    label: 'Set',
    text: row.set
      ? `${availabilityText('options', row.set.lifetimes, views)}; ${lengthText(row.set.length)}: ${row.set.doc}`
      : `not from BPF (${row.setRefused ? '-ENOPROTOOPT, before 6.1 -EINVAL' : '-EINVAL'})`,
  });
  facts.push({
    label: 'Get',
    text: row.get
      ? `${availabilityText('options', row.get.lifetimes, views)}; ${lengthText(row.get.length)}: ${row.get.doc}`
      : 'not from BPF (-EINVAL)',
  });
  if (row.family) facts.push({ label: 'Socket', text: `${row.family} only, else -EINVAL` });
  for (const limit of row.notInOps ?? []) {
    facts.push({
      label: 'Refused in',
      text: `${limit.ops.map(shortOpName).join(', ')} (${availabilityText('options', limit.lifetimes, views)})`,
    });
  }
  facts.push({ label: 'Effect', text: row.effect });
  const definition = definitionOf(row.name);
  if (definition) {
    facts.push({
      label: 'Header',
      text: `${definition.headers.map((header) => `<${header}>`).join(' or ')}; ${definition.inVmlinux ? 'also in vmlinux.h' : 'a macro, not in vmlinux.h'}`,
    });
  }
  return {
    title: row.name,
    kind: 'socket option',
    lead: row.doc,
    facts,
    pitfalls: row.pitfalls ?? [],
    ...(row.example === undefined ? {} : { example: row.example }),
    seeAlso: [...(row.set ? ['bpf_setsockopt'] : []), ...(row.get ? ['bpf_getsockopt'] : [])],
    source: row.source,
  };
}

/** The page of an option that BPF does not offer. */
export function describeUserOption(row: UserOptionRow): Page {
  const facts: PageFact[] = [
    { label: 'Level', text: `${row.level}, option ${row.number}` },
    { label: 'From BPF', text: 'on no described kernel: bpf_setsockopt() and bpf_getsockopt() give -EINVAL' },
  ];
  if (row.instead !== undefined) facts.push({ label: 'Instead', text: row.instead });
  return {
    title: row.name,
    kind: 'socket option of user space only',
    lead: row.doc,
    facts,
    pitfalls: [],
    seeAlso: ['bpf_setsockopt'],
    source: row.source,
  };
}

/** A size rule in words. */
export function sizeText(rule: SizeRule): string {
  switch (rule.kind) {
    case 'any-positive':
      return 'any size above 0';
    case 'zero':
      return 'none (size 0)';
    case 'exactly':
      return `${rule.sizes.join(' or ')} bytes`;
    case 'range':
      return `${rule.min} to ${rule.max} bytes${rule.multipleOf === undefined ? '' : `, a multiple of ${rule.multipleOf}`}`;
    default:
      return assertNever(rule, 'sizeText');
  }
}

const ENTRIES: Readonly<Record<MapTypeRow['entries'], string>> = {
  positive: 'above 0',
  zero: '0',
  'power-of-two-pages': 'size in bytes: a power of two and a multiple of the page size',
  any: 'any number',
};

/** The page of a map type. */
export function describeMapType(row: MapTypeRow, views: readonly KernelView[]): Page {
  const facts: PageFact[] = [
    { label: 'Kernels', text: availabilityText('maps', row.lifetimes, views) },
    { label: 'Number', text: String(row.id) },
    { label: 'Key', text: sizeText(row.key) },
    { label: 'Value', text: sizeText(row.value) },
    { label: 'max_entries', text: ENTRIES[row.entries] },
  ];
  if (row.flags.length > 0) facts.push({ label: 'Flags', text: row.flags.join(', ') });
  if (row.requiredFlags.length > 0) facts.push({ label: 'Needs flag', text: row.requiredFlags.join(', ') });
  if (row.needsBtf) facts.push({ label: 'Needs BTF', text: 'for key and value' });
  facts.push({
    label: 'Helpers',
    text:
      row.helpers.kind === 'generic'
        ? 'bpf_map_lookup_elem, bpf_map_update_elem, bpf_map_delete_elem and bpf_for_each_map_elem'
        : row.helpers.helpers.length > 0
          ? row.helpers.helpers.map((helper) => helper.name).join(', ')
          : 'none',
  });
  if (row.inSockOps === 'no')
    facts.push({ label: 'In sock_ops', text: 'no helper that sock_ops programs may call takes it' });
  return {
    title: row.name,
    kind: 'map type',
    lead: row.doc,
    facts,
    pitfalls: row.pitfalls ?? [],
    seeAlso: [],
    source: row.source,
  };
}
