// A map edit by user space, as a step of the script.

import { encodeJson } from './btf-json.ts';
import type { ScriptStep } from './scenario-schema.ts';
import type { TypedMap } from './typed-map.ts';

type EditStep = Extract<ScriptStep, { do: 'map.update' | 'map.delete' }>;

/** Does the edit; the error in words when the map refuses. */
export function editMap(typed: TypedMap, step: EditStep): string | undefined {
  const { definition } = typed.map;
  const key = encodeJson(step.key, typed.keyType, definition.keySize);
  if (key.kind === 'wrong') return key.mismatch.message;
  if (step.do === 'map.delete') return outcome(typed.map.delete(key.bytes));
  const present = definition.dataSection === undefined ? 0 : typed.map.lookup(key.bytes);
  const base = typeof present === 'number' ? undefined : present.values[0];
  const value = encodeJson(step.value, typed.valueType, definition.valueSize, base);
  return value.kind === 'wrong' ? value.mismatch.message : outcome(typed.map.update(key.bytes, value.bytes));
}

const outcome = (result: number): string | undefined => (result === 0 ? undefined : `error ${result}`);
