// Asks an object everything that the product asks of one, so that damage which only shows when it is looked at shows too.

import { type BpfObject, decodeValue, sizeOf, typeDefinition, typeName } from '../../src/object/index.ts';

/** Slots looked at per program; the rest is more of the same. */
const SLOTS = 24;

/** Walks programs, lines, scopes, variables and map types. Throws when anything in there does. */
export function exercise(object: BpfObject): void {
  for (const map of object.maps) {
    for (const id of [map.keyTypeId, map.valueTypeId]) {
      if (object.btf === undefined) continue;
      const ref = { table: object.btf, id };
      typeName(object.btf, id);
      typeDefinition(object.btf, id);
      decodeValue(ref, map.initial ?? new Uint8Array(Math.min(sizeOf(object.btf, id) ?? 0, 256)));
    }
  }
  for (const program of object.programs) {
    const debug = object.debugInfo.forProgram(program);
    const slots = Math.min(SLOTS, program.bytes.length / 8);
    for (let slot = 0; slot < slots; slot++) {
      const line = debug.lineOf(slot);
      if (line !== undefined && slot % 8 === 0) debug.slotsOfLine(line.file, line.line0);
      debug.scopesAt(slot);
      for (const variable of debug.variablesAt(slot)) {
        if (variable.type === undefined) continue;
        const size = sizeOf(variable.type.table, variable.type.id);
        if (slot % 16 === 0) decodeValue(variable.type, new Uint8Array(Math.min(size ?? 0, 64)));
      }
    }
    for (const { name } of program.subprograms) debug.functionStart(name);
  }
}
