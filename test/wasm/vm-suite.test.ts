// Tests of the virtual machine once more, on compiled code: those in which it matters who executes the instructions.

import path from 'node:path';

process.env['SOCKSCOPE_ENGINE'] = 'compiled';
for (const name of ['context', 'faults', 'helpers', 'kfuncs', 'snapshot'])
  await import(path.resolve(import.meta.dirname, `../vm/${name}.test.ts`));
