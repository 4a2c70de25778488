// Names and places: what a name stands for, which variable (or part of one) an expression names, and its declared type.

import type { Expr, TypeRef } from '../ast.ts';
import { evaluate } from './evaluate.ts';
import type { Run } from './run.ts';
import type { State } from './state.ts';
import { int, UNKNOWN, type Value } from './value.ts';

/** Value of a name: a local, a global, an enumerator or a constant of the headers. */
export function nameValue(run: Run, name: string, state: State): Value {
  const path = run.local(name);
  if (path !== undefined) {
    const known = state.variables.get(path);
    if (known !== undefined) return known;
    const type = run.variableTypes.get(path);
    // An array decays to its address.
    return type !== undefined && type.dims.length > 0 ? { kind: 'address', path, name } : UNKNOWN;
  }
  const { source } = run.input;
  if (source.maps.has(name)) return { kind: 'map', name };
  const global = source.types.globals.get(name);
  if (global !== undefined) {
    if (global.type.dims.length > 0 && global.init?.kind === 'string')
      return { kind: 'string', units: global.init.units };
    if (
      global.type.isConst &&
      !global.type.isVolatile &&
      global.type.pointers === 0 &&
      global.init !== undefined &&
      global.type.dims.length === 0
    )
      return evaluate(run, global.init, state);
    return global.type.dims.length > 0 || global.type.record !== undefined
      ? { kind: 'address', path: `g:${name}`, name }
      : UNKNOWN;
  }
  if (name === 'NULL' || name === 'false') return int(0);
  if (name === 'true') return int(1);
  const own = source.types.enumerators.get(name)?.value;
  const value = own ?? run.input.constant(name);
  return value === undefined ? UNKNOWN : int(value);
}

/** The path of a variable or of a part of one; undefined for anything else. */
export function pathOf(run: Run, expr: Expr, state: State): string | undefined {
  switch (expr.kind) {
    case 'name':
      return run.local(expr.name) ?? (run.input.source.types.globals.has(expr.name) ? `g:${expr.name}` : undefined);
    case 'macro':
      return expr.expansion === undefined ? undefined : pathOf(run, expr.expansion, state);
    case 'field': {
      if (expr.arrow) {
        const object = peek(run, expr.object, state);
        return object?.kind === 'address' ? `${object.path}.${expr.name}` : undefined;
      }
      const base = pathOf(run, expr.object, state);
      return base === undefined ? undefined : `${base}.${expr.name}`;
    }
    case 'index': {
      const type = typeOf(run, expr.object, state);
      const throughPointer = type !== undefined && type.dims.length === 0 && type.pointers > 0;
      const target = throughPointer ? peek(run, expr.object, state) : undefined;
      // An index on a pointer names a part of what it points to, not of the pointer.
      const base = throughPointer
        ? target?.kind === 'address'
          ? target.path
          : undefined
        : pathOf(run, expr.object, state);
      const index = peek(run, expr.index, state);
      if (base === undefined) return undefined;
      return index?.kind === 'ints' && index.values.length === 1 ? `${base}[${index.values[0]}]` : `${base}[?]`;
    }
    case 'unary': {
      if (expr.op !== '*') return undefined;
      const target = peek(run, expr.operand, state);
      return target?.kind === 'address' ? target.path : undefined;
    }
    case 'cast':
      return undefined;
    default:
      return undefined;
  }
}

/** Value of a side-effect-free expression, without reporting anything. */
export function peek(run: Run, expr: Expr, state: State): Value | undefined {
  switch (expr.kind) {
    case 'name':
      return nameValue(run, expr.name, state);
    case 'number':
      return expr.value === undefined ? undefined : int(expr.value);
    case 'macro':
      return expr.expansion === undefined ? undefined : peek(run, expr.expansion, state);
    case 'cast':
      return peek(run, expr.operand, state);
    case 'field': {
      const path = pathOf(run, expr, state);
      return path === undefined ? undefined : state.variables.get(path);
    }
    case 'unary': {
      if (expr.op !== '&') return undefined;
      const path = pathOf(run, expr.operand, state);
      return path === undefined ? undefined : { kind: 'address', path, name: path.slice(path.indexOf(':') + 1) };
    }
    default:
      return undefined;
  }
}

/** The declared type of a variable, member or cast. */
export function typeOf(run: Run, expr: Expr, state: State): TypeRef | undefined {
  const { types } = run.input.source;
  switch (expr.kind) {
    case 'name': {
      const path = run.local(expr.name);
      return path === undefined ? types.globals.get(expr.name)?.type : run.variableTypes.get(path);
    }
    case 'field': {
      const object = typeOf(run, expr.object, state);
      return object === undefined ? undefined : types.memberOf({ ...object, pointers: 0, dims: [] }, expr.name)?.type;
    }
    case 'index': {
      const object = typeOf(run, expr.object, state);
      if (object === undefined) return undefined;
      if (object.dims.length > 0) return { ...object, dims: object.dims.slice(1) };
      return object.pointers > 0 ? { ...object, pointers: object.pointers - 1 } : undefined;
    }
    case 'unary': {
      const operand = typeOf(run, expr.operand, state);
      if (operand === undefined) return undefined;
      if (expr.op === '*')
        return operand.dims.length > 0
          ? { ...operand, dims: operand.dims.slice(1) }
          : { ...operand, pointers: Math.max(0, operand.pointers - 1) };
      return expr.op === '&' ? { ...operand, pointers: operand.pointers + 1 } : undefined;
    }
    case 'cast':
      return expr.type;
    case 'macro':
      return expr.expansion === undefined ? undefined : typeOf(run, expr.expansion, state);
    case 'compound-literal':
      return expr.type;
    default:
      return undefined;
  }
}
