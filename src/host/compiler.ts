// C to a BPF object: one compiler run in a folder of its own, with the user's flags, the system's headers and ours. What the
// compiler says becomes problems; what goes wrong around it becomes exactly one problem that says what to do.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasErrors, type Problem } from '../base/index.ts';
import { DIAGNOSTIC_FLAGS, parseDiagnostics } from './clang-diagnostics.ts';
import { type CompileFlags, findCompileFlags, splitCommand } from './compile-commands.ts';
import { readFileText } from './files.ts';
import { type Compiler, findCompiler } from './find-compiler.ts';
import { folderOfHeader } from './find-header.ts';
import { hostProblem } from './host-problems.ts';
import { type RunResult, run } from './process.ts';
import { withTempFolder } from './temp-folder.ts';

export interface CompileOptions {
  /** Setting sockscope.clangPath. */
  readonly clangPath?: string;
  /** Further arguments from the user, behind those of compile_commands.json. */
  readonly args?: readonly string[];
  /** Folders of the workspace, where an npm compiler may be installed. */
  readonly folders?: readonly string[];
  /** PATH to search, else the process's own. */
  readonly searchPath?: string;
  /** The text to compile in place of what is on disk: an editor's unsaved state. */
  readonly text?: string;
  /** Milliseconds for one compiler run (default 30,000). */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface CompileResult {
  /** The object, undefined when there is none. */
  readonly object: Uint8Array | undefined;
  /** Diagnostics of the compiler and of the search for it. */
  readonly problems: readonly Problem[];
  readonly compiler: Compiler | undefined;
  /** The command as run, for `trace` and bug reports. */
  readonly command: readonly string[];
}

/** Compiles one C file for BPF. Never throws; leaves no file behind. */
export async function compile(file: string, options: CompileOptions = {}): Promise<CompileResult> {
  const folders = [path.dirname(path.resolve(file)), ...(options.folders ?? [])];
  const found = await findCompiler({ ...options, folders });
  const compiler = found.value;
  if (compiler === undefined) return { object: undefined, problems: found.problems, compiler, command: [] };
  const source = options.text === undefined ? readFileText(file) : { value: options.text, problems: [] };
  if (source.value === undefined) return { object: undefined, problems: source.problems, compiler, command: [] };
  const flags = findCompileFlags(file);
  const text = source.value;
  return withTempFolder(async (folder) => {
    const job: Job = { file: path.resolve(file), shown: file, text, folder, compiler, flags: flags.value, options };
    const best = await runUntilHeadersAreFound(job);
    return { ...best, problems: [...flags.problems, ...best.problems] };
  });
}

/** One way to run the compiler: which headers come first, and what was added because a run before asked for it. */
interface Attempt {
  readonly headers: 'system headers' | 'own headers';
  /** Folders of the project, with the header that each was added for. */
  readonly folders: ReadonlyMap<string, string>;
  readonly macros: readonly string[];
}

const PLAIN: Attempt = { headers: 'system headers', folders: new Map(), macros: [] };
/** Headers that one program may miss, one after the other. */
const MAX_ATTEMPTS = 16;

/** The way that worked last, by file and flags: an editor compiles the same file again and again. */
const remembered = new Map<string, Attempt>();

/**
 * Compiles; where a header is missing or does not fit, adds the project's folder that has it, or turns to our own headers, and
 * compiles again. What comes back when nothing helps is the run that got furthest with the system's headers.
 */
async function runUntilHeadersAreFound(job: Job): Promise<CompileResult> {
  const key = JSON.stringify([job.file, job.compiler.path, job.flags, job.options.args, environmentArguments()]);
  const known = remembered.get(key);
  if (known !== undefined) {
    const result = await runOnce(job, known);
    if (result.object !== undefined) return withFolderNotes(job, result, known);
    remembered.delete(key);
  }
  let attempt = PLAIN;
  let best = await runOnce(job, attempt);
  let last = best;
  for (let i = 0; i < MAX_ATTEMPTS && last.object === undefined; i++) {
    const next = mended(job, attempt, last.problems);
    if (next === undefined) break;
    attempt = next;
    last = await runOnce(job, attempt);
    if (last.object !== undefined || attempt.headers === 'system headers') best = last;
  }
  if (best.object === undefined) return { ...best, problems: [...best.problems, ...standInNote(job, best.problems)] };
  if (attempt !== PLAIN) remembered.set(key, attempt);
  return withFolderNotes(job, best, attempt);
}

/** What to change before the next run, undefined when nothing that is known would help. */
function mended(job: Job, attempt: Attempt, problems: readonly Problem[]): Attempt | undefined {
  for (const { severity, message } of problems) {
    if (severity !== 'error') continue;
    const header = /^'([^']+)' file not found/.exec(message)?.[1];
    const folder = header === undefined ? undefined : folderOfHeader(job.file, header);
    if (header === undefined || folder === undefined || attempt.folders.has(folder)) continue;
    return { ...attempt, folders: new Map([...attempt.folders, [folder, header]]) };
  }
  // The structure of maps before BTF, which libbpf 1.0 dropped: our own header can still declare it.
  const legacyMaps = problems.some(({ message }) => /'struct bpf_map_def'/.test(message));
  if (legacyMaps && attempt.macros.length === 0 && headersFolder() !== undefined) {
    return { ...attempt, headers: 'own headers', macros: ['-D__SOCKSCOPE_BPF_MAP_DEF'] };
  }
  if (attempt.headers === 'system headers' && needsOwnHeaders(problems)) return { ...attempt, headers: 'own headers' };
  return undefined;
}

/** A type or member that our small vmlinux.h lacks, where the program includes a vmlinux.h and has none of its own. */
function standInNote(job: Job, problems: readonly Problem[]): readonly Problem[] {
  const lacks = problems.some(({ message }) =>
    /^(no member named '\w+' in 'struct |incomplete definition of type 'struct |use of undeclared identifier|unknown type name)/.test(
      message,
    ),
  );
  const includes = /^[ \t]*#[ \t]*include[ \t]*["<](?:[\w./-]*\/)?vmlinux\.h[">]/m.exec(job.text);
  if (!lacks || includes === null) return [];
  const ownFolders = [...(job.flags?.flags ?? []), ...environmentArguments(), ...(job.options.args ?? [])]
    .filter((arg) => /^-I./.test(arg))
    .map((arg) => path.resolve(job.flags?.directory ?? path.dirname(job.file), arg.slice(2)));
  const hasOwn = ownFolders.some((folder) => existsSync(path.join(folder, 'vmlinux.h')));
  if (hasOwn || folderOfHeader(job.file, 'vmlinux.h') !== undefined) return [];
  const line0 = job.text.slice(0, includes.index).split('\n').length - 1;
  const at = { line0, column0: 0 };
  const message = "this vmlinux.h is Sockscope's own, which has only what sock_ops programs usually reach";
  return [hostProblem('vmlinux-stand-in', message, { file: job.shown, range: { start: at, end: at } })];
}

/** Says which folders were added, at the lines that include from them. */
function withFolderNotes(job: Job, result: CompileResult, attempt: Attempt): CompileResult {
  const lines = job.text.split(/\r\n|\r|\n/);
  const notes = [...attempt.folders].map(([folder, header]) => {
    const shown = path.relative(path.dirname(job.file), folder) || '.';
    const message = `${header} was found in ${shown}, which is not on the include path`;
    const line0 = lines.findIndex((line) => /^\s*#\s*include\b/.test(line) && line.includes(header));
    const range = {
      start: { line0: Math.max(0, line0), column0: 0 },
      end: { line0: Math.max(0, line0), column0: line0 < 0 ? 0 : lines[line0]!.length },
    };
    return hostProblem('header-folder', message, { file: job.shown, range });
  });
  return notes.length === 0 ? result : { ...result, problems: [...result.problems, ...notes] };
}

interface Job {
  /** Absolute. */
  readonly file: string;
  /** As the user named it; what problems show. */
  readonly shown: string;
  readonly text: string;
  readonly folder: string;
  readonly compiler: Compiler;
  readonly flags: CompileFlags | undefined;
  readonly options: CompileOptions;
}

async function runOnce(job: Job, attempt: Attempt): Promise<CompileResult> {
  const { compiler, options, folder } = job;
  const output = path.join(folder, 'program.o');
  const input = inputFile(job);
  const args = [...compiler.prefix, ...compilerArguments(job, attempt), '-c', input, '-o', output];
  const command = [compiler.path, ...args];
  const result = await run(compiler.path, args, {
    cwd:
      job.flags?.directory !== undefined && existsSync(job.flags.directory)
        ? job.flags.directory
        : path.dirname(job.file),
    // Wrappers such as ccache and zig keep caches of their own; none of them has a place in the user's folders.
    env: { ...process.env, LC_ALL: 'C', ZIG_GLOBAL_CACHE_DIR: folder, ZIG_LOCAL_CACHE_DIR: folder },
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const failure = describeFailure(job, result);
  if (failure !== undefined) return { object: undefined, problems: [failure], compiler, command };
  const stderr = result.kind === 'exited' ? result.stderr : '';
  const problems = parseDiagnostics(stderr, diagnosticNames(job, input));
  const succeeded = result.kind === 'exited' && result.code === 0 && existsSync(output);
  if (succeeded) return { object: new Uint8Array(readFileSync(output)), problems, compiler, command };
  return {
    object: undefined,
    problems: hasErrors(problems) ? problems : [...problems, unexplained(job, stderr)],
    compiler,
    command,
  };
}

/** The file on disk, or a copy of the unsaved text that goes by the same name in debug information. */
function inputFile(job: Job): string {
  if (job.options.text === undefined) return job.file;
  const copy = path.join(job.folder, path.basename(job.file));
  writeFileSync(copy, job.text);
  return copy;
}

function compilerArguments(job: Job, { headers, folders, macros }: Attempt): string[] {
  const own = headersFolder();
  const user = [...(job.flags?.flags ?? []), ...environmentArguments(), ...(job.options.args ?? [])];
  const folder = path.dirname(job.file);
  const args = [
    ...withoutForeignTarget(user),
    '-target',
    'bpfel',
    '-g',
    ...DIAGNOSTIC_FLAGS,
    '-Wno-unused-command-line-argument',
    // For BPF an attribute that the host has no use for is no mistake.
    '-Wno-unknown-attributes',
  ];
  if (!user.some((arg) => /^-O/.test(arg))) args.unshift('-O2');
  // What every Makefile of the libbpf family passes: headers for several machines choose by it.
  if (!user.some((arg) => arg.startsWith('-D__TARGET_ARCH_'))) args.push(`-D__TARGET_ARCH_${MACHINE}`);
  args.push(...[...folders.keys()].map((one) => `-I${one}`), ...macros);
  if (job.options.text !== undefined) args.push('-iquote', folder, `-ffile-prefix-map=${job.folder}=${folder}`);
  if (own === undefined) return args;
  const libc = path.join(own, 'libc');
  // glibc's headers do not read for a target without a multiarch folder, so ours stand before them; kernel headers of the system go first.
  if (headers === 'system headers') args.push('-isystem', libc, '-idirafter', own);
  else args.push('-nostdinc', '-isystem', libc, '-isystem', own);
  return args;
}

const MACHINE = process.arch === 'arm64' ? 'arm64' : 'x86';

/** Arguments of the environment variable SOCKSCOPE_CFLAGS, split as a shell would. */
function environmentArguments(): readonly string[] {
  return splitCommand(process.env['SOCKSCOPE_CFLAGS'] ?? '');
}

/** A compilation database made for the host names the host's target and processor. */
function withoutForeignTarget(args: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '-target' || arg === '--target') {
      i++;
    } else if (
      !/^--target=|^-march=|^-mtune=|^-m(32|64|sse|avx|cmodel|red-zone|no-red-zone)|^-fsanitize|^-fPI[CE]|^-fstack-protector/.test(
        arg,
      )
    ) {
      out.push(arg);
    }
  }
  return out;
}

let ownHeaders: string | undefined | null = null;

/** The folder of the headers that come with Sockscope: beside the source tree or the bundle. */
export function headersFolder(): string | undefined {
  if (ownHeaders !== null) return ownHeaders;
  ownHeaders = undefined;
  for (let folder = path.dirname(fileURLToPath(import.meta.url)); ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'headers');
    if (existsSync(path.join(candidate, 'linux', 'bpf.h'))) {
      ownHeaders = candidate;
      break;
    }
    if (path.dirname(folder) === folder) break;
  }
  return ownHeaders;
}

/**
 * Whether a failure is one of the headers rather than of the program: a header that is missing, that does not read for BPF, or
 * that is too old to know a name of the kernel's interface. Then the self-contained set gets a try.
 */
function needsOwnHeaders(problems: readonly Problem[]): boolean {
  if (headersFolder() === undefined) return false;
  return problems.some(({ severity, message, at }) => {
    if (severity !== 'error') return false;
    if (/ file not found$/.test(message)) return true;
    if (/^\/usr\/(local\/)?include\//.test(at?.file ?? '')) return true;
    const name = /(?:undeclared identifier|undeclared function|unknown type name|no member named) '(\w+)'/.exec(
      message,
    )?.[1];
    return (
      name !== undefined && (/no member named/.test(message) ? /struct bpf_/.test(message) : KERNEL_NAME.test(name))
    );
  });
}

const KERNEL_NAME = /^(BPF_|bpf_|SK_BPF_|SK_BPF|TCP_|SOL_|AF_|IP_|IPV6_|IPPROTO_|__u\d|__be\d|u?int\d+_t)/;

/** Problems name files as the user did: the copy, and absolute paths below the current folder. */
function diagnosticNames(
  job: Job,
  input: string,
): { rename(file: string): string; lines(file: string): readonly string[] | undefined } {
  const base = job.flags?.directory ?? path.dirname(job.file);
  const cache = new Map<string, readonly string[] | undefined>();
  const isInput = (file: string): boolean => path.resolve(base, file) === input;
  return {
    rename: (file) => (isInput(file) ? job.shown : file),
    lines: (file) => {
      if (!cache.has(file)) {
        const text = isInput(file) ? job.text : readFileText(path.resolve(base, file)).value;
        cache.set(file, text?.split(/\r\n|\r|\n/));
      }
      return cache.get(file);
    },
  };
}

/** One problem for a compiler that did not come to an end by itself. */
function describeFailure(job: Job, result: RunResult): Problem | undefined {
  const at = { file: job.shown };
  const who = `${job.compiler.path} (${job.compiler.version})`;
  switch (result.kind) {
    case 'failed':
      return hostProblem('compiler-unusable', `${who} cannot be started: ${result.message}`, at);
    case 'cancelled':
      return hostProblem('compile-cancelled', 'the compilation was cancelled', at);
    case 'timed-out':
      return hostProblem('compiler-timeout', `${who} did not finish within ${result.afterMs / 1000} seconds`, at);
    case 'killed':
      return hostProblem('compiler-crashed', `${who} was ended by ${result.by}${crashLine(result.stderr)}`, at);
    case 'exited': {
      const crashed =
        result.code >= 128 || /PLEASE submit a bug report|Stack dump:|UNREACHABLE executed/.test(result.stderr);
      return result.code !== 0 && crashed
        ? hostProblem('compiler-crashed', `${who} crashed${crashLine(result.stderr)}`, at)
        : undefined;
    }
  }
}

function crashLine(stderr: string): string {
  const line = /^.*(?:fatal error: error in backend|Assertion|UNREACHABLE|LLVM ERROR).*$/m.exec(stderr)?.[0];
  return line === undefined ? '' : `: ${line.trim().slice(0, 300)}`;
}

/** The compiler failed without saying why in a form that is read; its own words are all there is. */
function unexplained(job: Job, stderr: string): Problem {
  const words = stderr.trim().split('\n').slice(0, 3).join('; ').slice(0, 500);
  return hostProblem('compiler-error', words === '' ? `${job.compiler.path} failed and said nothing` : words, {
    file: job.shown,
  });
}
