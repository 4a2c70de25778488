// The tests of the virtual machine once more, on compiled code: faults, helpers, maps, callbacks, tail calls, snapshots.

import { readdirSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '../vm');
process.env['SOCKSCOPE_ENGINE'] = 'compiled';
for (const file of readdirSync(folder).sort()) {
  if (file.endsWith('.test.ts')) await import(path.join(folder, file));
}
