// `npm run package`: a production build and the .vsix. Fails when the file is larger than 3 MB.

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { ensureDependencies } from './setup.mjs';

const MAX_BYTES = 3_000_000;
const root = path.resolve(import.meta.dirname, '..');

/** Builds and packs; returns the path of the .vsix. Throws with the tool's own words when something fails. */
export function packageExtension() {
  ensureDependencies();
  run(process.execPath, ['scripts/build.mjs', '--production']);
  const vsix = path.join(root, 'sockscope.vsix');
  run(path.join(root, 'node_modules', '.bin', 'vsce'), [
    'package',
    '--no-dependencies',
    '--allow-missing-repository',
    '--skip-license',
    '--no-rewrite-relative-links',
    '-o',
    vsix,
  ]);
  const { size } = statSync(vsix);
  if (size > MAX_BYTES) throw new Error(`${vsix} has ${size} bytes; more than ${MAX_BYTES} are not allowed`);
  return { vsix, size };
}

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (result.status !== 0)
    throw new Error(`${path.basename(command)} ${args.join(' ')} failed:\n${result.stdout}${result.stderr}`);
}

if (process.argv[1] === import.meta.filename) {
  const { vsix, size } = packageExtension();
  console.log(`${path.relative(process.cwd(), vsix)}: ${(size / 1e6).toFixed(2)} MB`);
}
