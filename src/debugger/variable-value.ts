// A variable of the debug information as a value of an expression.

import { type LocationMachine, readVariable, sizeOf, strip, type TypeRef, type Variable } from '../object/index.ts';
import type { Place, Value } from './expression/value.ts';

export type VariableValue =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'unavailable'; readonly why: string };

/** Reads a variable where its location says it is. */
export function readVariableValue(variable: Variable, machine: LocationMachine): VariableValue {
  const size = variable.type === undefined ? undefined : sizeOf(variable.type.table, variable.type.id);
  if (variable.type === undefined || size === undefined)
    return { kind: 'unavailable', why: 'has a type that is not known' };
  const read = readVariable(variable.location, machine, size);
  if (read.kind === 'unavailable') return { kind: 'unavailable', why: `is not available: ${read.why}` };
  const place: Place | undefined =
    read.place.kind === 'memory'
      ? { kind: 'memory', address: read.place.address, offsetBits: 0, sizeBits: 8 * size }
      : read.place.kind === 'register'
        ? { kind: 'register', register: read.place.register, sizeBits: 8 * size }
        : undefined;
  return { kind: 'value', value: { type: { kind: 'c', ref: variable.type }, bytes: read.bytes, place } };
}

/** Whether the type is a pointer to struct bpf_sock_ops. */
export function pointsToContext(ref: TypeRef): boolean {
  const pointer = strip(ref.table, ref.id)?.type;
  if (pointer?.kind !== 'pointer') return false;
  const target = strip(ref.table, pointer.target)?.type;
  return (target?.kind === 'struct' || target?.kind === 'incomplete') && target.name === 'bpf_sock_ops';
}
