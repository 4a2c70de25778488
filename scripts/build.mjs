// Bundles every shipped entry point into dist/. `node scripts/build.mjs [--production]`; production minifies and leaves out source maps.

import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const { resolve } = createRequire(import.meta.url);
const production = process.argv.includes('--production');

/** Bundles that run on Node: output name -> source. */
const NODE_ENTRIES = {
  cli: 'src/cli/main.ts',
  server: 'src/lsp/main.ts',
  adapter: 'src/dap/main.ts',
  extension: 'src/extension/extension.ts',
};

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  logLevel: 'warning',
  legalComments: 'none',
  outdir: 'dist',
};

const node = {
  ...common,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  external: ['vscode', 'koffi'],
  // The CommonJS entry of jsonc-parser is a UMD file that esbuild cannot follow.
  mainFields: ['module', 'main'],
  // A CommonJS bundle has no import.meta; web-tree-sitter asks for its url.
  define: { 'import.meta.url': '__moduleUrl' },
  banner: { js: "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
};

mkdirSync(path.join(root, 'dist'), { recursive: true });
await build({
  ...node,
  entryPoints: Object.fromEntries(
    Object.entries(NODE_ENTRIES).filter(([, source]) => existsSync(path.join(root, source))),
  ),
});
await build({
  ...common,
  entryPoints: { webview: 'src/webview/main.ts' },
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
});

for (const [name, file] of [
  ['web-tree-sitter.wasm', resolve('web-tree-sitter/web-tree-sitter.wasm')],
  ['tree-sitter-c.wasm', resolve('tree-sitter-c/tree-sitter-c.wasm')],
]) {
  copyFileSync(file, path.join(root, 'dist', name));
}
