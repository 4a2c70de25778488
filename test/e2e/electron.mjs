// `npm run test:electron`: the extension-host suite in a desktop VS Code, which @vscode/test-electron downloads. For machines with
// internet and a display; the same suite runs in a browser with `npm run test:e2e`.

import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { buildSync } from 'esbuild';
import { makeWorkspace } from './main.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const work = mkdtempSync(path.join(os.tmpdir(), 'sockscope-electron-'));
const suite = path.join(work, 'suite.cjs');
buildSync({ absWorkingDir: root, entryPoints: ['test/e2e/suite/index.ts'], outfile: suite, bundle: true, platform: 'node', format: 'cjs', external: ['vscode', 'mocha'], logLevel: 'error' });
try {
  await runTests({
    extensionDevelopmentPath: root,
    extensionTestsPath: suite,
    launchArgs: [makeWorkspace(path.join(work, 'samples')), '--disable-extensions'],
    extensionTestsEnv: { SOCKSCOPE_MOCHA: path.join(root, 'node_modules', 'mocha') },
  });
} catch (error) {
  console.error(`the suite could not be run in a desktop VS Code: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
