// A program file as a read-only listing: every program with its source lines between the instructions, helpers and maps by name.

import path from 'node:path';
import { decodeProgram, type InsnNames, listingLines } from '../isa/index.ts';
import { HELPER_ROWS } from '../kernel/index.ts';
import type { LineEntry } from '../object/index.ts';
import type { CompileOptions } from './compiler.ts';
import { loadProgramFile } from './load-object.ts';

/** The listing of a C file, an object or assembly; the problems as text when there is nothing to list. */
export async function disassemble(file: string, compiler: CompileOptions = {}): Promise<string> {
  const loaded = await loadProgramFile(file, { file }, compiler);
  const { object } = loaded;
  if (object === undefined)
    return loaded.problems
      .map((problem) => `${problem.message}${problem.remedy === undefined ? '' : `; ${problem.remedy}`}`)
      .join('\n');
  const parts: string[] = [`; ${path.basename(file)}, license "${object.license}"`];
  for (const map of object.maps)
    parts.push(`; map ${map.fd} ${map.name}: key ${map.keySize}, value ${map.valueSize}, ${map.maxEntries} entries`);
  for (const program of object.programs) {
    parts.push('', `; section ${program.section}`);
    const lineAt = new Map(program.lines.map((line) => [line.slot, line]));
    const functionAt = new Map(program.subprograms.map((subprogram) => [subprogram.startSlot, subprogram.name]));
    const kfuncAt = new Map(program.kfuncReferences.map((reference) => [reference.btfId, reference.name]));
    const names: InsnNames = {
      helper: (id) => HELPER_ROWS.find((row) => row.id === id)?.name,
      kfunc: (btfId) => kfuncAt.get(btfId),
      map: (fd) => object.maps.find((map) => map.fd === fd)?.name,
      function: (slot) => functionAt.get(slot),
    };
    const symbols = [...functionAt].map(([slot, name]) => ({ name, slot }));
    let shown = '';
    for (const line of listingLines(decodeProgram(program.bytes), program.bytes, {
      symbols,
      names,
      dialect: 'source',
      numbers: 'decimal',
    })) {
      if (line.heading !== undefined) parts.push(`${line.heading}:`);
      const source = lineAt.get(line.slot);
      const text = source === undefined ? '' : sourceText(source);
      if (text !== '' && text !== shown) {
        parts.push(text);
        shown = text;
      }
      parts.push(
        `${String(line.slot).padStart(6)}:  ${line.text}${line.target === undefined ? '' : ` <${line.target}>`}`,
      );
    }
  }
  return `${parts.join('\n')}\n`;
}

function sourceText(line: LineEntry): string {
  const text = line.text.trim();
  return `; ${path.basename(line.file)}:${line.line0 + 1}${text === '' ? '' : `  ${text}`}`;
}
