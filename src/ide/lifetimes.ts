// When the thing behind a name exists, for the line "not on 5.10" of a hover and for ranking completions.

import {
  type Area,
  CALLBACK_FLAGS,
  CONSTANTS,
  type KernelView,
  KFUNCS,
  type Lifetime,
  MAP_TYPES,
  OPS,
  SOCKOPTS,
} from '../kernel/index.ts';
import { contextField } from '../syntax/index.ts';
import { helperByName } from './helpers.ts';
import { kernelName } from './words.ts';

export interface Existence {
  readonly area: Area;
  readonly lifetimes: readonly Lifetime[];
}

interface Named {
  readonly name: string;
  readonly lifetimes: readonly Lifetime[];
}

const find = (rows: readonly Named[], name: string): readonly Lifetime[] | undefined =>
  rows.find((row) => row.name === name)?.lifetimes;

/** When a named thing exists for sock_ops programs; undefined for an unknown name. */
export function existenceOf(name: string, isMember: 'member' | 'name'): Existence | undefined {
  if (isMember === 'member') {
    const field = contextField(name);
    return field === undefined ? undefined : { area: 'context', lifetimes: field.row.lifetimes };
  }
  const ops = find(OPS, name) ?? find(CALLBACK_FLAGS, name);
  if (ops !== undefined) return { area: 'ops', lifetimes: ops };
  const helper = helperByName(name);
  if (helper !== undefined) return { area: 'helpers', lifetimes: helper.sockOps?.lifetimes ?? [] };
  const option = SOCKOPTS.find((row) => row.name === name) as
    | { set?: { lifetimes: readonly Lifetime[] }; get?: { lifetimes: readonly Lifetime[] } }
    | undefined;
  if (option !== undefined)
    return { area: 'options', lifetimes: [...(option.set?.lifetimes ?? []), ...(option.get?.lifetimes ?? [])] };
  const map = find(MAP_TYPES, name);
  if (map !== undefined) return { area: 'maps', lifetimes: map };
  const kfunc = find(KFUNCS, name);
  if (kfunc !== undefined) return { area: 'kfuncs', lifetimes: kfunc };
  const constant = find(CONSTANTS, name);
  return constant === undefined ? undefined : { area: 'runtime', lifetimes: constant };
}

/** Names of the target kernels that certainly lack it. */
export function missingOn(existence: Existence, views: readonly KernelView[]): readonly string[] {
  return views.filter((view) => view.presence(existence.area, existence.lifetimes) === 'no').map(kernelName);
}
