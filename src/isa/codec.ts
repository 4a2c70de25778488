// Where the operands of each kind lie in the five fields of a word: `read` takes them out, `write` puts them back, and
// `name` says which row of the table an instruction belongs to. Source: RFC 9669 sections 3 to 5.
//
// `read` names the members of the operation one by one: spreading `sem` is ten times slower, and decoding is a large part of loading.

import type { AtomicInsn, InsnOf, Operand, RawInsn, ValidKind } from './insn.ts';
import type { SemanticsOf } from './row.ts';

/** The word being read, its place, which form its opcode is, and the immediate of the word that follows (16-byte form). */
export interface WireContext {
  readonly raw: RawInsn;
  readonly slot: number;
  readonly form: OperandForm;
  readonly nextImm: number;
}

export type OperandForm = 'imm' | 'reg';

/** Operand values by wire field; a field that is absent holds no operand. `nextImm` is the immediate of the second word. */
export interface OperandFields {
  readonly dst?: number;
  readonly src?: number;
  readonly offset?: number;
  readonly imm?: number;
  readonly nextImm?: number;
}

export interface OperandCodec<K extends ValidKind> {
  readonly name: (insn: InsnOf<K>) => string;
  readonly read: (sem: SemanticsOf<K>, wire: WireContext) => InsnOf<K>;
  readonly write: (insn: InsnOf<K>) => OperandFields;
}

const readOperand = ({ raw, form }: WireContext): Operand =>
  form === 'reg' ? { kind: 'reg', reg: raw.src } : { kind: 'imm', value: raw.imm };

const writeOperand = (src: Operand): OperandFields => (src.kind === 'reg' ? { src: src.reg } : { imm: src.value });

/** Jump and call offsets count from the slot after the instruction. */
const targetOf = (slot: number, distance: number): number => slot + 1 + distance;
const distanceTo = (insn: { readonly slot: number; readonly target: number }): number => insn.target - insn.slot - 1;

const atomicName = ({ fn, fetch, size }: Pick<AtomicInsn, 'fn' | 'fetch' | 'size'>): string =>
  fn === 'xchg' || fn === 'cmpxchg' ? `${fn}.${size * 8}` : `atomic-${fetch ? 'fetch-' : ''}${fn}.${size * 8}`;

export const CODECS: { readonly [K in ValidKind]: OperandCodec<K> } = {
  alu: {
    name: ({ fn, width }) => `${fn}.${width}`,
    read: ({ width, fn }, wire) => ({
      kind: 'alu',
      width,
      fn,
      slot: wire.slot,
      dst: wire.raw.dst,
      src: readOperand(wire),
    }),
    write: (insn) => ({ dst: insn.dst, ...writeOperand(insn.src) }),
  },
  neg: {
    name: ({ width }) => `neg.${width}`,
    read: ({ width }, { raw, slot }) => ({ kind: 'neg', width, slot, dst: raw.dst }),
    write: (insn) => ({ dst: insn.dst }),
  },
  endian: {
    name: ({ fn, bits }) => `${fn}${bits}`,
    read: ({ fn, bits }, { raw, slot }) => ({ kind: 'endian', fn, bits, slot, dst: raw.dst }),
    write: (insn) => ({ dst: insn.dst }),
  },
  'addr-space-cast': {
    name: () => 'addr-space-cast',
    read: (_, { raw, slot }) => ({
      kind: 'addr-space-cast',
      slot,
      dst: raw.dst,
      src: raw.src,
      toSpace: raw.imm >>> 16,
      fromSpace: raw.imm & 0xffff,
    }),
    write: (insn) => ({ dst: insn.dst, src: insn.src, imm: (insn.toSpace << 16) | insn.fromSpace }),
  },
  'load-imm64': {
    name: ({ source }) => `ld-imm64.${source}`,
    read: ({ source }, { raw, slot, nextImm }) => ({
      kind: 'load-imm64',
      source,
      slot,
      dst: raw.dst,
      low: raw.imm >>> 0,
      high: nextImm >>> 0,
    }),
    write: (insn) => ({ dst: insn.dst, imm: insn.low | 0, nextImm: insn.high | 0 }),
  },
  load: {
    name: ({ size, signExtend }) => `load.${signExtend ? 's' : 'u'}${size * 8}`,
    read: ({ size, signExtend }, { raw, slot }) => ({
      kind: 'load',
      size,
      signExtend,
      slot,
      dst: raw.dst,
      base: raw.src,
      offset: raw.offset,
    }),
    write: (insn) => ({ dst: insn.dst, src: insn.base, offset: insn.offset }),
  },
  store: {
    name: ({ size }) => `store.u${size * 8}`,
    read: ({ size }, wire) => ({
      kind: 'store',
      size,
      slot: wire.slot,
      base: wire.raw.dst,
      offset: wire.raw.offset,
      src: readOperand(wire),
    }),
    write: (insn) => ({ dst: insn.base, offset: insn.offset, ...writeOperand(insn.src) }),
  },
  atomic: {
    name: atomicName,
    read: ({ size, fn, fetch }, { raw, slot }) => ({
      kind: 'atomic',
      size,
      fn,
      fetch,
      slot,
      base: raw.dst,
      offset: raw.offset,
      src: raw.src,
    }),
    write: (insn) => ({ dst: insn.base, offset: insn.offset, src: insn.src }),
  },
  'load-acquire': {
    name: ({ size }) => `load-acquire.u${size * 8}`,
    read: ({ size }, { raw, slot }) => ({
      kind: 'load-acquire',
      size,
      slot,
      dst: raw.dst,
      base: raw.src,
      offset: raw.offset,
    }),
    write: (insn) => ({ dst: insn.dst, src: insn.base, offset: insn.offset }),
  },
  'store-release': {
    name: ({ size }) => `store-release.u${size * 8}`,
    read: ({ size }, { raw, slot }) => ({
      kind: 'store-release',
      size,
      slot,
      base: raw.dst,
      offset: raw.offset,
      src: raw.src,
    }),
    write: (insn) => ({ dst: insn.base, offset: insn.offset, src: insn.src }),
  },
  jump: {
    name: ({ long }) => (long ? 'gotol' : 'goto'),
    read: ({ long }, { raw, slot }) => ({
      kind: 'jump',
      long,
      slot,
      target: targetOf(slot, long ? raw.imm : raw.offset),
    }),
    write: (insn) => (insn.long ? { imm: distanceTo(insn) } : { offset: distanceTo(insn) }),
  },
  'jump-if': {
    name: ({ fn, width }) => `j${fn}.${width}`,
    read: ({ width, fn }, wire) => ({
      kind: 'jump-if',
      width,
      fn,
      slot: wire.slot,
      dst: wire.raw.dst,
      src: readOperand(wire),
      target: targetOf(wire.slot, wire.raw.offset),
    }),
    write: (insn) => ({ dst: insn.dst, offset: distanceTo(insn), ...writeOperand(insn.src) }),
  },
  'may-goto': {
    name: () => 'may-goto',
    read: (_, { raw, slot }) => ({ kind: 'may-goto', slot, target: targetOf(slot, raw.offset) }),
    write: (insn) => ({ offset: distanceTo(insn) }),
  },
  'jump-indirect': {
    name: () => 'gotox',
    read: (_, { raw, slot }) => ({ kind: 'jump-indirect', slot, reg: raw.dst }),
    write: (insn) => ({ dst: insn.reg }),
  },
  'call-helper': {
    name: () => 'call',
    read: (_, { raw, slot }) => ({ kind: 'call-helper', slot, helper: raw.imm }),
    write: (insn) => ({ imm: insn.helper }),
  },
  'call-local': {
    name: () => 'call-local',
    read: (_, { raw, slot }) => ({ kind: 'call-local', slot, target: targetOf(slot, raw.imm) }),
    write: (insn) => ({ imm: distanceTo(insn) }),
  },
  'call-kfunc': {
    name: () => 'call-kfunc',
    read: (_, { raw, slot }) => ({ kind: 'call-kfunc', slot, btfId: raw.imm, btfFdIndex: raw.offset }),
    write: (insn) => ({ imm: insn.btfId, offset: insn.btfFdIndex }),
  },
  'call-indirect': {
    name: () => 'callx',
    read: (_, { raw, slot }) => ({ kind: 'call-indirect', slot, reg: raw.dst }),
    write: (insn) => ({ dst: insn.reg }),
  },
  exit: {
    name: () => 'exit',
    read: (_, { slot }) => ({ kind: 'exit', slot }),
    write: () => ({}),
  },
  'packet-load': {
    name: ({ mode, size }) => `packet-${mode}.u${size * 8}`,
    read: ({ mode, size }, { raw, slot }) => ({
      kind: 'packet-load',
      mode,
      size,
      slot,
      src: raw.src,
      offset: raw.imm,
    }),
    write: (insn) => (insn.mode === 'abs' ? { imm: insn.offset } : { src: insn.src, imm: insn.offset }),
  },
};

/** The codec of a kind, typed by it. */
export function codecFor<K extends ValidKind>(kind: K): OperandCodec<K> {
  return CODECS[kind];
}
