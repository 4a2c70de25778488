// The verifier's outer loop: shape of the program, then every path, then the stack. Bounded by the kernel's own limit on processed
// instructions. Source of truth: kernel/bpf/verifier.c bpf_check, do_check.

import type { KernelView } from '../kernel/index.ts';
import { checkControlFlow, findComponents, findLiveRegisters } from './cfg.ts';
import { Env, Stop } from './env.ts';
import { checkEntrySignature } from './function-call.ts';
import { checkAttributes, checkMaySleep } from './load-attributes.ts';
import { remember } from './precision.ts';
import { placesOf, stateText } from './print.ts';
import { type FunctionInfo, Mark } from './program.ts';
import { Checkpoints } from './prune.ts';
import type { Reason } from './reason.ts';
import { wordingOf } from './reason-text.ts';
import { Flag, Kind, type Origin, Reg, UNKNOWN_SCALAR } from './reg.ts';
import { sharpenAs, ZERO } from './scalar.ts';
import { checkStackDepth } from './stack-depth.ts';
import { Frame, NO_CALLSITE, State } from './state.ts';
import { step } from './step.ts';
import { checkFunctionInfo, checkFunctions, checkRecursion, findFunctions, resolveReferences } from './structure.ts';
import type { InsnState, Refusal, Verdict, VerifyInput, VerifyOptions } from './verdict.ts';

/** Verifies a program as the kernel of `view` would for a loader with all capabilities. */
export function verify(input: VerifyInput, view: KernelView, options: VerifyOptions = {}): Verdict {
  const env = new Env(input, view, options);
  sharpenAs(env.rules.sharpening);
  try {
    checkShape(env);
    checkPaths(env, options);
    checkStackDepth(env);
    if (env.conversionFailure !== undefined) {
      const { slot, off, size } = env.conversionFailure;
      env.refuse({ kind: 'ctx-conversion', off, size }, slot);
    }
    return verdict(env, undefined);
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    return verdict(env, refusal(env, stop.reason, stop.slot));
  }
}

function checkShape(env: Env): void {
  const { program, view } = env;
  checkAttributes(env);
  const rest = env.input.bytes.length % 8;
  if (rest !== 0) env.refuse({ kind: 'partial-instruction', bytes: rest }, undefined);
  const count = env.input.bytes.length / 8;
  const limit = view.limit('program-instructions');
  if (count > limit) env.refuse({ kind: 'too-many-instructions', count, limit }, undefined);
  if (count === 0) env.refuse({ kind: 'no-instructions' }, undefined);
  findFunctions(env);
  if (env.log.level === 2) for (const fn of program.functions) env.log.write(`func#${fn.index} @${fn.start}\n`);
  checkFunctions(env);
  checkFunctionInfo(env);
  checkMaySleep(env);
  resolveReferences(env);
  checkControlFlow(env);
  checkRecursion(env);
  findComponents(program);
  findLiveRegisters(env);
  if (env.log.level === 2) printLiveRegisters(env);
}

function printLiveRegisters(env: Env): void {
  const { program } = env;
  env.log.write('Live regs before insn:\n');
  for (const insn of program.insns) {
    if (insn === undefined) continue;
    const component = program.components[insn.slot]!;
    const live = program.liveRegs[insn.slot]!;
    let regs = '';
    for (let i = 0; i < 10; i++) regs += (live & (1 << i)) !== 0 ? `${i}` : '.';
    const number = component === 0 ? '    ' : `${String(component).padStart(3)} `;
    env.log.write(`${number}${String(insn.slot).padStart(3)}: ${regs} ${env.insnText(insn.slot)}\n`);
  }
}

/** The entry function, then every global function that a verified one calls. */
function checkPaths(env: Env, options: VerifyOptions): void {
  const { functions } = env.program;
  checkFunctionPaths(env, functions[0]!, options);
  for (let again = true; again; ) {
    again = false;
    for (const fn of functions) {
      if (fn.index === 0 || fn.linkage !== 'global' || !fn.called || fn.verified) continue;
      if (env.log.on || env.log.level > 0) env.log.write(`Validating ${fn.name}() func#${fn.index}...\n`);
      checkFunctionPaths(env, fn, options);
      if (env.log.on) env.log.write(`Func#${fn.index} ('${fn.name}') is safe for any args that match its prototype\n`);
      fn.verified = true;
      again = true;
    }
  }
}

function checkFunctionPaths(env: Env, fn: FunctionInfo, options: VerifyOptions): void {
  const start = { log: env.log.position, remarks: env.remarks.length };
  env.state = new State();
  const frame = Frame.entered(0, fn.index, NO_CALLSITE);
  env.state.frames = [frame];
  env.state.firstSlot = fn.start;
  env.slot = fn.start;
  env.previousSlot = -1;
  env.pending.length = 0;
  env.forgetLine();
  if (fn.index === 0) {
    frame.regs[1] = new Reg(Kind.ctx, ZERO);
    checkEntrySignature(env);
  } else setParameters(env, fn, frame);
  env.touchEverything();
  followPaths(env, new Checkpoints(env), options);
  if (env.log.level === 1) env.log.rollBack(start.log);
  if (env.log.level !== 2) env.remarks.length = start.remarks;
}

function setParameters(env: Env, fn: FunctionInfo, frame: Frame): void {
  const signature = env.signatures.of(fn.btfId);
  if (signature.kind === 'refused') env.refuse({ kind: 'function-signature', text: signature.text }, fn.start);
  signature.parameters.forEach((parameter, index) => {
    frame.regs[index + 1] = parameterValue(env, parameter);
  });
}

function parameterValue(
  env: Env,
  parameter: Extract<ReturnType<Env['signatures']['of']>, { kind: 'known' }>['parameters'][number],
): Reg {
  switch (parameter.kind) {
    case 'scalar':
    case 'arena':
      return UNKNOWN_SCALAR;
    case 'ctx':
      return new Reg(Kind.ctx, ZERO);
    case 'dynptr':
      return new Reg(Kind.dynptr, ZERO, 0, env.nextId(), 0, false, 0, undefined, undefined, {
        kind: 'dynptr',
        sort: 'local',
        first: true,
      });
    case 'memory':
      return new Reg(
        Kind.mem | (parameter.nullable ? Flag.nullable : 0),
        ZERO,
        0,
        env.nextId(),
        0,
        false,
        parameter.size,
      );
    case 'kernel-pointer': {
      const flags = (parameter.nullable ? Flag.nullable : 0) | (parameter.trusted ? Flag.trusted : Flag.untrusted);
      const type = env.kernelTypes.structure(parameter.type);
      return new Reg(Kind.btfId | flags, ZERO, 0, env.nextId(), 0, false, 0, undefined, type);
    }
  }
}

function followPaths(env: Env, checkpoints: Checkpoints, options: VerifyOptions): void {
  const { program, log } = env;
  const { marks, insns, length } = program;
  const budget = Math.min(options.budget ?? env.rules.maxProcessed, env.rules.maxProcessed);
  let printState = false;
  for (;;) {
    env.historyEntry = undefined;
    const { slot } = env;
    if (slot < length && insns[slot] === undefined) env.refuse({ kind: 'bad-imm64', form: 'insn' });
    if (slot >= length) env.refuse({ kind: 'jump-out-of-range', from: env.previousSlot, to: slot });
    if (++env.processed > budget) env.refuse({ kind: 'too-complex', processed: env.processed });
    env.state.lastSlot = env.previousSlot;
    env.step(slot);
    if ((marks[slot]! & Mark.prune) !== 0 && checkpoints.visit(slot)) {
      if (log.on) log.write(printState ? `\nfrom ${env.previousSlot} to ${slot}: safe\n` : `${slot}: safe\n`);
      if (!nextPath(env, checkpoints)) return;
      printState = true;
      continue;
    }
    if ((marks[slot]! & Mark.jump) !== 0) remember(env);
    if (log.on) {
      if (log.level === 2 && printState)
        log.write(`\nfrom ${env.previousSlot} to ${slot}:${stateText(env.state, env.state.current, 'all')}\n`);
      if (env.anythingTouched) env.printTouched();
      env.printLine(slot);
      log.writeInsn(slot, env.insnText(slot));
    }
    printState = false;
    if (env.tracesStates) traceState(env, slot);
    marks[slot]! |= Mark.seen;
    const insn = insns[slot]!;
    const next = step(env, insn);
    env.previousSlot = slot;
    if (next !== undefined) {
      if (insn.kind === 'exit') printState = true;
      env.slot = next;
      continue;
    }
    if (!nextPath(env, checkpoints)) return;
    printState = true;
  }
}

function nextPath(env: Env, checkpoints: Checkpoints): boolean {
  env.touchEverything();
  checkpoints.finish(env.state);
  return env.takeNext();
}

// --- Results -------------------------------------------------------------------------------------------------------------------

function originSlots(origin: Origin | undefined): number[] {
  const slots: number[] = [];
  for (let at = origin; at !== undefined; at = at.from) if (slots[slots.length - 1] !== at.slot) slots.push(at.slot);
  return slots;
}

function stateAt(env: Env, slot: number): InsnState {
  const number = env.state.current;
  return {
    slot,
    frame: number,
    places: placesOf(env.state.frames[number]!, 'all').map(({ place, text, reg }) => ({
      place,
      text,
      origins: originSlots(reg?.origin),
    })),
  };
}

function traceState(env: Env, slot: number): void {
  env.recordState(slot, stateAt(env, slot));
}

function refusal(env: Env, reason: Reason, slot: number | undefined): Refusal {
  const { lines, errno } = wordingOf(reason, env.view);
  const onPath = env.state.frames.length > 0 && slot === env.slot;
  if (env.log.on) {
    if (slot !== undefined && NAMES_LINE.has(reason.kind)) env.printLine(slot);
    for (const line of lines) env.log.write(`${line}\n`);
    if (reason.kind === 'infinite-loop') env.log.write(`cur state:${reason.current}\nold state:${reason.old}\n`);
  }
  return {
    reason,
    slot,
    remarks: [...env.remarks],
    messages: lines,
    errno,
    path: env.path,
    state: onPath ? stateAt(env, slot!) : undefined,
  };
}

/** Refusals before which the kernel prints the source line again. */
const NAMES_LINE = new Set<Reason['kind']>(['infinite-loop', 'ctx-access', 'spill-size', 'fill-size']);

function verdict(env: Env, refused: Refusal | undefined): Verdict {
  const { program, log } = env;
  const stats = {
    processedInsns: env.processed,
    totalStates: env.totalStates,
    peakStates: env.peakStates,
    maxStatesPerInsn: env.maxStatesPerInsn,
    stackDepths: program.functions.map((fn) => fn.stackDepth),
  };
  if (log.on) {
    log.write(
      `processed ${stats.processedInsns} insns (limit ${env.rules.maxProcessed}) max_states_per_insn ${stats.maxStatesPerInsn} total_states ${stats.totalStates} peak_states ${stats.peakStates} mark_read 0\n`,
    );
  }
  const deadSlots: number[] = [];
  if (refused === undefined) {
    for (let slot = 0; slot < program.length; slot++)
      if (program.insns[slot] !== undefined && (program.marks[slot]! & Mark.seen) === 0) deadSlots.push(slot);
  }
  return {
    accepted: refused === undefined,
    refusal: refused,
    message: refused?.messages[refused.messages.length - 1] ?? '',
    slot: refused?.slot,
    log: log.text,
    stats,
    usedMaps: env.maps.used,
    deadSlots,
    states: env.traced,
    uncertain: [...env.uncertain],
  };
}
