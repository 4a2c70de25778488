// A file that a user names, read into programs: C is compiled, an object is read, assembly is assembled. What a file is, its first
// bytes say before its name does.

import { hasErrors, type Outcome, type Problem } from '../base/index.ts';
import { HELPER_ROWS, MAP_TYPES } from '../kernel/index.ts';
import {
  type BpfObject,
  objectFromAssembly,
  programFromAssembly,
  type ReadObjectOptions,
  readObject,
} from '../object/index.ts';
import { type CompileOptions, type CompileResult, compile } from './compiler.ts';
import { readFileBytes } from './files.ts';
import { hostProblem } from './host-problems.ts';

/** Which compiler to use and how; see CompileOptions. */
export type CompilerChoice = CompileOptions;

export interface LoadedObject {
  /** Undefined when there are errors that leave nothing to run. */
  readonly object: BpfObject | undefined;
  /** Of all steps: finding, compiling, reading. */
  readonly problems: readonly Problem[];
  /** How it was compiled, for a C file. */
  readonly compiled?: CompileResult;
}

/** Loads a program file. `options.file` is the name that problems show; `file` may be another path to it. */
export async function loadProgramFile(
  file: string,
  options: ReadObjectOptions,
  compiler: CompilerChoice = {},
): Promise<LoadedObject> {
  if (compiler.text !== undefined && isC(file)) return loadC(file, options, compiler);
  const read = readFileBytes(file);
  const bytes = read.value;
  if (bytes === undefined) return { object: undefined, problems: read.problems };
  if (isElf(bytes) || /\.(o|obj|elf)$/i.test(file)) return finish(readObject(bytes, options));
  if (isC(file)) return loadC(file, options, compiler);
  if (isAssembly(file)) return loadAssembly(compiler.text ?? Buffer.from(bytes).toString('utf8'), options);
  const problem = hostProblem('file-kind', 'the file is neither C, nor a BPF object, nor BPF assembly', {
    file: options.file,
  });
  return { object: undefined, problems: [problem] };
}

/** loadProgramFile for callers that only want the object: undefined when any step had an error. */
export async function loadObject(
  file: string,
  options: ReadObjectOptions,
  compiler: CompilerChoice = {},
): Promise<Outcome<BpfObject | undefined>> {
  const { object, problems } = await loadProgramFile(file, options, compiler);
  return { value: hasErrors(problems) ? undefined : object, problems };
}

const isElf = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
const isC = (file: string): boolean => /\.(c|h)$/i.test(file);
const isAssembly = (file: string): boolean => /\.(bpfasm|s|asm)$/i.test(file);

async function loadC(file: string, options: ReadObjectOptions, compiler: CompilerChoice): Promise<LoadedObject> {
  const compiled = await compile(file, compiler);
  const problems = compiled.problems.map((problem) => renamed(problem, file, options.file));
  if (compiled.object === undefined) return { object: undefined, problems, compiled };
  const object = readObject(compiled.object, options);
  return { object, problems: [...problems, ...object.problems], compiled };
}

/** Compiler problems name the path that was compiled; people know the file by the other name. */
function renamed(problem: Problem, from: string, to: string): Problem {
  if (from === to || problem.at?.file !== from) return problem;
  return { ...problem, at: { ...problem.at, file: to } };
}

function loadAssembly(text: string, options: ReadObjectOptions): LoadedObject {
  const object = programFromAssembly(text, { ...options, helperId, mapTypeId });
  return { object, problems: object.problems };
}

/** The bytes of the object file that a program file is or becomes. */
export async function loadObjectBytes(
  file: string,
  compiler: CompilerChoice = {},
): Promise<Outcome<Uint8Array | undefined>> {
  if (isC(file)) {
    const { object, problems } = await compile(file, compiler);
    return { value: object, problems };
  }
  const read = readFileBytes(file);
  if (read.value === undefined || isElf(read.value) || !isAssembly(file)) return read;
  return objectFromAssembly(Buffer.from(read.value).toString('utf8'), { file, helperId, mapTypeId });
}

/** Number of a helper by its name with or without "bpf_". */
function helperId(name: string): number | undefined {
  return HELPER_ROWS.find((row) => row.name === name || row.name === `bpf_${name}`)?.id;
}

/** Number of a map type by the kernel's name ("BPF_MAP_TYPE_PERCPU_HASH") or the short one, in any spelling of its dashes. */
function mapTypeId(type: string): number | undefined {
  const plain = (name: string): string => name.toLowerCase().replaceAll('_', '-');
  return MAP_TYPES.find((row) => plain(row.short) === plain(type) || plain(row.name) === plain(type))?.id;
}

function finish(object: BpfObject): LoadedObject {
  return { object, problems: object.problems };
}
