// The options -I, -D and --clang, which every command takes that may have to compile C. They travel in the environment, where the
// threads of a sweep find them too.

import path from 'node:path';
import type { Command } from 'commander';

interface CompilerOptions {
  readonly I: readonly string[];
  readonly D: readonly string[];
  readonly clang?: string;
}

/** Adds the compiler's own options under their own names. Folders count from where the command is given. */
export function compiling(command: Command): Command {
  const collect = (value: string, before: readonly string[]): string[] => [...before, value];
  return command
    .option('-I <folder>', 'folder of headers for the compiler (repeatable)', collect, [])
    .option('-D <macro>', 'macro for the compiler: NAME or NAME=VALUE (repeatable)', collect, [])
    .option('--clang <path>', 'compiler; default: SOCKSCOPE_CLANG, clang on PATH, or one from npm')
    .hook('preAction', () => passOn(command.opts<CompilerOptions>()));
}

function passOn({ I: folders, D: macros, clang }: CompilerOptions): void {
  const args = [...folders.map((folder) => `-I${path.resolve(folder)}`), ...macros.map((macro) => `-D${macro}`)];
  if (args.length > 0) {
    const inherited = process.env['SOCKSCOPE_CFLAGS'] ?? '';
    process.env['SOCKSCOPE_CFLAGS'] = [inherited, ...args.map(quoted)].join(' ').trim();
  }
  if (clang !== undefined) process.env['SOCKSCOPE_CLANG'] = clang;
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
