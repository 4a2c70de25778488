// A fault of the machine as a record for people: words, and the C line where the object knows it.

import type { LineEntry } from '../object/index.ts';
import { type Fault, faultText } from '../vm/index.ts';
import type { LoadedProgram } from './programs.ts';
import type { FaultRecord } from './record.ts';

/** A fault with the source line that the object's debug information gives for its slot. */
export function faultRecord(fault: Fault, program: LoadedProgram): FaultRecord {
  const { place } = fault;
  const owner = program.object.programs.find((one) => one.name === place.program) ?? program.program;
  const line = lineAt(owner.lines, place.slot);
  return {
    kind: fault.kind,
    message: faultText(fault),
    program: place.program,
    slot: place.slot,
    ...(line === undefined ? {} : { file: line.file, line0: line.line0, column0: line.column0, lineText: line.text }),
  };
}

function lineAt(lines: readonly LineEntry[], slot: number): LineEntry | undefined {
  let found: LineEntry | undefined;
  for (const entry of lines) if (entry.slot <= slot && (found === undefined || found.slot <= entry.slot)) found = entry;
  return found;
}
