// The directives of the assembly language: those of LLVM's assembler that clang's output or people's programs use, and two
// of our own, .map and .license. Source: LLVM's ELF assembler; docs/assembly.md describes .map.

import type { TextSpan } from '../base/index.ts';
import { type AsmReporter, report } from './asm-problem.ts';
import {
  addItem,
  currentPlace,
  type Draft,
  type DraftSection,
  type DraftSymbol,
  enterSection,
  MAX_SECTION_BYTES,
  symbolNamed,
} from './draft.ts';
import { type Expression, evaluate, parseExpression } from './expression.ts';
import type { Token } from './lexer.ts';
import { readMapDirective } from './map-directive.ts';
import { isRegister } from './match.ts';

/** A directive being read: its name, the tokens after it parted at commas, and where things go. */
export interface DirectiveContext {
  readonly draft: Draft;
  readonly reporter: AsmReporter;
  readonly name: Token;
  /** Tokens between the commas; no list at all when nothing follows the name. */
  readonly arguments: readonly (readonly Token[])[];
  /** From the name to the last token. */
  readonly span: TextSpan;
  readonly order: number;
  readonly mapTypeId: (type: string) => number | undefined;
}

type Directive = (context: DirectiveContext) => void;

/** Executes a directive; unknown ones are problems. */
export function runDirective(context: DirectiveContext): void {
  const name = context.name.text;
  const directive = Object.hasOwn(DIRECTIVES, name) ? DIRECTIVES[name] : undefined;
  if (directive !== undefined) directive(context);
  else if (/^\.cfi_/.test(name)) return;
  else if (UNSUPPORTED.has(name))
    report(context.reporter, 'asm-unsupported-directive', context.name.span, `\`${name}\` is not supported here`, {
      remedy: 'write out what it stands for, or assemble the file with clang',
    });
  else
    report(context.reporter, 'asm-unknown-directive', context.name.span, `\`${name}\` is no directive`, {
      remedy: 'docs/assembly.md lists the directives',
    });
}

const UNSUPPORTED: ReadonlySet<string> = new Set(
  '.macro .endm .endmacro .rept .irp .irpc .endr .if .ifdef .ifndef .else .elseif .endif .include .incbin .org .octa .float .double .altmacro .reloc .symver'.split(
    ' ',
  ),
);

/** What the rest of a directive's problem points at: an argument, or the whole directive when it is missing. */
const spanOf = (context: DirectiveContext, tokens: readonly Token[] | undefined): TextSpan => {
  const first = tokens?.[0];
  return first === undefined ? context.span : { start: first.span.start, end: tokens!.at(-1)!.span.end };
};

function wrong(context: DirectiveContext, tokens: readonly Token[] | undefined, message: string): undefined {
  report(context.reporter, 'asm-directive', spanOf(context, tokens), message);
  return undefined;
}

/** An argument as an expression. */
function expressionArgument(context: DirectiveContext, index: number): Expression | undefined {
  const tokens = context.arguments[index];
  if (tokens === undefined || tokens.length === 0)
    return wrong(context, undefined, `\`${context.name.text}\` needs a number as argument ${index + 1}`);
  const parsed = parseExpression(tokens, 0, { reserved: isRegister });
  if (parsed.kind === 'failed' || parsed.next < tokens.length)
    return wrong(context, tokens, `\`${context.name.text}\` needs a number as argument ${index + 1}`);
  return parsed.value;
}

/** An argument as a number from 0 to `max` that is known at once; `fallback` stands for a missing one. */
export function numberArgument(
  context: DirectiveContext,
  index: number,
  limits: { readonly min?: number; readonly max: number; readonly fallback?: number },
): number | undefined {
  if (limits.fallback !== undefined && (context.arguments[index]?.length ?? 0) === 0) return limits.fallback;
  const expression = expressionArgument(context, index);
  if (expression === undefined) return undefined;
  const value = evaluate(expression, {
    symbol: (name) => {
      const definition = context.draft.symbols.get(name)?.definition;
      return definition?.kind === 'expression' && definition.value.kind === 'number'
        ? definition.value.value
        : undefined;
    },
    localLabel: () => undefined,
    here: { section: -1, offset: 0n },
  });
  const tokens = context.arguments[index];
  if (value.kind !== 'constant')
    return wrong(context, tokens, `\`${context.name.text}\` needs a number that is known at this point`);
  const min = limits.min ?? 0;
  if (value.value < BigInt(min) || value.value > BigInt(limits.max))
    return wrong(context, tokens, `${value.value} is not between ${min} and ${limits.max}`);
  return Number(value.value);
}

/** An argument as a name: one word or one string. */
function nameArgument(
  context: DirectiveContext,
  index: number,
): { readonly text: string; readonly token: Token } | undefined {
  const tokens = context.arguments[index];
  const token = tokens?.[0];
  if (token === undefined || tokens!.length > 1 || (token.kind !== 'word' && token.kind !== 'string'))
    return wrong(context, tokens, `\`${context.name.text}\` needs a name as argument ${index + 1}`);
  return { text: token.kind === 'string' ? token.text.slice(1, -1) : token.text, token };
}

function symbolArgument(context: DirectiveContext, index: number): DraftSymbol | undefined {
  const name = nameArgument(context, index);
  if (name === undefined) return undefined;
  return symbolNamed(context.draft, name.text, context.reporter.lineIndex.range(name.token.span));
}

/** A directive that changes every symbol it names. */
function forSymbols(change: (symbol: DraftSymbol) => void): Directive {
  return (context) => {
    if (context.arguments.length === 0)
      wrong(context, undefined, `\`${context.name.text}\` needs the name of a symbol`);
    for (const index of context.arguments.keys()) {
      const symbol = symbolArgument(context, index);
      if (symbol !== undefined) change(symbol);
    }
  };
}

function integers(bytes: 1 | 2 | 4 | 8): Directive {
  return (context) => {
    for (const [index, tokens] of context.arguments.entries()) {
      const value = expressionArgument(context, index);
      if (value !== undefined)
        addItem(context.draft, spanOf(context, tokens), context.order, { kind: 'integer', bytes, value });
    }
  };
}

function leb128(form: 'signed' | 'unsigned'): Directive {
  return (context) => {
    for (const [index, tokens] of context.arguments.entries()) {
      const value = expressionArgument(context, index);
      if (value === undefined) continue;
      const content = { kind: 'leb128', signed: form === 'signed', value } as const;
      addItem(context.draft, spanOf(context, tokens), context.order, content);
    }
  };
}

/** Strings, each followed by `terminator`. Strings side by side without a comma are one. */
function strings(terminator: readonly number[]): Directive {
  return (context) => {
    for (const tokens of context.arguments) {
      const bytes: number[] = [];
      for (const token of tokens) {
        if (token.kind !== 'string') {
          wrong(context, [token], `\`${context.name.text}\` takes strings in quotation marks`);
          return;
        }
        bytes.push(...token.bytes);
      }
      const content = { kind: 'bytes', bytes: Uint8Array.from([...bytes, ...terminator]) } as const;
      addItem(context.draft, spanOf(context, tokens), context.order, content);
    }
  };
}

function fill(context: DirectiveContext, count: number, size: number, value: number): void {
  if (count * size > MAX_SECTION_BYTES) {
    report(context.reporter, 'asm-size', context.span, `a section may have ${MAX_SECTION_BYTES} bytes at most`);
    return;
  }
  addItem(context.draft, context.span, context.order, { kind: 'fill', count, size, value: BigInt(value) });
}

const space: Directive = (context) => {
  const count = numberArgument(context, 0, { max: 2 ** 32 });
  const value = numberArgument(context, 1, { min: -128, max: 255, fallback: 0 });
  if (count !== undefined && value !== undefined) fill(context, count, 1, value);
};

function align(unit: 'bytes' | 'power'): Directive {
  return (context) => {
    const wanted = numberArgument(context, 0, { max: unit === 'power' ? 16 : 65536 });
    const value = numberArgument(context, 1, { min: -128, max: 255, fallback: 0 });
    if (wanted === undefined || value === undefined) return;
    const alignment = unit === 'power' ? 2 ** wanted : Math.max(1, wanted);
    if ((alignment & (alignment - 1)) !== 0) {
      wrong(context, context.arguments[0], `${alignment} is not a power of two`);
      return;
    }
    addItem(context.draft, context.span, context.order, { kind: 'align', alignment, fill: value });
  };
}

const SECTION_TYPES: Readonly<Record<string, DraftSection['type']>> = {
  progbits: 'progbits',
  nobits: 'nobits',
  note: 'note',
};

/** `.section NAME[, "FLAGS"[, @TYPE[, ENTRY_SIZE]]]` */
const section: Directive = (context) => {
  const [nameTokens, flagTokens, typeTokens] = context.arguments;
  const name = sectionName(nameTokens);
  if (name === undefined) {
    wrong(context, nameTokens, '`.section` needs a name');
    return;
  }
  const flags = flagTokens?.[0];
  if (flags !== undefined && flags.kind !== 'string') {
    wrong(context, flagTokens, 'the flags of a section stand in quotation marks, such as "ax"');
    return;
  }
  const typeName = typeTokens?.map((token) => token.text).join('');
  const type = typeName === undefined ? undefined : (SECTION_TYPES[typeName.slice(1)] ?? 'other');
  const entrySize =
    flags?.text.includes('M') === true ? numberArgument(context, 3, { max: 65536, fallback: 0 }) : undefined;
  enterSection(context.draft, name, {
    ...(flags === undefined ? {} : { flags: flags.text.slice(1, -1) }),
    ...(type === undefined ? {} : { type }),
    ...(entrySize === undefined ? {} : { entrySize }),
  });
};

/** Section names may hold slashes (`cgroup/connect4`) and dashes, which are tokens of their own. */
function sectionName(tokens: readonly Token[] | undefined): string | undefined {
  const first = tokens?.[0];
  if (first === undefined) return undefined;
  if (first.kind === 'string') return tokens!.length === 1 ? first.text.slice(1, -1) : undefined;
  const fits = tokens!.every(
    (token, index) =>
      (token.kind === 'word' || token.kind === 'number' || token.text === '/' || token.text === '-') &&
      (index === 0 || tokens![index - 1]!.span.end === token.span.start),
  );
  return fits ? tokens!.map((token) => token.text).join('') : undefined;
}

const named =
  (name: string): Directive =>
  (context) =>
    enterSection(context.draft, name);

const pushSection: Directive = (context) => {
  context.draft.stack.push(context.draft.current);
  section(context);
};

const popSection: Directive = (context) => {
  const index = context.draft.stack.pop();
  if (index === undefined) wrong(context, undefined, '`.popsection` has no `.pushsection` before it');
  else context.draft.current = index;
};

const previousSection: Directive = (context) => {
  const { previous, current } = context.draft;
  if (previous === undefined) wrong(context, undefined, '`.previous` has no section to go back to');
  else {
    context.draft.previous = current;
    context.draft.current = previous;
  }
};

/** `.type NAME, @function` and its spellings. */
const type: Directive = (context) => {
  const tokens = context.arguments.flat();
  const kinds = tokens.filter((token) => token.kind === 'word' || token.kind === 'string').map((token) => token.text);
  const kind = /^"?(?:STT_)?(function|func|object|notype)"?$/i.exec(kinds.at(-1)?.replace('@', '') ?? '')?.[1];
  const name = kinds.length > 1 ? symbolFromTokens(context, tokens[0]!) : undefined;
  if (name === undefined || kind === undefined) {
    wrong(context, context.arguments[1], '`.type` needs a name and `@function` or `@object`');
    return;
  }
  name.type = /^func/i.test(kind) ? 'function' : /^object$/i.test(kind) ? 'object' : 'none';
};

function symbolFromTokens(context: DirectiveContext, token: Token): DraftSymbol | undefined {
  // `.type name@function` without a comma is one word to the lexer.
  const text = token.kind === 'string' ? token.text.slice(1, -1) : token.text.replace(/@.*$/, '');
  return symbolNamed(context.draft, text, context.reporter.lineIndex.range(token.span));
}

const size: Directive = (context) => {
  const symbol = symbolArgument(context, 0);
  const value = expressionArgument(context, 1);
  if (symbol !== undefined && value !== undefined) symbol.size = { value, order: context.order };
};

const set: Directive = (context) => {
  const symbol = symbolArgument(context, 0);
  const value = expressionArgument(context, 1);
  if (symbol === undefined || value === undefined) return;
  if (symbol.definition !== undefined && symbol.definition.kind !== 'expression') {
    report(context.reporter, 'asm-duplicate', context.span, `\`${symbol.name}\` is defined already`);
    return;
  }
  symbol.definition = { kind: 'expression', value, order: context.order };
};

/** `.comm NAME, SIZE[, ALIGNMENT]`; `.lcomm`, and `.comm` of what `.local` named, take their room in .bss at once. */
function common(scope: 'shared' | 'local'): Directive {
  return (context) => {
    const symbol = symbolArgument(context, 0);
    const bytes = numberArgument(context, 1, { max: MAX_SECTION_BYTES });
    const alignment = numberArgument(context, 2, { min: 1, max: 65536, fallback: 1 });
    if (symbol === undefined || bytes === undefined || alignment === undefined) return;
    if (symbol.definition !== undefined) {
      report(context.reporter, 'asm-duplicate', context.span, `\`${symbol.name}\` is defined already`);
      return;
    }
    symbol.type = 'object';
    if (scope === 'shared' && !symbol.declaredLocal) {
      if (symbol.binding === 'local') symbol.binding = 'global';
      symbol.definition = { kind: 'common', size: bytes, alignment };
      return;
    }
    const { draft } = context;
    const before = draft.current;
    enterSection(draft, '.bss');
    addItem(draft, context.span, context.order, { kind: 'align', alignment, fill: 0 });
    symbol.definition = { kind: 'place', place: currentPlace(draft) };
    fill(context, bytes, 1, 0);
    draft.current = before;
  };
}

/** `.file "NAME"` names the unit; `.file N ["DIRECTORY"] "NAME"` gives a number to a source file. */
const file: Directive = (context) => {
  const [number, ...rest] = context.arguments.flat();
  if (number?.kind !== 'number') return;
  const names = rest.filter((token) => token.kind === 'string').map((token) => token.text.slice(1, -1));
  const [first, second] = names;
  if (first !== undefined)
    context.draft.files.set(
      Number(number.value),
      second === undefined || second.startsWith('/') ? (second ?? first) : `${first}/${second}`,
    );
};

/** `.loc FILE LINE [COLUMN] [is_stmt 0]...` */
const loc: Directive = (context) => {
  const tokens = context.arguments.flat();
  const numbers = tokens.slice(0, 3).flatMap((token) => (token.kind === 'number' ? [Number(token.value)] : []));
  const [fileNumber, line, column = 0] = numbers;
  const { draft } = context;
  const name = fileNumber === undefined ? undefined : draft.files.get(fileNumber);
  if (name === undefined || line === undefined) {
    wrong(context, undefined, '`.loc` needs the number of a file that `.file` has named, and a line');
    return;
  }
  const flag = tokens.findIndex((token) => token.text === 'is_stmt');
  const last = draft.lines.at(-1);
  const isStatement = flag < 0 ? (last?.isStatement ?? true) : tokens[flag + 1]?.text !== '0';
  draft.lines.push({
    place: currentPlace(draft),
    file: name,
    line0: Math.max(0, line - 1),
    column0: Math.max(0, column - 1),
    isStatement,
  });
};

/** `.license "GPL"`: the section that the kernel's loaders read the licence from. */
const license: Directive = (context) => {
  const [token] = context.arguments.flat();
  if (token?.kind !== 'string') {
    wrong(context, context.arguments[0], '`.license` takes a string in quotation marks, such as "GPL"');
    return;
  }
  const { draft } = context;
  const before = draft.current;
  enterSection(draft, 'license', { flags: 'aw' });
  const content = { kind: 'bytes', bytes: Uint8Array.from([...token.bytes, 0]) } as const;
  addItem(draft, context.span, context.order, content);
  draft.current = before;
};

const ignored: Directive = () => {};

const DIRECTIVES: Readonly<Record<string, Directive>> = {
  '.text': named('.text'),
  '.data': named('.data'),
  '.bss': named('.bss'),
  '.rodata': named('.rodata'),
  '.section': section,
  '.pushsection': pushSection,
  '.popsection': popSection,
  '.previous': previousSection,
  '.globl': forSymbols((symbol) => void (symbol.binding = 'global')),
  '.global': forSymbols((symbol) => void (symbol.binding = 'global')),
  '.weak': forSymbols((symbol) => void (symbol.binding = 'weak')),
  '.local': forSymbols((symbol) => {
    symbol.binding = 'local';
    symbol.declaredLocal = true;
  }),
  '.hidden': forSymbols((symbol) => void (symbol.visibility = 'hidden')),
  '.protected': forSymbols((symbol) => void (symbol.visibility = 'protected')),
  '.internal': forSymbols((symbol) => void (symbol.visibility = 'internal')),
  '.extern': ignored,
  '.type': type,
  '.size': size,
  '.set': set,
  '.equ': set,
  '.equiv': set,
  '.comm': common('shared'),
  '.lcomm': common('local'),
  '.byte': integers(1),
  '.2byte': integers(2),
  '.short': integers(2),
  '.value': integers(2),
  '.hword': integers(2),
  '.4byte': integers(4),
  '.long': integers(4),
  '.int': integers(4),
  '.8byte': integers(8),
  '.quad': integers(8),
  '.uleb128': leb128('unsigned'),
  '.sleb128': leb128('signed'),
  '.ascii': strings([]),
  '.asciz': strings([0]),
  '.string': strings([0]),
  '.zero': space,
  '.space': space,
  '.skip': space,
  '.fill': (context) => {
    const count = numberArgument(context, 0, { max: 2 ** 32 });
    const bytes = numberArgument(context, 1, { max: 8, fallback: 1 });
    const value = numberArgument(context, 2, { min: -(2 ** 31), max: 2 ** 32 - 1, fallback: 0 });
    if (count !== undefined && bytes !== undefined && value !== undefined) fill(context, count, bytes, value);
  },
  '.align': align('bytes'),
  '.balign': align('bytes'),
  '.p2align': align('power'),
  '.file': file,
  '.loc': loc,
  '.ident': ignored,
  '.addrsig': ignored,
  '.addrsig_sym': ignored,
  '.license': license,
  '.map': readMapDirective,
};
