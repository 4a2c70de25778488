// Calls: byte-order functions and access macros, BPF helpers, and the file's own functions, which are run in place.

import { HELPER_ROWS, KFUNCS } from '../../kernel/index.ts';
import type { CallExpr, Expr, FunctionItem } from '../ast.ts';

import { assign } from './assign.ts';
import { becomeState, evaluate } from './evaluate.ts';
import { executeBlock } from './execute.ts';
import { swapValue, swapWidth } from './order.ts';
import type { Run } from './run.ts';
import { copyState, joinStates, type State } from './state.ts';
import { int, UNKNOWN, type Value } from './value.ts';

/** Macros of the BPF and kernel headers that give their argument back. */
const TRANSPARENT = new Set([
  'READ_ONCE',
  'likely',
  'unlikely',
  '__builtin_expect',
  '__builtin_assume_aligned',
  'BPF_PROBE_READ',
  '__builtin_preserve_access_index',
]);

/** Whether the name is understood without looking into its definition, even where the file defines it. */
export function isKnownCall(name: string): boolean {
  return (
    TRANSPARENT.has(name) ||
    swapWidth(name) !== undefined ||
    name === 'WRITE_ONCE' ||
    name === 'bpf_printk' ||
    name === 'barrier_var'
  );
}

export function evaluateKnownCall(run: Run, name: string, node: Expr, args: readonly Expr[], state: State): Value {
  const first = args[0];
  if (first === undefined) return UNKNOWN;
  if (name === 'WRITE_ONCE' && args[1] !== undefined) {
    assign(run, first, evaluate(run, args[1], state), args[1], node, state);
    return UNKNOWN;
  }
  if (name === 'bpf_printk') {
    const values = args.map((arg) => evaluate(run, arg, state));
    const callee: Expr = { kind: 'name', name, start: node.start, end: node.start + name.length };
    observeCall(run, { kind: 'call', start: node.start, end: node.end, callee, args }, name, values, state);
    return { kind: 'number' };
  }
  const value = evaluate(run, first, state);
  for (const arg of args.slice(1)) evaluate(run, arg, state);
  const bits = swapWidth(name);
  if (name === 'READ_ONCE' && value.kind === 'number' && value.origin !== undefined)
    return { ...value, origin: { ...value.origin, via: [...value.origin.via, 'READ_ONCE'] } };
  if (bits === undefined) return name === 'barrier_var' ? UNKNOWN : value;
  const swapped = swapValue(name, bits, value);
  run.input.observe({ kind: 'converted', node, by: name, from: value, to: swapped, ...run.facts(state) });
  return swapped;
}

export function evaluateCall(run: Run, call: CallExpr, state: State): Value {
  const callee = call.callee;
  const name =
    callee.kind === 'name'
      ? callee.name
      : callee.kind === 'macro' && callee.expansion?.kind === 'name'
        ? callee.expansion.name
        : undefined;
  if (name === undefined) {
    evaluate(run, callee, state);
    for (const arg of call.args) evaluate(run, arg, state);
    return UNKNOWN;
  }
  if (isKnownCall(name)) return evaluateKnownCall(run, name, call, call.args, state);
  // Questions about types and offsets read nothing.
  if (/^(bpf_core_(field|type|enum)_|__builtin_preserve_|__builtin_offsetof|offsetof)/.test(name)) {
    state.calls.set(name, call);
    state.filtered = true;
    return UNKNOWN;
  }
  const args = call.args.map((arg) => evaluate(run, arg, state));
  const own = run.input.source.functions.get(name);
  if (own?.body !== undefined) return callOwn(run, own, args, state);
  observeCall(run, call, name, args, state);
  noteOpaque(run, call, name, args, state);
  return helperResult(run, call, name, args, state);
}

function observeCall(run: Run, call: CallExpr, name: string, args: readonly Value[], state: State): void {
  run.input.observe({
    kind: 'call',
    node: call,
    name,
    args,
    tested: args.map((arg) => arg.kind !== 'pointer' || state.nonNull.has(arg.id)),
    parts: partsOf(args, state),
    ...run.facts(state),
  });
  state.calls.set(name, call);
}

const KNOWN_FUNCTIONS: ReadonlySet<string> = new Set([
  ...HELPER_ROWS.map((row) => row.name),
  ...KFUNCS.map((row) => row.name),
]);

/** Remembers that something may have happened which the file does not show. */
function noteOpaque(run: Run, call: CallExpr, name: string, args: readonly Value[], state: State): void {
  if (KNOWN_FUNCTIONS.has(name) || /^(__builtin_|__sync_|__atomic_|mem|str|BPF_CORE_|BPF_SNPRINTF|BPF_SEQ)/.test(name))
    return;
  const { source } = run.input;
  const declared = source.functions.has(name);
  const isMacro = !declared && (/^[A-Z][A-Z0-9_]*$/.test(name) || source.hasOwnHeaders);
  if (isMacro) state.vague = true;
  if (isMacro || args.some((arg) => arg.kind === 'ctx')) run.input.opaque(call);
}

function partsOf(args: readonly Value[], state: State): ReadonlyMap<string, Value> {
  const parts = new Map<string, Value>();
  for (const arg of args) {
    if (arg.kind !== 'address') continue;
    for (const [path, value] of state.variables)
      if (path.startsWith(arg.path) && (path.length === arg.path.length || /[.[#]/.test(path[arg.path.length]!)))
        parts.set(path, value);
  }
  return parts;
}

/** Runs a function of the file in place. */
function callOwn(run: Run, item: FunctionItem, args: readonly Value[], state: State): Value {
  const frame = run.enter(item);
  if (frame === undefined) return UNKNOWN;
  item.parameters.forEach((parameter, i) => {
    const path = `${frame.id}:${parameter.name}`;
    run.variableTypes.set(path, parameter.type);
    const value = args[i] ?? UNKNOWN;
    // A context pointer stays one under whatever type it is passed.
    if (value.kind !== 'unknown') state.variables.set(path, value);
    else if (run.input.source.types.isContextPointer(parameter.type)) state.variables.set(path, { kind: 'ctx' });
  });
  const end = executeBlock(run, item.body!, copyState(state));
  if (end !== undefined) run.addReturn(UNKNOWN, end);
  run.leave();
  const returned = frame.returned;
  if (returned === undefined) return UNKNOWN;
  // The variables of the function end with it.
  const own = `${frame.id}:`;
  for (const path of returned.state.variables.keys()) if (path.startsWith(own)) returned.state.variables.delete(path);
  becomeState(state, returned.state);
  return returned.value;
}

const ZERO_FILLERS = new Set(['__builtin_memset', 'memset', '__builtin_bzero', 'bzero']);
const COPIERS = new Set(['__builtin_memcpy', 'memcpy', '__builtin_memmove', 'memmove']);

function helperResult(run: Run, call: CallExpr, name: string, args: readonly Value[], state: State): Value {
  const mapName = args.find((arg) => arg.kind === 'map');
  const map = mapName?.kind === 'map' ? mapName.name : '';
  const id = `${name}@${call.start}`;
  const pointer = (to: Extract<Value, { kind: 'pointer' }>['to']): Value => {
    state.nonNull.delete(id);
    state.isNull.delete(id);
    return { kind: 'pointer', to, id, node: call };
  };
  switch (name) {
    case 'bpf_map_lookup_elem':
    case 'bpf_map_lookup_percpu_elem':
    case 'bpf_sk_storage_get':
      return pointer({ kind: 'map-value', map });
    case 'bpf_get_local_storage':
      return UNKNOWN;
    case 'bpf_tcp_sock':
      return pointer({ kind: 'tcp-sock' });
    case 'bpf_ringbuf_reserve':
      return pointer({ kind: 'memory', from: name });
    case 'bpf_loop':
    case 'bpf_for_each_map_elem':
      runCallback(run, call, name, args, state);
      return { kind: 'number', helper: name, node: call };
  }
  if (ZERO_FILLERS.has(name) || COPIERS.has(name)) {
    fillMemory(run, call, name, args, state);
    return UNKNOWN;
  }
  // A helper may write through any pointer it is given.
  for (const arg of args)
    if (arg.kind === 'address' && !/^bpf_(setsockopt|map_(lookup|delete)|store_hdr|sock_(map|hash))/.test(name))
      forget(state, arg.path);
  return /^bpf_/.test(name) ? { kind: 'number', helper: name, node: call } : UNKNOWN;
}

function fillMemory(run: Run, call: CallExpr, name: string, args: readonly Value[], state: State): void {
  const [to, from, length] = args;
  const bytes = length?.kind === 'ints' && length.values.length === 1 ? Number(length.values[0]) : undefined;
  if (COPIERS.has(name) && from?.kind === 'ctx-address')
    run.input.observe({
      kind: 'context-access',
      node: call,
      offset: from.offset,
      size: bytes ?? from.size,
      mode: 'read',
      ...run.facts(state),
    });
  if (COPIERS.has(name) && to?.kind === 'ctx-address')
    run.input.observe({
      kind: 'context-access',
      node: call,
      offset: to.offset,
      size: bytes ?? to.size,
      mode: 'write',
      ...run.facts(state),
    });
  if (to?.kind !== 'address') return;
  forget(state, to.path);
  if (ZERO_FILLERS.has(name)) state.variables.set(`${to.path}#zeroed`, int(1));
}

/** Drops what was known of a variable and its parts. */
function forget(state: State, path: string): void {
  for (const known of [...state.variables.keys()])
    if (
      known.startsWith(path) &&
      !known.endsWith('#zeroed') &&
      (known.length === path.length || /[.[]/.test(known[path.length]!))
    )
      state.variables.set(known, UNKNOWN);
}

/** Runs the callback of bpf_loop and its like once, as something that may or may not happen. */
function runCallback(run: Run, call: CallExpr, name: string, args: readonly Value[], state: State): void {
  const functionArg = call.args[1];
  const functionName =
    functionArg?.kind === 'name'
      ? functionArg.name
      : functionArg?.kind === 'unary' && functionArg.operand.kind === 'name'
        ? functionArg.operand.name
        : undefined;
  const item = functionName === undefined ? undefined : run.input.source.functions.get(functionName);
  if (item?.body === undefined) return;
  const context = args[2] ?? UNKNOWN;
  const inside = copyState(state);
  callOwn(run, item, name === 'bpf_loop' ? [UNKNOWN, context] : [UNKNOWN, UNKNOWN, UNKNOWN, context], inside);
  becomeState(state, joinStates(copyState(state), inside));
}
