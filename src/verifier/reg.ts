// What a register or a spilled stack slot can hold. Values are immutable and shared between states, so that copying a state is
// copying references; a change makes a new value. Source of truth: include/linux/bpf.h enum bpf_reg_type and bpf_type_flag.

import type { MapInfo } from './map-info.ts';
import { constant, type Scalar, UNKNOWN, ZERO } from './scalar.ts';

/** Base kinds. A type is a base kind plus flags, as one number, because types are compared millions of times. */
export const Kind = {
  notInit: 0,
  scalar: 1,
  ctx: 2,
  mapPtr: 3,
  mapValue: 4,
  mapKey: 5,
  stack: 6,
  packet: 7,
  packetEnd: 8,
  sock: 9,
  sockCommon: 10,
  tcpSock: 11,
  xdpSock: 12,
  btfId: 13,
  mem: 14,
  buf: 15,
  func: 16,
  dynptr: 17,
  arena: 18,
} as const;

export const Flag = {
  nullable: 1 << 8,
  rdonly: 1 << 9,
  ringbuf: 1 << 10,
  user: 1 << 11,
  percpu: 1 << 12,
  rcu: 1 << 13,
  untrusted: 1 << 14,
  trusted: 1 << 15,
  alloc: 1 << 16,
  nonOwning: 1 << 17,
} as const;

export type RegType = number;

const BASE = 0xff;
export const baseOf = (type: RegType): number => type & BASE;
export const mayBeNull = (type: RegType): boolean => (type & Flag.nullable) !== 0;

const NAMES: Readonly<Record<number, string>> = {
  [Kind.notInit]: '?',
  [Kind.scalar]: 'scalar',
  [Kind.ctx]: 'ctx',
  [Kind.mapPtr]: 'map_ptr',
  [Kind.mapValue]: 'map_value',
  [Kind.mapKey]: 'map_key',
  [Kind.stack]: 'fp',
  [Kind.packet]: 'pkt',
  [Kind.packetEnd]: 'pkt_end',
  [Kind.sock]: 'sock',
  [Kind.sockCommon]: 'sock_common',
  [Kind.tcpSock]: 'tcp_sock',
  [Kind.xdpSock]: 'xdp_sock',
  [Kind.btfId]: 'ptr_',
  [Kind.mem]: 'mem',
  [Kind.buf]: 'buf',
  [Kind.func]: 'func',
  [Kind.dynptr]: 'dynptr_ptr',
  [Kind.arena]: 'arena',
};

const PREFIXES: readonly (readonly [number, string])[] = [
  [Flag.rdonly, 'rdonly_'],
  [Flag.ringbuf, 'ringbuf_'],
  [Flag.user, 'user_'],
  [Flag.percpu, 'percpu_'],
  [Flag.rcu, 'rcu_'],
  [Flag.untrusted, 'untrusted_'],
  [Flag.trusted, 'trusted_'],
];

/** The kernel's name of a type: "sock_or_null", "trusted_ptr_". */
export function typeText(type: RegType): string {
  let text = '';
  for (const [flag, prefix] of PREFIXES) if (type & flag) text += prefix;
  const base = baseOf(type);
  const suffix = !mayBeNull(type) ? '' : base === Kind.btfId ? 'or_null_' : '_or_null';
  return text + NAMES[base] + suffix;
}

/** A type of the kernel's or the program's BTF. */
export interface BtfTypeRef {
  readonly kernel: boolean;
  readonly id: number;
  readonly name: string;
}

export type DynptrSort = 'local' | 'ringbuf' | 'skb' | 'xdp';

/** What a dynptr, an iterator or an interrupt flag on the stack is; also the referent of a dynptr register. */
export type Special =
  | { readonly kind: 'dynptr'; readonly sort: DynptrSort; readonly first: boolean }
  | { readonly kind: 'iter'; readonly type: string; readonly state: 'active' | 'drained'; readonly depth: number }
  | { readonly kind: 'irq'; readonly of: 'native' | 'lock' };

/** Set in `id` of a scalar that equals another of the same id plus the constant in `off`. */
export const LINKED_SUM = 1 << 30;

export const groupOf = (id: number): number => id & ~LINKED_SUM;

export class Reg {
  readonly type: RegType;
  /** The number, or the variable part of a pointer's offset. */
  readonly scalar: Scalar;
  /** Constant part of a pointer's offset; for a scalar with LINKED_SUM the distance to its group. */
  readonly off: number;
  readonly id: number;
  /** Reference that must be released, 0 when none. */
  readonly refId: number;
  /** The exact value decides something later, so that pruning must compare it. */
  readonly precise: boolean;
  /** Frame number of a stack pointer, range of a packet pointer, size of memory, subprogram number, map identity. */
  readonly extent: number;
  readonly map: MapInfo | undefined;
  readonly btf: BtfTypeRef | undefined;
  readonly special: Special | undefined;
  /** Identity of the dynptr that a slice came from. */
  readonly dynptrId: number;
  /** Slot of the instruction that made the value, and where its inputs came from; only while explaining. */
  readonly origin: Origin | undefined;

  constructor(
    type: RegType,
    scalar: Scalar,
    off = 0,
    id = 0,
    refId = 0,
    precise = false,
    extent = 0,
    map?: MapInfo,
    btf?: BtfTypeRef,
    special?: Special,
    dynptrId = 0,
    origin?: Origin,
  ) {
    this.type = type;
    this.scalar = scalar;
    this.off = off;
    this.id = id;
    this.refId = refId;
    this.precise = precise;
    this.extent = extent;
    this.map = map;
    this.btf = btf;
    this.special = special;
    this.dynptrId = dynptrId;
    this.origin = origin;
  }

  get isScalar(): boolean {
    return this.type === Kind.scalar;
  }

  get isConstant(): boolean {
    return this.type === Kind.scalar && this.scalar.tnum.mask === 0n;
  }

  /** The scalar 0, as which a NULL pointer passes. */
  get isZero(): boolean {
    return this.type === Kind.scalar && this.scalar.tnum.mask === 0n && this.scalar.tnum.value === 0n;
  }
}

/** One step of where a value came from: the slot that made it and the value it was made from. */
export interface Origin {
  readonly slot: number;
  readonly from: Origin | undefined;
  /** Steps below this one, to keep chains short. */
  readonly depth: number;
}

export const NOT_INIT = new Reg(Kind.notInit, UNKNOWN);
export const UNKNOWN_SCALAR = new Reg(Kind.scalar, UNKNOWN);
export const ZERO_SCALAR = new Reg(Kind.scalar, ZERO);
export const PRECISE_ZERO = new Reg(Kind.scalar, ZERO, 0, 0, 0, true);

export const scalarReg = (scalar: Scalar): Reg => (scalar === UNKNOWN ? UNKNOWN_SCALAR : new Reg(Kind.scalar, scalar));
export const constantReg = (value: bigint): Reg => new Reg(Kind.scalar, constant(value));

/** The fields of `reg` with some replaced. */
export interface RegChange {
  readonly type?: RegType;
  readonly scalar?: Scalar;
  readonly off?: number;
  readonly id?: number;
  readonly refId?: number;
  readonly precise?: boolean;
  readonly extent?: number;
  readonly dynptrId?: number;
  readonly special?: Special;
}

export function change(reg: Reg, to: RegChange): Reg {
  return new Reg(
    to.type ?? reg.type,
    to.scalar ?? reg.scalar,
    to.off ?? reg.off,
    to.id ?? reg.id,
    to.refId ?? reg.refId,
    to.precise ?? reg.precise,
    to.extent ?? reg.extent,
    reg.map,
    reg.btf,
    to.special ?? reg.special,
    to.dynptrId ?? reg.dynptrId,
    reg.origin,
  );
}

export const withOrigin = (reg: Reg, origin: Origin): Reg =>
  new Reg(
    reg.type,
    reg.scalar,
    reg.off,
    reg.id,
    reg.refId,
    reg.precise,
    reg.extent,
    reg.map,
    reg.btf,
    reg.special,
    reg.dynptrId,
    origin,
  );

/** Without membership in a group of linked scalars. */
export const unlinked = (reg: Reg): Reg => (reg.id === 0 && reg.off === 0 ? reg : change(reg, { id: 0, off: 0 }));

export const isPacketPointer = (reg: Reg): boolean => reg.type === Kind.packet;
export const isAnyPacketPointer = (reg: Reg): boolean => reg.type === Kind.packet || reg.type === Kind.packetEnd;

/** `extent` of a packet pointer once it was compared with the end. */
export const AT_PACKET_END = -1;
export const BEYOND_PACKET_END = -2;

export const isSockPointer = (type: RegType): boolean =>
  type === Kind.sock || type === Kind.sockCommon || type === Kind.tcpSock || type === Kind.xdpSock;

export const isMapPointer = (type: RegType): boolean => {
  const base = baseOf(type);
  return base === Kind.mapPtr || base === Kind.mapKey || base === Kind.mapValue;
};

/** Kinds that a stack slot remembers when the register is stored with 8 bytes. */
export function isSpillable(type: RegType): boolean {
  const base = baseOf(type);
  return base !== Kind.notInit && base !== Kind.scalar && base !== Kind.dynptr;
}

const NEVER_NULL = new Set<number>([
  Kind.sock,
  Kind.tcpSock,
  Kind.mapValue,
  Kind.mapKey,
  Kind.sockCommon,
  Kind.mem,
  Kind.mapPtr,
]);

const TRUSTED = Flag.alloc | Flag.trusted | Flag.nonOwning;
const UNSAFE = Flag.untrusted | Flag.percpu | Flag.nullable | Flag.user;

/** Whether the kernel stands behind the pointer: it is referenced, or of a kind or flag that is always valid. */
export function isTrusted(reg: Reg): boolean {
  if (reg.refId !== 0) return true;
  const base = baseOf(reg.type);
  const flags = reg.type & ~BASE;
  const knownKind = base === Kind.sock || base === Kind.sockCommon || base === Kind.tcpSock || base === Kind.mapPtr;
  if (knownKind && (flags & ~Flag.alloc & UNSAFE) === 0 && flags === 0) return true;
  return (flags & TRUSTED) !== 0 && (flags & UNSAFE) === 0;
}

/** Whether a pointer cannot be NULL, so that comparing it with 0 has one outcome. */
export function isNotNull(reg: Reg): boolean {
  if (mayBeNull(reg.type)) return false;
  const base = baseOf(reg.type);
  if (NEVER_NULL.has(reg.type) || NEVER_NULL.has(base)) return reg.type === base || base === Kind.mem;
  return base === Kind.btfId && isTrusted(reg);
}
