// What a fresh clone needs before anything else can run: the packages of the lock file.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

/** Runs `npm ci` unless the installed packages are those of the lock file; exits with a clear line when it fails. */
export function ensureDependencies() {
  const wanted = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  const stamp = path.join(root, 'node_modules', '.package-lock.json');
  if (existsSync(stamp) && sameVersions(JSON.parse(wanted), JSON.parse(readFileSync(stamp, 'utf8')))) return;
  console.error('installing packages (npm ci) ...');
  const result = spawnSync('npm', ['ci', '--no-fund', '--no-audit'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (result.status !== 0) {
    console.error('npm ci failed: is the npm registry reachable, and is this Node 20 or newer?');
    process.exit(1);
  }
}

/** Every package that the lock file wants on this platform is installed in that version; optional ones may be absent. */
function sameVersions(wanted, installed) {
  return Object.entries(wanted.packages).every(([name, row]) => {
    if (name === '') return true;
    const have = installed.packages?.[name];
    return have === undefined ? row.optional === true : have.version === row.version;
  });
}
