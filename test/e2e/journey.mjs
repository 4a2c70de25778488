// A user's way through the extension, in the browser on the installed .vsix. Each step leaves a screenshot in test-output/.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { workbenchUrl } from './editor.mjs';
import { Workbench } from './workbench.mjs';

const SAMPLE = 'initial_rwnd.bpf.c';
const MISTAKE = 'null_check.bpf.c';

const lineOf = (file, text) => readFileSync(file, 'utf8').split('\n').findIndex((line) => line.includes(text)) + 1;

/** Walks the journey; resolves to `{ passed, failed }`, one per step. A failed step ends it. */
export async function journey({ browser, server, workspace, output }) {
  const page = await browser.newPage({ viewport: { width: 1500, height: 950 } });
  const bench = new Workbench(page);
  await page.goto(workbenchUrl(server.port, workspace));
  await bench.ready();
  let passed = 0;
  let number = 0;
  const steps = [
    ['open a sample with a mistake and see the squiggle', () => mistake(bench)],
    ['find it in the Problems view', () => problems(bench)],
    ['hover an op', () => hoverOp(bench)],
    ['apply the quick fix', () => quickFix(bench)],
    ['set a breakpoint and press F5', () => debug(bench, workspace)],
    ['look at Variables', () => variables(bench)],
    ['see the handshake', () => handshake(bench)],
    ['find nothing wrong with its accessibility in three themes', () => accessibility(bench, output)],
    ['step, and step back', () => stepping(bench)],
    ['look at the disassembly', () => disassembly(bench)],
    ['change the reply and go on', () => changeReply(bench)],
    ['run a scenario from the Test Explorer', () => testExplorer(bench)],
    ['see coverage of C lines', () => coverage(bench)],
  ];
  try {
    for (const [title, step] of steps) {
      number++;
      try {
        await step();
        passed++;
        console.log(`ok   journey: ${title}`);
      } catch (error) {
        console.log(`FAIL journey: ${title}: ${error.message}`);
        await bench.screenshot(path.join(output, `journey-${number}-failed.png`)).catch(() => {});
        return { passed, failed: 1 };
      }
      await bench.screenshot(path.join(output, `journey-${String(number).padStart(2, '0')}-${title.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}.png`));
    }
    return { passed, failed: 0 };
  } finally {
    await page.close();
  }
}

async function mistake(bench) {
  await bench.openFile(MISTAKE);
  await bench.page.waitForSelector('.squiggly-error', { timeout: 30_000 });
}

async function problems(bench) {
  const rows = await bench.problems();
  assert.ok(rows.some((row) => /sockscope/i.test(row)), `no entry of ours among: ${rows.join(' | ')}`);
}

async function hoverOp(bench) {
  await bench.page.keyboard.press('Control+J');
  await bench.openFile(SAMPLE);
  const text = await bench.hover('BPF_SOCK_OPS_RWND_INIT', 'window');
  assert.match(text, /RWND_INIT/);
}

async function quickFix(bench) {
  await bench.openFile(MISTAKE);
  await bench.page.waitForSelector('.squiggly-error', { timeout: 30_000 });
  await bench.command('Go to Next Problem (Error, Warning, Info)');
  await bench.page.keyboard.press('Escape');
  await bench.page.keyboard.press('Control+.');
  await bench.page.waitForSelector('.action-widget .monaco-list-row', { timeout: 15_000 });
  await bench.page.keyboard.press('Enter');
  await bench.page.waitForSelector('.squiggly-error', { state: 'detached', timeout: 30_000 });
  await bench.page.keyboard.press('Control+S');
}

async function debug(bench, workspace) {
  await bench.openFile(SAMPLE);
  await bench.goToLine(lineOf(path.join(workspace, SAMPLE), 'wanted = bpf_map_lookup_elem'));
  await bench.page.keyboard.press('F9');
  await bench.page.waitForSelector('.codicon-debug-breakpoint', { timeout: 10_000 });
  await bench.page.keyboard.press('F5');
  const stack = await bench.stopped();
  assert.ok(stack.some((row) => /initial_rwnd/.test(row)), `the program is not on the stack: ${stack.join(' | ')}`);
}

async function variables(bench) {
  await bench.page.waitForSelector('.debug-variables .monaco-list-row', { timeout: 15_000 });
  const rows = await bench.variables();
  assert.ok(rows.some((row) => /Context/.test(row)), `no Context scope among: ${rows.join(' | ')}`);
}

async function handshake(bench) {
  await bench.command('Sockscope: Show Handshake');
  await bench.page.keyboard.press('Control+J');
  await bench.webview().locator('svg [data-callback]').first().waitFor({ timeout: 20_000 });
  await bench.webview().locator('[aria-current="step"]').first().waitFor({ timeout: 10_000 });
}

const THEMES = ['Light Modern', 'Dark Modern', 'Dark High Contrast'];

async function accessibility(bench, output) {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  for (const theme of THEMES) {
    await bench.theme(theme);
    const frames = await Promise.all(bench.page.frames().map(async (frame) => ((await frame.locator('svg [data-callback]').count().catch(() => 0)) > 0 ? frame : undefined)));
    const view = frames.find((frame) => frame !== undefined);
    assert.ok(view, 'the handshake view is open');
    await view.evaluate(axe);
    const { violations } = await view.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    const serious = violations.filter((violation) => violation.impact === 'serious' || violation.impact === 'critical');
    await bench.screenshot(path.join(output, `theme-${theme.split(' ').slice(0, 2).join('-').toLowerCase()}.png`));
    assert.deepEqual(serious.map((violation) => `${theme}: ${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 120)).slice(0, 3).join(' | ')}`), []);
  }
  await bench.theme(THEMES[0]);
}

async function stepping(bench) {
  const where = async () => (await bench.page.locator('.debug-call-stack .monaco-list-row').allInnerTexts()).join('\n');
  const before = await where();
  await bench.command('Debug: Step Over');
  await bench.page.waitForFunction((old) => [...document.querySelectorAll('.debug-call-stack .monaco-list-row')].map((row) => row.innerText).join('\n') !== old, before, { timeout: 15_000 });
  await bench.page.locator('.debug-toolbar .codicon-debug-step-back').first().click();
  await bench.page.waitForTimeout(800);
}

async function disassembly(bench) {
  await bench.command('Open Disassembly View');
  await bench.page.waitForSelector('.disassembly-view .monaco-list-row', { timeout: 20_000 });
}

async function changeReply(bench) {
  await bench.command('Debug Console: Focus on Debug Console View');
  await bench.page.keyboard.type('skops->reply = 7');
  await bench.page.keyboard.press('Enter');
  await bench.page.waitForSelector('.repl .monaco-list-row:has-text("7")', { timeout: 15_000 });
  await bench.command('Debug: Stop');
}

async function testExplorer(bench) {
  await bench.command('Testing: Focus on Test Explorer View');
  await bench.page.waitForSelector('.test-explorer .monaco-list-row', { timeout: 30_000 });
  await bench.command('Test: Run All Tests');
  await bench.page.waitForSelector('.test-explorer .codicon-testing-passed-icon', { timeout: 60_000 });
}

async function coverage(bench) {
  await bench.command('Test: Run All Tests with Coverage');
  await bench.page.waitForSelector('.test-coverage-list-element, .coverage-list, .test-coverage-bars', { timeout: 60_000 });
  await bench.openFile(SAMPLE);
  await bench.page.waitForTimeout(1500);
}
