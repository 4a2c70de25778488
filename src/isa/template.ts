// The text column of the instruction table. A template is assembly with blanks in braces; the disassembler fills them
// in (format.ts), the assembler matches against them (match.ts), so that the two read and write one language.
//
//   {r.dst} {w.dst}   register in its 64-bit or 32-bit name; `src` of an operation that also has an immediate form stands
//                     for an immediate as well
//   {offset}          `+ 4` or `- 4` after a base register
//   {target}          label, or distance `+4`, of a jump
//   {function}        name, or `pc+4`, of a function of the program
//   {helper} {kfunc}  name or number of what is called
//   {imm64}           64-bit number, or a symbol plus an offset (`counts + 8`) whose address a linker fills in
//   {mapValue}        place in the only value of a map, `counts[0] + 8`
//   {map} {functionAddress}   written only where the name is known; reading one is the business of {imm64}
//   {pseudo} {pseudo64}   what a 64-bit load refers to, as the number that the source field holds, and the number loaded
//   {toSpace} {fromSpace} {packetOffset}   plain numbers
//   {packetIndex}     nothing, or ` + 4`, after an index register; LLVM leaves the number out even where there is one

import { Bug } from '../base/index.ts';
import { type Token, tokenize } from './lexer.ts';

/** Members of an instruction that hold a register number, or an operand that may be one. */
export type RegisterMember = 'dst' | 'src' | 'base' | 'reg';

export type BlankName =
  | 'offset'
  | 'target'
  | 'function'
  | 'helper'
  | 'kfunc'
  | 'imm64'
  | 'map'
  | 'functionAddress'
  | 'pseudo'
  | 'pseudo64'
  | 'mapValue'
  | 'toSpace'
  | 'fromSpace'
  | 'packetOffset'
  | 'packetIndex';

export type TemplatePart =
  /** Text that stands as it is; `tokens` is what the assembler looks for. */
  | { readonly kind: 'literal'; readonly text: string; readonly tokens: readonly Token[] }
  | { readonly kind: 'register'; readonly prefix: 'r' | 'w'; readonly member: RegisterMember }
  | { readonly kind: 'blank'; readonly name: BlankName };

export interface Template {
  readonly source: string;
  readonly parts: readonly TemplatePart[];
}

const REGISTER_MEMBERS: readonly string[] = ['dst', 'src', 'base', 'reg'] satisfies RegisterMember[];
const BLANK_NAMES = {
  offset: true,
  target: true,
  function: true,
  helper: true,
  kfunc: true,
  imm64: true,
  map: true,
  functionAddress: true,
  pseudo: true,
  pseudo64: true,
  mapValue: true,
  toSpace: true,
  fromSpace: true,
  packetOffset: true,
  packetIndex: true,
} satisfies Record<BlankName, true>;

const isRegisterMember = (text: string): text is RegisterMember => REGISTER_MEMBERS.includes(text);
const isBlankName = (text: string): text is BlankName => Object.hasOwn(BLANK_NAMES, text);

const cache = new Map<string, Template>();

/** The parts of a template; parsed once. A template that is not well formed is a mistake in the table. */
export function templateOf(source: string): Template {
  let template = cache.get(source);
  if (template === undefined) cache.set(source, (template = parseTemplate(source)));
  return template;
}

function parseTemplate(source: string): Template {
  const parts = source
    .split(/(\{[^}]*\})/)
    .filter((piece) => piece !== '')
    .map((piece): TemplatePart => {
      const blank = /^\{(?:([rw])\.)?(\w+)\}$/.exec(piece);
      if (blank === null) {
        return { kind: 'literal', text: piece, tokens: tokenize(piece).flatMap((statement) => statement.tokens) };
      }
      const [, prefix, name = ''] = blank;
      if ((prefix === 'r' || prefix === 'w') && isRegisterMember(name))
        return { kind: 'register', prefix, member: name };
      if (prefix === undefined && isBlankName(name)) return { kind: 'blank', name };
      throw new Bug(`blank ${piece} in template ${source}`);
    });
  return { source, parts };
}
