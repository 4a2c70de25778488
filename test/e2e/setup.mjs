// What the end-to-end tests need and a fresh machine lacks: Chromium (Debian's package) and a real VS Code, which is the
// web server inside the npm package code-server. Idempotent; everything lands in .e2e/ of the checkout.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Newest code-server that runs on Node 20; it is VS Code 1.100.3. */
const CODE_SERVER = '4.100.3';
const RIPGREP = '1.18.0';

const root = path.resolve(import.meta.dirname, '../..', '.e2e');
const home = path.join(root, `code-server-${CODE_SERVER}`);

/** Folder of VS Code's server; its entry is out/server-main.js. */
export const vscodeFolder = path.join(home, 'lib', 'vscode');

const CHROMIUM_PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];

/** Path of a Chromium, or undefined. CHROMIUM_PATH overrides. */
export function findChromium() {
  const wanted = process.env.CHROMIUM_PATH;
  return [...(wanted ? [wanted] : []), ...CHROMIUM_PLACES].find((candidate) => existsSync(candidate));
}

function run(command, args, cwd, env = {}) {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
}

function installChromium() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return 'Chromium is missing; install it (on Debian: `sudo apt-get install chromium`) or set CHROMIUM_PATH';
  const apt = (...args) => run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-qq', ...args], '/', { DEBIAN_FRONTEND: 'noninteractive' });
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'chromium');
  } catch (error) {
    return `Chromium could not be installed by apt: ${String(error.message).split('\n')[0]}`;
  }
  return findChromium() === undefined ? 'apt installed chromium, but no browser was found' : undefined;
}

function installCodeServer() {
  const ready = path.join(home, '.ready');
  if (existsSync(ready)) return;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const archive = path.join(root, `code-server-${CODE_SERVER}.tgz`);
  // `npm pack` instead of `npm install`: the package's own postinstall downloads from outside the registry.
  run('npm', ['pack', '--silent', `code-server@${CODE_SERVER}`], root);
  run('tar', ['xzf', archive], root);
  renameSync(path.join(root, 'package'), home);
  run('npm', ['install', '--omit=dev', '--ignore-scripts', '--silent'], vscodeFolder);
  run('npm', ['rebuild', '--silent', '@vscode/spdlog', 'node-pty', 'native-watchdog'], vscodeFolder, { JOBS: '2', npm_config_yes: 'true' });
  const ripgrepHome = path.join(root, 'ripgrep');
  run('npm', ['install', '--no-save', '--no-package-lock', '--ignore-scripts', '--silent', '--prefix', ripgrepHome, `@vscode/ripgrep-linux-x64@${RIPGREP}`], root);
  mkdirSync(path.join(vscodeFolder, 'node_modules/@vscode/ripgrep/bin'), { recursive: true });
  symlinkSync(path.join(ripgrepHome, 'node_modules/@vscode/ripgrep-linux-x64/bin/rg'), path.join(vscodeFolder, 'node_modules/@vscode/ripgrep/bin/rg'));
  rmSync(archive);
  writeFileSync(ready, '');
}

/** Makes browser and editor ready. Returns why that is not possible on this machine, or undefined when all is there. */
export function setup() {
  if (findChromium() === undefined) {
    const why = installChromium();
    if (why !== undefined) return why;
  }
  try {
    installCodeServer();
  } catch (error) {
    return `VS Code's server could not be installed from the npm package code-server: ${String(error.message).split('\n')[0]}`;
  }
  return undefined;
}

if (process.argv[1] === import.meta.filename) {
  const why = setup();
  if (why !== undefined) {
    console.error(why);
    process.exit(1);
  }
}
