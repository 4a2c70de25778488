// Flags for a file from compile_commands.json (the JSON Compilation Database of clang's tools), reduced to what matters when the file
// is compiled once more for BPF: include paths, macros, language and target options.

import { statSync } from 'node:fs';
import path from 'node:path';
import type { Outcome } from '../base/index.ts';
import { readFileText } from './files.ts';
import { hostProblem } from './host-problems.ts';

export interface CompileFlags {
  /** Folder that relative paths among the flags are meant from. */
  readonly directory: string;
  readonly flags: readonly string[];
  /** The database they came from. */
  readonly source: string;
}

const MAX_DATABASE_BYTES = 64 * 1024 * 1024;

/**
 * Looks for compile_commands.json beside the file, in its parents and in their build folders, and for clangd's compile_flags.txt
 * (one argument a line, for every file below it) on the same way. The nearer file counts; undefined when there is none or the
 * database does not name the file.
 */
export function findCompileFlags(file: string): Outcome<CompileFlags | undefined> {
  const absolute = path.resolve(file);
  for (let folder = path.dirname(absolute); ; folder = path.dirname(folder)) {
    const plain = path.join(folder, 'compile_flags.txt');
    if (exists(plain)) return flagsOfText(plain, absolute);
    for (const candidate of [folder, path.join(folder, 'build')]) {
      const database = path.join(candidate, 'compile_commands.json');
      if (!exists(database)) continue;
      return flagsFrom(database, absolute);
    }
    if (path.dirname(folder) === folder) return { value: undefined, problems: [] };
  }
}

function flagsOfText(source: string, file: string): Outcome<CompileFlags | undefined> {
  const text = readFileText(source, MAX_DATABASE_BYTES);
  if (text.value === undefined) return { value: undefined, problems: text.problems };
  const directory = path.dirname(source);
  const args = text.value
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return { value: { directory, flags: keepFlags({ directory, file, args }, file), source }, problems: [] };
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

interface Row {
  readonly directory: string;
  readonly file: string;
  readonly args: readonly string[];
}

const cache = new Map<string, { readonly stamp: string; readonly rows: Outcome<readonly Row[]> }>();

function flagsFrom(database: string, file: string): Outcome<CompileFlags | undefined> {
  const stat = statSync(database);
  const stamp = `${stat.mtimeMs} ${stat.size}`;
  let known = cache.get(database);
  if (known?.stamp !== stamp) {
    known = { stamp, rows: readDatabase(database) };
    cache.set(database, known);
  }
  const { value: rows, problems } = known.rows;
  const row = rows.find((one) => path.resolve(one.directory, one.file) === file);
  if (row === undefined) return { value: undefined, problems };
  return { value: { directory: row.directory, flags: keepFlags(row, file), source: database }, problems };
}

function readDatabase(database: string): Outcome<readonly Row[]> {
  const bad = (why: string): Outcome<readonly Row[]> => ({
    value: [],
    problems: [hostProblem('bad-compile-commands', `${database} ${why}`, { file: database })],
  });
  const text = readFileText(database, MAX_DATABASE_BYTES);
  if (text.value === undefined) return { value: [], problems: text.problems };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.value);
  } catch (error) {
    return bad(`is no JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(parsed)) return bad('is not a list of commands');
  const rows: Row[] = [];
  for (const entry of parsed as unknown[]) {
    if (typeof entry !== 'object' || entry === null) continue;
    const { directory, file, command, arguments: list } = entry as Record<string, unknown>;
    if (typeof file !== 'string') continue;
    const args =
      Array.isArray(list) && list.every((one) => typeof one === 'string')
        ? (list as string[])
        : typeof command === 'string'
          ? splitCommand(command)
          : undefined;
    if (args === undefined) continue;
    rows.push({
      directory: typeof directory === 'string' ? directory : path.dirname(database),
      file,
      args: args.slice(1),
    });
  }
  return { value: rows, problems: [] };
}

/** Splits a command line as a POSIX shell would, without expansions. */
export function splitCommand(command: string): string[] {
  const out: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let i = 0; i < command.length; i++) {
    const c = command[i]!;
    if (quote === "'") {
      if (c === quote) quote = undefined;
      else word += c;
    } else if (c === '\\' && i + 1 < command.length) {
      const next = command[++i]!;
      word = (word ?? '') + (quote === '"' && !'"\\$`'.includes(next) ? `\\${next}` : next);
    } else if (quote === '"') {
      if (c === quote) quote = undefined;
      else word += c;
    } else if (c === '"' || c === "'") {
      quote = c;
      word ??= '';
    } else if (/\s/.test(c)) {
      if (word !== undefined) out.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + c;
    }
  }
  if (word !== undefined) out.push(word);
  return out;
}

/** Flags whose value may be a word of its own. */
const WITH_VALUE = new Set([
  '-I',
  '-D',
  '-U',
  '-include',
  '-imacros',
  '-isystem',
  '-iquote',
  '-idirafter',
  '-isysroot',
  '--sysroot',
  '-target',
  '--target',
  '-std',
  '-mcpu',
  '-x',
  '-Xclang',
  '-mllvm',
]);

const KEPT =
  /^(-I|-D|-U|-O|-W|-f|-m|-g|-std=|-include|-imacros|-isystem|-iquote|-idirafter|-isysroot|--sysroot|-target|--target=|-nostdinc|-undef|-pthread|-Xclang|-mllvm)/;

/** What of a command is kept: no input, no output, no dependency files, nothing that only a linker wants. */
function keepFlags(row: Row, file: string): string[] {
  const out: string[] = [];
  const { args } = row;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '-o' || arg === '-MF' || arg === '-MT' || arg === '-MQ') {
      i++;
      continue;
    }
    if (path.resolve(row.directory, arg) === file || arg === '-fsyntax-only' || arg.startsWith('-flto')) continue;
    if (WITH_VALUE.has(arg)) {
      const value = args[++i];
      if (value !== undefined && arg !== '-x') out.push(arg, value);
    } else if (KEPT.test(arg)) {
      out.push(arg);
    }
  }
  return out;
}
