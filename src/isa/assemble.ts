// The assembler: text in the syntax that clang reads to sections of bytes. Two passes: read every statement, then give every
// item its place and fill in what depends on places. Never throws; a statement that is wrong gives a problem and, where it
// would have been an instruction, no bytes. Source: LLVM's BPF target; docs/assembly.md describes the language.

import { assertNever, LineIndex, type Outcome, type Problem } from '../base/index.ts';
import { type AsmReporter, report } from './asm-problem.ts';
import type { AssembledRelocation, AssembledSection, AssembledSymbol, Assembly } from './assembly.ts';
import { runDirective } from './directives.ts';
import {
  addItem,
  currentPlace,
  type Draft,
  type DraftItem,
  type DraftSection,
  MAX_SECTION_BYTES,
  symbolNamed,
} from './draft.ts';
import { type Expression, evaluate } from './expression.ts';
import { layOut, leb128Bytes, offsetOf, scopeAt } from './layout.ts';
import { type Statement, type Token, tokenize } from './lexer.ts';
import { isRegister, matchInsn } from './match.ts';
import { mismatchProblem } from './mismatch.ts';
import { relocateTo } from './relocate.ts';
import { resolveInsn } from './resolve.ts';

export interface AssembleOptions {
  /** Name of the text in problems. */
  readonly file?: string;
  /** Number of a helper that the text calls by name; without it helpers are called by number only. */
  readonly helperId?: (name: string) => number | undefined;
  /** Number of a map type that a `.map` names. */
  readonly mapTypeId?: (type: string) => number | undefined;
}

/** Assembles a text. The result holds everything that could be made of it, problems or not. */
export function assemble(text: string, options: AssembleOptions = {}): Outcome<Assembly> {
  const problems: Problem[] = [];
  const reporter: AsmReporter = {
    file: options.file ?? '<assembly>',
    lineIndex: new LineIndex(text),
    add: (problem) => problems.push(problem),
  };
  const draft: Draft = {
    sections: [],
    symbols: new Map(),
    maps: [],
    lines: [],
    numericLabels: [],
    current: 0,
    previous: undefined,
    stack: [],
    files: new Map(),
  };
  tokenize(text).forEach((statement, order) => {
    readStatement(draft, reporter, statement, order, options);
  });
  layOut(draft);
  return { value: emit(draft, reporter, options), problems };
}

function readStatement(
  draft: Draft,
  reporter: AsmReporter,
  statement: Statement,
  order: number,
  options: AssembleOptions,
): void {
  const bad = statement.tokens.find((token) => token.kind === 'unknown');
  if (bad?.kind === 'unknown') {
    report(reporter, 'asm-syntax', bad.span, bad.why);
    return;
  }
  let tokens = statement.tokens;
  while (tokens[1]?.text === ':' && tokens[0] !== undefined && isLabelToken(tokens[0])) {
    defineLabel(draft, reporter, tokens[0], order);
    tokens = tokens.slice(2);
  }
  const [first] = tokens;
  if (first === undefined) return;
  const span = { start: first.span.start, end: statement.span.end };
  if (first.kind === 'word' && first.text.startsWith('.') && first.text !== '.') {
    const rest = splitAtCommas(tokens.slice(1));
    const mapTypeId = options.mapTypeId ?? (() => undefined);
    runDirective({ draft, reporter, name: first, arguments: rest, span, order, mapTypeId });
    return;
  }
  const match = matchInsn(tokens);
  if (match.kind === 'matched') addItem(draft, span, order, { kind: 'insn', insn: match.insn });
  else mismatchProblem(reporter, tokens, match.mismatch);
}

const isLabelToken = (token: Token): boolean =>
  (token.kind === 'word' && !isRegister(token.text)) || token.kind === 'number' || token.kind === 'string';

function defineLabel(draft: Draft, reporter: AsmReporter, token: Token, order: number): void {
  const place = currentPlace(draft);
  if (token.kind === 'number') {
    draft.numericLabels.push({ number: token.text, order, place });
    return;
  }
  const name = token.kind === 'string' ? token.text.slice(1, -1) : token.text;
  const symbol = symbolNamed(draft, name, reporter.lineIndex.range(token.span));
  if (symbol.definition !== undefined)
    report(reporter, 'asm-duplicate', token.span, `\`${name}\` is defined already`, {
      remedy: 'give one of the two another name, or use numeric labels (`1:`, `goto 1b`)',
    });
  else symbol.definition = { kind: 'place', place };
}

function splitAtCommas(tokens: readonly Token[]): Token[][] {
  if (tokens.length === 0) return [];
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.text === ',' && token.kind === 'punctuation') parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts;
}

function emit(draft: Draft, reporter: AsmReporter, options: AssembleOptions): Assembly {
  const sections = draft.sections.map((section, index) => emitSection(draft, section, index, reporter, options));
  const symbols = [...draft.symbols.values()].flatMap((symbol): AssembledSymbol[] => {
    const { name, binding, type, visibility, range } = symbol;
    if (name.startsWith('.L') || symbol.definition?.kind === 'map') return [];
    const scope = scopeAt(draft, { section: -1, offset: 0n }, symbol.size?.order ?? 0);
    const size = symbol.size === undefined ? undefined : evaluate(symbol.size.value, scope);
    return [
      {
        name,
        // A name that is used and not defined belongs to another object.
        binding: symbol.definition === undefined && binding === 'local' ? 'global' : binding,
        type,
        visibility,
        range,
        value: symbolValue(draft, name),
        size: size?.kind === 'constant' ? Number(BigInt.asUintN(53, size.value)) : 0,
      },
    ];
  });
  const lines = draft.lines.map(({ place, ...line }) => ({
    ...line,
    section: place.section,
    offset: offsetOf(draft, place),
  }));
  return { sections, symbols, maps: draft.maps, lines };
}

function symbolValue(draft: Draft, name: string): AssembledSymbol['value'] {
  const definition = draft.symbols.get(name)?.definition;
  if (definition?.kind === 'common') return definition;
  const value = scopeAt(draft, { section: -1, offset: 0n }, 0).symbol(name);
  if (value === undefined) return { kind: 'undefined' };
  if (typeof value === 'bigint') return { kind: 'absolute', value };
  return { kind: 'place', section: value.section, offset: Number(value.offset) };
}

function emitSection(
  draft: Draft,
  section: DraftSection,
  index: number,
  reporter: AsmReporter,
  options: AssembleOptions,
): AssembledSection {
  const { name, type, flags, entrySize, alignment } = section;
  const relocations: AssembledRelocation[] = [];
  const last = section.items.find((item) => item.offset + item.size > MAX_SECTION_BYTES);
  if (last !== undefined)
    report(reporter, 'asm-size', last.span, `a section may have ${MAX_SECTION_BYTES} bytes at most`);
  const bytes = new Uint8Array(last === undefined ? section.size : 0);
  const origins = section.items
    .filter((item) => item.size > 0)
    .map((item) => ({ offset: item.offset, range: reporter.lineIndex.range(item.span) }));
  if (last === undefined) {
    for (const item of section.items) {
      const context = { draft, reporter, options, section: index, relocations, code: flags.includes('x') };
      bytes.set(itemBytes(item, context), item.offset);
    }
  }
  return { name, type, flags, entrySize, alignment, bytes, relocations, origins };
}

interface EmitContext {
  readonly draft: Draft;
  readonly reporter: AsmReporter;
  readonly options: AssembleOptions;
  readonly section: number;
  readonly relocations: AssembledRelocation[];
  readonly code: boolean;
}

function itemBytes(item: DraftItem, context: EmitContext): Uint8Array {
  const { content, span } = item;
  const { draft, reporter, relocations } = context;
  const here = { section: context.section, offset: BigInt(item.offset) };
  const scope = scopeAt(draft, here, item.order);
  switch (content.kind) {
    case 'bytes':
      return content.bytes;
    case 'fill': {
      const unit = littleEndian(content.value, content.size);
      return Uint8Array.from({ length: item.size }, (_, at) => unit[at % content.size]!);
    }
    case 'align':
      // Code is filled with instructions that do nothing: `if r0 == 0 goto +0`.
      return Uint8Array.from({ length: item.size }, (_, at) =>
        context.code && content.fill === 0 && at % 8 === 0 && item.size % 8 === 0 ? 0x15 : content.fill,
      );
    case 'insn': {
      const helperId = context.options.helperId ?? (() => undefined);
      if (item.offset % 8 !== 0)
        report(reporter, 'asm-range', span, 'an instruction stands at a multiple of 8 bytes', {
          remedy: 'write `.p2align 3` before it',
        });
      return resolveInsn(content.insn, { draft, reporter, scope, here, span, helperId, relocations });
    }
    case 'integer':
      return integerBytes(item, content, context);
    case 'leb128': {
      const value = evaluate(content.value, scope);
      if (value.kind === 'constant') return leb128Bytes(value.value, content.signed, item.size);
      reportValue(value.kind === 'error' ? value.message : 'the value must be a number', item, context);
      return new Uint8Array(item.size);
    }
    default:
      return assertNever(content, 'itemBytes');
  }
}

function integerBytes(
  item: DraftItem,
  content: { readonly bytes: 1 | 2 | 4 | 8; readonly value: Expression },
  context: EmitContext,
): Uint8Array {
  const { draft, reporter, relocations } = context;
  const here = { section: context.section, offset: BigInt(item.offset) };
  const value = evaluate(content.value, scopeAt(draft, here, item.order));
  const bits = BigInt(8 * content.bytes);
  switch (value.kind) {
    case 'constant':
      if (value.value < -(1n << (bits - 1n)) || value.value >= 1n << bits)
        reportValue(`${value.value} does not fit into ${bits} bits`, item, context);
      return littleEndian(value.value, content.bytes);
    case 'error':
      reportValue(value.message, item, context);
      return new Uint8Array(content.bytes);
    case 'symbolic': {
      if (content.bytes < 4) {
        reportValue('an address takes .long or .quad', item, context);
        return new Uint8Array(content.bytes);
      }
      const site = { draft, reporter, span: item.span, offset: item.offset, relocations };
      return littleEndian(relocateTo(value, content.bytes === 8 ? 'data64' : 'data32', site), content.bytes);
    }
    default:
      return assertNever(value, 'integerBytes');
  }
}

function reportValue(message: string, item: DraftItem, { reporter }: EmitContext): void {
  report(reporter, 'asm-range', item.span, message);
}

function littleEndian(value: bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => Number(BigInt.asUintN(8, value >> BigInt(8 * at))));
}
