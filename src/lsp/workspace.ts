// Diagnostics of a whole workspace, on request: every program on disk, by its text alone.

import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Diagnostic } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { CParser } from '../syntax/index.ts';
import { toLspDiagnostic } from './convert.ts';
import { DocumentState } from './document-state.ts';
import type { Settings } from './settings.ts';

export interface CheckedFile {
  readonly uri: string;
  readonly diagnostics: Diagnostic[];
}

/** Checks the C files and assembly below the folders that have to do with sock_ops; `skip` leaves out what is open in the editor. */
export async function* checkFolders(
  folders: readonly string[],
  parser: CParser,
  settings: Settings,
  skip: (uri: string) => boolean,
): AsyncGenerator<CheckedFile> {
  for (const file of folders.flatMap((folder) => programsIn(folder))) {
    const uri = pathToFileURL(file).href;
    if (skip(uri)) continue;
    await nextTurn();
    const isAssembly = file.endsWith('.bpfasm');
    const text = readText(file);
    if (text === undefined || !(isAssembly || /bpf_sock_ops|SEC\("sockops/.test(text))) continue;
    const state = new DocumentState(TextDocument.create(uri, isAssembly ? 'bpfasm' : 'c', 0, text), parser);
    const found = state.computeDiagnostics(settings);
    const { lines } = state;
    yield { uri, diagnostics: found.map((diagnostic) => toLspDiagnostic(uri, lines, diagnostic)) };
    state.dispose();
  }
}

/** A file that cannot be read is left out: it may have gone since the folder was listed. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** C and assembly files below a folder, without those of packages and hidden folders; at most a few thousand. */
function programsIn(folder: string): string[] {
  const found: string[] = [];
  const visit = (where: string, depth: number): void => {
    if (depth > 8 || found.length > 5000) return;
    let entries: Dirent[];
    try {
      entries = readdirSync(where, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const full = path.join(where, entry.name);
      if (entry.isDirectory()) visit(full, depth + 1);
      else if (/\.(c|bpfasm)$/i.test(entry.name)) found.push(full);
    }
  };
  visit(folder, 0);
  return found.sort();
}
