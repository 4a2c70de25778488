// Memory behind pointers: what may be read and written by kind of pointer, and what a load gives.
// Source of truth: kernel/bpf/verifier.c check_mem_access and the check_*_access functions, by behaviour.

import type { AccessSize } from '../isa/index.ts';
import type { Env } from './env.ts';
import type { MemberAnswer, SafeKind } from './kernel-type-table.ts';
import { FIELD_NAMES, type MapInfo, mapStructure } from './map-info.ts';
import { fieldsBehind } from './owned.ts';
import { markPrecise } from './precision.ts';
import {
  type BtfTypeRef,
  baseOf,
  constantReg,
  Flag,
  isSockPointer,
  isTrusted,
  Kind,
  mayBeNull,
  Reg,
  UNKNOWN_SCALAR,
} from './reg.ts';
import type { AccessMode } from './requirement.ts';
import { signExtend, truncate, ZERO } from './scalar.ts';
import { sockMember } from './sock-access.ts';
import {
  checkStackBounds,
  checkStackRead,
  checkStackWrite,
  loadFromStack,
  type Stored,
  storeToStack,
} from './stack.ts';
import { isAligned, tnumAdd, tnumConst, tnumText } from './tnum.ts';

/** BPF_MAX_VAR_OFF. */
const MAX_OFFSET = 1n << 29n;
const S32_MIN = -0x8000_0000n;
const S32_MAX = 0x7fff_ffffn;

// --- Alignment ---------------------------------------------------------------------------------------------------------------

const ALIGNMENT_NAMES: Readonly<Record<number, string>> = {
  [Kind.mapKey]: 'key ',
  [Kind.mapValue]: 'value ',
  [Kind.ctx]: 'context ',
  [Kind.stack]: 'stack ',
  [Kind.sock]: 'sock ',
  [Kind.sockCommon]: 'sock_common ',
  [Kind.tcpSock]: 'tcp_sock ',
  [Kind.xdpSock]: 'xdp_sock ',
};

/** Stack and atomic accesses must be aligned on every machine; x86-64 takes the others as they come. */
export function checkAlignment(env: Env, reg: Reg, offset: number, size: number, always: boolean): void {
  if (reg.type === Kind.arena || size === 1 || !(always || env.strictAlignment || reg.type === Kind.stack)) return;
  const isPacket = reg.type === Kind.packet;
  // Packet data starts two bytes off a multiple of four.
  const extra = isPacket ? 2 : 0;
  if (isAligned(tnumAdd(reg.scalar.tnum, tnumConst(BigInt(extra + reg.off + offset))), BigInt(size))) return;
  const joined = env.rules.joinsOffsets;
  const tnum = joined ? tnumAdd(reg.scalar.tnum, tnumConst(BigInt(reg.off))) : reg.scalar.tnum;
  const plain = env.view.has('constant-bits-plain') || tnum.mask !== 0n;
  const varOff =
    joined && tnum.mask === 0n
      ? `${BigInt.asIntN(64, tnum.value)}`
      : plain
        ? tnumText(tnum)
        : `(0x${tnum.value.toString(16)}; 0x0)`;
  env.refuse({
    kind: 'misaligned',
    what: isPacket ? 'packet ' : (ALIGNMENT_NAMES[reg.type] ?? ''),
    varOff: isPacket ? `2+${varOff}` : varOff,
    off: joined ? undefined : reg.off,
    at: offset,
    size,
  });
}

// --- Regions -------------------------------------------------------------------------------------------------------------------

type RegionKind = 'map-key' | 'map-value' | 'memory';

/** Checks that [offset, offset + size) moved by the register's variable part stays inside a region of `regionSize` bytes. */
export function checkRegion(
  env: Env,
  regno: number,
  offset: number,
  size: number,
  regionSize: number,
  zeroAllowed: boolean,
  region: RegionKind,
): void {
  const { scalar, off } = env.reg(regno);
  const min = scalar.smin + BigInt(offset);
  const moved = env.rules.joinsOffsets ? scalar.smin + BigInt(off) : scalar.smin;
  if (moved < 0n && (min < S32_MIN || min > S32_MAX || min < 0n)) env.refuse({ kind: 'min-negative', reg: regno });
  const fits = (at: bigint): boolean =>
    at >= 0n && (size > 0 || (size === 0 && zeroAllowed)) && at + BigInt(size) <= BigInt(regionSize);
  const outside = (at: bigint, bound: 'min' | 'max'): never =>
    env.refuse({
      kind: 'outside-memory',
      region,
      reg: regno,
      regionSize,
      off: BigInt.asIntN(32, at).toString(),
      size,
      bound,
    });
  if (!fits(min)) outside(min, 'min');
  if (scalar.umax >= MAX_OFFSET) env.refuse({ kind: 'unbounded-access', reg: regno });
  const max = scalar.umax + BigInt(offset);
  if (!fits(max)) outside(max, 'max');
}

/** Whether the program may read or write values of the map at all. */
export function checkMapPermission(env: Env, map: MapInfo, offset: number, size: number, mode: AccessMode): void {
  const allowed = mode === 'write' ? map.programMayWrite : map.programMayRead;
  if (!allowed) env.refuse({ kind: 'map-access-forbidden', mode, valueSize: map.valueSize, off: offset, size });
}

/** Checks an access to a map value, its special fields included. */
export function checkMapValue(
  env: Env,
  regno: number,
  offset: number,
  size: number,
  zeroAllowed: boolean,
  by: 'instruction' | 'helper',
): void {
  const reg = env.reg(regno);
  const map = reg.map!;
  checkRegion(env, regno, offset, size, map.valueSize, zeroAllowed, 'map-value');
  const { scalar } = reg;
  for (const field of map.fields) {
    const start = BigInt(field.offset);
    const touches =
      scalar.smin + BigInt(offset) < start + BigInt(field.size) && start < scalar.umax + BigInt(offset) + BigInt(size);
    if (!touches) continue;
    if (field.kind !== 'kptr') env.refuse({ kind: 'special-field', field: FIELD_NAMES[field.kind] });
    if (by === 'helper') env.refuse({ kind: 'kptr', problem: { kind: 'through-helper' } });
    if (!scalar.isConst) env.refuse({ kind: 'kptr', problem: { kind: 'variable' } });
    const at = BigInt(offset) + scalar.tnum.value;
    if (at !== start)
      env.refuse({ kind: 'kptr', problem: { kind: 'misaligned', expected: field.offset, off: at.toString() } });
    if (size !== 8) env.refuse({ kind: 'kptr', problem: { kind: 'size' } });
  }
}

type KptrField = Extract<MapInfo['fields'][number], { kind: 'kptr' }>;

/** The kernel pointer field that an access hits. */
function kptrAt(reg: Reg, offset: number): KptrField | undefined {
  if (!reg.scalar.isConst) return undefined;
  const at = offset + Number(reg.scalar.smin);
  const field = reg.map?.fields.find((one) => one.kind === 'kptr' && one.offset === at);
  return field?.kind === 'kptr' ? field : undefined;
}

/** Checks a packet access: the range that comparisons with the end have established must cover it. */
export function checkPacket(env: Env, regno: number, offset: number, size: number, zeroAllowed: boolean): void {
  const reg = env.reg(regno);
  if (reg.scalar.smin < 0n) env.refuse({ kind: 'min-negative', reg: regno });
  const range = reg.extent;
  const counted = env.rules.joinsOffsets;
  const refuse = (off: number): never =>
    env.refuse({ kind: 'outside-packet', reg: regno, off, size, range, id: reg.id });
  const fits = (at: number, end: number): boolean =>
    range >= 0 && at >= 0 && (size > 0 || (size === 0 && zeroAllowed)) && end <= range;
  const low = offset + (counted ? Number(reg.scalar.smin) : 0);
  if (!fits(low, low + size)) refuse(low);
  if (!counted) return;
  const high = offset + Number(reg.scalar.umax);
  if (!fits(high, high + size)) refuse(high);
}

/** A pointer that must be used as it was given: context, socket, structure. */
export function checkUnmodified(env: Env, reg: Reg, regno: number, fixedAllowed: boolean): void {
  const type = env.typeText(reg.type);
  if (reg.off < 0) env.refuse({ kind: 'negative-pointer', reg: regno, type, off: reg.off });
  if (!fixedAllowed && reg.off !== 0) env.refuse({ kind: 'modified-pointer', reg: regno, type, off: reg.off });
  if (!reg.scalar.isConst || reg.scalar.tnum.value !== 0n)
    env.refuse({ kind: 'variable-pointer', type, varOff: tnumText(reg.scalar.tnum) });
}

// --- Instructions ----------------------------------------------------------------------------------------------------------------

/** Checks a load or store of `size` bytes. `value` is the register loaded into or stored from, -1 for none. */
export function checkAccess(
  env: Env,
  regno: number,
  instructionOffset: number,
  size: number,
  mode: AccessMode,
  value: number,
  always: boolean,
): void {
  const reg = env.reg(regno);
  const { type } = reg;
  env.accessedType = type;
  checkAlignment(env, reg, instructionOffset, size, always);
  const offset = instructionOffset + reg.off;
  const writes = mode === 'write';
  const base = baseOf(type);
  if (base === Kind.mem) {
    if (mayBeNull(type)) refuseDereference(env, regno);
    if (writes && (type & Flag.rdonly) !== 0) env.refuse({ kind: 'read-only', reg: regno, type: env.typeText(type) });
    if (writes || (type & (Flag.rdonly | Flag.untrusted)) !== (Flag.rdonly | Flag.untrusted))
      checkRegion(env, regno, offset, size, reg.extent, false, 'memory');
    return;
  }
  if (base === Kind.btfId && !mayBeNull(type)) {
    checkStructure(env, regno, offset, size, mode);
    return;
  }
  if (base === Kind.buf && !mayBeNull(type)) {
    if (writes && (type & Flag.rdonly) !== 0) env.refuse({ kind: 'read-only', reg: regno, type: env.typeText(type) });
    return;
  }
  if (isSockPointer(type)) {
    if (writes) env.refuse({ kind: 'read-only', reg: regno, type: env.typeText(type) });
    if (reg.scalar.smin < 0n) env.refuse({ kind: 'min-negative', reg: regno });
    if (sockMember(type, offset, size) === undefined)
      env.refuse({ kind: 'sock-access', reg: regno, type: env.typeText(type), off: offset, size });
    return;
  }
  switch (type) {
    case Kind.stack: {
      checkStackBounds(env, regno, offset, size, writes ? 'write to' : 'read from', mode);
      if (writes) checkStackWrite(env, regno, size, value);
      else checkStackRead(env, regno, offset, size, value);
      return;
    }
    case Kind.ctx: {
      checkUnmodified(env, reg, regno, false);
      const answer = env.ctxAccess(offset, size, mode);
      // Parts of a pointer field that some kernels let through fail later, in the conversion.
      if (!answer.ok && answer.errno === 'EACCES')
        env.refuse({ kind: 'ctx-access', off: offset, size, mode, why: answer.why });
      if (!answer.ok) env.conversionFailure ??= { slot: env.slot, off: offset, size };
      return;
    }
    case Kind.mapValue:
      checkMapPermission(env, reg.map!, offset, size, mode);
      checkMapValue(env, regno, offset, size, false, 'instruction');
      checkKptrStore(env, reg, offset, writes, value);
      return;
    case Kind.mapKey:
      if (writes) env.refuse({ kind: 'map-key-write', reg: regno });
      checkRegion(env, regno, offset, size, reg.map!.keySize, false, 'map-key');
      return;
    case Kind.packet:
      if (writes) env.refuse({ kind: 'packet-write' });
      checkPacket(env, regno, offset, size, false);
      return;
    case Kind.mapPtr:
      checkMapStructure(env, regno, offset, size, mode);
      return;
    case Kind.arena:
      return;
    default:
      refuseDereference(env, regno);
  }
}

function refuseDereference(env: Env, regno: number): never {
  return env.refuse({ kind: 'bad-dereference', reg: regno, type: env.typeText(env.reg(regno).type) });
}

function checkKptrStore(env: Env, reg: Reg, offset: number, writes: boolean, value: number): void {
  const field = kptrAt(reg, offset);
  if (field === undefined) return;
  const insn = env.program.insns[env.slot];
  if (insn?.kind !== 'load' && insn?.kind !== 'store') env.refuse({ kind: 'kptr', problem: { kind: 'mode' } });
  if (insn.kind === 'load' && insn.signExtend) env.refuse({ kind: 'kptr', problem: { kind: 'mode' } });
  if (!writes) return;
  if (field.sort === 'referenced' || field.sort === 'percpu')
    env.refuse({ kind: 'kptr', problem: { kind: 'store-referenced' } });
  if (value < 0) {
    if (insn.kind === 'store' && insn.src.kind === 'imm' && insn.src.value !== 0)
      env.refuse({ kind: 'kptr', problem: { kind: 'store-immediate', off: field.offset } });
    return;
  }
  const stored = env.reg(value);
  if (stored.isZero) {
    markPrecise(env, value);
    return;
  }
  const target = env.kptrTarget(field);
  const allowed = target.kernel
    ? Flag.nullable | Flag.trusted | Flag.rcu | (field.sort === 'unreferenced' ? Flag.untrusted : 0)
    : Flag.nullable | Flag.alloc;
  const fits = baseOf(stored.type) === Kind.btfId && (stored.type & ~(0xff | allowed)) === 0;
  if (fits) checkUnmodified(env, stored, value, true);
  if (!fits || stored.btf?.name !== field.target || stored.off !== 0) {
    env.refuse({
      kind: 'kptr',
      problem: {
        kind: 'type',
        reg: value,
        type: env.typeText(stored.type) + (stored.btf?.name ?? ''),
        expected: `ptr_${field.target}${field.sort === 'unreferenced' ? ` or untrusted_ptr_${field.target}` : ''}`,
      },
    });
  }
}

/** An access to a structure: the kernel's by its types, or an object of the program's own. */
export function checkStructure(env: Env, regno: number, offset: number, size: number, mode: AccessMode): void {
  const reg = env.reg(regno);
  const name = reg.btf?.name ?? '';
  const refuse = (text: string): never => env.refuse({ kind: 'btf-access', text });
  if (!env.gplCompatible && reg.btf?.kernel === true)
    refuse(`Cannot access kernel 'struct ${name}' from non-GPL compatible program`);
  if (offset < 0) refuse(`R${regno} is ptr_${name} invalid negative access: off=${offset}`);
  if (!reg.scalar.isConst || reg.scalar.tnum.value !== 0n)
    refuse(`R${regno} is ptr_${name} invalid variable offset: off=${offset}, var_off=${tnumText(reg.scalar.tnum)}`);
  if ((reg.type & Flag.user) !== 0) refuse(`R${regno} is ptr_${name} access user memory: off=${offset}`);
  if ((reg.type & Flag.percpu) !== 0) refuse(`R${regno} is ptr_${name} access percpu memory: off=${offset}`);
  if (mode === 'write' && ((reg.type & Flag.alloc) === 0 || (reg.type & Flag.untrusted) !== 0))
    refuse('only read is supported');
  if (reg.btf === undefined) return;
  if (!reg.btf.kernel)
    for (const field of fieldsBehind(env, reg))
      if (offset < field.offset + field.size && field.offset < offset + size)
        refuse(`direct access to ${FIELD_NAMES[field.kind]} is disallowed`);
  const member = env.kernelTypes.member(reg.btf, offset, size);
  if (member.kind === 'refused') refuse(member.text);
  if (member.kind === 'unknown')
    env.uncertain.add(`struct ${name} is read at offset ${offset}; its layout is not known without the kernel's BTF`);
}

/** The map's own structure can be read by kernel BTF. */
function checkMapStructure(env: Env, regno: number, offset: number, size: number, mode: AccessMode): void {
  const refuse = (text: string): never => env.refuse({ kind: 'btf-access', text });
  const name = mapStructure(env.reg(regno).map?.type ?? '');
  if (offset < 0) refuse(`R${regno} is ${name} invalid negative access: off=${offset}`);
  if (mode === 'write') refuse(`only read from ${name} is supported`);
  const member = env.kernelTypes.member(env.kernelTypes.structure(name), offset, size);
  if (member.kind === 'refused') refuse(member.text);
  if (member.kind === 'unknown')
    env.uncertain.add(`struct ${name} is read at offset ${offset}; its layout is not known without the kernel's BTF`);
}

/** What a load that was checked gives. */
export function loadedValue(
  env: Env,
  regno: number,
  instructionOffset: number,
  size: AccessSize,
  extend: 'zero' | 'sign',
): Reg {
  const raw = rawLoad(env, regno, instructionOffset, size, extend);
  if (size === 8 || !raw.isScalar) return raw;
  if (extend === 'zero') {
    const scalar = truncate(raw.scalar, size);
    return scalar === raw.scalar ? raw : withScalar(raw, scalar);
  }
  return withScalar(raw, signExtend(raw.scalar, size));
}

/** A number of which something was learnt; it stays in its group. */
export const withScalar = (reg: Reg, scalar: Reg['scalar']): Reg =>
  new Reg(
    reg.type,
    scalar,
    reg.off,
    reg.id,
    reg.refId,
    reg.precise,
    reg.extent,
    reg.map,
    reg.btf,
    reg.special,
    reg.dynptrId,
    reg.origin,
  );

function rawLoad(env: Env, regno: number, instructionOffset: number, size: AccessSize, extend: 'zero' | 'sign'): Reg {
  const reg = env.reg(regno);
  const offset = instructionOffset + reg.off;
  switch (baseOf(reg.type)) {
    case Kind.stack:
      return loadFromStack(env, regno, offset, size);
    case Kind.ctx:
      return ctxValue(env, offset, size);
    case Kind.mapValue:
      return mapValue(env, reg, offset, size, extend);
    case Kind.btfId:
      return reg.btf === undefined ? UNKNOWN_SCALAR : structureValue(env, reg, offset, size);
    case Kind.mapPtr:
      return UNKNOWN_SCALAR;
    default:
      return UNKNOWN_SCALAR;
  }
}

function ctxValue(env: Env, offset: number, size: AccessSize): Reg {
  const answer = env.ctxAccess(offset, size, 'read');
  if (!answer.ok) return UNKNOWN_SCALAR;
  const { value } = answer;
  switch (value) {
    case 'sock-or-null':
      return new Reg(Kind.sock | Flag.nullable, ZERO, 0, env.nextId());
    case 'packet':
      return new Reg(Kind.packet, ZERO);
    case 'packet-end':
      return new Reg(Kind.packetEnd, ZERO);
    default:
      return UNKNOWN_SCALAR;
  }
}

function mapValue(env: Env, reg: Reg, offset: number, size: AccessSize, extend: 'zero' | 'sign'): Reg {
  const field = kptrAt(reg, offset);
  if (field !== undefined) {
    const target = env.kptrTarget(field);
    return new Reg(
      Kind.btfId | Flag.nullable | kptrTrust(env, field, target),
      ZERO,
      0,
      env.nextId(),
      0,
      false,
      0,
      undefined,
      target,
    );
  }
  const contents = env.rules.constantMaps ? reg.map?.constantContents : undefined;
  if (contents === undefined || !reg.scalar.isConst) return UNKNOWN_SCALAR;
  const at = offset + Number(reg.scalar.smin);
  let value = 0n;
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(contents[at + i] ?? 0);
  return constantReg(extend === 'sign' ? BigInt.asIntN(8 * size, value) : value);
}

/** Kernel structures that RCU keeps alive while a pointer to them lies in a map. */
const RCU_PROTECTED = new Set(['prog_test_ref_kfunc', 'cgroup', 'bpf_cpumask', 'task_struct', 'bpf_crypto_ctx']);

/** How far a kernel pointer that was read out of a map value is trusted. */
function kptrTrust(env: Env, field: KptrField, target: BtfTypeRef): number {
  const isProtected =
    field.sort === 'percpu' || (field.sort === 'referenced' && (!target.kernel || RCU_PROTECTED.has(target.name)));
  if (!isProtected || !inReadSection(env)) return Flag.untrusted;
  if (field.sort === 'percpu') return Flag.rcu | Flag.percpu;
  if (target.kernel) return Flag.rcu;
  const isNode = env.maps.fieldsOfType(target.id).some(({ kind }) => kind === 'list-node' || kind === 'tree-node');
  return Flag.rcu | Flag.alloc | (isNode ? Flag.nonOwning : 0);
}

function structureValue(env: Env, reg: Reg, offset: number, size: number): Reg {
  const member = env.kernelTypes.member(reg.btf!, offset, size);
  if (member.kind !== 'pointer' || !reg.btf!.kernel) return UNKNOWN_SCALAR;
  const flags = memberTrust(env, reg, member);
  const id = (flags & Flag.nullable) !== 0 ? env.nextId() : 0;
  return new Reg(Kind.btfId | flags, ZERO, 0, id, 0, false, 0, undefined, member.type);
}

type PointerMember = Extract<MemberAnswer, { kind: 'pointer' }>;

/** How far a pointer read out of a structure is trusted. */
function memberTrust(env: Env, reg: Reg, member: PointerMember): number {
  const inherited = reg.type & Flag.untrusted;
  if (!env.rules.tracksTrust) return (member.flags & (Flag.user | Flag.percpu)) | inherited;
  if (inherited !== 0) return Flag.untrusted;
  const plain = member.flags & ~(Flag.trusted | Flag.rcu);
  if (!isTrusted(reg) && (reg.type & Flag.rcu) === 0) return plain;
  const isSafe = (kind: SafeKind): boolean => env.kernelTypes.isSafe(reg.btf!, member.name, member.type, kind);
  if (isSafe('__safe_trusted')) return member.flags | Flag.trusted;
  if (isSafe('__safe_trusted_or_null')) return member.flags | Flag.trusted | Flag.nullable;
  if (!inReadSection(env) || mayBeNull(reg.type)) return Flag.untrusted;
  if (isSafe('__safe_rcu')) return member.flags | Flag.rcu;
  if (isSafe('__safe_rcu_or_null')) return (member.flags | Flag.rcu | Flag.nullable) & ~Flag.untrusted;
  return (member.flags & Flag.rcu) !== 0 ? member.flags | Flag.nullable : plain;
}

/** Whether RCU keeps objects alive here: always in a program that cannot sleep, on kernels that know so. */
export const inReadSection = (env: Env): boolean =>
  env.rules.alwaysInReadSection || env.state.rcuDepth > 0 || env.state.locks > 0;

/** Performs a store that was checked. Only the stack remembers what is stored. */
export function store(env: Env, regno: number, instructionOffset: number, size: number, stored: Stored): void {
  const reg = env.reg(regno);
  if (reg.type === Kind.stack) storeToStack(env, regno, instructionOffset + reg.off, size, stored);
}
