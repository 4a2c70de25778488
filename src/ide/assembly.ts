// BPF assembly (.bpfasm) for an editor: problems of the assembler, a page for each instruction, labels, colours, layout. The
// language itself is isa/'s; nothing here parses an instruction.

import { LineIndex, type TextSpan } from '../base/index.ts';
import { type Assembly, assemble, decodeOne, describeInsn, findInsnDocs } from '../isa/index.ts';
import { HELPER_ROWS, MAP_TYPES } from '../kernel/index.ts';
import { compareDiagnostics, type Diagnostic, type TextEdit } from './diagnostic.ts';
import { helperByName } from './helpers.ts';
import { type Hover, pageFor } from './hover.ts';
import type { SourceAnalysis } from './source-analysis.ts';
import type { DocumentSymbol } from './symbols.ts';
import type { PlacedText } from './verified.ts';

export interface AssemblyFile {
  readonly text: string;
  readonly lines: LineIndex;
  readonly assembly: Assembly;
  readonly diagnostics: readonly Diagnostic[];
  readonly tokens: readonly AsmToken[];
}

export type AsmTokenKind =
  | 'comment'
  | 'string'
  | 'number'
  | 'register'
  | 'directive'
  | 'label'
  | 'keyword'
  | 'function'
  | 'word';

export interface AsmToken extends TextSpan {
  readonly kind: AsmTokenKind;
  readonly text: string;
}

const plain = (name: string): string => name.toLowerCase().replaceAll('_', '-');
const helperId = (name: string): number | undefined =>
  HELPER_ROWS.find((row) => row.name === name || row.name === `bpf_${name}`)?.id;
const mapTypeId = (type: string): number | undefined =>
  MAP_TYPES.find((row) => plain(row.short) === plain(type) || plain(row.name) === plain(type))?.id;

/** Assembles and lexes a text for the editor. */
export function analyseAssembly(text: string, file: string): AssemblyFile {
  const lines = new LineIndex(text);
  const { value, problems } = assemble(text, { file, helperId, mapTypeId });
  const diagnostics = problems.map((problem): Diagnostic => {
    const range = problem.at?.range;
    const start = range === undefined ? 0 : lines.offset(range.start);
    const end = range === undefined ? Math.min(1, text.length) : lines.offset(range.end);
    return {
      code: problem.code,
      severity: problem.severity === 'note' ? 'information' : problem.severity,
      span: { start, end: Math.max(end, Math.min(start + 1, text.length)) },
      message: problem.remedy === undefined ? problem.message : `${problem.message}; ${problem.remedy}`,
      related: [],
      fixes: [],
      from: 'assembler',
    };
  });
  return { text, lines, assembly: value, diagnostics: diagnostics.sort(compareDiagnostics), tokens: asmTokens(text) };
}

const KEYWORDS = new Set(
  'goto gotol if exit call callx lock ll may_goto gotox atomic_fetch_add atomic_fetch_or atomic_fetch_and atomic_fetch_xor xchg_64 xchg32_32 cmpxchg_64 cmpxchg32_32 load_acquire store_release be16 be32 be64 le16 le32 le64 bswap16 bswap32 bswap64 addr_space_cast u8 u16 u32 u64 s8 s16 s32 s64'.split(
    ' ',
  ),
);
const TOKEN =
  /(#[^\r\n]*|\/\/[^\r\n]*|\/\*[\s\S]*?(?:\*\/|$))|("(?:[^"\\\r\n]|\\.)*"?)|(\b(?:0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)(?![\w.])|(?<=[\s(,+-])-\d+)|([A-Za-z_.$][\w.$]*)/g;

/** Words, numbers, strings and comments, in order. */
function asmTokens(text: string): AsmToken[] {
  const tokens: AsmToken[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const start = match.index;
    const word = match[0];
    const end = start + word.length;
    const kind: AsmTokenKind =
      match[1] !== undefined
        ? 'comment'
        : match[2] !== undefined
          ? 'string'
          : match[3] !== undefined
            ? 'number'
            : wordKind(text, word, end, tokens.at(-1)?.text);
    tokens.push({ kind, text: word, start, end });
  }
  return tokens;
}

function wordKind(text: string, word: string, end: number, before: string | undefined): AsmTokenKind {
  if (/^[rw]\d+$/.test(word)) return 'register';
  if (text[end] === ':' && text[end + 1] !== ':') return 'label';
  if (word.startsWith('.') && !/^\.L/.test(word)) return 'directive';
  if (before === 'call') return 'function';
  return KEYWORDS.has(word) ? 'keyword' : 'word';
}

const tokenAt = (file: AssemblyFile, offset: number): AsmToken | undefined =>
  file.tokens.find((token) => token.start <= offset && offset <= token.end && token.kind !== 'comment');

/** The page of the instruction on the line, or of the helper or label under the cursor. */
export function assemblyHover(file: AssemblyFile, offset: number, views: SourceAnalysis['views']): Hover | undefined {
  const token = tokenAt(file, offset);
  if (token?.kind === 'function') {
    const row = helperByName(token.text) ?? helperByName(`bpf_${token.text}`);
    const page = row === undefined ? undefined : pageFor(row.name, 'name', views);
    if (page !== undefined) return { span: token, markdown: page };
  }
  for (const section of file.assembly.sections) {
    for (const origin of section.origins) {
      const start = file.lines.offset(origin.range.start);
      const end = file.lines.offset(origin.range.end);
      if (offset < start || end < offset || !section.flags.includes('x')) continue;
      const insn = decodeOne(section.bytes, Math.floor(origin.offset / 8));
      if (insn === undefined) continue;
      const described = describeInsn(insn);
      const since = described.feature === undefined ? '' : `\n\n- **Since**: ${featureText(described.feature)}`;
      return {
        span: { start, end },
        markdown: `**${described.title}**\n\n\`${described.effect}\`\n\n${described.doc}${since}${described.encoding === '' ? '' : `\n- **Encoding**: ${described.encoding}`}${described.inSockOps === 'refused' ? '\n\n**sock_ops programs cannot use it.**' : ''}`,
      };
    }
  }
  if (token === undefined) return undefined;
  const docs = findInsnDocs(token.text)[0];
  return docs === undefined ? undefined : { span: token, markdown: `**${docs.doc.title}**\n\n${docs.doc.text}` };
}

function featureText(feature: { readonly since: string | undefined; readonly cpu: string }): string {
  return `${feature.since === undefined ? 'no kernel' : `kernel ${feature.since}`}, clang -mcpu=${feature.cpu}`;
}

/** Every place where the label, map or function under the cursor is named; its definition first. */
export function assemblyReferences(file: AssemblyFile, offset: number): readonly AsmToken[] {
  const token = tokenAt(file, offset);
  if (token === undefined || (token.kind !== 'label' && token.kind !== 'word' && token.kind !== 'function')) return [];
  const name = token.text;
  const same = file.tokens.filter(
    (other) => other.text === name && (other.kind === 'label' || other.kind === 'word' || other.kind === 'function'),
  );
  const defined = definedAt(file, name);
  return same.sort((a, b) => (a.start === defined?.start ? -1 : b.start === defined?.start ? 1 : a.start - b.start));
}

/** Where a name is defined: its label, or the `.map` that declares it. */
function definedAt(file: AssemblyFile, name: string): AsmToken | undefined {
  const label = file.tokens.find((token) => token.kind === 'label' && token.text === name);
  if (label !== undefined) return label;
  const map = file.assembly.maps.find((entry) => entry.name === name);
  const from = map === undefined ? undefined : file.lines.offset(map.range.start);
  return from === undefined ? undefined : file.tokens.find((token) => token.start >= from && token.text === name);
}

export function assemblyDefinition(file: AssemblyFile, offset: number): TextSpan | undefined {
  const token = tokenAt(file, offset);
  return token === undefined ? undefined : definedAt(file, token.text);
}

/** Edits that rename a label or map everywhere; a sentence when the new name cannot be used. */
export function assemblyRename(
  file: AssemblyFile,
  offset: number,
  newName: string,
): { readonly edits: readonly TextEdit[] } | { readonly why: string } {
  if (!/^[A-Za-z_.$][\w.$]*$/.test(newName)) return { why: `'${newName}' is not a name` };
  if (/^[rw]\d+$/.test(newName)) return { why: `'${newName}' is a register` };
  const references = assemblyReferences(file, offset);
  const first = references[0];
  if (first === undefined || definedAt(file, first.text) === undefined)
    return { why: 'only labels and maps of this file can be renamed' };
  if (definedAt(file, newName) !== undefined) return { why: `'${newName}' is defined already` };
  return { edits: references.map((token) => ({ start: token.start, end: token.end, newText: newName })) };
}

/** The file as something that the verifier's results can be placed on. */
export function assemblyPlaces(file: AssemblyFile): PlacedText {
  const labels = file.tokens.filter((token) => token.kind === 'label');
  const masked = file.tokens
    .filter((token) => token.kind === 'comment')
    .reduce(
      (text, token) => text.slice(0, token.start) + token.text.replace(/[^\r\n]/g, ' ') + text.slice(token.end),
      file.text,
    );
  return {
    text: file.text,
    maskedText: masked,
    lines: file.lines,
    functions: labels.map((label, i) => ({
      name: label.text,
      nameSpan: label,
      start: label.start,
      end: labels[i + 1]?.start ?? file.text.length,
    })),
  };
}

/** Functions, labels and maps. */
export function assemblySymbols(file: AssemblyFile): readonly DocumentSymbol[] {
  const symbols: DocumentSymbol[] = file.tokens
    .filter((token) => token.kind === 'label' && !/^(\d+|\.L.*)$/.test(token.text))
    .map((token) => ({
      name: token.text,
      kind: file.assembly.symbols.some((symbol) => symbol.name === token.text && symbol.type === 'function')
        ? ('program' as const)
        : ('function' as const),
      detail: '',
      span: { start: token.start, end: token.end },
      nameSpan: { start: token.start, end: token.end },
      children: [],
    }));
  for (const map of file.assembly.maps) {
    const span = { start: file.lines.offset(map.range.start), end: file.lines.offset(map.range.end) };
    symbols.push({
      name: map.name,
      kind: 'map',
      detail: map.type,
      span,
      nameSpan: definedAt(file, map.name) ?? span,
      children: [],
    });
  }
  return symbols.sort((a, b) => a.span.start - b.span.start);
}

/** Edits that lay the text out: labels and section directives at the margin, the rest one tab in, single spaces between words. */
export function formatAssembly(file: AssemblyFile): readonly TextEdit[] {
  const edits: TextEdit[] = [];
  let inComment = false;
  for (let line0 = 0; line0 < file.lines.lineCount; line0++) {
    const start = file.lines.lineStart(line0);
    const next = file.lines.lineStart(line0 + 1);
    const line = file.text.slice(start, next).replace(/[\r\n]+$/, '');
    const wasInside = inComment;
    inComment = insideBlockComment(line, inComment);
    const formatted = wasInside || inComment ? line.trimEnd() : formatLine(line);
    if (formatted !== line) edits.push({ start, end: start + line.length, newText: formatted });
  }
  return edits;
}

function insideBlockComment(line: string, inside: boolean): boolean {
  let at = 0;
  let open = inside;
  for (;;) {
    const found = line.indexOf(open ? '*/' : '/*', at);
    if (found < 0) return open;
    open = !open;
    at = found + 2;
  }
}

function formatLine(line: string): string {
  const comment = /(?:^|\s)(#.*|\/\/.*|\/\*.*)$/.exec(line.includes('"') ? '' : line);
  const code = (comment === null ? line : line.slice(0, line.length - comment[1]!.length)).trim();
  const note = comment?.[1]?.trimEnd() ?? '';
  if (code === '') return note === '' ? '' : /^\s/.test(line) ? `\t${note}` : note;
  const words = code.includes('"') ? code : code.replace(/[ \t]+/g, ' ').replace(/ ,/g, ',');
  const margin =
    /^[\w.$]+:$/.test(words) || /^\.(section|map|license|text|globl|global|type|size|ident|file|set)\b/.test(words);
  return `${margin ? '' : '\t'}${words}${note === '' ? '' : ` ${note}`}`;
}
