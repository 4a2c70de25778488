// Arguments of helper calls: one check per kind of argument, none per helper. What the checks find out along the way (the map, a
// size, what is released) is collected for those that follow and for the effect of the call.
// Source of truth: kernel/bpf/verifier.c check_func_arg and what it calls, by behaviour.

import { assertNever } from '../base/index.ts';
import type { ArgKind, SockOpsHelper } from '../kernel/index.ts';
import { argumentTypesOf } from './argument-types.ts';
import { dynptrBehind, processDynptr } from './dynptr.ts';
import type { Env } from './env.ts';
import { checkFieldPlace, takeLock } from './locks.ts';
import type { MapInfo, ValueField } from './map-info.ts';
import { fieldOf } from './map-info.ts';
import {
  checkAlignment,
  checkMapPermission,
  checkMapValue,
  checkPacket,
  checkRegion,
  checkStructure,
  checkUnmodified,
} from './memory.ts';
import { markPrecise, markSlotPrecise } from './precision.ts';
import { type BtfTypeRef, baseOf, Flag, Kind, mayBeNull, type Reg } from './reg.ts';
import { checkRangeReadable, type RawWrite, spiOf } from './stack.ts';
import { Byte, byteType } from './stack-slot.ts';

/** BPF_MAX_VAR_SIZ. */
const MAX_SIZE = 1n << 29n;

/** What is known of a call while its arguments are checked. */
export class CallFacts {
  readonly helper: number;
  readonly name: string;
  map: MapInfo | undefined;
  mapUid = 0;
  /** Memory that the helper fills without reading it; done after all checks. */
  readonly written: RawWrite = { regno: 0, size: 0 };
  reference = 0;
  released = 0;
  allocated = 0;
  callee = -1;
  maxSize = 0n;
  kptr: Extract<ValueField, { kind: 'kptr' }> | undefined;
  percpu: BtfTypeRef | undefined;
  percpuIsOwn = false;
  dynptrId = 0;
  /** The key of an array lookup, where it is a constant on the stack. */
  constantKey: bigint | undefined;

  constructor(helper: number, name: string) {
    this.helper = helper;
    this.name = name;
  }
}

/** An argument of which the kernel asks more than to hold a value. */
type TypedArg = Exclude<ArgKind, { kind: 'anything' }>;

/** Checks argument number `index` (0 for R1). */
export function checkArgument(env: Env, row: SockOpsHelper, index: number, facts: CallFacts): void {
  const regno = index + 1;
  const { arg } = row.arguments[index]!;
  env.checkReadable(regno);
  if (arg.kind === 'anything') {
    if (facts.name === 'bpf_loop' && regno === 1 && env.rules.loopCountIsScalar)
      checkType(env, regno, { kind: 'size', zeroAllowed: true }, facts);
    return;
  }
  let reg = env.reg(regno);
  if (reg.type === Kind.packet) env.refuse({ kind: 'packet-argument' });
  const kind = effectiveKind(env, arg, facts);
  if (reg.isZero && isNullable(kind)) markPrecise(env, regno);
  else {
    checkType(env, regno, kind, facts);
    if ('releases' in kind && kind.releases === true) checkReleased(env, regno, kind);
    else checkArgumentOffset(env, regno);
  }
  noteRelease(env, regno, kind, facts);
  reg = env.reg(regno);
  if (reg.refId !== 0 && kind.kind !== 'kptr-slot') facts.reference = reg.refId;
  checkContents(env, regno, kind, row, index, facts);
}

/** Sockmaps take sockets for values, and peeking into a bloom filter takes a value. */
function effectiveKind(env: Env, arg: TypedArg, facts: CallFacts): TypedArg {
  if (arg.kind !== 'map-value') return arg;
  if (facts.map === undefined) env.refuse({ kind: 'map-missing', what: 'type' });
  const { type } = facts.map;
  if (type === 'sockmap' || type === 'sockhash') return { kind: 'btf-sock-common' };
  if (type === 'bloom-filter' && facts.name === 'bpf_map_peek_elem') return { kind: 'map-value' };
  return arg;
}

function isNullable(arg: ArgKind): boolean {
  return arg.kind === 'stack-or-null' || ('nullable' in arg && arg.nullable === true);
}

const readsOnly = (arg: ArgKind): boolean => arg.kind === 'memory' && arg.reads === true && arg.writes !== true;

function checkType(env: Env, regno: number, arg: TypedArg, facts: CallFacts): void {
  const reg = env.reg(regno);
  let { type } = reg;
  if (readsOnly(arg)) type &= ~Flag.rdonly;
  if (isNullable(arg)) type &= ~Flag.nullable;
  if (facts.name === 'bpf_kptr_xchg' && regno === 2) type &= ~(Flag.alloc | Flag.percpu);
  const accepted = argumentTypesOf(env.view)[arg.kind];
  if (!accepted.some((one) => one.type === type)) {
    const expected = accepted.map((one) => one.name ?? env.typeText(one.type)).filter((name) => name !== '');
    env.refuse({ kind: 'argument-type', reg: regno, type: env.typeText(reg.type), expected });
  }
  if (baseOf(reg.type) === Kind.btfId) checkPointerType(env, regno, arg, facts);
}

/** Types of structures behind typed pointers. */
const SOCK_LIKE = new Set([
  'sock_common',
  'sock',
  'tcp_sock',
  'tcp6_sock',
  'inet_sock',
  'request_sock',
  'unix_sock',
  'udp_sock',
]);

function checkPointerType(env: Env, regno: number, arg: ArgKind, facts: CallFacts): void {
  const reg = env.reg(regno);
  const name = reg.btf?.name ?? '';
  if (arg.kind === 'memory' || arg.kind === 'fixed-memory' || arg.kind === 'map-key' || arg.kind === 'map-value') {
    if (!readsOnly(arg))
      env.refuse({ kind: 'argument-writes-btf', reg: regno, type: env.typeText(reg.type), helper: facts.name });
    return;
  }
  if (mayBeNull(reg.type) && (!isNullable(arg) || ('releases' in arg && arg.releases === true)))
    env.refuse({ kind: 'argument-may-be-null', reg: regno });
  if (arg.kind === 'btf-pointer') {
    if (arg.type === '*') {
      const wanted = facts.kptr?.target;
      if (wanted !== undefined && wanted !== name) {
        env.refuse({
          kind: 'kptr',
          problem: { kind: 'type', reg: regno, type: env.typeText(reg.type) + name, expected: `ptr_${wanted}` },
        });
      }
    } else if (arg.type !== name) env.refuse({ kind: 'argument-btf-type', reg: regno, type: name, expected: arg.type });
  }
  if (arg.kind === 'btf-sock-common' && !SOCK_LIKE.has(name))
    env.refuse({ kind: 'argument-btf-type', reg: regno, type: name, expected: 'sock_common' });
}

/** What is given back must be the pointer that was received. */
function checkReleased(env: Env, regno: number, arg: ArgKind): void {
  const reg = env.reg(regno);
  if (arg.kind === 'dynptr' && reg.type === Kind.stack) return;
  if (!env.view.has('released-memory-unmoved')) return;
  checkReleaseOffset(env, regno);
}

export function checkReleaseOffset(env: Env, regno: number): void {
  const reg = env.reg(regno);
  if (reg.off !== 0 && env.view.has('release-offset-named')) env.refuse({ kind: 'release-offset', reg: regno });
  checkUnmodified(env, reg, regno, false);
}

/** Of the pointers that functions take, these must not have been moved. */
export function checkArgumentOffset(env: Env, regno: number): void {
  const reg = env.reg(regno);
  switch (baseOf(reg.type)) {
    case Kind.stack:
    case Kind.packet:
    case Kind.mapKey:
    case Kind.mapValue:
    case Kind.mem:
    case Kind.buf:
    case Kind.arena:
    case Kind.scalar:
      if (mayBeNull(reg.type)) checkUnmodified(env, reg, regno, false);
      return;
    case Kind.btfId:
      checkUnmodified(env, reg, regno, !mayBeNull(reg.type));
      return;
    default:
      checkUnmodified(env, reg, regno, false);
  }
}

function noteRelease(env: Env, regno: number, arg: ArgKind, facts: CallFacts): void {
  if (!('releases' in arg) || arg.releases !== true) return;
  const reg = env.reg(regno);
  if (arg.kind === 'dynptr') {
    if (reg.type !== Kind.stack)
      env.refuse({ kind: 'release-unreferenced', reg: regno, object: 'constant-dynptr', by: `helper ${facts.name}` });
    if ((dynptrBehind(env, regno)?.refId ?? 0) === 0)
      env.refuse({ kind: 'release-unreferenced', reg: regno, object: 'dynptr', by: `helper ${facts.name}` });
  } else if (reg.refId === 0 && !reg.isZero)
    env.refuse({ kind: 'release-unreferenced', reg: regno, object: 'pointer', by: `helper ${facts.name}` });
  facts.released = regno;
}

function checkContents(
  env: Env,
  regno: number,
  arg: TypedArg,
  row: SockOpsHelper,
  index: number,
  facts: CallFacts,
): void {
  const reg = env.reg(regno);
  switch (arg.kind) {
    case 'map':
      takeMap(env, reg, facts);
      return;
    case 'map-key': {
      if (facts.map === undefined) env.refuse({ kind: 'map-missing', what: 'key' });
      checkHelperMemory(env, regno, facts.map.keySize, 'read', false, undefined);
      if (env.rules.knowsConstantKeys && (facts.map.type === 'array' || facts.map.type === 'percpu-array'))
        facts.constantKey = constantKey(env, regno, facts.map.keySize);
      return;
    }
    case 'map-value': {
      if (arg.nullable === true && reg.isZero) return;
      if (facts.map === undefined) env.refuse({ kind: 'map-missing', what: 'value' });
      const raw = arg.writes === true ? facts.written : undefined;
      checkHelperMemory(env, regno, facts.map.valueSize, raw === undefined ? 'read' : 'write', false, raw);
      return;
    }
    case 'memory':
      // Checked together with its size, which comes next.
      return;
    case 'fixed-memory': {
      const raw = arg.uninitialised === true ? facts.written : undefined;
      checkHelperMemory(env, regno, arg.size, arg.writes === true ? 'write' : 'read', false, raw);
      if (arg.aligned === true) checkAlignment(env, env.reg(regno), 0, arg.size, true);
      return;
    }
    case 'size':
      checkSize(env, regno, arg.zeroAllowed, row.arguments[index - 1]!.arg, facts);
      return;
    case 'alloc-size':
      if (!reg.scalar.isConst) env.refuse({ kind: 'not-constant', reg: regno });
      facts.allocated = Number(reg.scalar.tnum.value);
      markPrecise(env, regno);
      return;
    case 'spin-lock':
      takeLock(env, regno, facts.name === 'bpf_spin_lock' ? 'lock' : 'unlock');
      return;
    case 'timer': {
      checkFieldPlace(env, regno, 'timer');
      facts.map = reg.map;
      facts.mapUid = reg.extent;
      return;
    }
    case 'percpu-btf':
      facts.percpu = reg.btf;
      facts.percpuIsOwn = (reg.type & Flag.rcu) !== 0;
      return;
    case 'function':
      facts.callee = reg.extent;
      return;
    case 'const-string':
      checkConstantString(env, regno);
      return;
    case 'dynptr':
      processDynptr(env, regno, arg);
      return;
    case 'kptr-slot':
      checkKptrSlot(env, regno, facts);
      return;
    case 'ctx':
    case 'sock-common':
    case 'btf-sock-common':
    case 'btf-pointer':
    case 'stack-or-null':
    case 'ringbuf-memory':
      return;
    default:
      assertNever(arg, 'checkContents');
  }
}

/** A key that was written to the stack as a constant; that it is one matters from now on. */
function constantKey(env: Env, regno: number, size: number): bigint | undefined {
  const reg = env.reg(regno);
  if (reg.type !== Kind.stack || !reg.scalar.isConst) return undefined;
  const offset = reg.off + Number(reg.scalar.smin);
  const spi = spiOf(offset);
  const slot = env.stackSlot(reg.extent, spi);
  const first = (-offset - 1) & 7;
  const run = (type: number): number => {
    let count = 0;
    while (first - count >= 0 && byteType(slot.types, first - count) === type) count++;
    return count;
  };
  if (run(Byte.zero) >= size) return 0n;
  if (!slot.isSpill || !slot.reg.isConstant || run(Byte.spill) !== size) return undefined;
  const { value } = slot.reg.scalar.tnum;
  markSlotPrecise(env, reg.extent, spi);
  return value;
}

function takeMap(env: Env, reg: Reg, facts: CallFacts): void {
  if (facts.map !== undefined && (facts.map !== reg.map || facts.mapUid !== reg.extent)) {
    env.refuse({ kind: 'map-uid', timerUid: facts.mapUid, mapUid: reg.extent });
  }
  facts.map = reg.map;
  facts.mapUid = reg.extent;
}

// --- Memory ------------------------------------------------------------------------------------------------------------------

/** Checks that a helper may use `size` bytes behind a register. */
export function checkHelperMemory(
  env: Env,
  regno: number,
  size: number,
  mode: 'read' | 'write',
  zeroAllowed: boolean,
  raw: RawWrite | undefined,
): void {
  const reg = env.reg(regno);
  const readOnly = (reg.type & Flag.rdonly) !== 0;
  switch (baseOf(reg.type)) {
    case Kind.packet:
      checkPacket(env, regno, reg.off, size, zeroAllowed);
      return;
    case Kind.mapKey:
      if (mode === 'write') env.refuse({ kind: 'read-only', reg: regno, type: env.typeText(reg.type) });
      checkRegion(env, regno, reg.off, size, reg.map!.keySize, false, 'map-key');
      return;
    case Kind.mapValue:
      checkMapPermission(env, reg.map!, reg.off, size, mode);
      checkMapValue(env, regno, reg.off, size, zeroAllowed, 'helper');
      return;
    case Kind.mem:
      if (readOnly && mode === 'write') env.refuse({ kind: 'read-only', reg: regno, type: env.typeText(reg.type) });
      checkRegion(env, regno, reg.off, size, reg.extent, zeroAllowed, 'memory');
      return;
    case Kind.buf:
      if (readOnly && mode === 'write') env.refuse({ kind: 'read-only', reg: regno, type: env.typeText(reg.type) });
      return;
    case Kind.stack:
      if (size === 0) {
        if (!zeroAllowed) env.refuse({ kind: 'zero-size-stack' });
      }
      checkRangeReadable(env, regno, reg.off, size, 'indirect', mode, raw);
      return;
    case Kind.btfId:
      checkStructure(env, regno, reg.off, size, 'read');
      return;
    default:
      if (zeroAllowed && size === 0 && reg.isZero) return;
      env.refuse({
        kind: 'argument-type',
        reg: regno,
        type: env.typeText(reg.type),
        expected: [env.typeText(Kind.stack)],
      });
  }
}

/** A size and the memory before it. */
function checkSize(env: Env, regno: number, zeroAllowed: boolean, memory: ArgKind, facts: CallFacts): void {
  const writes = memory.kind === 'memory' && memory.writes === true;
  const uninitialised = memory.kind === 'memory' && memory.uninitialised === true;
  checkSizedMemory(
    env,
    regno,
    zeroAllowed,
    writes ? 'write' : 'read',
    uninitialised ? facts.written : undefined,
    facts,
  );
}

/** Checks `regno` as the size of the memory in the register before it. */
export function checkSizedMemory(
  env: Env,
  regno: number,
  zeroAllowed: boolean,
  mode: 'read' | 'write',
  raw: RawWrite | undefined,
  facts: CallFacts,
): void {
  const { scalar } = env.reg(regno);
  facts.maxSize = scalar.umax;
  if (scalar.smin < 0n) env.refuse({ kind: 'size-negative', reg: regno });
  if (scalar.umin === 0n && !zeroAllowed) {
    // Older kernels ask whether nothing may be accessed there, which the memory answers.
    if (!env.view.has('zero-size-names-range')) checkHelperMemory(env, regno - 1, 0, mode, false, undefined);
    env.refuse({
      kind: 'zero-size',
      reg: regno,
      min: scalar.umin.toString(),
      max: BigInt.asIntN(64, scalar.umax).toString(),
    });
  }
  if (scalar.umax >= MAX_SIZE) env.refuse({ kind: 'size-unbounded', reg: regno });
  // Of an unknown size only what is certain to be written counts as initialised: nothing.
  checkHelperMemory(env, regno - 1, Number(scalar.umax), mode, zeroAllowed, scalar.isConst ? raw : undefined);
  markPrecise(env, regno);
}

function checkConstantString(env: Env, regno: number): void {
  const reg = env.reg(regno);
  const map = reg.map!;
  if (map.constantContents === undefined) env.refuse({ kind: 'constant-string', reg: regno, problem: 'writable-map' });
  if (!reg.scalar.isConst) env.refuse({ kind: 'constant-string', reg: regno, problem: 'variable' });
  if (map.type !== 'array') env.refuse({ kind: 'constant-string', reg: regno, problem: 'no-address' });
  checkMapValue(env, regno, reg.off, map.valueSize - reg.off, false, 'helper');
  const start = reg.off + Number(reg.scalar.smin);
  if (!map.constantContents.subarray(start, map.valueSize).includes(0))
    env.refuse({ kind: 'constant-string', reg: regno, problem: 'no-terminator' });
}

function checkKptrSlot(env: Env, regno: number, facts: CallFacts): void {
  const reg = env.reg(regno);
  const { map } = reg;
  if (map === undefined) return;
  if (!map.hasBtf) env.refuse({ kind: 'kptr', problem: { kind: 'no-btf', map: map.name } });
  facts.map = map;
  if (!reg.scalar.isConst) env.refuse({ kind: 'kptr', problem: { kind: 'exchange-variable', reg: regno } });
  if (fieldOf(map, 'kptr') === undefined) env.refuse({ kind: 'kptr', problem: { kind: 'none', reg: regno } });
  const off = reg.off + Number(reg.scalar.smin);
  const field = map.fields.find((one) => one.kind === 'kptr' && one.offset === off);
  if (field?.kind !== 'kptr') env.refuse({ kind: 'kptr', problem: { kind: 'not-there', off } });
  if (field.sort !== 'referenced' && field.sort !== 'percpu')
    env.refuse({ kind: 'kptr', problem: { kind: 'not-referenced', off } });
  facts.kptr = field;
}
