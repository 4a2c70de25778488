// Statements: from the state before to the states after, for one op.

import { assertNever } from '../../base/index.ts';
import type { BlockStmt, CaseStmt, Expr, LoopStmt, Stmt, SwitchStmt, Variable } from '../ast.ts';
import { stmtParts } from '../ast.ts';
import { assign, initialise } from './assign.ts';
import { branch } from './branch.ts';
import { evaluate } from './evaluate.ts';
import { pathOf } from './paths.ts';
import type { Run } from './run.ts';
import { copyState, falls, joinStates, type Outcome, type State } from './state.ts';
import { int, sameValue, UNKNOWN, type Value } from './value.ts';

/** Runs a block; the state at its end, undefined when control does not get there. */
export function executeBlock(run: Run, block: BlockStmt, state: State): State | undefined {
  return execute(run, block, state).next;
}

/** Runs a statement. `state` is undefined where control cannot come; labels inside may still be jumped to. */
export function execute(run: Run, stmt: Stmt, state: State | undefined): Outcome {
  if (state === undefined && !mayBeEntered(run, stmt)) return falls(undefined);
  if (!run.step()) return falls(undefined);
  if (state !== undefined) run.input.reach(stmt);
  switch (stmt.kind) {
    case 'block':
    case 'other':
      if (stmt.kind === 'other') {
        if (state !== undefined) for (const part of stmt.parts) evaluate(run, part, state);
        return falls(state);
      }
      return sequence(run, stmt.body, state);
    case 'case':
      return sequence(run, stmt.body, state);
    case 'label': {
      run.frame.seenLabels.add(stmt.name);
      const jumped = run.frame.gotos.get(stmt.name);
      return sequence(run, stmt.body, joinStates(state, jumped === undefined ? undefined : copyState(jumped)));
    }
    case 'expression':
      if (state !== undefined) evaluate(run, stmt.expr, state);
      return falls(state);
    case 'declaration':
      if (state !== undefined) for (const variable of stmt.variables) declare(run, variable, state);
      return falls(state);
    case 'if': {
      const { yes, no } = state === undefined ? { yes: undefined, no: undefined } : branch(run, stmt.condition, state);
      const then = execute(run, stmt.whenTrue, yes);
      const otherwise = stmt.whenFalse === undefined ? falls(no) : execute(run, stmt.whenFalse, no);
      return {
        next: joinStates(then.next, otherwise.next),
        breaks: joinStates(then.breaks, otherwise.breaks),
        continues: joinStates(then.continues, otherwise.continues),
      };
    }
    case 'switch':
      return executeSwitch(run, stmt, state);
    case 'loop':
      return executeLoop(run, stmt, state);
    case 'return': {
      if (state === undefined) return falls(undefined);
      const value = stmt.value === undefined ? UNKNOWN : evaluate(run, stmt.value, state);
      if (run.frames.length === 1)
        run.input.observe({
          kind: 'return',
          node: stmt,
          program: run.input.program,
          value,
          reply: state.reply,
          before: new Map(state.calls),
          ...run.facts(state),
        });
      run.addReturn(value, copyState(state));
      return falls(undefined);
    }
    case 'break':
      return { next: undefined, breaks: state, continues: undefined };
    case 'continue':
      return { next: undefined, breaks: undefined, continues: state };
    case 'goto': {
      if (state === undefined) return falls(undefined);
      if (run.frame.seenLabels.has(stmt.label)) run.incomplete = true;
      run.frame.gotos.set(stmt.label, joinStates(run.frame.gotos.get(stmt.label), copyState(state))!);
      return falls(undefined);
    }
    default:
      return assertNever(stmt, 'execute');
  }
}

/** Whether a label inside the statement can be jumped to although control does not fall into it. */
function mayBeEntered(run: Run, stmt: Stmt): boolean {
  if (run.frame.gotos.size === 0) return false;
  if (stmt.kind === 'label' && run.frame.gotos.has(stmt.name)) return true;
  return stmtParts(stmt).stmts.some((inner) => mayBeEntered(run, inner));
}

function sequence(run: Run, body: readonly Stmt[], state: State | undefined): Outcome {
  let current = state;
  let breaks: State | undefined;
  let continues: State | undefined;
  for (const stmt of body) {
    const outcome = execute(run, stmt, current);
    current = outcome.next;
    breaks = joinStates(breaks, outcome.breaks);
    continues = joinStates(continues, outcome.continues);
  }
  return { next: current, breaks, continues };
}

function declare(run: Run, variable: Variable, state: State): void {
  if (variable.name === '') return;
  const path = `${run.frame.id}:${variable.name}`;
  const type = /^(__auto_type|__typeof__|typeof)/.test(variable.type.name)
    ? { ...variable.type, name: '' }
    : variable.type;
  run.variableTypes.set(path, type);
  for (const known of [...state.variables.keys()])
    if (known === path || (known.startsWith(path) && /[.[#]/.test(known[path.length] ?? '')))
      state.variables.delete(known);
  const { init } = variable;
  if (init === undefined) return;
  if (init.kind === 'init-list') {
    if (type.isConst && type.dims.length > 0) run.constantTables.set(path, variable);
    state.variables.set(`${path}#initialised`, int(init.entries.length));
    initialise(run, init, type, path, state);
    return;
  }
  if (init.kind === 'string' && type.dims.length > 0) {
    state.variables.set(path, { kind: 'string', units: init.units });
    return;
  }
  const name: Expr = { kind: 'name', name: variable.name, start: variable.nameSpan.start, end: variable.nameSpan.end };
  assign(run, name, evaluate(run, init, state), init, init, state);
}

function executeSwitch(run: Run, stmt: SwitchStmt, state: State | undefined): Outcome {
  if (state === undefined) return { ...sequence(run, stmt.body, undefined), breaks: undefined };
  const scrutinee = evaluate(run, stmt.value, state);
  const path = pathOf(run, stmt.value, state);
  const cases = stmt.body.filter((inner): inner is CaseStmt => inner.kind === 'case');
  const matches = cases.map((label) =>
    label.value === undefined ? undefined : caseMatches(run, stmt, label, scrutinee, state),
  );
  const taken = matches.includes('always');
  const opSwitch = scrutinee.kind === 'ints' && scrutinee.origin !== undefined;
  if (!opSwitch && scrutinee.kind !== 'ints') state.filtered = true;
  let current: State | undefined;
  let breaks: State | undefined;
  let continues: State | undefined;
  let hasDefault = false;
  for (const inner of stmt.body) {
    if (inner.kind === 'case') {
      const match = matches[cases.indexOf(inner)];
      hasDefault ||= inner.value === undefined;
      const enters = inner.value === undefined ? !taken : match === 'always' || (match === 'maybe' && !taken);
      if (enters) {
        const entering = copyState(state);
        const value: Value | undefined =
          inner.value === undefined || inner.last !== undefined ? undefined : evaluateCase(run, inner, entering);
        if (path !== undefined && value !== undefined && scrutinee.kind === 'number' && scrutinee.order === undefined)
          entering.variables.set(path, value);
        current = joinStates(current, entering);
      }
    }
    const outcome = execute(run, inner, current);
    current = outcome.next;
    breaks = joinStates(breaks, outcome.breaks);
    continues = joinStates(continues, outcome.continues);
  }
  const skipped = hasDefault || taken ? undefined : state;
  return { next: joinStates(joinStates(current, breaks), skipped), breaks: undefined, continues };
}

function evaluateCase(run: Run, label: CaseStmt, state: State): Value {
  return label.value === undefined ? UNKNOWN : evaluate(run, label.value, copyState(state));
}

function caseMatches(
  run: Run,
  of: SwitchStmt,
  label: CaseStmt,
  scrutinee: Value,
  state: State,
): 'always' | 'maybe' | 'never' {
  const value = evaluateCase(run, label, state);
  run.input.observe({ kind: 'case-label', node: label, of, scrutinee, value, ...run.facts(state) });
  if (label.last !== undefined || value.kind !== 'ints' || scrutinee.kind !== 'ints') return 'maybe';
  const wanted = value.values[0];
  if (!scrutinee.values.some((v) => v === wanted)) return 'never';
  return scrutinee.values.length === 1 ? 'always' : 'maybe';
}

function executeLoop(run: Run, stmt: LoopStmt, state: State | undefined): Outcome {
  if (state === undefined) {
    const inside = execute(run, stmt.body, undefined);
    return falls(joinStates(inside.next, inside.breaks));
  }
  if (stmt.init !== undefined) execute(run, stmt.init, state);
  const runsFirst = stmt.form === 'do';
  const before = copyState(state);
  let exits: State | undefined = runsFirst ? undefined : undefined;
  let entering: State | undefined = state;
  for (let round = 0; round < 2 && entering !== undefined; round++) {
    let yes: State | undefined = entering;
    if (!(runsFirst && round === 0) && stmt.condition !== undefined) {
      const parted = branch(run, stmt.condition, entering);
      exits = joinStates(exits, parted.no);
      yes = parted.yes;
    } else if (stmt.form === 'macro') exits = joinStates(exits, copyState(entering));
    if (yes === undefined) break;
    const body = execute(run, stmt.body, yes);
    exits = joinStates(exits, body.breaks);
    const after = joinStates(body.next, body.continues);
    if (after !== undefined && stmt.update !== undefined) evaluate(run, stmt.update, after);
    if (after !== undefined && (stmt.form === 'macro' || stmt.condition === undefined))
      exits = stmt.form === 'macro' ? joinStates(exits, copyState(after)) : exits;
    entering = after === undefined ? undefined : widen(before, after);
    if (runsFirst && round === 0 && stmt.condition !== undefined && entering !== undefined) {
      const parted = branch(run, stmt.condition, copyState(entering));
      exits = joinStates(exits, parted.no);
      entering = parted.yes;
    }
  }
  // After two rounds everything that changes has been widened, so what the condition leaves over is the way out.
  if (entering !== undefined && stmt.condition !== undefined)
    exits = joinStates(exits, branch(run, stmt.condition, entering).no);
  return falls(exits);
}

/** Forgets the variables that the body changed. */
function widen(before: State, after: State): State {
  const joined = joinStates(copyState(before), after)!;
  for (const [name, value] of after.variables) {
    const first = before.variables.get(name);
    if (first === undefined || !sameValue(first, value))
      joined.variables.set(
        name,
        first?.kind === 'packet' && value.kind === 'packet' && first.base === value.base
          ? { ...value, offset: undefined }
          : value.kind === 'ints' || value.kind === 'number'
            ? { kind: 'number' }
            : UNKNOWN,
      );
  }
  return joined;
}
