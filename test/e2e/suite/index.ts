// Entry of the mocha suite that VS Code runs inside the extension host. Prints one line `mocha: N passed, M failed`.

import { format } from 'node:util';
import type MochaClass from 'mocha';

export async function run(): Promise<void> {
  const Mocha = require(process.env['SOCKSCOPE_MOCHA'] ?? 'mocha') as typeof MochaClass;
  // The extension host hands the console's arguments on unformatted.
  Mocha.reporters.Base.consoleLog = (...parts: unknown[]) => console.log(format(...parts));
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: 'spec', color: false });
  mocha.suite.emit('pre-require', globalThis, 'suite', mocha);
  await import('./language.ts');
  await import('./debugging.ts');
  await import('./testing.ts');
  let passed = 0;
  await new Promise<void>((resolve, reject) => {
    const runner = mocha.run((failures) => {
      console.log(`mocha: ${passed} passed, ${failures} failed`);
      if (failures > 0) reject(new Error(`${failures} tests failed`));
      else resolve();
    });
    runner.on('pass', () => {
      passed++;
    });
  });
}
