// Debug information of an object behind one face, whichever sections it came from.

import type { Btf } from './btf.ts';
import type { CType, TypeRef, TypeTable } from './c-types.ts';
import type { DebugInfo, ProgramDebug } from './debug-info.ts';
import { type DwarfModel, readDwarf } from './dwarf/model.ts';
import type { ElfFile } from './elf.ts';
import type { ProblemList } from './problems.ts';
import type { Program } from './program.ts';
import { DwarfProgramDebug } from './program-debug.ts';
import { BtfProgramDebug } from './program-debug-btf.ts';
import type { NumberedMap } from './relocate.ts';

/** Reads what there is; an object without any gives answers that say so. */
export function readDebugInfo(
  elf: ElfFile | undefined,
  btf: Btf | undefined,
  maps: readonly NumberedMap[],
  problems: ProblemList,
): DebugInfo {
  const dwarf = elf === undefined ? undefined : readDwarf(elf, problems);
  if (dwarf === undefined) return new BtfDebugInfo(btf);
  const usable = dwarf.functions.length > 0 || dwarf.rows.length > 0;
  return usable ? new DwarfDebugInfo(dwarf, btf, maps) : new BtfDebugInfo(btf);
}

const KEYWORD = /^(struct|union|enum) /;

class BtfDebugInfo implements DebugInfo {
  readonly units = [];
  readonly types: TypeTable;
  readonly #btf: Btf | undefined;

  constructor(btf: Btf | undefined) {
    this.#btf = btf;
    this.types = btf ?? NO_TYPES;
  }

  findType(spelling: string): number | undefined {
    return findBtfType(this.#btf, spelling);
  }

  typeOf(ref: TypeRef): CType | undefined {
    return ref.table.cType(ref.id);
  }

  forProgram(program: Program): ProgramDebug {
    return new BtfProgramDebug(program, this.#btf);
  }
}

const NO_TYPES: TypeTable = { origin: 'btf', cType: (id) => (id === 0 ? { kind: 'void' } : undefined) };

/** A type of BTF by its C spelling. */
function findBtfType(btf: Btf | undefined, spelling: string): number | undefined {
  if (btf === undefined) return undefined;
  const wanted = spelling.trim().replace(/\s+/g, ' ');
  const keyword = KEYWORD.exec(wanted)?.[1] as 'struct' | 'union' | 'enum' | undefined;
  if (keyword !== undefined) return btf.find(keyword, wanted.slice(keyword.length + 1));
  return btf.find('typedef', wanted) ?? btf.find('int', wanted) ?? btf.find('float', wanted);
}

class DwarfDebugInfo implements DebugInfo {
  readonly units;
  readonly types: TypeTable;
  readonly #dwarf: DwarfModel;
  readonly #btf: Btf | undefined;
  readonly #maps: readonly NumberedMap[];

  constructor(dwarf: DwarfModel, btf: Btf | undefined, maps: readonly NumberedMap[]) {
    this.#dwarf = dwarf;
    this.#btf = btf;
    this.#maps = maps;
    this.types = dwarf.types;
    this.units = dwarf.units.map(({ name, directory, producer, language }) => ({
      name,
      directory,
      producer,
      language,
    }));
  }

  findType(spelling: string): number | undefined {
    return this.#dwarf.typeNames.get(spelling.trim().replace(/\s+/g, ' '));
  }

  typeOf(ref: TypeRef): CType | undefined {
    return ref.table.cType(ref.id);
  }

  forProgram(program: Program): ProgramDebug {
    if (program.pieces.length === 0) return new BtfProgramDebug(program, this.#btf);
    return new DwarfProgramDebug(program, this.#dwarf, this.#maps);
  }
}
