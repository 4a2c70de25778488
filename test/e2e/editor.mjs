// A real VS Code in a headless browser: starts the server with a fresh profile, installs a .vsix, opens pages.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { findChromium, vscodeFolder } from './setup.mjs';

const SETTINGS = {
  'workbench.startupEditor': 'none',
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'git.enabled': false,
  'workbench.tips.enabled': false,
  'files.simpleDialog.enable': true,
  'editor.hover.delay': 150,
};

const BROWSER_ARGUMENTS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

async function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/**
 * Starts VS Code's server. `vsix` is installed first; `settings` are added to the user's; `environment` reaches the
 * extension host. Returns `{ port, folder, log(), stop() }`; `stop({ keep })` ends the server and removes its files.
 */
export async function startServer({ vsix, settings = {}, environment = {} } = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sockscope-e2e-'));
  const data = path.join(folder, 'data');
  mkdirSync(path.join(data, 'User'), { recursive: true });
  writeFileSync(path.join(data, 'User', 'settings.json'), JSON.stringify({ ...SETTINGS, ...settings }, null, 2));
  const base = [
    path.join(vscodeFolder, 'out/server-main.js'),
    '--accept-server-license-terms', '--telemetry-level', 'off',
    '--user-data-dir', data,
    '--extensions-dir', path.join(folder, 'extensions'),
    '--server-data-dir', path.join(folder, 'server'),
  ];
  if (vsix !== undefined) {
    const installed = spawnSync(process.execPath, [...base, '--install-extension', vsix], { encoding: 'utf8' });
    if (installed.status !== 0) throw new Error(`installing ${vsix} failed:\n${installed.stdout}${installed.stderr}`);
  }
  const port = await freePort();
  const logFile = path.join(folder, 'server.log');
  const log = openSync(logFile, 'w');
  const server = spawn(
    process.execPath,
    [...base, '--host', '127.0.0.1', '--port', String(port), '--without-connection-token', '--enable-smoke-test-driver'],
    { stdio: ['ignore', log, log], detached: true, env: { ...process.env, ...environment } },
  );
  const stop = ({ keep = false } = {}) => {
    try {
      process.kill(-server.pid, 'SIGTERM'); // the group: it forks extension hosts
    } catch {
      // already gone
    }
    if (!keep) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  for (let attempt = 0; ; attempt++) {
    try {
      if ((await fetch(`http://127.0.0.1:${port}/version`)).ok) break;
    } catch {
      if (attempt > 300 || server.exitCode !== null) {
        stop({ keep: true });
        throw new Error(`VS Code's server did not start; see ${logFile}`);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { port, folder, data, log: () => readFileSync(logFile, 'utf8'), stop };
}

export async function startBrowser() {
  return chromium.launch({ executablePath: findChromium(), args: BROWSER_ARGUMENTS });
}

/** Address of the workbench with a folder open; `payload` is VS Code's list of [key, value] pairs. */
export function workbenchUrl(port, folder, payload = []) {
  const query = new URLSearchParams({ folder });
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `http://127.0.0.1:${port}/?${query}`;
}

/** Runs a mocha suite inside the extension host. Resolves to its exit code and everything that it printed. */
export async function runInExtensionHost(server, browser, { extension, suite, workspace, timeoutMs = 180_000 }) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const lines = [];
  await page.exposeFunction('codeAutomationLog', (_type, values) => lines.push(values.map(String).join(' ')));
  const done = new Promise((resolve) => page.exposeFunction('codeAutomationExit', resolve));
  const remote = (file) => `vscode-remote://127.0.0.1:${server.port}${file}`;
  await page.goto(
    workbenchUrl(server.port, workspace, [
      ['extensionDevelopmentPath', remote(extension)],
      ['extensionTestsPath', remote(suite)],
      ['skipWelcome', 'true'],
    ]),
  );
  let timer;
  const code = await Promise.race([done, new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs, 'timeout')))]);
  clearTimeout(timer);
  return { code, lines, page };
}
