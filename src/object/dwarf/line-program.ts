// The line number program of DWARF 2 to 5, run to its rows. Source: DWARF 5, section 6.2; the older headers from the older standards.

import { ByteReader } from '../../base/index.ts';
import { FORM } from './constants.ts';
import { boundedString } from './forms.ts';
import type { DebugAddress, DebugSections } from './sections.ts';

export interface LineRow {
  readonly address: DebugAddress;
  /** Full name of the file as far as it is known. */
  readonly file: string;
  /** Counted from 1; 0 for code without a source line. */
  readonly line: number;
  /** Counted from 1; 0 when unknown. */
  readonly column: number;
  readonly isStatement: boolean;
  /** The function's prologue ends here. */
  readonly prologueEnd: boolean;
  /** First address after a sequence; describes no code. */
  readonly endSequence: boolean;
}

export interface LineProgram {
  readonly rows: readonly LineRow[];
  /** Names by the numbers that DW_AT_decl_file uses. */
  file(number: number): string | undefined;
}

const MAX_ROWS = 1_000_000;
const MAX_FILES = 65_536;

/** Reads the program at an offset of .debug_line. Damage ends it early. */
export function readLineProgram(
  sections: DebugSections,
  offset: number,
  compDir: string,
  unitName: string,
): LineProgram {
  const reader = new ByteReader(sections.line, { offset });
  let length = reader.u32();
  const wide = length === 0xffff_ffff;
  if (wide) length = reader.size64();
  const end = reader.offset + length;
  if (reader.overrun || end > sections.line.length) return EMPTY;
  const bounded = new ByteReader(sections.line.subarray(0, end), { offset: reader.offset });
  const header = readHeader(bounded, wide ? 8 : 4, sections, compDir, unitName);
  if (header === undefined) return EMPTY;
  return { rows: run(bounded, header), file: (number) => header.files[number] };
}

const EMPTY: LineProgram = { rows: [], file: () => undefined };

interface Header {
  readonly minInstructionLength: number;
  readonly defaultIsStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly opcodeLengths: readonly number[];
  readonly addressSize: number;
  /** By file number. */
  readonly files: (string | undefined)[];
  readonly directories: readonly string[];
}

function readHeader(
  reader: ByteReader,
  offsetSize: number,
  sections: DebugSections,
  compDir: string,
  unitName: string,
): Header | undefined {
  const version = reader.u16();
  if (version < 2 || version > 5) return undefined;
  let addressSize = 8;
  if (version >= 5) {
    addressSize = reader.u8();
    reader.u8();
  }
  const headerLength = offsetSize === 8 ? reader.size64() : reader.u32();
  const programStart = reader.offset + headerLength;
  const minInstructionLength = reader.u8();
  if (version >= 4) reader.u8();
  const defaultIsStatement = reader.u8() !== 0;
  const lineBase = (reader.u8() << 24) >> 24;
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  const opcodeLengths = [0];
  for (let i = 1; i < opcodeBase; i++) opcodeLengths.push(reader.u8());
  if (lineRange === 0 || opcodeBase === 0) return undefined;
  const names =
    version >= 5 ? readTables(reader, offsetSize, sections, compDir) : readOldTables(reader, compDir, unitName);
  if (reader.overrun) return undefined;
  reader.offset = programStart;
  return {
    minInstructionLength,
    defaultIsStatement,
    lineBase,
    lineRange,
    opcodeBase,
    opcodeLengths,
    addressSize,
    ...names,
  };
}

interface Names {
  readonly directories: readonly string[];
  readonly files: (string | undefined)[];
}

/** Versions 2 to 4: directory 0 is the compilation's, file numbers start at 1. */
function readOldTables(reader: ByteReader, compDir: string, unitName: string): Names {
  const directories = [compDir];
  for (let text = reader.cstring(); text !== '' && directories.length < MAX_FILES; text = reader.cstring()) {
    directories.push(joinPath(compDir, text));
  }
  const files: (string | undefined)[] = [unitName === '' ? undefined : joinPath(compDir, unitName)];
  for (let text = reader.cstring(); text !== '' && files.length < MAX_FILES; text = reader.cstring()) {
    files.push(readOldFile(reader, text, directories));
  }
  return { directories, files };
}

function readOldFile(reader: ByteReader, name: string, directories: readonly string[]): string {
  const directory = Number(reader.uleb128());
  reader.uleb128();
  reader.uleb128();
  return joinPath(directories[directory] ?? '', name);
}

const CONTENT_PATH = 1;
const CONTENT_DIRECTORY = 2;

/** Version 5: both tables describe their own columns; file numbers start at 0. */
function readTables(reader: ByteReader, offsetSize: number, sections: DebugSections, compDir: string): Names {
  const directories: string[] = [];
  for (const row of readTable(reader, offsetSize, sections))
    directories.push(joinPath(directories[0] ?? compDir, row.path));
  const files = readTable(reader, offsetSize, sections).map((row) =>
    joinPath(directories[row.directory] ?? '', row.path),
  );
  return { directories, files };
}

function readTable(
  reader: ByteReader,
  offsetSize: number,
  sections: DebugSections,
): { readonly path: string; readonly directory: number }[] {
  const columns: { readonly content: number; readonly form: number }[] = [];
  for (let count = reader.u8(); count > 0; count--) {
    columns.push({ content: Number(reader.uleb128()), form: Number(reader.uleb128()) });
  }
  const rows: { path: string; directory: number }[] = [];
  const count = Number(reader.uleb128());
  // Each row takes at least a byte, unless its columns are empty.
  for (let i = 0; i < Math.min(count, MAX_FILES) && columns.length > 0 && !reader.overrun; i++) {
    const row = { path: '', directory: 0 };
    for (const { content, form } of columns) {
      const value = readColumn(reader, form, offsetSize, sections);
      if (content === CONTENT_PATH && typeof value === 'string') row.path = value;
      else if (content === CONTENT_DIRECTORY && typeof value === 'number') row.directory = value;
    }
    rows.push(row);
  }
  return rows;
}

function readColumn(
  reader: ByteReader,
  form: number,
  offsetSize: number,
  sections: DebugSections,
): string | number | undefined {
  const offset = (): number => (offsetSize === 8 ? reader.size64() : reader.u32());
  switch (form) {
    case FORM.string:
      return reader.cstring();
    case FORM.lineStrp:
      return boundedString(sections.lineStr, offset());
    case FORM.strp:
      return boundedString(sections.str, offset());
    case FORM.udata:
      return Number(BigInt.asUintN(32, reader.uleb128()));
    case FORM.data1:
      return reader.u8();
    case FORM.data2:
      return reader.u16();
    case FORM.data4:
      return reader.u32();
    case FORM.data8:
      return Number(reader.u64());
    case FORM.data16:
      reader.slice(16);
      return undefined;
    case FORM.block:
      reader.slice(Number(reader.uleb128()));
      return undefined;
    default:
      reader.offset = reader.bytes.length;
      reader.u8();
      return undefined;
  }
}

/** A name below a directory, unless it is absolute (on any system). */
export function joinPath(directory: string, name: string): string {
  if (directory === '' || name.startsWith('/') || /^[A-Za-z]:[\\/]/.test(name)) return name;
  if (name === '') return directory;
  return directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`;
}

interface State {
  address: DebugAddress;
  file: number;
  line: number;
  column: number;
  isStatement: boolean;
  prologueEnd: boolean;
}

function run(reader: ByteReader, header: Header): LineRow[] {
  const rows: LineRow[] = [];
  const fresh = (): State => ({
    address: 0,
    file: 1,
    line: 1,
    column: 0,
    isStatement: header.defaultIsStatement,
    prologueEnd: false,
  });
  let state = fresh();
  const emit = (endSequence: boolean): void => {
    rows.push({
      address: state.address,
      file: header.files[state.file] ?? '',
      line: Math.max(0, state.line),
      column: state.column,
      isStatement: state.isStatement,
      prologueEnd: state.prologueEnd,
      endSequence,
    });
    state.prologueEnd = false;
  };
  const uleb = (): number => Number(BigInt.asUintN(48, reader.uleb128()));
  const special = (opcode: number): number =>
    Math.floor((opcode - header.opcodeBase) / header.lineRange) * header.minInstructionLength;
  while (reader.remaining > 0 && !reader.overrun && rows.length < MAX_ROWS) {
    const opcode = reader.u8();
    if (opcode >= header.opcodeBase) {
      state.address += special(opcode);
      state.line += header.lineBase + ((opcode - header.opcodeBase) % header.lineRange);
      emit(false);
      continue;
    }
    switch (opcode) {
      case 0: {
        const length = uleb();
        const start = reader.offset;
        const extended = readExtended(reader, header);
        if (extended === 'end') {
          emit(true);
          state = fresh();
        } else if (typeof extended === 'number') {
          state.address = extended;
        }
        reader.offset = start + Math.max(1, length);
        break;
      }
      case 1:
        emit(false);
        break;
      case 2:
        state.address += uleb() * header.minInstructionLength;
        break;
      case 3:
        state.line += Number(BigInt.asIntN(48, reader.sleb128()));
        break;
      case 4:
        state.file = uleb();
        break;
      case 5:
        state.column = uleb();
        break;
      case 6:
        state.isStatement = !state.isStatement;
        break;
      case 7:
        break;
      case 8:
        state.address += special(255);
        break;
      case 9:
        state.address += reader.u16();
        break;
      case 10:
        state.prologueEnd = true;
        break;
      case 11:
        break;
      case 12:
        uleb();
        break;
      default:
        for (let i = header.opcodeLengths[opcode] ?? 0; i > 0; i--) uleb();
    }
  }
  return rows;
}

/** An extended operation: the end of a sequence, a new address, or one that changes neither. */
function readExtended(reader: ByteReader, header: Header): 'end' | DebugAddress | undefined {
  const operation = reader.u8();
  if (operation === 1) return 'end';
  if (operation === 2) return header.addressSize === 8 ? reader.size64() : reader.u32();
  if (operation === 3) {
    const name = reader.cstring();
    if (header.files.length < MAX_FILES) header.files.push(readOldFile(reader, name, header.directories));
  }
  return undefined;
}
