// `sockscope lsp` and `sockscope dap`: the two protocol servers are bundles of their own beside this one, run with the same
// Node, standard streams handed through.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ExitCode, err } from './output.ts';

const HERE = path.dirname(fileURLToPath(import.meta.url));

/** Bundle of a server; undefined where it was not built. */
export function serverBundle(name: 'server' | 'adapter'): string | undefined {
  const file = path.join(HERE, `${name}.cjs`);
  return existsSync(file) ? file : undefined;
}

/** Runs a server until it ends. */
export function runServer(name: 'server' | 'adapter', args: readonly string[]): Promise<ExitCode> {
  const bundle = serverBundle(name);
  if (bundle === undefined) {
    err(`sockscope: ${name}.cjs is missing beside the command; run \`npm run build\`\n`);
    return Promise.resolve(2);
  }
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bundle, ...args], { stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
    child.on('error', (error) => {
      err(`sockscope: the server could not be started: ${error.message}\n`);
      resolve(3);
    });
    child.on('exit', (code) => resolve(code === 0 ? 0 : code === 2 ? 2 : 1));
  });
}
