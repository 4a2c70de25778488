// Map types.

import { between, since } from './lifetime.ts';
import { defineMapTypes, type MapTypeRow } from './map-type-row.ts';

export const MAP_TYPES = defineMapTypes([
  {
    name: 'BPF_MAP_TYPE_HASH',
    short: 'hash',
    id: 1,
    lifetimes: [since('4.13')],
    key: { kind: 'any-positive' },
    value: { kind: 'any-positive' },
    entries: 'positive',
    flags: [],
    needsBtf: false,
    helpers: [],
    inSockOps: 'yes',
    doc: '',
    source: '',
  },
  {
    name: 'BPF_MAP_TYPE_ARRAY',
    short: 'array',
    id: 2,
    lifetimes: [since('4.13'), between('4.13', '4.14')],
    key: { kind: 'exactly', sizes: [4] },
    value: { kind: 'any-positive' },
    entries: 'positive',
    flags: [],
    needsBtf: false,
    helpers: [],
    inSockOps: 'yes',
    doc: '',
    source: '',
  },
]);

export type MapTypeName = (typeof MAP_TYPES)[number]['name'];
export const MAP_TYPE_ROWS: readonly MapTypeRow[] = MAP_TYPES;
