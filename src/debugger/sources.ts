// The source side of the programs being debugged: which slots a line has, which line a slot is, across all programs of all
// objects, inlined frames included. Built once per launch; plain lookups afterwards.

import type { BpfObject, FunctionScope, LineEntry, Program, ProgramDebug } from '../object/index.ts';

/** One program of one object, with its debug information. */
export interface DebuggedProgram {
  readonly object: BpfObject;
  readonly program: Program;
  readonly debug: ProgramDebug | undefined;
}

/** A line of a source file that code belongs to. */
export interface SourceLocation {
  readonly file: string;
  readonly line0: number;
  readonly column0: number;
}

/** A place that a breakpoint can stand at: the slots, by program, at which the line begins. */
export interface ResolvedLine {
  readonly line0: number;
  readonly slots: readonly { readonly program: DebuggedProgram; readonly slot: number }[];
}

export class Sources {
  readonly programs: readonly DebuggedProgram[];

  constructor(objects: readonly BpfObject[]) {
    this.programs = objects.flatMap((object) =>
      object.programs.map((program) => ({ object, program, debug: object.debugInfo?.forProgram(program) })),
    );
  }

  find(objectFile: string, programName: string): DebuggedProgram | undefined {
    return this.programs.find(
      (candidate) => candidate.object.file === objectFile && candidate.program.name === programName,
    );
  }

  /** Source files that have code, as the compiler recorded them. */
  get files(): readonly string[] {
    return [...new Set(this.programs.flatMap((program) => filesOf(program)))];
  }

  /** Whether any program has code from the file (matched as a path suffix in either direction). */
  hasFile(file: string): boolean {
    return this.files.some((known) => sameFile(known, file));
  }

  /** The first line at or after `line0` that has code; undefined when the file has none from there on. */
  resolveLine(file: string, line0: number): ResolvedLine | undefined {
    const lines = this.linesWithCode(file).filter((candidate) => candidate >= line0);
    const target = lines[0];
    if (target === undefined) return undefined;
    const slots = this.programs.flatMap((program) => slotsOf(program, file, target).map((slot) => ({ program, slot })));
    return { line0: target, slots };
  }

  /** Lines of a file that have code in any program, ascending. */
  linesWithCode(file: string): readonly number[] {
    const lines = new Set(this.programs.flatMap((program) => linesOf(program, file)));
    return [...lines].sort((a, b) => a - b);
  }

  /** Where functions of that name begin (after the prologue, if the compiler made one). */
  functionStarts(name: string): readonly { readonly program: DebuggedProgram; readonly slot: number }[] {
    return this.programs.flatMap((program) => {
      const slot =
        program.debug?.functionStart(name) ??
        program.program.subprograms.find((candidate) => candidate.name === name)?.startSlot;
      return slot === undefined ? [] : [{ program, slot }];
    });
  }

  /** Names of all functions, for completion and messages. */
  get functionNames(): readonly string[] {
    return [
      ...new Set(this.programs.flatMap(({ program }) => program.subprograms.map((subprogram) => subprogram.name))),
    ];
  }
}

const filesOf = ({ debug, program }: DebuggedProgram): readonly string[] =>
  debug?.files ?? [...new Set(program.lines.map((line) => line.file))];

const linesOf = ({ debug, program }: DebuggedProgram, file: string): readonly number[] =>
  debug?.linesWithCode(file) ?? program.lines.filter((line) => sameFile(line.file, file)).map((line) => line.line0);

function slotsOf({ debug, program }: DebuggedProgram, file: string, line0: number): readonly number[] {
  if (debug !== undefined) return debug.slotsOfLine(file, line0);
  return program.lines.filter((line) => line.line0 === line0 && sameFile(line.file, file)).map((line) => line.slot);
}

/** Whether two spellings mean one file: equal, or one is the end of the other at a path border. */
export function sameFile(a: string, b: string): boolean {
  const x = normalPath(a);
  const y = normalPath(b);
  return x === y || x.endsWith(`/${y}`) || y.endsWith(`/${x}`);
}

function normalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.replaceAll('\\', '/').split('/')) {
    if (part === '.' || (part === '' && parts.length > 0)) continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

/** The line entry that a slot belongs to; undefined where the compiler recorded none. */
export function lineAt({ debug, program }: DebuggedProgram, slot: number): LineEntry | undefined {
  if (debug !== undefined) return debug.lineOf(slot);
  let found: LineEntry | undefined;
  for (const line of program.lines) {
    if (line.slot > slot) break;
    found = line;
  }
  return found;
}

/** Whether a line table entry begins exactly at the slot: the only slots at which source stepping stops. */
export function startsStatement(program: DebuggedProgram, slot: number): boolean {
  const entry = lineAt(program, slot);
  return entry !== undefined && entry.slot === slot && entry.isStatement;
}

/** Functions around a slot, the real one first, inlined ones after it; one made-up scope where nothing is recorded. */
export function scopesAt({ debug, program }: DebuggedProgram, slot: number): readonly FunctionScope[] {
  const scopes = debug?.scopesAt(slot) ?? [];
  if (scopes.length > 0) return scopes;
  const subprogram = program.subprograms.find((candidate) => candidate.startSlot <= slot && slot < candidate.endSlot);
  const range = subprogram ?? { startSlot: 0, endSlot: program.bytes.length / 8 };
  return [
    {
      kind: 'function',
      name: subprogram?.name ?? program.name,
      ranges: [{ startSlot: range.startSlot, endSlot: range.endSlot }],
    },
  ];
}
