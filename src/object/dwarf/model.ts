// Everything that DWARF says about an object, read once: units, types, functions with their scopes, globals, line rows. Addresses are
// still those of sections; program-debug.ts turns them into slots of a linked program.

import type { ElfFile } from '../elf.ts';
import type { ProblemList } from '../problems.ts';
import { AT, TAG, UNIT } from './constants.ts';
import { joinPath, type LineProgram, type LineRow, readLineProgram } from './line-program.ts';
import { type Declared, type Scope, ScopeReader, type ScopeVariable } from './scopes.ts';
import { type DebugAddress, offsetOf, readDebugSections, sectionOf } from './sections.ts';
import { DwarfTypes } from './types.ts';
import { type Entry, readUnits, type Unit } from './units.ts';

export interface DwarfUnit {
  readonly unit: Unit;
  readonly name: string;
  readonly directory: string;
  readonly producer: string;
  readonly language: number;
  readonly lines: LineProgram;
  readonly globals: readonly ScopeVariable[];
}

/** A function with code, and the unit whose globals it sees. */
export interface DwarfFunction {
  readonly scope: Scope;
  readonly unit: DwarfUnit;
}

export interface DwarfModel {
  readonly units: readonly DwarfUnit[];
  readonly types: DwarfTypes;
  readonly functions: readonly DwarfFunction[];
  /** Rows of all units by address; those that end a sequence included. */
  readonly rows: readonly LineRow[];
  /** Ids of named types by C spelling. */
  readonly typeNames: ReadonlyMap<string, number>;
  entryAt(offset: number): Entry | undefined;
  /** Full name of the file of a declaration or call. */
  fileOf(declared: Declared): string;
}

/** Reads the debug sections; undefined when there are none. */
export function readDwarf(elf: ElfFile, problems: ProblemList): DwarfModel | undefined {
  const sections = readDebugSections(elf, problems);
  if (sections === undefined) return undefined;
  const units = readUnits(sections, problems);
  const entries = new Map<number, Entry>();
  const signatures = new Map<bigint, number>();
  for (const unit of units) {
    index(unit.root, entries);
    if (unit.typeSignature !== undefined) signatures.set(unit.typeSignature, unit.typeOffset);
  }
  const entryAt = (offset: number): Entry | undefined => entries.get(offset);
  const reader = new ScopeReader(entryAt);
  const out: DwarfUnit[] = [];
  const functions: DwarfFunction[] = [];
  const programs = new Map<number, LineProgram>();
  for (const unit of units) {
    const root = unit.root;
    if (root === undefined || root.tag === TAG.typeUnit) continue;
    const described = describeUnit(unit, root, programs, reader);
    out.push(described);
    for (const entry of subprograms(root)) {
      const scope = reader.readFunction(entry);
      if (scope !== undefined) functions.push({ scope, unit: described });
    }
  }
  const byUnit = new Map(out.map((unit) => [unit.unit, unit]));
  const onlyCode = soleCodeSection(elf);
  const rows = [...new Set(out.map((unit) => unit.lines))].flatMap((lines) =>
    lines.rows.map((row) => placed(row, onlyCode)),
  );
  rows.sort((a, b) => a.address - b.address);
  return {
    units: out,
    types: new DwarfTypes(entries, signatures),
    functions,
    rows,
    typeNames: nameTypes(units),
    entryAt,
    fileOf: (declared) => byUnit.get(declared.unit)?.lines.file(declared.file) ?? '',
  };
}

/** Registers all entries by offset, without recursion. */
function index(root: Entry | undefined, entries: Map<number, Entry>): void {
  const todo = root === undefined ? [] : [root];
  for (let entry = todo.pop(); entry !== undefined; entry = todo.pop()) {
    entries.set(entry.offset, entry);
    for (const child of entry.children) todo.push(child);
  }
}

function describeUnit(unit: Unit, root: Entry, programs: Map<number, LineProgram>, reader: ScopeReader): DwarfUnit {
  const directory = unit.string(root, AT.compDir) ?? '';
  const name = unit.string(root, AT.name) ?? '';
  const offset = unit.size(root, AT.stmtList);
  let lines = offset === undefined ? undefined : programs.get(offset);
  if (lines === undefined) {
    lines = readLineProgram(unit.sections, offset ?? Number.MAX_SAFE_INTEGER, directory, name);
    if (offset !== undefined) programs.set(offset, lines);
  }
  const globals = topLevel(root)
    .filter((entry) => entry.tag === TAG.variable && unit.number(entry, AT.declaration) !== 1n)
    .map((entry) => reader.variable(entry));
  return {
    unit,
    name: joinPath(directory, name),
    directory,
    producer: unit.string(root, AT.producer) ?? '',
    language: unit.size(root, AT.language) ?? 0,
    lines,
    globals,
  };
}

/** Entries at file scope, with those inside namespaces. */
function topLevel(root: Entry): Entry[] {
  return root.children.flatMap((child) => (child.tag === TAG.namespace ? topLevel(child) : [child]));
}

/** Functions may also be described inside the records of C++ and Rust. */
function subprograms(root: Entry): Entry[] {
  const out: Entry[] = [];
  const todo = [root];
  for (let entry = todo.pop(); entry !== undefined; entry = todo.pop()) {
    for (const child of entry.children) {
      if (child.tag === TAG.subprogram) out.push(child);
      else if (child.tag === TAG.namespace || child.tag === TAG.structureType || child.tag === TAG.classType)
        todo.push(child);
    }
  }
  return out;
}

/** The number of the only code section, for line tables that nobody relocated. */
function soleCodeSection(elf: ElfFile): number | undefined {
  const code = elf.sections.filter((section) => (section.flags & 4) !== 0 && section.bytes.length > 0);
  return code.length === 1 ? code[0]!.index : undefined;
}

function placed(row: LineRow, onlyCode: number | undefined): LineRow {
  if (sectionOf(row.address) !== 0 || onlyCode === undefined) return row;
  const address: DebugAddress = onlyCode * 2 ** 32 + offsetOf(row.address);
  return { ...row, address };
}

const KEYWORDS: ReadonlyMap<number, string> = new Map([
  [TAG.structureType, 'struct '],
  [TAG.classType, 'struct '],
  [TAG.unionType, 'union '],
  [TAG.enumerationType, 'enum '],
  [TAG.typedef, ''],
  [TAG.baseType, ''],
]);

/** Named types at file scope; of several with one name the first that is a definition. */
function nameTypes(units: readonly Unit[]): Map<string, number> {
  const names = new Map<string, number>();
  for (const unit of units) {
    if (unit.root === undefined || unit.root.tag === UNIT.skeleton) continue;
    for (const entry of topLevel(unit.root)) {
      const keyword = KEYWORDS.get(entry.tag);
      const name = keyword === undefined ? undefined : unit.string(entry, AT.name);
      if (name === undefined || unit.number(entry, AT.declaration) === 1n) continue;
      if (!names.has(`${keyword}${name}`)) names.set(`${keyword}${name}`, entry.offset);
    }
  }
  return names;
}
