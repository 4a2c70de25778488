// One pass of the analysis over one program under one op: the shared part of evaluate.ts and execute.ts.

import { CTX_FIELDS, type CtxFieldRow, type OpRow } from '../../kernel/index.ts';
import type { CallExpr, FunctionItem, Stmt, TypeRef, Variable } from '../ast.ts';
import type { ProgramFile } from '../program.ts';
import type { Observation, PathFacts } from './facts.ts';
import type { State } from './state.ts';
import { joinStates } from './state.ts';
import { joinValues, type Value } from './value.ts';

/** Statements that one pass may execute; a program that needs more is reported as not fully analysed. */
const MAX_STEPS = 30_000;
const MAX_FRAMES = 10;

export interface Frame {
  readonly id: string;
  readonly item: FunctionItem;
  returned: { readonly value: Value; readonly state: State } | undefined;
  readonly gotos: Map<string, State>;
  readonly seenLabels: Set<string>;
}

export interface RunInput {
  readonly source: ProgramFile;
  readonly program: FunctionItem;
  readonly op: OpRow;
  /** Value of a constant that the file does not define itself. */
  readonly constant: (name: string) => bigint | undefined;
  readonly observe: (observation: Observation) => unknown;
  /** Called for a call of something unknown that is given the context or may see it. */
  readonly opaque: (call: CallExpr) => void;
  /** Called for every statement that control can reach. */
  readonly reach: (stmt: Stmt) => unknown;
}

export class Run {
  readonly input: RunInput;
  readonly frames: Frame[] = [];
  /** Types of local variables and parameters by path. */
  readonly variableTypes = new Map<string, TypeRef>();
  /** Constant arrays among the local variables, by path. */
  readonly constantTables = new Map<string, Variable>();
  /** Functions of the file that were entered. */
  readonly entered = new Set<FunctionItem>();
  /** Set when the limits were hit: what was not seen may exist. */
  incomplete = false;
  #steps = 0;
  #nextFrame = 0;

  constructor(input: RunInput) {
    this.input = input;
  }

  get frame(): Frame {
    return this.frames.at(-1)!;
  }

  /** Counts a step; false when the budget is used up. */
  step(): boolean {
    if (this.#steps++ < MAX_STEPS) return true;
    this.incomplete = true;
    return false;
  }

  /** Enters a function; undefined when it is already being run or too deep. */
  enter(item: FunctionItem): Frame | undefined {
    if (this.frames.length >= MAX_FRAMES || this.frames.some((frame) => frame.item === item)) {
      this.incomplete = true;
      return undefined;
    }
    const frame: Frame = {
      id: `f${this.#nextFrame++}`,
      item,
      returned: undefined,
      gotos: new Map(),
      seenLabels: new Set(),
    };
    this.entered.add(item);
    this.frames.push(frame);
    return frame;
  }

  leave(): void {
    this.frames.pop();
  }

  addReturn(value: Value, state: State): void {
    const frame = this.frame;
    const before = frame.returned;
    frame.returned =
      before === undefined
        ? { value, state }
        : { value: joinValues(before.value, value), state: joinStates(before.state, state)! };
  }

  facts(state: State): PathFacts {
    return { op: this.input.op, fullSocket: this.fullSocket(state), filtered: state.filtered, vague: state.vague };
  }

  /** Whether the socket is a full one here; undefined when it may be either. */
  fullSocket(state: State): boolean | undefined {
    return this.input.op.socket === 'full-or-request' ? state.fullSocket : true;
  }

  /** The path of a variable visible in the current frame. */
  local(name: string): string | undefined {
    const path = `${this.frame.id}:${name}`;
    return this.variableTypes.has(path) ? path : undefined;
  }
}

export interface FieldName {
  readonly row: CtxFieldRow;
  readonly spelled: string;
  readonly count: number;
}

const FIELD_NAMES: ReadonlyMap<string, FieldName> = new Map(
  (CTX_FIELDS as readonly CtxFieldRow[]).flatMap((row) => [
    [row.name, { row, spelled: row.name, count: row.count }] as const,
    ...(row.aliases ?? []).map((alias) => [alias.name, { row, spelled: alias.name, count: alias.count }] as const),
  ]),
);

/** A member of struct bpf_sock_ops by the name in the source. */
export function contextField(name: string): FieldName | undefined {
  return FIELD_NAMES.get(name);
}

/** Every name that can stand behind `skops->`. */
export function contextFieldNames(): readonly string[] {
  return [...FIELD_NAMES.keys()];
}
