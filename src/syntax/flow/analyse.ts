// Runs the analysis of a file: every sock_ops program once per op. The result says, for each statement, under which ops it can
// run, and lists what was observed on the way. Nothing is concluded here; that is the business of ide/.
// A run is kept as long as the functions it went through, and everything outside functions, are the same nodes: after a keystroke only
// the ops that reach the edited function run again. Nodes that moved in the text keep their identity (c-file.ts), so what a kept run
// says of them stays true.

import { OPS, type OpRow } from '../../kernel/index.ts';
import type { FunctionItem, Item, Stmt } from '../ast.ts';
import type { ProgramFile } from '../program.ts';
import { executeBlock } from './execute.ts';
import type { Observation, ObservationKind, ObservationOf } from './facts.ts';
import { Run } from './run.ts';
import { emptyState } from './state.ts';
import { UNKNOWN } from './value.ts';

/** A set of ops as bits: bit n is op number n. */
export type OpMask = number;

/** The ops that the kernel passes, on any described kernel. */
export const ALL_OPS: readonly OpRow[] = (OPS as readonly OpRow[]).filter((row) => row.socket !== 'none');
export const ALL_OPS_MASK: OpMask = ALL_OPS.reduce((mask, row) => mask | (1 << row.number), 0);

export const opsOf = (mask: OpMask): readonly OpRow[] => ALL_OPS.filter((row) => (mask & (1 << row.number)) !== 0);

export interface FlowResult {
  /** Ops under which a statement can run; absent: none. */
  readonly reach: ReadonlyMap<Stmt, OpMask>;
  /** Functions that were run, as program or from one. */
  readonly entered: ReadonlySet<FunctionItem>;
  /** Programs, and functions with the context that no program calls. */
  readonly entries: readonly FunctionItem[];
  /** Whether limits or code that is not understood may hide behaviour: rules that need "never" must keep quiet. */
  readonly incomplete: boolean;
  /** Whether the context goes to code that is not in this file: it may set flags, reserve options and so on. */
  readonly opaqueContext: boolean;
  of<K extends ObservationKind>(kind: K): readonly ObservationOf<K>[];
}

/** One program under one op. */
interface KeptRun {
  readonly entered: ReadonlySet<FunctionItem>;
  readonly observations: readonly Observation[];
  readonly reached: ReadonlySet<Stmt>;
  readonly incomplete: boolean;
  readonly opaqueContext: boolean;
}

/** The runs of the last analysis of one file. */
export class FlowCache {
  #runs = new Map<FunctionItem, KeptRun[]>();
  #surroundings: readonly Item[] = [];
  #functions = '';

  /** Forgets everything when what lies outside the functions has changed. */
  prepare(source: ProgramFile): void {
    const surroundings = [...source.file.items, ...source.file.generatedItems].filter(
      (item) => item.kind !== 'function',
    );
    const functions = [...source.functions.values()]
      .map((item) => `${item.name}${item.body === undefined ? ';' : '{'}`)
      .join(' ');
    const same =
      functions === this.#functions &&
      surroundings.length === this.#surroundings.length &&
      surroundings.every((item, i) => item === this.#surroundings[i]) &&
      source.file.generatedItems.length === 0;
    if (!same) this.#runs = new Map();
    this.#surroundings = surroundings;
    this.#functions = functions;
  }

  /** The run of a program under the op at `index`, if it still holds. */
  get(program: FunctionItem, index: number, current: ReadonlySet<FunctionItem>): KeptRun | undefined {
    const kept = this.#runs.get(program)?.[index];
    if (kept === undefined) return undefined;
    for (const item of kept.entered) if (!current.has(item)) return undefined;
    return kept;
  }

  set(program: FunctionItem, index: number, run: KeptRun): void {
    const runs = this.#runs.get(program) ?? [];
    runs[index] = run;
    this.#runs.set(program, runs);
  }

  /** Drops the runs of programs that are gone. */
  keepOnly(current: ReadonlySet<FunctionItem>): void {
    for (const program of this.#runs.keys()) if (!current.has(program)) this.#runs.delete(program);
  }
}

/** Analyses every program of the file; `constant` gives values of names that the file does not define. */
export function analyseFlow(
  source: ProgramFile,
  constant: (name: string) => bigint | undefined,
  cache: FlowCache = new FlowCache(),
): FlowResult {
  cache.prepare(source);
  const current: ReadonlySet<FunctionItem> = new Set(source.functions.values());
  const reach = new Map<Stmt, OpMask>();
  const byKind = new Map<ObservationKind, Observation[]>();
  const entered = new Set<FunctionItem>();
  const entries: FunctionItem[] = [];
  let incomplete = false;
  let opaqueContext = false;

  const runEntry = (item: FunctionItem): void => {
    entries.push(item);
    if (item.broken) incomplete = true;
    ALL_OPS.forEach((op, index) => {
      const bit = 1 << op.number;
      let run = cache.get(item, index, current);
      if (run === undefined) {
        run = runOnce(source, item, op, constant);
        cache.set(item, index, run);
      }
      for (const observation of run.observations) {
        const list = byKind.get(observation.kind);
        if (list === undefined) byKind.set(observation.kind, [observation]);
        else list.push(observation);
      }
      for (const stmt of run.reached) reach.set(stmt, (reach.get(stmt) ?? 0) | bit);
      for (const other of run.entered) entered.add(other);
      incomplete ||= run.incomplete;
      opaqueContext ||= run.opaqueContext;
    });
  };

  for (const { item, role } of source.contextFunctions) if (role === 'program') runEntry(item);
  for (const { item, role } of source.contextFunctions) if (role !== 'program' && !entered.has(item)) runEntry(item);
  cache.keepOnly(current);
  return {
    reach,
    entered,
    entries,
    incomplete,
    opaqueContext,
    of: <K extends ObservationKind>(kind: K) => (byKind.get(kind) ?? []) as unknown as readonly ObservationOf<K>[],
  };
}

function runOnce(
  source: ProgramFile,
  program: FunctionItem,
  op: OpRow,
  constant: (name: string) => bigint | undefined,
): KeptRun {
  const observations: Observation[] = [];
  const reached = new Set<Stmt>();
  let opaqueContext = false;
  const run = new Run({
    source,
    program,
    op,
    constant,
    observe: (observation) => observations.push(observation),
    opaque: () => {
      opaqueContext = true;
    },
    reach: (stmt) => reached.add(stmt),
  });
  const frame = run.enter(program)!;
  const state = emptyState();
  for (const parameter of program.parameters) {
    const path = `${frame.id}:${parameter.name}`;
    run.variableTypes.set(path, parameter.type);
    state.variables.set(path, source.types.isContextPointer(parameter.type) ? { kind: 'ctx' } : UNKNOWN);
  }
  executeBlock(run, program.body!, state);
  run.leave();
  return { entered: run.entered, observations, reached, incomplete: run.incomplete, opaqueContext };
}
