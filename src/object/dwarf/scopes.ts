// Functions with the tree of what happened inside them: inlined calls, blocks, and the variables of each. Concrete instances of an
// inlined function say little themselves and point to the abstract one; both are put together here.

import { AT, TAG } from './constants.ts';
import type { AttributeValue } from './forms.ts';
import type { AddressRange } from './lists.ts';
import { rangesOf } from './lists.ts';
import type { Entry, Unit } from './units.ts';

/** Where something is in the source, with the file still a number of its unit's line table. */
export interface Declared {
  readonly unit: Unit;
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

export interface ScopeVariable {
  readonly name: string;
  readonly kind: 'parameter' | 'local';
  /** The entry that says where the value is; undefined when only the abstract function mentions the variable. */
  readonly entry: Entry;
  /** Its location or value, from the entry or from what it is an instance of. */
  readonly location: AttributeValue | undefined;
  readonly constant: AttributeValue | undefined;
  /** The entry that names the type. */
  readonly typed: Entry;
  readonly declared: Declared | undefined;
}

export interface Scope {
  readonly kind: 'function' | 'inlined' | 'block';
  readonly name: string;
  readonly entry: Entry;
  readonly declared: Declared | undefined;
  readonly call: Declared | undefined;
  readonly ranges: readonly AddressRange[];
  readonly variables: readonly ScopeVariable[];
  readonly children: readonly Scope[];
}

const MAX_ORIGINS = 8;
/** Ranges and variables of one object; only hostile input has more. */
const MAX_RANGES = 200_000;
const MAX_VARIABLES = 200_000;

/** Reads scopes; `entryAt` finds entries by offset, across units. */
export class ScopeReader {
  readonly #entryAt: (offset: number) => Entry | undefined;
  #rangesLeft = MAX_RANGES;
  #variablesLeft = MAX_VARIABLES;

  constructor(entryAt: (offset: number) => Entry | undefined) {
    this.#entryAt = entryAt;
  }

  /** A function that has code; undefined for declarations and for functions that were inlined everywhere. */
  readFunction(entry: Entry): Scope | undefined {
    const ranges = this.#ranges(entry);
    return ranges.length === 0 ? undefined : this.#scope('function', entry, ranges);
  }

  #ranges(entry: Entry): readonly AddressRange[] {
    if (this.#rangesLeft <= 0) return [];
    const ranges = rangesOf(entry);
    this.#rangesLeft -= ranges.length;
    return ranges;
  }

  /** The entry and what it is an instance or the definition of, nearest first. */
  origins(entry: Entry): Entry[] {
    const out = [entry];
    for (let at = entry; out.length < MAX_ORIGINS; ) {
      const value = at.attributes.get(AT.abstractOrigin) ?? at.attributes.get(AT.specification);
      const next = value?.kind === 'entry' ? this.#entryAt(value.offset) : undefined;
      if (next === undefined || out.includes(next)) break;
      out.push(next);
      at = next;
    }
    return out;
  }

  /** Name by which people know it. */
  nameOf(entry: Entry): string {
    const chain = this.origins(entry);
    for (const attribute of [AT.name, AT.linkageName]) {
      for (const one of chain) {
        const name = one.unit.string(one, attribute);
        if (name !== undefined && name !== '') return name;
      }
    }
    return '';
  }

  declared(entry: Entry): Declared | undefined {
    for (const one of this.origins(entry)) {
      const line = one.unit.size(one, AT.declLine);
      if (line === undefined) continue;
      return {
        unit: one.unit,
        file: one.unit.size(one, AT.declFile) ?? 0,
        line,
        column: one.unit.size(one, AT.declColumn) ?? 0,
      };
    }
    return undefined;
  }

  /** First entry of the chain that has the attribute. */
  having(entry: Entry, attribute: number): Entry | undefined {
    return this.origins(entry).find((one) => one.attributes.has(attribute));
  }

  variable(entry: Entry): ScopeVariable {
    const chain = this.origins(entry);
    const find = (attribute: number): AttributeValue | undefined => {
      for (const one of chain) {
        const value = one.attributes.get(attribute);
        if (value !== undefined) return value;
      }
      return undefined;
    };
    return {
      name: this.nameOf(entry),
      kind: entry.tag === TAG.formalParameter ? 'parameter' : 'local',
      entry,
      location: find(AT.location),
      constant: find(AT.constValue),
      typed: this.having(entry, AT.type) ?? entry,
      declared: this.declared(entry),
    };
  }

  #scope(kind: Scope['kind'], entry: Entry, ranges: readonly AddressRange[]): Scope {
    const variables: ScopeVariable[] = [];
    const children: Scope[] = [];
    for (const child of entry.children) {
      switch (child.tag) {
        case TAG.formalParameter:
        case TAG.variable:
          variables.push(this.variable(child));
          break;
        case TAG.lexicalBlock:
        case TAG.inlinedSubroutine: {
          const inner = this.#ranges(child);
          if (inner.length > 0)
            children.push(this.#scope(child.tag === TAG.lexicalBlock ? 'block' : 'inlined', child, inner));
          break;
        }
        default:
      }
    }
    variables.push(...this.#missing(entry));
    const line = kind === 'inlined' ? entry.unit.size(entry, AT.callLine) : undefined;
    return {
      kind,
      name: kind === 'block' ? '' : this.nameOf(entry),
      entry,
      declared: kind === 'block' ? undefined : this.declared(entry),
      call:
        line === undefined
          ? undefined
          : {
              unit: entry.unit,
              file: entry.unit.size(entry, AT.callFile) ?? 0,
              line,
              column: entry.unit.size(entry, AT.callColumn) ?? 0,
            },
      ranges,
      variables,
      children,
    };
  }

  /** Variables of the abstract function that this instance does not mention: they were optimised out as a whole. */
  #missing(entry: Entry): ScopeVariable[] {
    const value = entry.attributes.get(AT.abstractOrigin);
    const origin = value?.kind === 'entry' ? this.#entryAt(value.offset) : undefined;
    if (origin === undefined || origin === entry || this.#variablesLeft <= 0) return [];
    this.#variablesLeft -= origin.children.length;
    const mentioned = new Set<number>();
    for (const child of entry.children) {
      const instance = child.attributes.get(AT.abstractOrigin);
      if (instance?.kind === 'entry') mentioned.add(instance.offset);
    }
    return origin.children
      .filter(
        (child) => (child.tag === TAG.variable || child.tag === TAG.formalParameter) && !mentioned.has(child.offset),
      )
      .map((child) => this.variable(child));
  }
}
