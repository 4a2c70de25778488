#!/usr/bin/env node
// The `sockscope` command: runs the bundle, and in a fresh checkout builds it first.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const bundle = path.join(root, 'dist', 'cli.cjs');
if (!existsSync(bundle)) {
  const built = spawnSync(process.execPath, [path.join(root, 'scripts', 'build.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (built.status !== 0) {
    console.error(
      'sockscope: the program is not built and could not be built; run `npm ci && npm run build` in its folder',
    );
    process.exit(3);
  }
}
createRequire(import.meta.url)(bundle);
