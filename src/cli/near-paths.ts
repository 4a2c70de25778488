// Debug information names files by the compiler's absolute paths; people read paths as they would type them.

import path from 'node:path';
import type { Problem, SourcePlace } from '../base/index.ts';

function near(at: SourcePlace): SourcePlace {
  const relative = path.relative(process.cwd(), at.file);
  return path.isAbsolute(at.file) && relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative)
    ? { ...at, file: relative }
    : at;
}

/** The problem with all files that lie below the current folder named from there. */
export function withNearPaths(problem: Problem): Problem {
  return {
    ...problem,
    ...(problem.at === undefined ? {} : { at: near(problem.at) }),
    ...(problem.notes === undefined
      ? {}
      : { notes: problem.notes.map((note) => (note.at === undefined ? note : { ...note, at: near(note.at) })) }),
  };
}
