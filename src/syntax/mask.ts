// Makes a text of the same length that the plain C grammar can parse: attributes, SEC(), map-definition macros, comments and
// directives become blanks (or a harmless member), so that every offset of the tree is an offset of the file.
// What was blanked is kept as annotations, with its arguments.

import type { TextSpan } from '../base/index.ts';
import type { Token } from './lexer.ts';
import type { Macro, Preprocessed } from './preprocess.ts';

/** An attribute-like or declaration-like macro that was taken out of the text. */
export interface Annotation extends TextSpan {
  readonly name: string;
  /** Argument texts, trimmed; empty when there were none. */
  readonly args: readonly string[];
  readonly argSpans: readonly TextSpan[];
  readonly role: AnnotationRole;
}

/**
 * attribute: stands on a declaration (SEC, __always_inline). map-member: __uint and its like inside a map definition.
 * declaration: a macro of the file used where a declaration stands. statement: one used as a statement without a semicolon.
 * loop: a macro that heads a block.
 */
export type AnnotationRole = 'attribute' | 'map-member' | 'declaration' | 'statement' | 'loop';

export interface Masked {
  readonly text: string;
  readonly annotations: readonly Annotation[];
}

const ATTRIBUTES = new Set(
  (
    'SEC __always_inline __noinline __weak __hidden __ksym __kconfig __kptr __kptr_untrusted __percpu_kptr __rcu __user ' +
    '__percpu __arena __arg_ctx __arg_nonnull __arg_nullable __arg_trusted __arg_arena __uptr __bpf_fastcall __unused ' +
    '__maybe_unused __used __packed __aligned __section __attribute__ __attribute __extension__ __naked __success ' +
    '__failure __msg __log_level __description __retval __flag __btf_decl_tag __btf_type_tag __must_check __init __pure ' +
    '__inline_if_possible __visible __restrict __force __noreturn __cold __hot __bpf_kfunc __declspec noinline ' +
    '__preserve_access_index __bpf_kfunc_start_defs __bpf_kfunc_end_defs __failure_unpriv __success_unpriv __arch_x86_64 ' +
    '__nonstring __no_sanitize _Noreturn __arena_global __xlated __jited __caps_unpriv __msg_unpriv __retval_unpriv'
  ).split(' '),
);
const MAP_MEMBERS = new Set(['__uint', '__type', '__array', '__ulong']);
const KEYWORDS = new Set(
  'if else for while do switch case default return break continue goto sizeof typeof __typeof__ _Alignof alignof offsetof __builtin_offsetof asm __asm__ __asm'.split(
    ' ',
  ),
);
const TYPE_STARTS = new Set(
  'struct union enum const volatile unsigned signed int long short char void _Bool bool float double'.split(' '),
);
const SPECIFIERS = new Set('static inline extern const volatile __inline __inline__ register'.split(' '));

type Scope = 'file' | 'record' | 'enum' | 'init' | 'block';

/** Masks the compiled tokens of a file. */
export function mask(text: string, source: Preprocessed): Masked {
  return new Masker(text, source).run();
}

/** Whether every token of a macro's body is an attribute or a specifier, so that a use of it can be blanked. */
export function isAttributeMacro(macro: Macro): boolean {
  const body = macro.body;
  for (let i = 0; i < body.length; i++) {
    const token = body[i]!;
    if (token.kind !== 'name') return false;
    if (ATTRIBUTES.has(token.text)) {
      if (body[i + 1]?.text === '(') i = closing(body, i + 1) ?? body.length - 1;
    } else if (!SPECIFIERS.has(token.text)) return false;
  }
  return true;
}

/** Tokens that the arguments of one use may have; a bracket that is open for longer is one that is being typed. */
const MAX_ARGUMENT_TOKENS = 4096;

/** Index of the bracket that closes the one at `open`; undefined when none does before a block ends around it. */
function closing(tokens: readonly Token[], open: number): number | undefined {
  const opened: string[] = [];
  const limit = Math.min(tokens.length, open + MAX_ARGUMENT_TOKENS);
  for (let i = open; i < limit; i++) {
    const text = tokens[i]!.text;
    if (text === '(' || text === '[' || text === '{') opened.push(text);
    else if (text === '}' && opened.at(-1) !== '{') return undefined;
    else if (text === ')' || text === ']' || text === '}') {
      opened.pop();
      if (opened.length === 0) return i;
    }
  }
  return undefined;
}

class Masker {
  readonly #text: string;
  readonly #source: Preprocessed;
  readonly #tokens: readonly Token[];
  readonly #edits: (TextSpan & { readonly by: string })[] = [];
  readonly #annotations: Annotation[] = [];
  readonly #scopes: Scope[] = ['file'];

  constructor(text: string, source: Preprocessed) {
    this.#text = text;
    this.#source = source;
    this.#tokens = source.tokens;
  }

  run(): Masked {
    for (const span of [...this.#source.comments, ...this.#source.directives, ...this.#source.inactive])
      this.#edits.push({ start: span.start, end: span.end, by: '' });
    for (let i = 0; i < this.#tokens.length; i++) i = this.#token(i);
    return { text: this.#apply(), annotations: this.#annotations };
  }

  #apply(): string {
    const edits = this.#edits.sort((a, b) => a.start - b.start || b.end - a.end);
    const parts: string[] = [];
    let at = 0;
    for (const edit of edits) {
      const start = Math.max(edit.start, at);
      if (edit.end <= start) continue;
      parts.push(this.#text.slice(at, start));
      const original = this.#text.slice(start, edit.end);
      const by = edit.start === start ? edit.by : '';
      if (/[\r\n]/.test(original)) {
        // Line ends stay where they are, so the replacement must fit before the first of them.
        const firstBreak = original.search(/[\r\n]/);
        const head = by.length <= firstBreak ? by.padEnd(firstBreak) : ' '.repeat(firstBreak);
        const rest = original.slice(firstBreak).replace(/[^\r\n]/g, ' ');
        parts.push(by.length <= firstBreak ? head + rest : head + padAfterBreak(rest, by));
      } else parts.push(by.padEnd(original.length).slice(0, original.length));
      at = edit.end;
    }
    parts.push(this.#text.slice(at));
    return parts.join('');
  }

  get #scope(): Scope {
    return this.#scopes.at(-1)!;
  }

  /** Handles the token at `i` and gives the index of the last token that was consumed. */
  #token(i: number): number {
    const token = this.#tokens[i]!;
    if (token.kind === 'punct') {
      if (token.text === '{') this.#scopes.push(this.#scopeOf(i));
      else if (token.text === '}' && this.#scopes.length > 1) this.#scopes.pop();
      else if (token.text === '...' && this.#scope === 'block') this.#caseRange(i);
      return i;
    }
    if (token.kind !== 'name') return i;
    const call = this.#tokens[i + 1]?.text === '(';
    if (/^(asm|__asm__|__asm)$/.test(token.text)) return this.#asm(i);
    if (ATTRIBUTES.has(token.text)) return this.#blank(i, 'attribute', '');
    if (MAP_MEMBERS.has(token.text) && call) return this.#blank(i, 'map-member', 'int m');
    const macro = this.#source.macros.get(token.text);
    if (macro !== undefined && isAttributeMacro(macro) && (macro.parameters === undefined || call)) {
      const isStatic = macro.body.some((part) => part.text === 'static');
      return this.#blank(i, 'attribute', isStatic && token.text.length >= 6 ? 'static' : '');
    }
    if (!call) return i;
    if (this.#scope === 'file') return this.#fileLevelCall(i, macro);
    if (this.#scope === 'record') return macro === undefined ? i : this.#blank(i, 'map-member', 'int m');
    if (this.#scope === 'block' || this.#scope === 'init') return this.#bodyCall(i, macro);
    return i;
  }

  /** Inline assembly leaves nothing for the tree; the annotation tells that something stood there. */
  #asm(i: number): number {
    let open = i + 1;
    while (open < i + 4 && this.#tokens[open]?.kind === 'name') open++;
    if (this.#tokens[open]?.text !== '(') return i;
    const end = this.#closing(open);
    this.#annotations.push({
      name: 'asm',
      args: [],
      argSpans: [],
      role: 'attribute',
      start: this.#tokens[i]!.start,
      end: this.#tokens[end]!.end,
    });
    this.#edits.push({ start: this.#tokens[i]!.start, end: this.#tokens[end]!.end, by: '' });
    return end;
  }

  #fileLevelCall(i: number, macro: Macro | undefined): number {
    const before = this.#tokens[i - 1]?.text;
    const startsItem = before === undefined || before === ';' || before === '}' || this.#blankedBefore(i);
    if (!startsItem || KEYWORDS.has(this.#tokens[i]!.text)) return i;
    const end = this.#closing(i + 1);
    const after = this.#tokens[end + 1]?.text;
    // `name(...) {` without a type is an old-style function; anything else at the head of an item is a macro.
    if (after === '{' && macro === undefined) return i;
    return this.#blank(i, 'declaration', '');
  }

  /** Whether the token before `i` belongs to something that was blanked as a whole item. */
  #blankedBefore(i: number): boolean {
    const before = this.#tokens[i - 1];
    const last = this.#annotations.at(-1);
    return before !== undefined && last !== undefined && last.role === 'declaration' && last.end === before.end;
  }

  #bodyCall(i: number, macro: Macro | undefined): number {
    const token = this.#tokens[i]!;
    if (KEYWORDS.has(token.text)) return i;
    const end = this.#closing(i + 1);
    const after = this.#tokens[end + 1];
    const before = this.#tokens[i - 1]?.text;
    const startsStatement =
      before === ';' || before === '{' || before === '}' || before === ')' || before === ':' || before === 'else';
    if (startsStatement && after?.text === '{' && this.#scope === 'block')
      return this.#blank(i, 'loop', this.#tokens[end]!.end - token.start < 7 ? '' : 'for(;;)');
    const unended =
      after !== undefined &&
      (after.text === '}' || (after.kind === 'name' && after.start > this.#tokens[end]!.end && this.#onLaterLine(end)));
    if (startsStatement && unended && this.#scope === 'block') return this.#blank(i, 'statement', ';');
    this.#maskTypeArguments(i + 1, end, macro !== undefined);
    return i;
  }

  /** Index of the bracket that closes the one at `open`; where it is still to be typed, of the last token on its line. */
  #closing(open: number): number {
    const close = closing(this.#tokens, open);
    if (close !== undefined) return close;
    let last = open;
    while (last + 1 < this.#tokens.length && !this.#onLaterLine(last)) last++;
    return last;
  }

  #onLaterLine(index: number): boolean {
    const between = this.#text.slice(this.#tokens[index]!.end, this.#tokens[index + 1]!.start);
    return /[\r\n]/.test(between);
  }

  /** Blanks arguments that are types, operators or statements; the arguments of the file's own macros are read from their text. */
  #maskTypeArguments(open: number, close: number, ownMacro: boolean): void {
    let depth = 0;
    let first = open + 1;
    for (let i = open; i <= close; i++) {
      const text = this.#tokens[i]!.text;
      const endsArgument = (text === ',' && depth === 1) || (i === close && depth === 1);
      if (endsArgument && i > first) this.#maskArgument(first, i, ownMacro);
      if (endsArgument) first = i + 1;
      if (text === '(' || text === '[' || text === '{') depth++;
      else if (text === ')' || text === ']' || text === '}') depth--;
    }
  }

  #maskArgument(first: number, end: number, ownMacro: boolean): void {
    const head = this.#tokens[first]!;
    const last = this.#tokens[end - 1]!;
    const isType = TYPE_STARTS.has(head.text) || (last.text === '*' && end - first > 1);
    const isOperator = head.kind === 'punct' && end - first === 1;
    const isStatement =
      ownMacro && KEYWORDS.has(head.text) && !/^(sizeof|typeof|offsetof|__builtin_offsetof)/.test(head.text);
    if (isType || isOperator || isStatement) this.#edits.push({ start: head.start, end: last.end, by: '0' });
  }

  #caseRange(i: number): void {
    let head = i - 1;
    while (head > 0 && this.#tokens[head]!.text !== 'case' && !/^[;{}:]$/.test(this.#tokens[head]!.text)) head--;
    if (this.#tokens[head]?.text !== 'case') return;
    let end = i + 1;
    while (end < this.#tokens.length && this.#tokens[end]!.text !== ':') end++;
    this.#annotations.push(this.#annotation(i, end - 1, 'attribute'));
    this.#edits.push({ start: this.#tokens[i]!.start, end: this.#tokens[end - 1]!.end, by: '' });
  }

  #blank(i: number, role: AnnotationRole, by: string): number {
    const end = this.#tokens[i + 1]?.text === '(' && !this.#isBareAttribute(i) ? this.#closing(i + 1) : i;
    this.#annotations.push(this.#annotation(i, end, role));
    this.#edits.push({ start: this.#tokens[i]!.start, end: this.#tokens[end]!.end, by });
    return end;
  }

  /** An attribute without parameters directly before a parenthesis that is not its own (`__noinline (*f)(void)`). */
  #isBareAttribute(i: number): boolean {
    const macro = this.#source.macros.get(this.#tokens[i]!.text);
    return macro !== undefined && macro.parameters === undefined;
  }

  #annotation(i: number, end: number, role: AnnotationRole): Annotation {
    const args: string[] = [];
    const argSpans: TextSpan[] = [];
    let depth = 0;
    let start = -1;
    for (let k = i + 1; k <= end; k++) {
      const token = this.#tokens[k]!;
      const opens = token.text === '(' || token.text === '{' || token.text === '[';
      const closes = token.text === ')' || token.text === '}' || token.text === ']';
      if (opens) depth++;
      if (closes) depth--;
      if ((token.text === ',' && depth === 1) || (closes && depth === 0)) {
        const last = this.#tokens[k - 1]!;
        if (start >= 0) {
          args.push(this.#text.slice(start, last.end));
          argSpans.push({ start, end: last.end });
        }
        start = -1;
      } else if (start < 0 && !(opens && depth === 1)) start = token.start;
    }
    return {
      name: this.#tokens[i]!.text,
      args,
      argSpans,
      role,
      start: this.#tokens[i]!.start,
      end: this.#tokens[end]!.end,
    };
  }

  #scopeOf(i: number): Scope {
    const before = this.#tokens[i - 1];
    const outer = this.#scope;
    if (before === undefined) return 'block';
    if (/^(=|\(|,|return|\[)$/.test(before.text)) return before.text === '(' ? 'block' : 'init';
    if (outer === 'init') return 'init';
    const head = this.#recordHead(i);
    if (head === 'struct' || head === 'union') return 'record';
    if (head === 'enum') return 'enum';
    if (before.text === ')' && outer === 'block') {
      const open = this.#opening(i - 1);
      const word = this.#tokens[open - 1];
      return word?.kind === 'name' && word.text !== 'return' ? 'block' : 'init';
    }
    return 'block';
  }

  /** `struct`, `union` or `enum` when the brace at `i` opens the body of one. */
  #recordHead(i: number): string | undefined {
    for (let k = i - 1; k >= 0 && k >= i - 12; k--) {
      const token = this.#tokens[k]!;
      if (token.text === 'struct' || token.text === 'union' || token.text === 'enum') return token.text;
      if (token.text === ')') k = this.#opening(k);
      else if (token.kind !== 'name' && token.text !== ':') return undefined;
    }
    return undefined;
  }

  #opening(close: number): number {
    let depth = 0;
    for (let k = close; k >= 0; k--) {
      const text = this.#tokens[k]!.text;
      if (text === ')') depth++;
      else if (text === '(' && --depth === 0) return k;
    }
    return 0;
  }
}

/** Puts `by` on the first blank line part that is wide enough; the text stays blank when there is none. */
function padAfterBreak(rest: string, by: string): string {
  const at = rest.search(new RegExp(` {${by.length}}`));
  return at < 0 ? rest : rest.slice(0, at) + by + rest.slice(at + by.length);
}
