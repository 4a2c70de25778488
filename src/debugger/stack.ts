// The call stack as a person sees it: inlined functions are frames of their own, and below the program stands the kernel
// function that called it.

import type { VmFrame } from '../vm/index.ts';
import type { CallbackInProgress } from '../world/index.ts';
import { type DebuggedProgram, lineAt, type SourceLocation, type Sources, scopesAt } from './sources.ts';

export interface StackFrame {
  readonly kind: 'function' | 'inlined' | 'kernel';
  /** Function name; for the kernel frame its call site: "tcp_connect()". */
  readonly name: string;
  readonly location: SourceLocation | undefined;
  /** Next instruction, or the call in progress; undefined for the kernel frame. */
  readonly slot: number | undefined;
  readonly program: DebuggedProgram | undefined;
  /** The machine's frame; inlined frames share their function's. */
  readonly vmFrame: VmFrame | undefined;
  /** Index into the scopes at `slot` of this frame's function: 0 for the real function. */
  readonly scope: number;
}

/** What identifies a place on the stack for stepping: how deep, and in which function. */
export interface StackDepth {
  /** Number of frames, inlined ones included. */
  readonly logical: number;
  /** Number of the machine's own frames. */
  readonly machine: number;
}

/** All frames, innermost first; the last one is the kernel's. */
export function stackOf(callback: CallbackInProgress, sources: Sources): readonly StackFrame[] {
  const frames: StackFrame[] = [];
  for (const vmFrame of callback.vm.frames()) {
    const program = sources.find(callback.program.object.file, vmFrame.program);
    if (program === undefined) {
      frames.push({
        kind: 'function',
        name: vmFrame.program,
        location: undefined,
        slot: vmFrame.slot,
        program,
        vmFrame,
        scope: 0,
      });
      continue;
    }
    const scopes = scopesAt(program, vmFrame.slot);
    const line = lineAt(program, vmFrame.slot);
    let location: SourceLocation | undefined =
      line === undefined ? undefined : { file: line.file, line0: line.line0, column0: line.column0 };
    for (let scope = scopes.length - 1; scope >= 0; scope--) {
      const { kind, name, call } = scopes[scope]!;
      frames.push({
        kind,
        name: vmFrame.calledBy === undefined || scope > 0 ? name : `${name} (called by ${vmFrame.calledBy})`,
        location,
        slot: vmFrame.slot,
        program,
        vmFrame,
        scope,
      });
      location = call;
    }
  }
  frames.push({
    kind: 'kernel',
    name: callback.callSite,
    location: undefined,
    slot: undefined,
    program: undefined,
    vmFrame: undefined,
    scope: 0,
  });
  return frames;
}

/** Depth without building the frames: cheap enough to ask at every instruction. */
export function depthOf(callback: CallbackInProgress, program: DebuggedProgram | undefined): StackDepth {
  const frames = callback.vm.frames();
  const inlined = program === undefined ? 0 : scopesAt(program, callback.vm.slot).length - 1;
  return { logical: frames.length + inlined, machine: frames.length };
}
