// Gives every item of a draft its offset and size, and answers what a symbol is at a given statement. LEB128 numbers are as
// long as their value needs, which may depend on distances between labels; layout repeats until nothing moves.

import { assertNever } from '../base/index.ts';
import type { Draft, DraftItem, DraftPlace, DraftSection } from './draft.ts';
import { evaluate, type Place, type SymbolScope } from './expression.ts';

/** Offset in bytes of a place, by the present layout. */
export function offsetOf(draft: Draft, place: DraftPlace): number {
  const section = draft.sections[place.section]!;
  return section.items[place.item]?.offset ?? section.size;
}

const placeOf = (draft: Draft, place: DraftPlace): Place => ({
  section: place.section,
  offset: BigInt(offsetOf(draft, place)),
});

/** What names mean to an expression that stands at `here` in statement `order`. */
export function scopeAt(draft: Draft, here: Place, order: number): SymbolScope {
  const inProgress = new Set<string>();
  const scope: SymbolScope = {
    symbol: (name) => {
      const definition = draft.symbols.get(name)?.definition;
      switch (definition?.kind) {
        case 'place':
          return placeOf(draft, definition.place);
        case 'expression': {
          if (inProgress.has(name)) return undefined;
          inProgress.add(name);
          const value = evaluate(definition.value, scope);
          inProgress.delete(name);
          if (value.kind === 'constant') return value.value;
          if (value.kind === 'error' || value.place === undefined) return undefined;
          return { section: value.place.section, offset: value.place.offset + value.addend };
        }
        case 'common':
        case 'map':
          return undefined;
        case undefined: {
          // The name of a section stands for its start.
          const section = draft.sections.findIndex((each) => each.name === name);
          return section < 0 ? undefined : { section, offset: 0n };
        }
        default:
          return assertNever(definition, 'scopeAt');
      }
    },
    localLabel: (number, direction) => {
      const labels = draft.numericLabels.filter(
        (label) => label.number === number && (direction === 'b' ? label.order <= order : label.order > order),
      );
      const label = direction === 'b' ? labels.at(-1) : labels[0];
      return label === undefined ? undefined : placeOf(draft, label.place);
    },
    here,
  };
  return scope;
}

/** Rounds of layout; each can only make a LEB128 longer, by one byte or more, so that few are ever needed. */
const MAX_ROUNDS = 12;

/** Sets offset and size of every item and the size of every section. */
export function layOut(draft: Draft): void {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let moved = false;
    draft.sections.forEach((section, index) => {
      moved = layOutSection(draft, section, index) || moved;
    });
    if (!moved) return;
  }
}

function layOutSection(draft: Draft, section: DraftSection, index: number): boolean {
  let moved = false;
  let offset = 0;
  for (const item of section.items) {
    moved ||= item.offset !== offset;
    item.offset = offset;
    const size = sizeOf(draft, item, index);
    moved ||= size !== item.size;
    item.size = size;
    offset += size;
  }
  moved ||= section.size !== offset;
  section.size = offset;
  return moved;
}

function sizeOf(draft: Draft, item: DraftItem, section: number): number {
  const { content } = item;
  switch (content.kind) {
    case 'insn':
      return content.insn.row.sem.kind === 'load-imm64' ? 16 : 8;
    case 'integer':
      return content.bytes;
    case 'bytes':
      return content.bytes.length;
    case 'fill':
      return content.count * content.size;
    case 'align':
      return (content.alignment - (item.offset % content.alignment)) % content.alignment;
    case 'leb128': {
      const here = { section, offset: BigInt(item.offset) };
      const value = evaluate(content.value, scopeAt(draft, here, item.order));
      const length = value.kind === 'constant' ? leb128Bytes(value.value, content.signed).length : 1;
      return Math.max(length, item.size);
    }
    default:
      return assertNever(content, 'sizeOf');
  }
}

/** A number in LEB128; an unsigned one is read as 64 bits. `padTo` lengthens it without changing its value. */
export function leb128Bytes(value: bigint, signed: boolean, padTo = 1): Uint8Array {
  let rest = signed ? value : BigInt.asUintN(64, value);
  const bytes: number[] = [];
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    const complete = signed ? rest === ((byte & 0x40) !== 0 ? -1n : 0n) : rest === 0n;
    if (complete && bytes.length + 1 >= padTo) return Uint8Array.from([...bytes, byte]);
    bytes.push(byte | 0x80);
  }
}
