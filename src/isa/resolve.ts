// A matched instruction with its symbols to bytes: evaluates the expressions, decides what a symbol in it stands for (a label,
// a function, a map, something for the linker) and encodes. Bytes and relocations are those that clang's assembler gives.

import type { TextSpan } from '../base/index.ts';
import { type AsmReporter, report } from './asm-problem.ts';
import type { AssembledRelocation } from './assembly.ts';
import { SLOT_BYTES } from './decode.ts';
import type { Draft } from './draft.ts';
import { encodeBytes } from './encode.ts';
import { type Expression, evaluate, type Place, type SymbolScope, type Value } from './expression.ts';
import type { Insn, Operand } from './insn.ts';
import type { ExpressionMember, MatchedInsn } from './match.ts';
import { type RelocationSite, relocateTo } from './relocate.ts';
import type { InsnRow } from './row.ts';
import { rowNamed } from './rows.ts';

export interface ResolveContext {
  readonly draft: Draft;
  readonly reporter: AsmReporter;
  readonly scope: SymbolScope;
  readonly here: Place;
  readonly span: TextSpan;
  /** Number of a helper that is called by name. */
  readonly helperId: (name: string) => number | undefined;
  readonly relocations: AssembledRelocation[];
}

/** Members of the instruction under construction, as insn.ts names them. */
type Members = Record<string, number | Operand>;

/** Bytes of the instruction; when something is wrong with it a problem is reported and the bytes are zeros. */
export function resolveInsn(matched: MatchedInsn, context: ResolveContext): Uint8Array {
  const size = matched.row.sem.kind === 'load-imm64' ? 2 * SLOT_BYTES : SLOT_BYTES;
  const members: Members = {};
  for (const [member, { number, span }] of matched.registers) {
    const operand = member === 'src' && takesOperand(matched.row);
    members[member] = operand ? { kind: 'reg', reg: number } : number;
    if (number > 10)
      report(context.reporter, 'asm-register', span, `BPF has the registers r0 to r10, and no register ${number}`, {
        severity: 'warning',
        remedy: 'use a register from 0 to 10; every kernel refuses this one',
      });
  }
  let row = matched.row;
  for (const [member, expression] of matched.expressions) {
    const resolved = RESOLVERS[member](evaluate(expression, context.scope), expression, context, members);
    if (resolved === undefined) return new Uint8Array(size);
    row = resolved.row ?? row;
    Object.assign(members, resolved.members);
  }
  return encodeMembers(row, members, matched, context) ?? new Uint8Array(size);
}

const takesOperand = (row: InsnRow): boolean => {
  const { kind } = row.sem;
  return kind === 'alu' || kind === 'jump-if' || kind === 'store';
};

/** What a template leaves out: `(r1)` for `(r1 + 0)`, `skb[4]` has no index register, `kfunc 7` is one of vmlinux. */
const UNWRITTEN: Members = { offset: 0, src: 0, btfFdIndex: 0 };

function encodeMembers(
  row: InsnRow,
  members: Members,
  matched: MatchedInsn,
  context: ResolveContext,
): Uint8Array | undefined {
  const slot = Number(context.here.offset) / SLOT_BYTES;
  // The templates of a row name every member of its kind; test/isa proves it for each row.
  const insn = { ...UNWRITTEN, ...members, ...row.sem, slot } as unknown as Insn;
  const encoding = encodeBytes(insn);
  if (encoding.kind === 'encoded') return encoding.bytes;
  const { failure } = encoding;
  if (failure.kind === 'no-such-operation') {
    report(context.reporter, 'asm-syntax', context.span, 'there is no such instruction');
    return undefined;
  }
  const jump = matched.expressions.get('target') ?? matched.expressions.get('function');
  const culprit = jump ?? matched.expressions.get('offset') ?? [...matched.expressions.values()][0];
  const what = jump === undefined ? 'the number' : 'the jump distance in 8-byte slots';
  report(
    context.reporter,
    'asm-range',
    culprit?.span ?? context.span,
    `${what} is ${failure.value}, and the instruction has room for ${failure.min} to ${failure.max}`,
    row.sem.kind === 'jump' && !row.sem.long ? { remedy: 'use gotol, which has 32 bits for the distance' } : {},
  );
  return undefined;
}

interface Resolved {
  readonly members: Members;
  /** Another row than the matched one, when what a symbol is decides. */
  readonly row?: InsnRow;
}

type Resolver = (
  value: Value,
  expression: Expression,
  context: ResolveContext,
  members: Members,
) => Resolved | undefined;

function fail(context: ResolveContext, span: TextSpan, message: string, remedy?: string): undefined {
  report(context.reporter, 'asm-range', span, message, remedy === undefined ? {} : { remedy });
}

function undefinedSymbol(context: ResolveContext, name: string, span: TextSpan, remedy: string): undefined {
  report(context.reporter, 'asm-undefined', span, `\`${name}\` is not defined in this section`, { remedy });
}

/** A number within limits, given to `make`. */
function number(min: bigint, max: bigint, make: (value: bigint) => Members): Resolver {
  return (value, { span }, context) => {
    if (value.kind === 'error') return fail(context, value.span, value.message);
    if (value.kind === 'symbolic')
      return value.symbol === undefined || value.place !== undefined
        ? fail(
            context,
            span,
            'this needs a number, not an address',
            'an address takes the 16-byte load: `r1 = name ll`',
          )
        : undefinedSymbol(context, value.symbol, span, 'give it a value with `.set`');
    if (value.value < min || value.value > max)
      return fail(context, span, `${value.value} is not between ${min} and ${max}`);
    return { members: make(value.value) };
  };
}

const INT32_MIN = -(1n << 31n);
const UINT32_MAX = (1n << 32n) - 1n;
const signed32 = (value: bigint): number => Number(BigInt.asIntN(32, value));
const anyMembers = (member: string) => (value: bigint) => ({ [member]: Number(value) });

/** The slot that a label stands for, when it is one of this section. */
function labelSlot(value: Value & { kind: 'symbolic' }, context: ResolveContext): number | undefined {
  if (value.place === undefined || value.place.section !== context.here.section) return undefined;
  const slot = Number(value.place.offset + value.addend) / SLOT_BYTES;
  return Number.isInteger(slot) ? slot : undefined;
}

const distance: Resolver = number(INT32_MIN, UINT32_MAX, (value) => ({ distance: signed32(value) }));

/** A distance counts from the next slot; a label is where it is. */
const jumpTarget: Resolver = (value, expression, context, members) => {
  const slot = Number(context.here.offset) / SLOT_BYTES;
  if (value.kind === 'symbolic') {
    const target = labelSlot(value, context);
    if (target !== undefined) return { members: { target } };
    if (value.place !== undefined) return fail(context, expression.span, 'a jump cannot leave its section');
    return undefinedSymbol(
      context,
      value.symbol ?? '.',
      expression.span,
      'a label is defined by `NAME:` in the same section',
    );
  }
  const resolved = distance(value, expression, context, members);
  return resolved && { members: { target: slot + 1 + Number(resolved.members['distance']) } };
};

const siteOf = (context: ResolveContext): RelocationSite => ({ ...context, offset: Number(context.here.offset) });

const mapOf = (value: Value, context: ResolveContext) =>
  value.kind === 'symbolic' ? context.draft.maps.find((map) => map.name === value.symbol) : undefined;

const wide = (value: bigint): Members => ({
  low: Number(BigInt.asUintN(32, value)),
  high: Number(BigInt.asUintN(32, value >> 32n)),
});

const RESOLVERS: Readonly<Record<ExpressionMember, Resolver>> = {
  src: number(INT32_MIN, UINT32_MAX, (value) => ({ src: { kind: 'imm', value: signed32(value) } })),
  offset: number(-(1n << 31n), (1n << 31n) - 1n, anyMembers('offset')),
  target: jumpTarget,
  functionDistance: jumpTarget,
  function: (value, expression, context) => {
    if (value.kind === 'error') return fail(context, value.span, value.message);
    if (value.kind === 'constant') return { members: { helper: signed32(value.value) }, row: rowNamed('call') };
    const helper = value.symbol === undefined || value.place !== undefined ? undefined : context.helperId(value.symbol);
    if (helper !== undefined) return { members: { helper }, row: rowNamed('call') };
    if (mapOf(value, context) !== undefined)
      return fail(context, expression.span, `\`${value.symbol}\` is a map and cannot be called`);
    // A function of this section that no other object can replace is reached without the linker.
    const target = labelSlot(value, context);
    const binding = value.symbol === undefined ? 'local' : context.draft.symbols.get(value.symbol)?.binding;
    if (target !== undefined && binding === 'local') return { members: { target } };
    const bytes = relocateTo(value, 'call', siteOf(context));
    if (bytes % BigInt(SLOT_BYTES) !== 0n)
      return fail(context, expression.span, 'a function starts at a multiple of 8 bytes');
    // The wire holds the distance less one, whatever the place of the call: the linker adds the rest.
    const slot = Number(context.here.offset) / SLOT_BYTES;
    return { members: { target: slot + Number(bytes) / SLOT_BYTES } };
  },
  helper: number(INT32_MIN, UINT32_MAX, (value) => ({ helper: signed32(value) })),
  kfunc: number(INT32_MIN, UINT32_MAX, (value) => ({ btfId: signed32(value) })),
  kfuncFd: number(-0x8000n, 0x7fffn, anyMembers('btfFdIndex')),
  imm64: (value, expression, context) => {
    if (value.kind === 'error') return fail(context, value.span, value.message);
    if (value.kind === 'constant') return { members: wide(value.value) };
    const map = mapOf(value, context);
    if (map !== undefined) {
      if (value.addend !== 0n)
        return fail(
          context,
          expression.span,
          'a map has no inside',
          `\`${map.name}[0] + ${value.addend}\` is a place in its value`,
        );
      relocateTo({ ...value, addend: 0n }, 'imm64', siteOf(context));
      return { members: { low: map.fd, high: 0 }, row: rowNamed('ld-imm64.map-fd') };
    }
    return { members: { low: Number(BigInt.asUintN(32, relocateTo(value, 'imm64', siteOf(context)))), high: 0 } };
  },
  map: (value, expression, context) => {
    const map = mapOf(value, context);
    if (map === undefined)
      return undefinedSymbol(
        context,
        value.kind === 'symbolic' ? (value.symbol ?? '.') : 'it',
        expression.span,
        'declare the map with `.map`',
      );
    if (value.kind === 'symbolic') relocateTo(value, 'imm64', siteOf(context));
    return { members: { low: map.fd, high: 0 } };
  },
  mapValue: number(0n, UINT32_MAX, anyMembers('high')),
  toSpace: number(0n, 0xffffn, anyMembers('toSpace')),
  fromSpace: number(0n, 0xffffn, anyMembers('fromSpace')),
};
