// Questions about the stopped program that need more than a look: what a line calls, where one may jump to, what completes a
// prefix, where a value comes from.

import { decodeProgram } from '../isa/index.ts';
import type { Debugger } from './debugger.ts';
import { insnText } from './disassembly.ts';
import { evaluate } from './expression/evaluate.ts';
import { parseExpression } from './expression/parser.ts';
import { completionMembers, completionNames, isTypeName, scopeAt } from './scope.ts';
import { type DebuggedProgram, lineAt, scopesAt } from './sources.ts';
import { type StackFrame, stackOf } from './stack.ts';
import { type OriginStep, whereFrom } from './where-from.ts';

export interface CallOnLine {
  readonly label: string;
  readonly target: { readonly program: DebuggedProgram; readonly slot: number };
}

/** Functions that the rest of the frame's line calls: what "step into target" offers. */
export function callsOnLine(frame: StackFrame): readonly CallOnLine[] {
  const { program, slot } = frame;
  if (program === undefined || slot === undefined) return [];
  const line = lineAt(program, slot);
  const calls: CallOnLine[] = [];
  const decoded = decodeProgram(program.program.bytes);
  const scope = scopesAt(program, slot)[0];
  const names = new Set<string>();
  for (const range of scope?.ranges ?? []) {
    for (let at = Math.max(range.startSlot, slot); at < range.endSlot; at++) {
      const insn = decoded[at];
      if (insn === undefined) continue;
      const here = lineAt(program, at);
      if (insn.kind === 'call-local' && line !== undefined && here?.line0 === line.line0 && here.file === line.file) {
        const name =
          program.program.subprograms.find((subprogram) => subprogram.startSlot === insn.target)?.name ??
          `slot ${insn.target}`;
        calls.push({ label: `${name}()`, target: { program, slot: insn.target } });
      }
      // Inlined functions that this line calls begin where a deeper scope begins.
      for (const inlined of scopesAt(program, at).slice(1)) {
        if (inlined.call?.line0 === line?.line0 && inlined.call?.file === line?.file && !names.has(inlined.name)) {
          names.add(inlined.name);
          calls.push({ label: `${inlined.name}() [inlined]`, target: { program, slot: at } });
        }
      }
    }
  }
  return calls;
}

export interface JumpTarget {
  readonly slot: number;
  readonly line0: number;
  readonly label: string;
}

/** Slots of a line in the function that is running: the next instruction may be set to them. */
export function slotsToJumpTo(target: Debugger, file: string, line0: number): readonly JumpTarget[] {
  const { moment } = target;
  if (moment === undefined) return [];
  const { vm, program } = moment.callback;
  const here = target.sources.find(program.object.file, vm.program);
  const line = target.sources.resolveLine(file, line0);
  if (here === undefined || line === undefined) return [];
  const ranges = scopesAt(here, vm.slot)[0]?.ranges ?? [];
  return line.slots
    .filter(
      (candidate) =>
        candidate.program === here &&
        ranges.some((range) => range.startSlot <= candidate.slot && candidate.slot < range.endSlot),
    )
    .map(({ slot }) => ({ slot, line0: line.line0, label: `line ${line.line0 + 1}, instruction ${slot}` }));
}

export interface CompletionTarget {
  readonly label: string;
  readonly kind: 'variable' | 'map' | 'register' | 'constant' | 'field';
  /** Offset in the text at which the completed word starts, and its length. */
  readonly start: number;
  readonly length: number;
}

/** What can stand at the end of a text in the REPL. */
export function completions(
  target: Debugger,
  before: string,
  frame: StackFrame | undefined,
): readonly CompletionTarget[] {
  const { moment } = target;
  const at = frame ?? (moment === undefined ? undefined : stackOf(moment.callback, target.sources)[0]);
  if (moment === undefined || at === undefined) return [];
  const member = /([A-Za-z_$][\w$]*)\s*(?:->|\.)\s*([\w$[\]]*)$/.exec(before);
  if (member !== null) {
    const prefix = member[2]!;
    return completionMembers(moment, at, member[1]!)
      .filter((label) => label.startsWith(prefix))
      .map((label) => ({ label, kind: 'field', start: before.length - prefix.length, length: prefix.length }));
  }
  const prefix = /[A-Za-z_$][\w$]*$/.exec(before)?.[0] ?? '';
  return completionNames(moment, at)
    .filter(({ label }) => label.toLowerCase().startsWith(prefix.toLowerCase()))
    .map(({ label, kind }) => ({ label, kind, start: before.length - prefix.length, length: prefix.length }));
}

export type WhereFromOutcome =
  | { readonly kind: 'steps'; readonly steps: readonly OriginStep[] }
  | { readonly kind: 'error'; readonly message: string };

/** The chain of writes behind an expression that names a register or memory. */
export function whereFromText(target: Debugger, text: string, frame: StackFrame | undefined): WhereFromOutcome {
  const { moment } = target;
  const at = frame ?? (moment === undefined ? undefined : stackOf(moment.callback, target.sources)[0]);
  if (moment === undefined || at === undefined)
    return { kind: 'error', message: 'the program does not stand inside a callback now' };
  const parsed = parseExpression(text, (name) => isTypeName(at, name));
  if (parsed.kind === 'error') return { kind: 'error', message: parsed.error.message };
  const depth = at.vmFrame?.depth ?? 0;
  const register = /^[rw](10|\d)$/.exec(text.trim());
  const options = {
    sources: target.sources,
    textOf: (program: DebuggedProgram, slot: number) => insnText(program, slot, target.world.view),
  };
  if (register !== null)
    return {
      kind: 'steps',
      steps: whereFrom(target.timeline, { kind: 'register', register: Number(register[1]), depth }, options),
    };
  const result = evaluate(parsed.parsed.expression, scopeAt(moment, at));
  if (result.kind === 'error') return { kind: 'error', message: result.error.message };
  const place = result.kind === 'value' ? result.value.place : undefined;
  if (place?.kind === 'memory')
    return {
      kind: 'steps',
      steps: whereFrom(
        target.timeline,
        { kind: 'memory', address: place.address, size: Math.max(1, place.sizeBits / 8) },
        options,
      ),
    };
  if (place?.kind === 'register')
    return {
      kind: 'steps',
      steps: whereFrom(target.timeline, { kind: 'register', register: place.register, depth }, options),
    };
  return { kind: 'error', message: `'${text}' is in no register and no memory, so nothing wrote it` };
}
