// Runs the analysis of a file: every sock_ops program once per op. The result says, for each statement, under which ops it can
// run, and lists what was observed on the way. Nothing is concluded here; that is the business of ide/.

import { OPS, type OpRow } from '../../kernel/index.ts';
import type { FunctionItem, Stmt } from '../ast.ts';
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

/** Analyses every program of the file; `constant` gives values of names that the file does not define. */
export function analyseFlow(source: ProgramFile, constant: (name: string) => bigint | undefined): FlowResult {
  const reach = new Map<Stmt, OpMask>();
  const byKind = new Map<ObservationKind, Observation[]>();
  const entered = new Set<FunctionItem>();
  const entries: FunctionItem[] = [];
  let incomplete = false;
  let opaqueContext = false;

  const runEntry = (item: FunctionItem): void => {
    entries.push(item);
    if (item.broken) incomplete = true;
    for (const op of ALL_OPS) {
      const bit = 1 << op.number;
      const run = new Run({
        source,
        program: item,
        op,
        constant,
        observe: (observation) => {
          const list = byKind.get(observation.kind);
          if (list === undefined) byKind.set(observation.kind, [observation]);
          else list.push(observation);
        },
        opaque: () => {
          opaqueContext = true;
        },
        reach: (stmt) => reach.set(stmt, (reach.get(stmt) ?? 0) | bit),
      });
      const frame = run.enter(item)!;
      const state = emptyState();
      for (const parameter of item.parameters) {
        const path = `${frame.id}:${parameter.name}`;
        run.variableTypes.set(path, parameter.type);
        state.variables.set(path, source.types.isContextPointer(parameter.type) ? { kind: 'ctx' } : UNKNOWN);
      }
      executeBlock(run, item.body!, state);
      run.leave();
      for (const other of run.entered) entered.add(other);
      incomplete ||= run.incomplete;
    }
  };

  for (const { item, role } of source.contextFunctions) if (role === 'program') runEntry(item);
  for (const { item, role } of source.contextFunctions) if (role !== 'program' && !entered.has(item)) runEntry(item);
  return {
    reach,
    entered,
    entries,
    incomplete,
    opaqueContext,
    of: <K extends ObservationKind>(kind: K) => (byKind.get(kind) ?? []) as unknown as readonly ObservationOf<K>[],
  };
}
