// `npm run bench [NAME...]`: runs the benches of bench/ one after the other and prints what they print. Numbers, not tests: look at
// the ratios, and at the load of the machine that is printed first.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureDependencies } from './setup.mjs';

ensureDependencies();
const root = path.resolve(import.meta.dirname, '..');
const names = process.argv.slice(2);
const files = readdirSync(path.join(root, 'bench'))
  .filter((file) => file.endsWith('.ts') && (names.length === 0 || names.some((name) => file.startsWith(name))))
  .sort();
if (files.length === 0) {
  console.error(`no bench is called ${names.join(' or ')}`);
  process.exit(2);
}
console.log(
  `${os.cpus()[0]?.model ?? 'unknown processor'}, ${os.cpus().length} processors, load ${os.loadavg()[0]?.toFixed(2)}, Node ${process.version}`,
);
let failed = 0;
for (const file of files) {
  console.log(`\n${file.replace(/\.ts$/, '')}`);
  const result = spawnSync(process.execPath, ['--import', 'tsx', path.join('bench', file)], {
    cwd: root,
    stdio: 'inherit',
  });
  if (result.status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
