// The command line as a child process: how the extension runs, tests and checks without ever blocking its host.
// A program that loops or a compiler that hangs then costs a process, not the editor.

import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import * as vscode from 'vscode';
import { compilerSettings } from './settings.ts';

/** What a finished command printed. `code` is the exit code of docs/cli.md (0 fine, 1 failed, 2 wrong use, 3 our bug), null when killed. */
export interface EngineResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The compiler of the settings, as the command line takes it from its environment. */
function compilerEnvironment(): Record<string, string> {
  const { clangPath: clang, clangArguments } = compilerSettings();
  const flags = clangArguments.map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  return {
    ...(clang === '' ? {} : { SOCKSCOPE_CLANG: clang }),
    ...(flags.length === 0
      ? {}
      : { SOCKSCOPE_CFLAGS: [process.env['SOCKSCOPE_CFLAGS'] ?? '', ...flags].join(' ').trim() }),
  };
}

export class Engine {
  readonly #bundle: string;
  readonly #output: vscode.LogOutputChannel;

  constructor(context: vscode.ExtensionContext, output: vscode.LogOutputChannel) {
    this.#bundle = context.asAbsolutePath(path.join('dist', 'cli.cjs'));
    this.#output = output;
  }

  /** Program and arguments that start the command line, for tasks. */
  commandLine(args: readonly string[]): {
    readonly command: string;
    readonly args: string[];
    readonly env: Record<string, string>;
  } {
    return {
      command: process.execPath,
      args: [this.#bundle, ...args],
      env: { ELECTRON_RUN_AS_NODE: '1', ...compilerEnvironment() },
    };
  }

  /** Runs one command to its end. Rejects only when the process cannot be started. */
  run(
    args: readonly string[],
    options: { readonly cwd?: string; readonly token?: vscode.CancellationToken } = {},
  ): Promise<EngineResult> {
    if (!vscode.workspace.isTrusted) {
      return Promise.resolve({
        code: 2,
        stdout: '',
        stderr: 'This workspace is not trusted, so Sockscope starts no process. Trust it to compile, run and debug.',
      });
    }
    const { command, args: all, env } = this.commandLine(args);
    this.#output.debug(`sockscope ${args.join(' ')}`);
    return new Promise((resolve, reject) => {
      const child: ChildProcess = spawn(command, all, {
        cwd: options.cwd,
        env: { ...process.env, ...env, NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        stdout += chunk;
      });
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
        stderr += chunk;
      });
      const cancel = options.token?.onCancellationRequested(() => child.kill());
      child.on('error', (error) => {
        cancel?.dispose();
        reject(error);
      });
      child.on('close', (code) => {
        cancel?.dispose();
        resolve({ code, stdout, stderr });
      });
    });
  }
}
