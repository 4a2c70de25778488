// An assembly to text that assembles back into the same sections: labels for jump targets, symbols where relocations refer to
// them, directives for data. The inverse of assemble.ts.

import type { AssembledRelocation, AssembledSection, AssembledSymbol, Assembly } from './assembly.ts';
import { decodeProgram, SLOT_BYTES } from './decode.ts';
import { formatInsn, type InsnNames, type imm64Value } from './format.ts';
import type { Insn } from './insn.ts';

export interface WriteAssemblyOptions {
  /** Names of helpers and kfuncs; the text then needs the same names to assemble. */
  readonly names?: Pick<InsnNames, 'helper'>;
  readonly numbers?: 'hex' | 'decimal';
  /** A remark after the instruction at `slot` of the section, without comment sign. */
  readonly remark?: (section: number, slot: number) => string | undefined;
}

/** Writes the text. Sections come in their order; what a `.map` declares comes first. */
export function writeAssembly(assembly: Assembly, options: WriteAssemblyOptions = {}): string {
  const labels = collectLabels(assembly);
  const lines: string[] = [];
  for (const map of assembly.maps) {
    const extras = [
      map.flags === 0 ? '' : `, flags=0x${map.flags.toString(16)}`,
      map.extra === 0n ? '' : `, extra=0x${map.extra.toString(16)}`,
      map.inner === undefined ? '' : `, inner=${map.inner}`,
      assembly.maps[map.fd - 1] === map ? '' : `, fd=${map.fd}`,
    ];
    lines.push(
      `\t.map\t${symbolText(map.name)}, ${map.type}, ${map.keySize}, ${map.valueSize}, ${map.maxEntries}${extras.join('')}`,
    );
  }
  if (lines.length > 0) lines.push('');
  for (const symbol of assembly.symbols) lines.push(...unplacedSymbol(symbol));
  assembly.sections.forEach((section, index) => {
    lines.push(sectionDirective(section));
    if (section.alignment > 1) lines.push(`\t.p2align\t${Math.log2(section.alignment)}`);
    const context: SectionContext = {
      assembly,
      section,
      index,
      labels,
      options,
      relocations: new Map(section.relocations.map((relocation) => [relocation.offset, relocation])),
      symbols: assembly.symbols.filter((symbol) => symbol.value.kind === 'place' && symbol.value.section === index),
    };
    lines.push(...(section.flags.includes('x') ? codeLines(context) : dataLines(context)), '');
  });
  return `${lines.join('\n').trimEnd()}\n`;
}

interface SectionContext {
  readonly assembly: Assembly;
  readonly section: AssembledSection;
  readonly index: number;
  readonly labels: Labels;
  readonly options: WriteAssemblyOptions;
  readonly relocations: ReadonlyMap<number, AssembledRelocation>;
  readonly symbols: readonly AssembledSymbol[];
}

/** Private labels by section and byte offset. */
type Labels = readonly ReadonlyMap<number, string>[];

function collectLabels(assembly: Assembly): Labels {
  const labels = assembly.sections.map(() => new Map<number, string>());
  const programs = assembly.sections.map((section) =>
    section.flags.includes('x') ? decodeProgram(section.bytes) : undefined,
  );
  /** Labels stand before an instruction, before a byte of data, or at the end. */
  const need = (index: number, offset: number) => {
    const size = assembly.sections[index]?.bytes.length ?? -1;
    const program = programs[index];
    const sound = offset === size || program === undefined || program[offset / SLOT_BYTES] !== undefined;
    if (offset >= 0 && offset <= size && sound) labels[index]?.set(offset, `.L${index}_${offset}`);
  };
  assembly.sections.forEach((section, index) => {
    for (const insn of programs[index] ?? []) {
      if (insn?.kind === 'jump' || insn?.kind === 'jump-if' || insn?.kind === 'may-goto')
        need(index, insn.target * SLOT_BYTES);
    }
    for (const relocation of section.relocations) {
      if (relocation.to.kind !== 'section') continue;
      need(relocation.to.section, 0);
      need(relocation.to.section, addendOf(section, relocation));
    }
  });
  return labels;
}

/** Bytes that a relocation adds to its target, read from where they stand. */
function addendOf(section: AssembledSection, { offset, kind }: AssembledRelocation): number {
  const view = new DataView(section.bytes.buffer, section.bytes.byteOffset, section.bytes.byteLength);
  const width = kind === 'data64' ? 8 : 4;
  const at = kind === 'imm64' || kind === 'call' ? offset + 4 : offset;
  if (at < 0 || at + width > section.bytes.length) return -1;
  if (kind === 'data64') return Number(view.getBigInt64(at, true));
  const value = kind === 'call' ? view.getInt32(at, true) : view.getUint32(at, true);
  return kind === 'call' ? (value + 1) * SLOT_BYTES : value;
}

const WORD = /^[A-Za-z_.$][\w.$]*$/;

/** A symbol as it can stand in the text: quoted when it is no plain word. */
const symbolText = (name: string): string => (WORD.test(name) ? name : `"${name}"`);

function sectionDirective({ name, flags, type, entrySize }: AssembledSection): string {
  const spelled = /^[\w./-]+$/.test(name) ? name : `"${name}"`;
  const kind = type === 'other' ? 'progbits' : type;
  const size = entrySize > 0 ? `,${entrySize}` : '';
  return `\t.section\t${spelled},"${flags}",@${kind}${size}`;
}

const TYPE_WORDS = { none: undefined, function: '@function', object: '@object' } as const;

/** Binding, visibility and type of a symbol. */
function attributes(symbol: AssembledSymbol): string[] {
  const name = symbolText(symbol.name);
  const type = TYPE_WORDS[symbol.type];
  return [
    ...(symbol.binding === 'global' ? [`\t.globl\t${name}`] : symbol.binding === 'weak' ? [`\t.weak\t${name}`] : []),
    ...(symbol.visibility === 'default' ? [] : [`\t.${symbol.visibility}\t${name}`]),
    ...(type === undefined ? [] : [`\t.type\t${name},${type}`]),
  ];
}

/** A symbol that no section holds. An undefined one without attributes of its own is made by being used. */
function unplacedSymbol(symbol: AssembledSymbol): string[] {
  const name = symbolText(symbol.name);
  switch (symbol.value.kind) {
    case 'place':
      return [];
    case 'absolute':
      return [...attributes(symbol), `\t.set\t${name}, ${symbol.value.value}`];
    case 'common':
      return [...attributes(symbol), `\t.comm\t${name},${symbol.value.size},${symbol.value.alignment}`];
    case 'undefined':
      return attributes(symbol);
  }
}

/** Attributes and labels of everything that stands at `offset`. */
function placeLines({ symbols, labels, index }: SectionContext, offset: number): string[] {
  const here = symbols.filter((symbol) => symbol.value.kind === 'place' && symbol.value.offset === offset);
  const label = labels[index]!.get(offset);
  return [
    ...here.flatMap((symbol) => [...attributes(symbol), `${symbolText(symbol.name)}:`]),
    ...(label === undefined ? [] : [`${label}:`]),
  ];
}

const sizeLines = (symbols: readonly AssembledSymbol[]): string[] =>
  symbols.filter((symbol) => symbol.size > 0).map((symbol) => `\t.size\t${symbolText(symbol.name)}, ${symbol.size}`);

function codeLines(context: SectionContext): string[] {
  const { section, options } = context;
  const lines: string[] = [];
  for (const insn of decodeProgram(section.bytes)) {
    if (insn === undefined) continue;
    const offset = insn.slot * SLOT_BYTES;
    lines.push(...placeLines(context, offset));
    const remark = options.remark?.(context.index, insn.slot);
    const text = codeText(insn, context);
    lines.push(remark === undefined ? `\t${text}` : `\t${text.padEnd(40)}# ${remark}`);
  }
  lines.push(...placeLines(context, section.bytes.length), ...sizeLines(context.symbols));
  return lines;
}

function codeText(insn: Insn, context: SectionContext): string {
  const { assembly, labels, index, options, relocations } = context;
  const relocation = relocations.get(insn.slot * SLOT_BYTES);
  const target = relocation === undefined ? undefined : targetText(context, relocation);
  // A call whose function a linker fills in has no target of its own yet, only an addend.
  if (target !== undefined && relocation?.kind === 'call' && insn.kind === 'call-local') return `call ${target}`;
  const isMap = relocation?.to.kind === 'symbol' && assembly.maps.some((map) => map.name === targetName(relocation));
  const address = relocation?.kind === 'imm64' && !isMap ? target : undefined;
  return formatInsn(insn, {
    dialect: 'source',
    ...(options.numbers === undefined ? {} : { numbers: options.numbers }),
    names: {
      ...options.names,
      label: (slot) => labels[index]!.get(slot * SLOT_BYTES),
      map: (fd) => {
        const map = assembly.maps.find((each) => each.fd === fd);
        return map === undefined ? undefined : symbolText(map.name);
      },
      address: (load) => (load.source === 'value' && address !== undefined && fitsLow(load) ? address : undefined),
    },
  });
}

/** Whether the upper half is what assembling a symbolic load gives. */
const fitsLow = (load: Parameters<typeof imm64Value>[0]): boolean => load.high === 0;

const targetName = (relocation: AssembledRelocation): string | undefined =>
  relocation.to.kind === 'symbol' ? relocation.to.name : undefined;

/** What a relocation refers to, with its addend. */
function targetText(
  { assembly, section, labels }: SectionContext,
  relocation: AssembledRelocation,
): string | undefined {
  const addend = addendOf(section, relocation);
  if (relocation.to.kind === 'section') {
    const exact = localSymbolAt(assembly, relocation.to.section, addend) ?? labels[relocation.to.section]?.get(addend);
    if (exact !== undefined) return exact;
  }
  const name =
    relocation.to.kind === 'section' ? labels[relocation.to.section]?.get(0) : symbolText(relocation.to.name);
  if (name === undefined) return undefined;
  if (addend === 0) return name;
  return addend < 0 ? `${name}-${-addend}` : `${name}+${addend}`;
}

/** A symbol that assembles to a reference through its section. */
function localSymbolAt(assembly: Assembly, section: number, offset: number): string | undefined {
  const symbol = assembly.symbols.find(
    ({ binding, value }) =>
      binding === 'local' && value.kind === 'place' && value.section === section && value.offset === offset,
  );
  return symbol === undefined ? undefined : symbolText(symbol.name);
}

function dataLines(context: SectionContext): string[] {
  const { section, relocations, labels, index, symbols } = context;
  const { bytes } = section;
  const stops = new Set([
    ...labels[index]!.keys(),
    ...symbols.flatMap((symbol) => (symbol.value.kind === 'place' ? [symbol.value.offset] : [])),
    ...relocations.keys(),
    bytes.length,
  ]);
  const sorted = [...stops].filter((each) => each <= bytes.length).sort((a, b) => a - b);
  const lines: string[] = [];
  let stop = 0;
  let offset = 0;
  while (offset < bytes.length) {
    lines.push(...placeLines(context, offset));
    const relocation = relocations.get(offset);
    const target = relocation === undefined ? undefined : targetText(context, relocation);
    if (relocation !== undefined && target !== undefined) {
      const wide = relocation.kind === 'data64';
      lines.push(`\t${wide ? '.quad' : '.long'}\t${target}`);
      offset += wide ? 8 : 4;
      continue;
    }
    while ((sorted[stop] ?? bytes.length) <= offset && stop < sorted.length) stop++;
    const next = sorted[stop] ?? bytes.length;
    lines.push(...bytesLines(bytes.subarray(offset, next), section));
    offset = next;
  }
  lines.push(...placeLines(context, bytes.length), ...sizeLines(symbols));
  return lines;
}

/** A run of bytes as zeros, as a string, or as numbers. */
function bytesLines(bytes: Uint8Array, section: AssembledSection): string[] {
  if (bytes.length === 0) return [];
  if (section.type === 'nobits' || bytes.every((byte) => byte === 0)) return [`\t.zero\t${bytes.length}`];
  const body = bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes;
  const printable = body.every((byte) => (byte >= 32 && byte < 127) || byte === 10 || byte === 9);
  if (body.length > 1 && printable) {
    const text = [...body].map((byte) => STRING_ESCAPES.get(byte) ?? String.fromCharCode(byte)).join('');
    return [`\t${body.length < bytes.length ? '.asciz' : '.ascii'}\t"${text}"`];
  }
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const group = [...bytes.subarray(at, at + 16)].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`);
    lines.push(`\t.byte\t${group.join(', ')}`);
  }
  return lines;
}

const STRING_ESCAPES: ReadonlyMap<number, string> = new Map([
  [34, '\\"'],
  [92, '\\\\'],
  [10, '\\n'],
  [9, '\\t'],
]);
