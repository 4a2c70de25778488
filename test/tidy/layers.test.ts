// The layering rule of ARCHITECTURE.md, read off the import lines: a file imports its own folder and lower layers only.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = path.resolve(import.meta.dirname, '../../src');

const LAYERS: readonly (readonly string[])[] = [
  ['base'],
  ['isa', 'kernel'],
  ['object', 'syntax'],
  ['verifier', 'vm', 'tcp'],
  ['world'],
  ['timeline'],
  ['debugger', 'ide'],
  ['host'],
  ['lsp', 'dap', 'cli', 'webview'],
  ['extension'],
];

/** Foreign packages and the only folders that may import them. */
const FOREIGN: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^node:/, ['host', 'cli', 'lsp', 'dap', 'extension']],
  [/^vscode$/, ['extension']],
  [/^vscode-languageclient/, ['extension']],
  [/^vscode-languageserver/, ['lsp']],
  [/^@vscode\/debug/, ['dap', 'extension']],
  [/^web-tree-sitter$/, ['host']],
  [/^zod$/, ['world', 'lsp', 'dap']],
  [/^jsonc-parser$/, ['world', 'ide', 'extension']],
  [/^commander$/, ['cli']],
  // Only when the server runs from source: its worker is TypeScript then.
  [/^tsx\//, ['lsp']],
];

const levelOf = (folder: string): number => LAYERS.findIndex((layer) => layer.includes(folder));

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3]!);
}

test('every folder of src/ has a layer', () => {
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  assert.deepEqual(
    folders.filter((folder) => levelOf(folder) < 0),
    [],
  );
});

test('files import their own folder and lower layers only', () => {
  const breaches: string[] = [];
  for (const file of filesOf(root)) {
    const relative = path.relative(root, file);
    const folder = relative.split(path.sep)[0]!;
    for (const target of importsOf(file)) {
      if (!target.startsWith('.')) {
        const rule = FOREIGN.find(([pattern]) => pattern.test(target));
        if (rule === undefined)
          breaches.push(
            `${relative}: package '${target}' belongs to no folder; add it to FOREIGN and docs/dependencies.md`,
          );
        else if (!rule[1].includes(folder))
          breaches.push(`${relative}: '${target}' may be imported by ${rule[1].join(', ')} only`);
        continue;
      }
      if (path.basename(target) === 'package.json' && folder === 'cli') continue; // the version has one place
      const to = path.relative(root, path.resolve(path.dirname(file), target));
      const toFolder = to.split(path.sep)[0]!;
      if (toFolder === folder) continue;
      if (levelOf(toFolder) >= levelOf(folder))
        breaches.push(`${relative} imports ${to}: ${folder} may use lower layers only`);
      else if (to.split(path.sep).length > 1 && path.basename(to) !== 'index.ts')
        breaches.push(`${relative} imports ${to}: go through ${toFolder}/index.ts`);
    }
  }
  assert.deepEqual(breaches, []);
});

test('nothing below host reads a clock or draws a random number', () => {
  const breaches: string[] = [];
  for (const layer of LAYERS.slice(0, levelOf('host'))) {
    for (const folder of layer) {
      for (const file of filesOf(path.join(root, folder))) {
        const text = readFileSync(file, 'utf8');
        if (/\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bperformance\.now\b/.test(text))
          breaches.push(path.relative(root, file));
      }
    }
  }
  assert.deepEqual(breaches, []);
});
