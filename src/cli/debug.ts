// `sockscope debug`: the terminal debugger. Reads commands from a script, from standard input, or asks for them.

import path from 'node:path';
import { createInterface } from 'node:readline';
import { hasErrors } from '../base/index.ts';
import { Debugger } from '../debugger/index.ts';
import { loadRun, machineParts, readFileText, verifyForRun } from '../host/index.ts';
import { createWorld } from '../world/index.ts';
import { type ReadSource, Terminal } from './debug-commands.ts';
import { type ExitCode, err, out, reportProblems } from './output.ts';
import { exitCodeOf } from './run.ts';

export interface DebugOptions {
  readonly scenario?: string;
  readonly program?: string;
  readonly kernel?: string;
  readonly btf?: string;
  readonly seed?: number;
  readonly script?: string;
  readonly skipVerifier?: true;
}

/** Exit code 1 when the program cannot be debugged, 2 when the input is wrong, else 0. */
export async function debugCommand(file: string, options: DebugOptions): Promise<ExitCode> {
  const loaded = await loadRun({ file, ...options, ...(options.btf === undefined ? {} : { kernelBtf: options.btf }) });
  if (loaded.value === undefined) {
    reportProblems(loaded.problems);
    return exitCodeOf(loaded.problems);
  }
  const verdicts = verifyForRun(loaded.value);
  if (verdicts.problems.length > 0) {
    reportProblems(
      verdicts.problems.map((problem) => ({
        ...problem,
        remedy: `${problem.remedy?.split(';')[0] ?? ''}; --skip-verifier runs the program all the same`,
      })),
    );
    if (options.skipVerifier !== true) return 1;
  }
  const made = createWorld({ ...loaded.value, parts: machineParts() });
  reportProblems([...loaded.problems, ...made.problems]);
  if (made.value === undefined || hasErrors(made.problems)) return exitCodeOf(made.problems);
  const script = options.script === undefined ? undefined : readFileText(options.script);
  if (script !== undefined && script.value === undefined) {
    reportProblems(script.problems);
    return 2;
  }
  const roots = [...loaded.value.paths.values()].map((shown) => path.dirname(path.resolve(shown)));
  const print = (line: string) => out(`${line}\n`);
  const target = new Debugger({
    world: made.value,
    objects: [...loaded.value.objects.values()],
    log: (text) => print(text),
    branched: () => print('(the run goes on from here with the new value; what came after it is gone)'),
  });
  const terminal = new Terminal({ target, readSource: sourceReader(roots), print });
  if (script?.value !== undefined) {
    for (const line of script.value.split(/\r?\n/)) {
      if (line.trim() === '') continue;
      print(`(sockscope) ${line}`);
      if (!terminal.execute(line)) break;
    }
    return 0;
  }
  await converse(terminal);
  return 0;
}

/** Lines of source files, looked for where the compiler said and beside the program. */
function sourceReader(roots: readonly string[]): ReadSource {
  const cache = new Map<string, readonly string[] | undefined>();
  return (recorded) => {
    if (!cache.has(recorded)) {
      const candidates = [
        recorded,
        ...roots.flatMap((root) => [path.resolve(root, recorded), path.join(root, path.basename(recorded))]),
      ];
      const text = candidates.map((candidate) => readFileText(candidate).value).find((found) => found !== undefined);
      cache.set(recorded, text?.split(/\r?\n/));
    }
    return cache.get(recorded);
  };
}

async function converse(terminal: Terminal): Promise<void> {
  const interactive = process.stdin.isTTY === true;
  const lines = createInterface({
    input: process.stdin,
    output: interactive ? process.stdout : undefined,
    prompt: '(sockscope) ',
    terminal: interactive,
  });
  if (interactive) {
    err('Type "help" for commands; "run" starts the handshake.\n');
    lines.prompt();
  }
  for await (const line of lines) {
    if (!terminal.execute(line)) break;
    if (interactive) lines.prompt();
  }
  lines.close();
}
