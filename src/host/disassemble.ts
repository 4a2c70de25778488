// A program file as a read-only listing: every program with its source lines between the instructions, helpers and maps by name.

import path from 'node:path';
import { decodeProgram, listingLines } from '../isa/index.ts';
import { HELPER_ROWS } from '../kernel/index.ts';
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
    const mapNames = new Map(
      program.mapReferences.map((reference) => [
        reference.slot,
        object.maps.find((map) => map.fd === reference.mapFd)?.name,
      ]),
    );
    const lineAt = new Map(program.lines.map((line) => [line.slot, line]));
    let shown = '';
    const symbols = program.subprograms.map((subprogram) => ({ name: subprogram.name, slot: subprogram.startSlot }));
    for (const line of listingLines(decodeProgram(program.bytes), program.bytes, { symbols })) {
      if (line.heading !== undefined) parts.push(`${line.heading}:`);
      const source = lineAt.get(line.slot);
      const text =
        source === undefined
          ? ''
          : `; ${path.basename(source.file)}:${source.line0 + 1}${source.text.trim() === '' ? '' : `  ${source.text.trim()}`}`;
      if (text !== '' && text !== shown) {
        parts.push(text);
        shown = text;
      }
      const map = mapNames.get(line.slot);
      const helper = /^call (\d+)$/.exec(line.text)?.[1];
      const name = helper === undefined ? map : HELPER_ROWS.find((row) => row.id === Number(helper))?.name;
      parts.push(
        `${String(line.slot).padStart(6)}:  ${line.text}${line.target === undefined ? '' : ` <${line.target}>`}${name === undefined ? '' : `    ; ${name}`}`,
      );
    }
  }
  return `${parts.join('\n')}\n`;
}
