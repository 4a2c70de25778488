// Bundles every shipped entry point into dist/. `node scripts/build.mjs [--watch] [--production]`.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const production = process.argv.includes('--production');

/** Node entry points: output name -> source. An entry that does not exist yet is an error, not a gap. */
const NODE_ENTRIES = { cli: 'src/cli/main.ts' };

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  logLevel: 'warning',
  legalComments: 'none',
};

for (const [name, source] of Object.entries(NODE_ENTRIES)) {
  if (!existsSync(path.join(root, source))) throw new Error(`missing entry point ${source}`);
  await build({
    ...common,
    entryPoints: { [name]: source },
    outdir: 'dist',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    external: ['vscode', 'koffi'],
    define: { 'import.meta.url': '__moduleUrl' },
    banner: { js: "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
  });
}
