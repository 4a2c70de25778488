// `.map NAME, TYPE, KEY_SIZE, VALUE_SIZE, MAX_ENTRIES [, flags=N] [, extra=N] [, inner=NAME] [, fd=N]`: declares a map that code
// refers to by name. Our own directive, described in docs/assembly.md; C programs declare maps in the .maps section instead.

import { report } from './asm-problem.ts';
import type { DirectiveContext } from './directives.ts';
import { symbolNamed } from './draft.ts';
import type { Token } from './lexer.ts';

const OPTIONS = ['flags', 'extra', 'inner', 'fd'] as const;
type Option = (typeof OPTIONS)[number];

export function readMapDirective(context: DirectiveContext): void {
  const { draft, reporter } = context;
  const fail = (tokens: readonly Token[] | undefined, message: string, remedy?: string): undefined => {
    const [first] = tokens ?? [];
    const span = first === undefined ? context.span : { start: first.span.start, end: tokens!.at(-1)!.span.end };
    report(reporter, 'asm-map', span, message, remedy === undefined ? {} : { remedy });
    return undefined;
  };
  const [nameTokens, typeTokens, ...rest] = context.arguments;
  const nameToken = nameTokens?.[0];
  const name =
    nameTokens?.length !== 1
      ? undefined
      : nameToken!.kind === 'string'
        ? nameToken!.text.slice(1, -1)
        : nameToken!.text;
  const type = typeTokens
    ?.map((token) => token.text)
    .join('')
    .toLowerCase()
    .replaceAll('-', '_');
  if (name === undefined || type === undefined || rest.length < 3) {
    fail(
      undefined,
      '`.map` needs a name, a type, a key size, a value size and a number of entries',
      '.map counts, array, 4, 8, 16',
    );
    return;
  }
  const number = (tokens: readonly Token[], what: string): bigint | undefined =>
    tokens.length === 1 && tokens[0]!.kind === 'number' ? tokens[0]!.value : fail(tokens, `${what} is a number`);
  const small = (tokens: readonly Token[], what: string): number | undefined => {
    const value = number(tokens, what);
    if (value === undefined) return undefined;
    return value < 1n << 32n ? Number(value) : fail(tokens, `${what} does not fit into 32 bits`);
  };
  const keySize = small(rest[0]!, 'the key size');
  const valueSize = small(rest[1]!, 'the value size');
  const maxEntries = small(rest[2]!, 'the number of entries');

  const options = new Map<Option, readonly Token[]>();
  for (const tokens of rest.slice(3)) {
    const option = OPTIONS.find((known) => known === tokens[0]?.text);
    if (option === undefined || tokens[1]?.text !== '=' || tokens.length < 3)
      fail(tokens, 'after the number of entries come flags=N, extra=N, inner=NAME or fd=N');
    else options.set(option, tokens.slice(2));
  }
  const flags = options.has('flags') ? small(options.get('flags')!, 'flags') : 0;
  const extra = options.has('extra') ? number(options.get('extra')!, 'extra') : 0n;
  const fd = options.has('fd') ? small(options.get('fd')!, 'fd') : draft.maps.length + 1;
  const inner = options
    .get('inner')
    ?.map((token) => token.text)
    .join('');
  if (keySize === undefined || valueSize === undefined || maxEntries === undefined) return;
  if (flags === undefined || extra === undefined || fd === undefined) return;

  const range = reporter.lineIndex.range(nameToken!.span);
  const symbol = symbolNamed(draft, name, range);
  if (symbol.definition !== undefined) {
    report(reporter, 'asm-duplicate', nameToken!.span, `\`${name}\` is defined already`);
    return;
  }
  const clash = draft.maps.find((map) => map.fd === fd);
  if (clash !== undefined) {
    fail(undefined, `\`${clash.name}\` already has fd ${fd}`);
    return;
  }
  const typeId = /^\d+$/.test(type) ? Number(type) : context.mapTypeId(type);
  symbol.definition = { kind: 'map' };
  draft.maps.push({ name, type, typeId, keySize, valueSize, maxEntries, flags, extra, inner, fd, range });
}
