// Global variables: each data section becomes an array map with one element that holds the section, and programs reach a variable
// by an offset into that value. Names and flags are those that libbpf gives.

import type { Btf, BtfDataSection } from './btf.ts';
import { type ElfFile, type ElfSection, type ElfSymbol, SECTION_FLAG, SECTION_TYPE } from './elf.ts';
import { MAP_TYPE, type PlacedMap } from './maps.ts';
import type { ProblemList } from './problems.ts';

/** BPF_F_RDONLY_PROG and BPF_F_MMAPABLE of enum in include/uapi/linux/bpf.h. */
const READ_ONLY_PROGRAM = 1 << 7;
const MMAPABLE = 1 << 10;

/** Largest section that is taken; the kernel's own limit is near, and no program needs it. */
const MAX_DATA_BYTES = 16 * 1024 * 1024;

/** BPF_OBJ_NAME_LEN without its NUL. */
const MAX_NAME = 15;

export type DataKind = 'data' | 'rodata' | 'bss';

/** What kind of global data a section holds, undefined for any other section. */
export function dataKind(section: ElfSection): DataKind | undefined {
  if ((section.flags & SECTION_FLAG.alloc) === 0 || (section.flags & SECTION_FLAG.exec) !== 0) return undefined;
  const { name, type } = section;
  if (type === SECTION_TYPE.nobits) return name === '.bss' || name.startsWith('.bss.') ? 'bss' : undefined;
  if (type !== SECTION_TYPE.progbits) return undefined;
  if (name === '.data' || name.startsWith('.data.')) return 'data';
  if (name === '.rodata' || name.startsWith('.rodata.')) return 'rodata';
  return undefined;
}

/** The map of one data section; undefined when it is empty or too large. */
export function readDataSection(
  file: string,
  section: ElfSection,
  kind: DataKind,
  btf: Btf | undefined,
  hasAddresses: 'plain' | 'holds addresses',
  problems: ProblemList,
): PlacedMap | undefined {
  if (section.size === 0) return undefined;
  if (section.size > MAX_DATA_BYTES) {
    problems.add(
      'object-bad-data',
      `section '${section.name}' wants ${section.size} bytes of global data; at most ${MAX_DATA_BYTES} are taken`,
    );
    return undefined;
  }
  if (hasAddresses === 'holds addresses') {
    problems.add(
      'object-bad-data',
      `section '${section.name}' holds addresses of other data or functions, which no loader fills in: they read as offsets`,
      {
        severity: 'warning',
        remedy: 'Store indexes instead of pointers in global data',
      },
    );
  }
  const typeId = btf?.find('data-section', section.name) ?? 0;
  return {
    definition: {
      name: internalMapName(file, section.name),
      typeId: MAP_TYPE.array,
      keySize: 4,
      valueSize: section.size,
      maxEntries: 1,
      flags: (kind === 'rodata' ? READ_ONLY_PROGRAM : 0) | (hasGlobals(btf, typeId) ? MMAPABLE : 0),
      extra: 0n,
      keyTypeId: 0,
      valueTypeId: typeId,
      initial: kind === 'bss' ? new Uint8Array(section.size) : section.bytes.slice(),
      dataSection: section.name,
    },
    section: section.index,
    offset: 0,
    sizeBytes: section.size,
  };
}

/** Sections with a variable that is not static can be mapped into the loader's memory. */
function hasGlobals(btf: Btf | undefined, typeId: number): boolean {
  const section = btf?.type(typeId);
  if (btf === undefined || section?.kind !== 'data-section') return false;
  return section.variables.some((entry) => {
    const variable = btf.type(entry.type);
    return variable?.kind === 'var' && variable.linkage !== 'static';
  });
}

/** "tcp_rwnd.rodata": the object's name, as far as it fits into what the kernel allows, and the section's. */
export function internalMapName(file: string, section: string): string {
  const base = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  const dot = base.indexOf('.');
  const object = dot < 0 ? base : base.slice(0, dot);
  const suffixLength = Math.min(MAX_NAME, Math.max(7, section.length));
  const prefix = section.includes('.', 1) ? '' : object.slice(0, Math.max(0, MAX_NAME - suffixLength));
  return `${prefix}${section.slice(0, suffixLength)}`.replace(/[^A-Za-z0-9_.]/g, '_');
}

/**
 * Fills in what the compiler leaves to the linker in BTF: sizes of data sections and offsets of variables that are not static.
 * Extern sections (.kconfig, .ksyms) have no bytes and are left alone.
 */
export function completeDataSections(btf: Btf, elf: ElfFile): Btf {
  const replaced = new Map<number, BtfDataSection>();
  let symbols: Map<string, ElfSymbol> | undefined;
  for (let id = btf.firstId; id < btf.endId; id++) {
    const type = btf.type(id);
    if (type?.kind !== 'data-section') continue;
    const section = elf.section(type.name);
    if (section === undefined) continue;
    symbols ??= globalSymbols(elf);
    const variables = type.variables.map((entry) => {
      const variable = btf.type(entry.type);
      if (variable?.kind !== 'var' || variable.linkage === 'static') return entry;
      const symbol = symbols!.get(variable.name);
      return symbol === undefined || symbol.section !== section.index ? entry : { ...entry, offset: symbol.value };
    });
    variables.sort((a, b) => a.offset - b.offset);
    replaced.set(id, { ...type, sizeBytes: section.size, variables });
  }
  return replaced.size === 0 ? btf : btf.withDataSections(replaced);
}

function globalSymbols(elf: ElfFile): Map<string, ElfSymbol> {
  const out = new Map<string, ElfSymbol>();
  for (const symbol of elf.symbols) {
    if (symbol.binding !== 'local' && symbol.section !== 0) out.set(symbol.name, symbol);
  }
  return out;
}
