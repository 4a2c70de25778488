// `npm run test:e2e`: the extension, packed as it ships, in a real VS Code in a headless browser. First a mocha suite inside the
// extension host on the unpacked .vsix, then a user's journey in the browser on the installed one. Screenshots: test-output/.

import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { buildSync } from 'esbuild';
import { packageExtension } from '../../scripts/package.mjs';
import { setup } from './setup.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const output = path.join(root, 'test-output');

/** A folder as a user has one: copies of samples to edit. */
export function makeWorkspace(folder) {
  mkdirSync(folder, { recursive: true });
  cpSync(path.join(root, 'samples'), folder, { recursive: true });
  return folder;
}

/** Packs, unpacks and runs both parts. Returns `{ passed, failed, skipped }`; prints what it does. */
export async function runEndToEnd() {
  const why = setup();
  if (why !== undefined) {
    console.log(`skipped: end-to-end tests: ${why}`);
    return { passed: 0, failed: 0, skipped: 2 };
  }
  const { startBrowser, startServer } = await import('./editor.mjs');
  const { journey } = await import('./journey.mjs');
  const work = mkdtempSync(path.join(os.tmpdir(), 'sockscope-e2e-work-'));
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const { vsix, size } = packageExtension();
  console.log(`packed ${path.basename(vsix)}: ${(size / 1e6).toFixed(2)} MB`);
  const browser = await startBrowser();
  try {
    if (process.env.SOCKSCOPE_E2E !== 'journey') await extensionHostSuite(browser, work, vsix, startServer, totals);
    const server = await startServer({ vsix });
    try {
      const result = await journey({ browser, server, workspace: makeWorkspace(path.join(work, 'journey')), output });
      totals.passed += result.passed;
      totals.failed += result.failed;
    } finally {
      server.stop();
    }
  } finally {
    await browser.close();
    rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  }
  return totals;
}

async function extensionHostSuite(browser, work, vsix, startServer, totals) {
  const { runInExtensionHost } = await import('./editor.mjs');
  const unpacked = path.join(work, 'unpacked');
  mkdirSync(unpacked);
  execFileSync('python3', ['-c', 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])', vsix, unpacked]);
  const suite = path.join(work, 'suite.cjs');
  buildSync({ absWorkingDir: root, entryPoints: ['test/e2e/suite/index.ts'], outfile: suite, bundle: true, platform: 'node', format: 'cjs', external: ['vscode', 'mocha'], logLevel: 'error' });
  // mocha is loaded from the checkout: it finds its own files by path and cannot be bundled.
  const server = await startServer({ environment: { SOCKSCOPE_MOCHA: path.join(root, 'node_modules', 'mocha') } });
  try {
    const result = await runInExtensionHost(server, browser, { extension: path.join(unpacked, 'extension'), suite, workspace: makeWorkspace(path.join(work, 'suite-workspace')) });
    for (const line of result.lines) if (/^(\s*(✔|✓|\d+\)|passing|failing|at |Error|Assertion|\+|-)|mocha:|timing:)/.test(line)) console.log(line);
    const count = (word) => Number(new RegExp(`^mocha: .*?(\\d+) ${word}`, 'm').exec(result.lines.join('\n'))?.[1] ?? 0);
    totals.passed += count('passed');
    totals.failed += count('failed');
    if (result.code !== 0 && count('failed') === 0) {
      totals.failed++;
      console.log(`FAIL the suite in the extension host ended with ${result.code}:\n${result.lines.slice(-40).join('\n')}`);
    }
    await result.page.screenshot({ path: path.join(output, 'extension-host.png') }).catch(() => {});
    await result.page.close();
  } finally {
    server.stop();
  }
}

if (process.argv[1] === import.meta.filename) {
  const totals = await runEndToEnd();
  console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  process.exit(totals.failed === 0 ? 0 : 1);
}
