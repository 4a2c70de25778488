// The command as users start it: a fresh bundle, a process per call.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { build } from 'esbuild';

export const root = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'sockscope-cli-'));
const bundle = path.join(folder, 'cli.cjs');
after(() => rmSync(folder, { recursive: true, force: true }));

await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'error',
  mainFields: ['module', 'main'],
  external: ['vscode', 'koffi'],
  define: { 'import.meta.url': '__moduleUrl' },
  banner: { js: "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
});

/** A folder of the test file's own, removed at the end. */
export const scratch = (name: string): string => path.join(folder, name);

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs `sockscope ARGS` in the project's folder. */
export function sockscope(args: readonly string[], options: CallOptions = {}): Outcome {
  const result = spawnSync(process.execPath, [bundle, ...args], {
    cwd: options.cwd ?? root,
    encoding: 'utf8',
    input: options.input ?? '',
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...options.env },
    timeout: 120_000,
  });
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

export const bundlePath = bundle;

/** Compares with a golden file; UPDATE=1 rewrites it, a mismatch leaves NAME.actual beside it. */
export function golden(name: string, actual: string): void {
  const file = path.join(import.meta.dirname, 'goldens', name);
  if (process.env['UPDATE'] === '1') {
    writeFileSync(file, actual);
    rmSync(`${file}.actual`, { force: true });
    return;
  }
  const expected = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (actual !== expected) writeFileSync(`${file}.actual`, actual);
  assert.equal(actual, expected, `goldens/${name} differs; UPDATE=1 accepts what is in ${name}.actual`);
}
