// What a compiler adds to an object and hand-written assembly lacks: the .maps section and its BTF for `.map` directives, FUNC types
// and line information that point into the assembly text, so that loaders find the maps and debuggers show the source.
// Source: Documentation/bpf/btf.rst for the formats, bpf_helpers.h for how map definitions hide numbers in types.

import type { LineIndex } from '../base/index.ts';
import {
  type AssembledMap,
  type AssembledSection,
  type AssembledSymbol,
  type Assembly,
  decodeOne,
  SLOT_BYTES,
} from '../isa/index.ts';
import { BTF_KIND } from './btf.ts';
import { BtfBuilder } from './btf-builder.ts';
import { putInsn } from './put-insn.ts';

/** The text that an assembly came from. */
export interface AssemblySource {
  /** As the user named it. */
  readonly file: string;
  readonly text: string;
  readonly lineIndex: LineIndex;
}

const MAPS_SECTION = '.maps';

/** Adds sections .maps, .BTF and .BTF.ext. An assembly that brings its own types, as clang's output does, is returned as it is. */
export function addTypes(assembly: Assembly, source: AssemblySource): Assembly {
  if (assembly.sections.some(({ name }) => name === '.BTF' || name === '.BTF.ext')) return assembly;
  const builder = new BtfBuilder();
  builder.int('int', 4, 'signed').int('__ARRAY_SIZE_TYPE__', 4).struct('bpf_sock_ops', []);
  const maps = addMaps(assembly, builder);
  const functions = functionsOf(maps);
  const typed = functions.map((each) => ({ ...each, typeId: functionType(builder, each.symbol) }));
  const ext = extensionBytes(maps, typed, source, builder);
  const plain = { flags: '', type: 'progbits', entrySize: 0, alignment: 4, relocations: [], origins: [] } as const;
  return {
    ...maps,
    sections: [
      ...maps.sections,
      { ...plain, name: '.BTF', bytes: builder.bytes() },
      { ...plain, name: '.BTF.ext', bytes: ext },
    ],
  };
}

// Maps

/** One struct per map: every number is a pointer to an array of that many elements. */
function addMaps(assembly: Assembly, builder: BtfBuilder): Assembly {
  if (assembly.maps.length === 0) return assembly;
  const structs = new Map<string, { readonly id: number; readonly size: number }>();
  const define = (map: AssembledMap, nesting: 'outer' | 'inner'): { readonly id: number; readonly size: number } => {
    const numbers = [
      ['type', map.typeId ?? 0],
      ['key_size', map.keySize],
      ['value_size', map.valueSize],
      ['max_entries', map.maxEntries],
      ['map_flags', map.flags],
    ] as const;
    const members: { readonly name: string; readonly type: number }[] = numbers
      .filter(([name, value]) => name === 'type' || value !== 0)
      .map(([name, value]) => ({ name, type: builder.id(`int[${value}]*`) }));
    if (map.extra !== 0n) members.push({ name: 'map_extra', type: extraType(builder, map.extra) });
    const inner = assembly.maps.find(({ name }) => name === map.inner);
    if (inner !== undefined && nesting === 'outer') {
      const template = define(inner, 'inner');
      const pointer = builder.add('', BTF_KIND.ptr, 0, template.id);
      members.push({
        name: 'values',
        type: builder.add('', BTF_KIND.array, 0, 0, [pointer, builder.id('__ARRAY_SIZE_TYPE__'), 0]),
      });
    }
    const size = 8 * members.length;
    const tail = members.flatMap(({ name, type }, index) => [builder.text(name), type, 64 * index]);
    return { id: builder.add('', BTF_KIND.struct, members.length, size, tail), size };
  };
  for (const map of assembly.maps) structs.set(map.name, define(map, 'outer'));

  const section = assembly.sections.length;
  const symbols: AssembledSymbol[] = [];
  const entries: number[] = [];
  let offset = 0;
  for (const map of assembly.maps) {
    const { id, size } = structs.get(map.name)!;
    const variable = builder.add(map.name, BTF_KIND.var, 0, id, [1]);
    entries.push(variable, offset, size);
    symbols.push({
      name: map.name,
      binding: 'global',
      type: 'object',
      visibility: 'default',
      value: { kind: 'place', section, offset },
      size,
      range: map.range,
    });
    offset += size;
  }
  builder.add(MAPS_SECTION, BTF_KIND.datasec, assembly.maps.length, offset, entries);
  return {
    ...assembly,
    symbols: [...assembly.symbols, ...symbols],
    sections: [
      ...assembly.sections.map((each) => withoutMapNumbers(each, assembly)),
      {
        name: MAPS_SECTION,
        type: 'progbits',
        flags: 'aw',
        entrySize: 0,
        alignment: 8,
        bytes: new Uint8Array(offset),
        relocations: [],
        origins: [],
      },
    ],
  };
}

/** map_extra has 64 bits, more than an array can count: a 64-bit enumeration of one value, as __ulong makes. */
function extraType(builder: BtfBuilder, extra: bigint): number {
  const low = Number(extra & 0xffff_ffffn);
  const high = Number(BigInt.asUintN(64, extra) >> 32n);
  return builder.add('', BTF_KIND.enum64, 1, 8, [builder.text('__unique_value'), low, high]);
}

/** In an object the loader writes a map's number, so that the load holds zeros until then. */
function withoutMapNumbers(section: AssembledSection, assembly: Assembly): AssembledSection {
  const names = new Set(assembly.maps.map(({ name }) => name));
  const bytes = section.bytes.slice();
  const relocations = section.relocations.filter(({ offset, kind, to }) => {
    if (kind !== 'imm64' || to.kind !== 'symbol' || !names.has(to.name)) return true;
    const insn = decodeOne(bytes, offset / SLOT_BYTES);
    // A place inside a value keeps its numbers: no relocation can express it.
    if (insn.kind !== 'load-imm64' || insn.source !== 'map-fd') return false;
    putInsn(bytes, { ...insn, source: 'value', low: 0, high: 0 });
    return true;
  });
  return { ...section, bytes, relocations };
}

// Functions and lines

interface FunctionPlace {
  readonly symbol: AssembledSymbol;
  readonly section: number;
  readonly offset: number;
}

function functionsOf(assembly: Assembly): FunctionPlace[] {
  return assembly.symbols
    .flatMap((symbol): FunctionPlace[] => {
      const { type, value } = symbol;
      return type === 'function' && value.kind === 'place'
        ? [{ symbol, section: value.section, offset: value.offset }]
        : [];
    })
    .sort((a, b) => a.section - b.section || a.offset - b.offset);
}

/** `int NAME(struct bpf_sock_ops *ctx)`: what every entry looks like. Of local functions nothing is known, and nothing is said. */
function functionType(builder: BtfBuilder, symbol: AssembledSymbol): number {
  const isLocal = symbol.binding === 'local';
  const parameters = isLocal ? [] : [builder.text('ctx'), builder.id('struct bpf_sock_ops *')];
  const proto = builder.add('', BTF_KIND.funcProto, parameters.length / 2, builder.id('int'), parameters);
  const linkage = isLocal ? 0 : 1;
  return builder.add(symbol.name, BTF_KIND.func, linkage, proto);
}

const HEADER_BYTES = 24;
const FUNC_RECORD_BYTES = 8;
const LINE_RECORD_BYTES = 16;

/** .BTF.ext: which function starts where, which line of the text every instruction came from. */
function extensionBytes(
  assembly: Assembly,
  functions: readonly (FunctionPlace & { readonly typeId: number })[],
  source: AssemblySource,
  builder: BtfBuilder,
): Uint8Array {
  const funcWords: number[] = [FUNC_RECORD_BYTES];
  const lineWords: number[] = [LINE_RECORD_BYTES];
  const file = builder.text(source.file);
  assembly.sections.forEach((section, index) => {
    const own = functions.filter((each) => each.section === index);
    if (!section.flags.includes('x') || own.length === 0) return;
    const name = builder.text(section.name);
    funcWords.push(name, own.length, ...own.flatMap(({ offset, typeId }) => [offset, typeId]));
    const lines = section.origins.filter(({ offset }) => offset % SLOT_BYTES === 0);
    lineWords.push(name, lines.length);
    for (const { offset, range } of lines) {
      const { line0, column0 } = range.start;
      const start = source.lineIndex.lineStart(line0);
      const text = source.text.slice(start, source.lineIndex.lineStart(line0 + 1)).trimEnd();
      const place = ((line0 + 1) << 10) | Math.min(column0 + 1, 1023);
      lineWords.push(offset, file, builder.text(text), place);
    }
  });
  const body = Uint32Array.from([...funcWords, ...lineWords]);
  const bytes = new Uint8Array(HEADER_BYTES + 4 * body.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, true);
  view.setUint8(2, 1);
  view.setUint32(4, HEADER_BYTES, true);
  view.setUint32(12, 4 * funcWords.length, true);
  view.setUint32(16, 4 * funcWords.length, true);
  view.setUint32(20, 4 * lineWords.length, true);
  body.forEach((word, at) => {
    view.setUint32(HEADER_BYTES + 4 * at, word, true);
  });
  return bytes;
}
