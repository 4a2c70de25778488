// The shape of a program, checked before any path is followed: functions, jumps, references to maps, opcodes.
// Source of truth: kernel/bpf/verifier.c add_subprog_and_kfunc, check_subprogs, check_btf_func, resolve_pseudo_ldimm64; their
// order decides which of several mistakes is reported.

import type { Insn, LoadImm64Insn } from '../isa/index.ts';
import type { KernelView } from '../kernel/index.ts';
import { check } from './check.ts';
import type { Env } from './env.ts';
import type { MapInfo } from './map-info.ts';
import { calledSlot, type FunctionInfo, functionAt, functionStartingAt } from './program.ts';

import { REGISTERS } from './state.ts';

const MAX_FUNCTIONS = 256;
const TAIL_CALL = 12;
/** BPF_MAX_VAR_OFF. */
const MAX_OFFSET = 1 << 29;

/** Finds the functions of the program. */
export function findFunctions(env: Env): void {
  const { program, view } = env;
  const starts = new Set<number>([0]);
  for (const insn of program.insns) {
    if (insn === undefined) continue;
    if (insn.kind === 'call-kfunc') {
      if (view.has('kfunc-calls')) env.kfuncs.declare(insn);
      continue;
    }
    const target = calledSlot(insn);
    if (target === undefined) continue;
    if (insn.kind === 'call-local' && !view.has('local-calls'))
      env.refuse({ kind: 'kernel-cannot', what: 'local-calls' }, insn.slot);
    if (insn.kind === 'load-imm64' && !view.has('callbacks')) continue;
    if (target < 0 || program.length <= target) env.refuse({ kind: 'call-out-of-range', target }, insn.slot);
    if (!starts.has(target)) {
      if (starts.size >= MAX_FUNCTIONS) env.refuse({ kind: 'too-many-subprograms' }, insn.slot);
      starts.add(target);
    }
  }
  const sorted = [...starts].sort((a, b) => a - b);
  sorted.forEach((start, index) => {
    const known = env.input.subprograms?.find((one) => one.startSlot === start);
    program.functions.push({
      index,
      start,
      end: sorted[index + 1] ?? program.length,
      name: known?.name ?? '',
      linkage: known?.linkage ?? 'static',
      btfId: known?.btfFuncId ?? 0,
      hasTailCall: false,
      changesPacket: false,
      mightSleep: false,
      isCallback: false,
      isAsyncCallback: false,
      called: false,
      verified: false,
      unreliable: false,
      stackDepth: 0,
    });
  });
}

/** Jumps stay inside their function, and no function runs into the next. */
export function checkFunctions(env: Env): void {
  const { program } = env;
  for (const fn of program.functions) checkFunction(env, fn);
}

function checkFunction(env: Env, fn: FunctionInfo): void {
  const { program } = env;
  for (let slot = fn.start; slot < fn.end; slot++) {
    const raw = program.raws[slot]!;
    const group = raw.opcode & 7;
    const operation = raw.opcode & 0xf0;
    if (raw.opcode === 0x85 && raw.src === 0 && raw.imm === TAIL_CALL) fn.hasTailCall = true;
    // Jump classes other than call and exit; the raw words count, even inside a 16-byte instruction.
    if ((group === 5 || group === 6) && operation !== 0x80 && operation !== 0x90) {
      const to = slot + 1 + (raw.opcode === 0x06 ? raw.imm : raw.offset);
      if (to < fn.start || fn.end <= to) env.refuse({ kind: 'jump-out-of-range', from: slot, to }, slot);
    }
  }
  const last = program.raws[fn.end - 1]!.opcode;
  if (last !== 0x95 && last !== 0x05 && last !== 0x06) env.refuse({ kind: 'falls-off-the-end' }, fn.end - 1);
}

/** What the type information says of the functions must fit the program. */
export function checkFunctionInfo(env: Env): void {
  const { program, input } = env;
  if (!env.hasFunctionInfo) {
    for (const fn of program.functions)
      if (fn.index > 0 && fn.hasTailCall)
        env.refuse({ kind: 'function-info', problem: 'tail-call-without-btf' }, fn.start);
    return;
  }
  if (input.subprograms!.length !== program.functions.length)
    env.refuse({ kind: 'function-info', problem: 'count' }, undefined);
  program.functions.forEach((fn, index) => {
    if (input.subprograms![index]!.startSlot !== fn.start)
      env.refuse({ kind: 'function-info', problem: 'layout' }, fn.start);
    if (index > 0 && fn.hasTailCall && !env.signatures.returnsInt(fn.btfId))
      env.refuse({ kind: 'function-info', problem: 'tail-call-return' }, fn.start);
  });
}

/** References to maps are looked up; words that are no instruction are named. */
export function resolveReferences(env: Env): void {
  const early = env.view.has('instructions-resolved-first');
  for (const insn of env.program.insns) {
    if (insn === undefined) continue;
    if (early) checkRegisters(env, insn.slot);
    switch (insn.kind) {
      case 'load-imm64':
        resolveImm64(env, insn);
        break;
      case 'invalid':
        checkInvalid(env, insn);
        if (early && !isAtomic(insn.raw.opcode)) {
          env.slot = insn.slot;
          check(env, { kind: 'well-formed', insn });
        }
        break;
      default:
        checkAge(env, insn);
    }
  }
}

function checkRegisters(env: Env, slot: number): void {
  const { dst, src } = env.program.raws[slot]!;
  for (const reg of [dst, src]) if (reg >= REGISTERS) env.refuse({ kind: 'no-such-register', reg }, slot);
}

/** Wrong words that are found before any path is followed; the others are found where a path meets them. */
function checkInvalid(env: Env, insn: Extract<Insn, { kind: 'invalid' }>): void {
  const { raw, why, slot } = insn;
  const group = raw.opcode & 7;
  const mode = raw.opcode & 0xe0;
  if (why.kind === 'truncated-imm64' || why.kind === 'bad-imm64-second-word')
    env.refuse({ kind: 'bad-imm64', form: 'invalid' }, slot);
  if (raw.opcode === 0x18) {
    // Reserved fields of a 16-byte load: the second word is looked at first.
    const second = env.program.raws[slot + 1];
    if (second === undefined || second.opcode !== 0 || second.dst !== 0 || second.src !== 0 || second.offset !== 0)
      env.refuse({ kind: 'bad-imm64', form: 'invalid' }, slot);
    const namesMap = raw.src === 1 || raw.src === 5;
    if (raw.src > 6 || (namesMap && second.imm !== 0)) env.refuse({ kind: 'bad-imm64', form: 'unrecognized' }, slot);
    return;
  }
  if (group === 1 && (why.kind === 'reserved-field' || (mode !== 0x60 && mode !== 0x80)))
    env.refuse({ kind: 'reserved-fields', instruction: 'BPF_LDX' }, slot);
  const isNarrowAtomic = group === 3 && mode === 0xc0 && (raw.opcode & 0x18) !== 0 && (raw.opcode & 0x18) !== 0x18;
  if (isNarrowAtomic && !env.view.has('narrow-atomics-decoded'))
    env.refuse({ kind: 'unknown-opcode', opcode: raw.opcode }, slot);
  if (why.kind !== 'unknown-opcode' && !existsOn(env.view, raw.opcode))
    env.refuse({ kind: 'unknown-opcode', opcode: raw.opcode }, slot);
  if (why.kind === 'unknown-opcode') env.refuse({ kind: 'unknown-opcode', opcode: why.opcode }, slot);
}

/** Which atomic operation it is, a kernel asks only on a path. */
const isAtomic = (opcode: number): boolean => (opcode & 0xe7) === 0xc3;

const BSWAP = 0xd7;
const LONG_JUMP = 0x06;
const MAY_GOTO = 0xe5;

/** Whether the kernel knows an opcode at all, whatever its fields say. */
function existsOn(view: KernelView, opcode: number): boolean {
  if (opcode === BSWAP || opcode === LONG_JUMP) return view.has('cpu-v4');
  return opcode !== MAY_GOTO || view.has('may-goto');
}

function refuseOpcode(env: Env, slot: number): never {
  return env.refuse({ kind: 'unknown-opcode', opcode: env.program.raws[slot]!.opcode }, slot);
}

/** Instructions that the kernel does not have yet. */
function checkAge(env: Env, insn: Insn): void {
  const { view } = env;
  switch (insn.kind) {
    case 'jump-if':
      if (insn.width === 32 && !view.has('jmp32')) refuseOpcode(env, insn.slot);
      if (
        !view.has('jump-less-than') &&
        (insn.fn === 'lt' || insn.fn === 'le' || insn.fn === 'slt' || insn.fn === 'sle')
      )
        refuseOpcode(env, insn.slot);
      break;
    case 'alu':
      if (insn.fn === 'arsh' && insn.width === 32 && !view.has('arithmetic-shift-32')) refuseOpcode(env, insn.slot);
      break;
    case 'load':
      if (insn.signExtend && !view.has('cpu-v4'))
        env.refuse({ kind: 'reserved-fields', instruction: 'BPF_LDX' }, insn.slot);
      break;
    case 'jump':
      if (insn.long && !view.has('cpu-v4')) refuseOpcode(env, insn.slot);
      break;
    case 'atomic':
      if (env.program.raws[insn.slot]!.imm !== 0 && !view.has('atomic-instructions'))
        env.refuse({ kind: 'reserved-fields', instruction: 'BPF_STX' }, insn.slot);
      break;
    case 'endian':
      if (insn.fn === 'bswap' && !view.has('cpu-v4')) refuseOpcode(env, insn.slot);
      break;
    case 'may-goto':
      if (!view.has('may-goto')) refuseOpcode(env, insn.slot);
      break;
    case 'call-indirect':
    case 'jump-indirect':
      refuseOpcode(env, insn.slot);
      break;
    default:
      break;
  }
}

function resolveImm64(env: Env, insn: LoadImm64Insn): void {
  const { slot } = insn;
  switch (insn.source) {
    case 'value':
      return;
    case 'function':
      if (!env.view.has('callbacks')) env.refuse({ kind: 'kernel-cannot', what: 'callbacks' }, slot);
      return;
    case 'btf-id':
      env.kernelTypes.resolveVariable(env, insn);
      return;
    case 'map-fd':
    case 'map-idx':
      if (insn.high !== 0) env.refuse({ kind: 'bad-imm64', form: 'unrecognized' }, slot);
      break;
    case 'map-value':
    case 'map-idx-value':
      if (!env.view.has('global-data')) env.refuse({ kind: 'kernel-cannot', what: 'global-data' }, slot);
      break;
  }
  if (insn.source === 'map-idx' || insn.source === 'map-idx-value') {
    if (!env.view.has('map-by-index')) env.refuse({ kind: 'bad-imm64', form: 'unrecognized' }, slot);
    env.refuse({ kind: 'map-index-without-array' }, slot);
  }
  const map = env.useMap(insn.low | 0, slot);
  if (insn.source === 'map-value') checkValueAddress(env, insn, map);
  env.mapOfSlot.set(slot, map);
}

/** Types whose single value has an address that a program may hold. */
const ADDRESSABLE = new Set(['array', 'arena', 'insn-array']);

function checkValueAddress(env: Env, insn: LoadImm64Insn, map: MapInfo): void {
  const offset = insn.high;
  if (offset >= MAX_OFFSET) env.refuse({ kind: 'value-offset-too-large', offset }, insn.slot);
  if (!ADDRESSABLE.has(map.type)) env.refuse({ kind: 'map-without-address' }, insn.slot);
  if (map.maxEntries !== 1 || map.valueSize <= offset) {
    env.refuse(
      {
        kind: 'value-address-outside',
        valueSize: map.valueSize,
        offset,
        direct: map.maxEntries === 1 ? 'array' : 'other',
      },
      insn.slot,
    );
  }
}

/** Circles of calls, on kernels that look for them before any path is followed. Callbacks may close a circle. */
export function checkRecursion(env: Env): void {
  const { program } = env;
  if (program.functions.length === 1 || !env.view.has('recursion-refused-first')) return;
  const callees = program.functions.map(() => [] as number[]);
  for (const insn of program.insns) {
    if (insn?.kind !== 'call-local') continue;
    const callee = functionStartingAt(program, insn.target);
    if (callee !== undefined) callees[functionAt(program, insn.slot).index]!.push(callee.index);
  }
  const done = new Set<number>();
  const active: number[] = [];
  const visit = (index: number): void => {
    active.push(index);
    for (const callee of callees[index]!) {
      if (done.has(callee)) continue;
      if (active.includes(callee)) {
        const named = (at: number): string => (env.hasFunctionInfo ? program.functions[at]!.name : '');
        env.refuse({ kind: 'recursion', caller: named(index), callee: named(callee) }, undefined);
      }
      visit(callee);
    }
    active.pop();
    done.add(index);
  };
  for (const fn of program.functions) if (!done.has(fn.index)) visit(fn.index);
}
