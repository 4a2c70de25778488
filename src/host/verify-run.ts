// The verdicts on what a run is about to execute, for the debuggers: a program that the kernel would refuse is not started
// without the user's word.

import type { Problem } from '../base/index.ts';
import type { BpfObject, Program } from '../object/index.ts';
import { inputOf, type Verdict, verify } from '../verifier/index.ts';
import type { RunSpec } from './run-files.ts';

export interface RunVerdicts {
  /** One error per refused program, on its C line where the object knows lines. */
  readonly problems: readonly Problem[];
  /** What the verifier knew before an instruction, one line per register and stack slot; '' where it knew nothing. */
  stateAt(objectFile: string, programName: string, slot: number): string;
}

/** Verifies every program that the scenario runs, for the kernel of the run. */
export function verifyForRun(spec: RunSpec): RunVerdicts {
  const verdicts = new Map<string, Verdict>();
  const problems: Problem[] = [];
  for (const row of spec.scenario.programs) {
    const object = spec.objects.get(row.file);
    if (object === undefined) continue;
    for (const program of object.programs) {
      if (!program.isSockOps || (row.program !== undefined && row.program !== program.name)) continue;
      const verdict = verify(inputOf(program, object), spec.view, { trace: 'states' });
      verdicts.set(keyOf(object, program), verdict);
      if (!verdict.accepted)
        problems.push(refusal(verdict, program, spec.view.target.name, spec.paths.get(row.file) ?? row.file));
    }
  }
  return {
    problems,
    stateAt: (objectFile, programName, slot) =>
      (verdicts.get(`${objectFile}:${programName}`)?.states.get(slot) ?? [])
        .map((state) => state.places.map(({ place, text }) => `${place}=${text}`).join('\n'))
        .join('\n\n'),
  };
}

const keyOf = (object: BpfObject, program: Program): string => `${object.file}:${program.name}`;

function refusal(verdict: Verdict, program: Program, kernel: string, file: string): Problem {
  const { slot, message } = verdict;
  const line = slot === undefined ? undefined : program.lines.filter((entry) => entry.slot <= slot).at(-1);
  const at = line === undefined ? undefined : { line0: line.line0, column0: line.column0 };
  return {
    code: 'verifier-refusal',
    severity: 'error',
    message: `${program.name} is refused by ${kernel}: ${message}`,
    at: at === undefined ? { file } : { file: line?.file ?? file, range: { start: at, end: at } },
    remedy: `\`sockscope check ${file} --kernel ${kernel}\` explains it; "skipVerifier": true runs the program all the same`,
  };
}
