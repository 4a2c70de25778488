// Calls within the program and their return: static functions are followed, global ones are trusted by their signature and verified
// once on their own. Source of truth: kernel/bpf/verifier.c check_func_call, btf_check_func_arg_match, prepare_func_exit.

import type { CallLocalInsn } from '../isa/index.ts';
import { processDynptr } from './dynptr.ts';
import { type Env, Stop } from './env.ts';
import { checkArgumentOffset, checkHelperMemory } from './helper-args.ts';
import { findPrevious, notNull } from './jump.ts';
import { withSpilled } from './liveness.ts';
import { markPrecise } from './precision.ts';
import { stateText } from './print.ts';
import { type FunctionInfo, functionStartingAt } from './program.ts';
import type { ExitKind, ReturnText } from './reason.ts';
import { wordingOf } from './reason-text.ts';
import { checkNothingHeld } from './references.ts';
import { baseOf, isAnyPacketPointer, Kind, mayBeNull, type Reg, UNKNOWN_SCALAR } from './reg.ts';
import { S64_MAX, S64_MIN } from './scalar.ts';
import type { ParameterKind } from './signatures.ts';
import { Frame, mapRegisters, type ReturnRange } from './state.ts';
import { declTagsOf } from './value-fields.ts';
import { widenFromPrevious } from './widen.ts';

/** The slot at which the path goes on. */
export function callFunction(env: Env, insn: CallLocalInsn): number {
  const fn = functionStartingAt(env.program, insn.target)!;
  if (fn.linkage === 'global' && fn.index > 0 && env.hasFunctionInfo && env.view.has('global-functions')) {
    callGlobal(env, fn);
    return env.slot + 1;
  }
  remarkOnArguments(env, fn);
  const { state } = env;
  if (state.current + 1 >= env.rules.maxFrames)
    env.refuse({ kind: 'call-stack-too-deep', frames: state.current + 2, found: 'walking' });
  const caller = env.ownFrame();
  const callee = Frame.entered(state.current + 1, fn.index, env.slot);
  for (let i = 1; i <= 5; i++) callee.regs[i] = caller.regs[i]!;
  env.clearCallerSaved();
  state.frames.push(callee);
  env.touchEverything();
  if (env.log.on) {
    env.log.write(`caller:\n${stateText(state, callee.number - 1, 'all')}\n`);
    env.log.write(`callee:\n${stateText(state, callee.number, 'all')}\n`);
  }
  return fn.start;
}

function callGlobal(env: Env, fn: FunctionInfo): void {
  const { state } = env;
  const mismatch = argumentMismatch(env, fn);
  const held = env.state.locks > 0 || (fn.mightSleep && env.view.has('global-functions-may-sleep'));
  if (held && mismatch !== undefined) remarkLines(env, mismatch);
  if (state.locks > 0) env.refuse({ kind: 'call-in-region', region: 'lock', what: 'global-function' });
  if (env.view.has('global-functions-may-sleep')) {
    if (fn.mightSleep) env.refuse({ kind: 'sleeping-function', name: fn.name });
  } else {
    if (state.preemptDepth > 0) env.refuse({ kind: 'call-in-region', region: 'preempt', what: 'global-function' });
    if (state.irqId !== 0) env.refuse({ kind: 'call-in-region', region: 'irq', what: 'global-function' });
  }
  if (mismatch !== undefined)
    env.refuse({ kind: 'function-arguments', function: fn.index, name: fn.name, argument: mismatch });
  if (env.log.on) env.log.write(`Func#${fn.index} ('${fn.name}') is global and assumed valid.\n`);
  if (fn.changesPacket) mapRegisters(state, (reg) => (isAnyPacketPointer(reg) ? UNKNOWN_SCALAR : reg), withSpilled);
  fn.called = true;
  env.clearCallerSaved();
  env.source = undefined;
  if (!isVoid(env, fn)) env.setReg(0, UNKNOWN_SCALAR);
}

function isVoid(env: Env, fn: FunctionInfo): boolean {
  if (fn.linkage !== 'global') return false;
  const signature = env.signatures.of(fn.btfId);
  return signature.kind === 'known' && signature.returns === 'void';
}

/**
 * A function that is followed needs no signature. The kernel compares all the same, says once what does not fit, and trusts the
 * signature no more.
 */
export function remarkOnArguments(env: Env, fn: FunctionInfo): void {
  if (!env.hasFunctionInfo || fn.unreliable || !env.view.has('signatures-compared-always')) return;
  const mismatch = argumentMismatch(env, fn);
  if (mismatch === undefined) return;
  fn.unreliable = true;
  remarkLines(env, mismatch);
}

function remarkLines(env: Env, text: string): void {
  if (text !== '') for (const line of text.split('\n')) env.remark(line);
}

/** Of the entry function only the form of the signature is looked at. */
export function checkEntrySignature(env: Env): void {
  const entry = env.program.functions[0]!;
  if (!env.hasFunctionInfo || !env.view.has('signatures-compared-always')) return;
  const signature = env.signatures.of(entry.btfId);
  if (signature.kind === 'refused' && signature.text !== '') env.remark(signature.text);
}

/** Why the arguments do not fit the signature: the kernel's line, '' when it has none; undefined when they fit. */
function argumentMismatch(env: Env, fn: FunctionInfo): string | undefined {
  const signature = env.signatures.of(fn.btfId);
  if (signature.kind === 'refused') return signature.text;
  for (let i = 0; i < signature.parameters.length; i++) {
    const problem = parameterMismatch(env, i, signature.parameters[i]!);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function parameterMismatch(env: Env, index: number, parameter: ParameterKind): string | undefined {
  const regno = index + 1;
  const reg = env.reg(regno);
  switch (parameter.kind) {
    case 'scalar':
      return reg.isScalar ? undefined : `R${regno} is not a scalar`;
    case 'ctx':
      return (
        firstLine(env, () => checkArgumentOffset(env, regno)) ??
        (reg.type === Kind.ctx ? undefined : `${env.argumentName(index)} expects pointer to ctx`)
      );
    case 'memory': {
      const moved = firstLine(env, () => checkArgumentOffset(env, regno));
      if (moved !== undefined) return moved;
      if (reg.isZero) return undefined;
      const problem = firstLine(env, () => checkMemoryParameter(env, regno, parameter.size));
      if (problem !== undefined) return problem;
      return !parameter.nullable && mayBeNull(reg.type)
        ? `${env.argumentName(index)} is expected to be non-NULL`
        : undefined;
    }
    case 'dynptr':
      return firstLine(env, () => {
        checkArgumentOffset(env, regno);
        processDynptr(env, regno, { of: 'any', readOnly: true });
      });
    case 'arena':
      return reg.type === Kind.arena || reg.isScalar ? undefined : `R${regno} is not a pointer to arena or scalar.`;
    case 'kernel-pointer':
      if (reg.isZero && parameter.nullable) return undefined;
      if (baseOf(reg.type) !== Kind.btfId || (mayBeNull(reg.type) && !parameter.nullable))
        return `R${regno} type=${env.typeText(reg.type)} expected=ptr_, trusted_ptr_, rcu_ptr_`;
      return reg.btf?.name === parameter.type
        ? undefined
        : `R${regno} is of type ${reg.btf?.name ?? env.typeText(reg.type)} but ${parameter.type} is expected`;
  }
}

/** Memory handed to a global function must be readable and writable, NULL or not. */
function checkMemoryParameter(env: Env, regno: number, size: number): void {
  const reg = env.reg(regno);
  if (mayBeNull(reg.type)) env.ownFrame().regs[regno] = notNull(reg);
  checkHelperMemory(env, regno, size, 'read', true, undefined);
  checkHelperMemory(env, regno, size, 'write', true, undefined);
  if (mayBeNull(reg.type)) env.ownFrame().regs[regno] = reg;
}

function firstLine(env: Env, check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    return wordingOf(stop.reason, env.view).lines.join('\n');
  }
}

/** Where the path goes on after an exit: the slot in the caller, or undefined at the end of the program. */
export function exit(env: Env): number | undefined {
  checkNothingHeld(env, 'exit');
  if (env.state.current === 0) {
    checkResult(env);
    return undefined;
  }
  return returnToCaller(env);
}

function returnToCaller(env: Env): number {
  const { state } = env;
  const callee = env.frame;
  const result = callee.regs[0]!;
  if (result.type === Kind.stack) env.refuse({ kind: 'stack-pointer-returned' });
  const inCallback = callee.role === 'callback' || callee.role === 'tree-callback';
  if (inCallback) {
    if (!result.isScalar) env.refuse({ kind: 'callback-return', range: undefined });
    markPrecise(env, 0);
    const value = env.reg(0);
    if (!isWithin(value, callee.returnRange))
      env.refuse({ kind: 'callback-return', range: returnText(env, value, callee.returnRange) });
  }
  const next = inCallback ? callee.callsite : callee.callsite + 1;
  const caller = state.own(state.current - 1);
  if (!inCallback) caller.regs[0] = result;
  if (env.log.on) {
    env.log.write(`returning from callee:\n${stateText(state, callee.number, 'all')}\n`);
    env.log.write(`to caller at ${next}:\n${stateText(state, caller.number, 'all')}\n`);
  }
  state.frames.pop();
  state.stackReads.length = Math.min(state.stackReads.length, 2 * state.frames.length);
  state.stackWrites.length = Math.min(state.stackWrites.length, 2 * state.frames.length);
  env.touchEverything();
  if (inCallback) {
    const previous = findPrevious(env, state, next);
    if (previous !== undefined) widenFromPrevious(previous, state);
  }
  return next;
}

const isWithin = (reg: Reg, range: ReturnRange): boolean =>
  BigInt(range.min) <= reg.scalar.smin && reg.scalar.smax <= BigInt(range.max);

function returnText(env: Env, reg: Reg, range: ReturnRange): ReturnText {
  const { scalar } = reg;
  const modern = env.view.has('return-range-as-numbers');
  const hasMin = scalar.smin > S64_MIN;
  const hasMax = scalar.smax < S64_MAX;
  const unknown = modern ? !hasMin && !hasMax : scalar.tnum.mask === 0xffff_ffff_ffff_ffffn;
  return {
    smin: hasMin ? scalar.smin.toString() : '',
    smax: hasMax ? scalar.smax.toString() : '',
    unknown: unknown ? 'yes' : 'no',
    varOff: tnumHex(scalar.tnum),
    min: range.min,
    max: range.max,
  };
}

const tnumHex = (t: { readonly value: bigint; readonly mask: bigint }): string =>
  `(0x${t.value.toString(16)}; 0x${t.mask.toString(16)})`;

/** bpf_throw(): the program ends here, with R1 for a result. A function that catches it would be handed to it instead. */
export function throwException(env: Env): void {
  if (entryCatches(env)) env.uncertain.add('functions that catch exceptions are not modelled');
  else checkResult(env, 1);
  checkNothingHeld(env, 'throw');
}

const entryCatches = (env: Env): boolean =>
  env.input.btf !== undefined &&
  declTagsOf(env.input.btf, env.program.functions[0]!.btfId).some(({ tag }) => tag.startsWith('exception_callback:'));

/** What the kernel accepts as the result of the program, of a global function or of an asynchronous callback. */
function checkResult(env: Env, result = 0): void {
  const frame = env.frame;
  if (
    result === 0 &&
    frame.subprogram !== 0 &&
    frame.role !== 'async-callback' &&
    isVoid(env, env.program.functions[frame.subprogram]!)
  )
    return;
  env.checkReadable(result);
  const reg = env.reg(result);
  const isFunction = frame.subprogram !== 0;
  const where: ExitKind = frame.role === 'async-callback' ? 'async-callback' : isFunction ? 'subprogram' : 'program';
  if (where === 'subprogram') {
    if (!reg.isScalar) env.refuse({ kind: 'return-type', where, type: env.typeText(reg.type), reg: result });
    return;
  }
  if (where === 'program' && !env.view.has('return-range-checked')) return;
  const range = where === 'async-callback' ? { min: 0, max: 0 } : { min: 0, max: 1 };
  if (!reg.isScalar) env.refuse({ kind: 'return-type', where, type: env.typeText(reg.type), reg: result });
  markPrecise(env, result);
  const value = env.reg(result);
  if (!isWithin(value, range))
    env.refuse({ kind: 'return-value', where, value: returnText(env, value, range), reg: result });
}
