// Loads tree-sitter-c into the parser port of syntax/. The two .wasm files lie beside the bundle in dist/, or in node_modules
// when the program runs from source.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Language, Parser } from 'web-tree-sitter';
import { Bug } from '../base/index.ts';
import type { CParser, SyntaxTree } from '../syntax/index.ts';

const here = path.dirname(fileURLToPath(import.meta.url));

/** Where a shipped .wasm file is: beside the bundle, else in the nearest node_modules above. */
function wasmPath(file: string, packageName: string): string {
  const folders = [here, path.join(here, 'dist')];
  for (let folder = here; ; folder = path.dirname(folder)) {
    folders.push(path.join(folder, 'dist'), path.join(folder, 'node_modules', packageName));
    if (path.dirname(folder) === folder) break;
  }
  const found = folders.map((folder) => path.join(folder, file)).find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Bug(`${file} is missing from the installation`);
  return found;
}

let loading: Promise<CParser> | undefined;

/** The C parser, loaded once per process. */
export function loadCParser(): Promise<CParser> {
  loading ??= load();
  return loading;
}

async function load(): Promise<CParser> {
  const runtime = wasmPath('web-tree-sitter.wasm', 'web-tree-sitter');
  await Parser.init({ locateFile: () => runtime });
  const parser = new Parser();
  parser.setLanguage(await Language.load(await readFile(wasmPath('tree-sitter-c.wasm', 'tree-sitter-c'))));
  return {
    parse(text: string): SyntaxTree {
      const tree = parser.parse(text);
      if (tree === null) throw new Bug('tree-sitter gave no tree');
      return tree;
    },
  };
}
