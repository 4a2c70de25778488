// `npm test`: everything, with its own set-up, straight after `git clone`. Steps: dependencies, build, types and lint, unit tests,
// end-to-end tests. Ends with one line `N passed, M failed, K skipped`; the exit code is 1 when anything failed.
// `npm test -- PATTERN...` runs only the unit test files whose path contains a pattern.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureDependencies } from './setup.mjs';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
ensureDependencies();

const patterns = process.argv.slice(2);
const totals = { passed: 0, failed: 0, skipped: 0 };
const bin = (name) => path.join(root, 'node_modules', '.bin', name);

/** A step that passes or fails as a whole. */
function step(title, command, args) {
  const started = Date.now();
  const result = spawnSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 1 << 28 });
  const ok = result.status === 0;
  totals[ok ? 'passed' : 'failed']++;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${title} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (!ok) console.log(`${result.stdout}${result.stderr}${result.error ?? ''}`);
  return ok;
}

/** Runs node:test files and adds up the counts that its closing lines state. */
async function unitTests(files) {
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      '--test',
      '--test-reporter=spec',
      `--test-concurrency=${Math.max(2, os.availableParallelism())}`,
      ...files,
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  const count = (word) => Number(new RegExp(`^. ${word} (\\d+)$`, 'm').exec(output)?.[1] ?? Number.NaN);
  const [pass, fail, cancelled, skipped, todo] = ['pass', 'fail', 'cancelled', 'skipped', 'todo'].map(count);
  if (Number.isNaN(pass) || (code !== 0 && fail + cancelled === 0)) {
    console.log('FAIL the unit tests ended without a summary');
    totals.failed++;
    return;
  }
  totals.passed += pass;
  totals.failed += fail + cancelled + todo;
  totals.skipped += skipped;
}

const files = readdirSync('test', { recursive: true })
  .filter((name) => name.endsWith('.test.ts') && !name.startsWith('e2e'))
  .map((name) => path.join('test', name))
  .filter((name) => patterns.length === 0 || patterns.some((pattern) => name.includes(pattern)))
  .sort();

if (patterns.length === 0) {
  step('build', process.execPath, ['scripts/build.mjs']);
  step('types of layers 0 to 6 without any platform', bin('tsc'), ['-p', 'tsconfig.core.json']);
  step('types of the whole tree', bin('tsc'), ['-p', 'tsconfig.json']);
  step('format and lint', bin('biome'), ['check', '--error-on-warnings']);
}
await unitTests(files);
if (patterns.length === 0 && existsSync('test/e2e/main.mjs')) {
  const { runEndToEnd } = await import('../test/e2e/main.mjs');
  const result = await runEndToEnd();
  totals.passed += result.passed;
  totals.failed += result.failed;
  totals.skipped += result.skipped;
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);
