// `npm run try`: VS Code with the extension and the samples, at a local address. For a first look without installing anything.

import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureDependencies } from './setup.mjs';

ensureDependencies();
const { packageExtension } = await import('./package.mjs');
const { setup } = await import('../test/e2e/setup.mjs');
const { makeWorkspace } = await import('../test/e2e/main.mjs');
const { startServer, workbenchUrl } = await import('../test/e2e/editor.mjs');

console.log('Preparing VS Code (the first time takes a minute) ...');
const why = setup();
if (why !== undefined && !/Chromium|browser/.test(why)) {
  console.error(why);
  process.exit(1);
}
const { vsix } = packageExtension();
const folder = mkdtempSync(path.join(os.tmpdir(), 'sockscope-try-'));
const server = await startServer({ vsix });
console.log(`\nOpen in a browser:\n\n    ${workbenchUrl(server.port, makeWorkspace(path.join(folder, 'samples')))}\n`);
console.log('Open initial_rwnd.bpf.c, click left of a line number to set a breakpoint, press F5. Ctrl+C here ends it.');
const end = () => {
  server.stop();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
};
process.on('SIGINT', end);
process.on('SIGTERM', end);
