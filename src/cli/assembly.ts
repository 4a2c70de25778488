// `sockscope disasm` and `sockscope asm`: between bytes and text. The text is llvm-objdump's, the assembler reads clang's;
// docs/assembly.md describes the language.

import { hasErrors, toHex } from '../base/index.ts';
import { loadObject, loadObjectBytes, loadProgramFile, writeWhole } from '../host/index.ts';
import {
  decodeProgram,
  type Insn,
  type ListingSymbol,
  listingLines,
  listingText,
  writeAssembly,
} from '../isa/index.ts';
import { HELPER_ROWS } from '../kernel/index.ts';
import { assemblyFromElf, type BpfObject, type LineEntry, type Program, readElf } from '../object/index.ts';
import { nearest } from '../world/index.ts';
import { type ExitCode, err, out, reportProblems, styleFor } from './output.ts';
import { exitCodeOf } from './run.ts';

export interface DisasmOptions {
  readonly program?: string;
  readonly assembly?: true;
  readonly source: boolean;
}

const helperName = (id: number): string | undefined => HELPER_ROWS.find((row) => row.id === id)?.name;

/** Prints the linked programs of a file, or the whole file as assembly. */
export async function disasmCommand(file: string, options: DisasmOptions): Promise<ExitCode> {
  return options.assembly === true ? printAssembly(file, options) : printListing(file, options);
}

/** The object before linking: its sections assemble back into the same bytes. */
async function printAssembly(file: string, { program }: DisasmOptions): Promise<ExitCode> {
  if (program !== undefined) {
    err('sockscope: --assembly prints the whole file; --program goes with the listing\n');
    return 2;
  }
  const { value: bytes, problems } = await loadObjectBytes(file);
  reportProblems(problems);
  if (bytes === undefined || hasErrors(problems)) return exitCodeOf(problems);
  const elf = readElf(bytes, file);
  reportProblems(elf.problems);
  if (elf.value === undefined) return exitCodeOf(elf.problems);
  out(writeAssembly(assemblyFromElf(elf.value), { names: { helper: helperName } }));
  return 0;
}

async function printListing(file: string, options: DisasmOptions): Promise<ExitCode> {
  // A program that could not be linked can be looked at all the same.
  const { object, problems } = await loadProgramFile(file, { file });
  reportProblems(problems);
  if (object === undefined || (hasErrors(problems) && object.programs.length === 0)) return exitCodeOf(problems);
  const programs = object.programs.filter(({ name }) => options.program === undefined || name === options.program);
  if (programs.length === 0) {
    err(`sockscope: ${noProgram(file, object, options.program)}\n`);
    return 2;
  }
  programs.forEach((program, index) => {
    if (index > 0) out('\n');
    out(programText(program, object, options.source));
  });
  return hasErrors(problems) ? 1 : 0;
}

function noProgram(file: string, object: BpfObject, wanted: string | undefined): string {
  if (wanted === undefined) return `${file} has no programs`;
  const names = object.programs.map(({ name }) => name);
  const meant = nearest(wanted, names);
  const hint = meant === undefined ? `it has ${names.join(', ') || 'none'}` : `did you mean "${meant}"?`;
  return `${file} has no program "${wanted}"; ${hint}`;
}

/** A listing with source lines where the object has them, and the names behind numbers as remarks. */
function programText(program: Program, object: BpfObject, source: boolean): string {
  const style = styleFor(process.stdout);
  const symbols: ListingSymbol[] = program.subprograms.map(({ name, startSlot }) => ({ name, slot: startSlot }));
  const sources = new Map<number, LineEntry>(program.lines.map((line) => [line.slot, line]));
  const slots = program.bytes.length / 8;
  const lines = [style.heading(`${program.name}: section "${program.section}", ${slots} instructions`)];
  let shown = '';
  for (const line of listingLines(decodeProgram(program.bytes), program.bytes, { symbols, section: program.section })) {
    const [heading, instruction] = listingText(line);
    if (heading !== undefined) lines.push('', heading);
    const entry = sources.get(line.slot);
    if (source && entry !== undefined && entry.text.trim() !== '') {
      const place = `${entry.file}:${entry.line0 + 1}`;
      if (place !== shown) lines.push(style.dim(`; ${entry.text.trim()}  (${place})`));
      shown = place;
    }
    const remark = remarkOf(line.insn, object);
    lines.push(remark === undefined ? instruction : `${instruction}  ${style.dim(`# ${remark}`)}`);
  }
  return `${lines.join('\n')}\n`;
}

function remarkOf(insn: Insn, object: BpfObject): string | undefined {
  if (insn.kind === 'call-helper') return helperName(insn.helper);
  if (insn.kind !== 'load-imm64') return undefined;
  if (insn.source !== 'map-fd' && insn.source !== 'map-value') return undefined;
  const name = object.maps.find(({ fd }) => fd === insn.low)?.name;
  if (name === undefined) return undefined;
  return insn.source === 'map-fd' ? `map ${name}` : `${name}[0] + ${insn.high}`;
}

export interface AsmOptions {
  readonly output?: string;
}

/** Writes an object file (*.o), or the linked instructions as bytes; without an output, as hex, a line for each program. */
export async function asmCommand(file: string, { output }: AsmOptions): Promise<ExitCode> {
  if (output?.endsWith('.o') === true) {
    const { value: bytes, problems } = await loadObjectBytes(file);
    reportProblems(problems);
    if (bytes === undefined || hasErrors(problems)) return exitCodeOf(problems);
    return written(output, bytes);
  }
  const { value: object, problems } = await loadObject(file, { file });
  reportProblems(problems);
  if (object === undefined) return exitCodeOf(problems);
  const { programs } = object;
  if (programs.length === 0) {
    err(`sockscope: ${noProgram(file, object, undefined)}\n`);
    return 2;
  }
  if (output === undefined) {
    for (const { name, bytes } of programs) out(`${programs.length > 1 ? `${name}: ` : ''}${toHex(bytes)}\n`);
    return 0;
  }
  if (programs.length > 1) {
    err(`sockscope: ${file} has ${programs.length} programs; name the output *.o to keep them apart\n`);
    return 2;
  }
  return written(output, programs[0]!.bytes);
}

function written(file: string, bytes: Uint8Array): ExitCode {
  const failed = writeWhole(file, bytes);
  if (failed === undefined) return 0;
  reportProblems([failed]);
  return 2;
}
