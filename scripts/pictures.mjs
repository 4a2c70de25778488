// `npm run pictures`: makes the pictures of README and docs from the real thing: the ladder by the command line, the rest as
// screenshots of the installed extension.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureDependencies } from './setup.mjs';

ensureDependencies();
const { packageExtension } = await import('./package.mjs');
const { setup } = await import('../test/e2e/setup.mjs');
const { makeWorkspace } = await import('../test/e2e/main.mjs');
const { startBrowser, startServer, workbenchUrl } = await import('../test/e2e/editor.mjs');
const { Workbench } = await import('../test/e2e/workbench.mjs');

const root = path.resolve(import.meta.dirname, '..');
const target = path.join(root, 'docs', 'pictures');
const SAMPLE = 'initial_rwnd.bpf.c';

const why = setup();
if (why !== undefined) {
  console.error(why);
  process.exit(1);
}
mkdirSync(target, { recursive: true });
const { vsix } = packageExtension();
execFileSync(
  process.execPath,
  ['bin/sockscope.mjs', 'run', 'samples/initial_rwnd.handshake.json', '--svg', path.join(target, 'run.svg')],
  { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
);

const folder = mkdtempSync(path.join(os.tmpdir(), 'sockscope-pictures-'));
const workspace = makeWorkspace(path.join(folder, 'samples'));
const server = await startServer({ vsix });
const browser = await startBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1600, height: 940 } });
  const bench = new Workbench(page);
  await page.goto(workbenchUrl(server.port, workspace));
  await bench.ready();
  const shot = (name) => bench.screenshot(path.join(target, `${name}.png`));

  await bench.openFile('null_check.bpf.c');
  await page.waitForSelector('.squiggly-error', { timeout: 30_000 });
  await bench.problems();
  await page.waitForTimeout(2500); // the verdicts of all kernels
  await shot('mistake');

  await page.keyboard.press('Control+J');
  await bench.openFile(SAMPLE);
  await bench.hover('BPF_SOCK_OPS_RWND_INIT', 'window');
  await shot('hover');

  const line =
    readFileSync(path.join(workspace, SAMPLE), 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('wanted = bpf_map_lookup_elem')) + 1;
  await bench.goToLine(line);
  await page.keyboard.press('F9');
  await page.keyboard.press('F5');
  await bench.stopped();
  await bench.command('Sockscope: Show Handshake');
  await page.keyboard.press('Control+J');
  await bench.webview().locator('[aria-current="step"]').first().waitFor({ timeout: 20_000 });
  await bench.openFile(SAMPLE);
  await page.waitForTimeout(1500);
  await shot('debug');
} finally {
  await browser.close();
  server.stop();
  rmSync(folder, { recursive: true, force: true });
}
