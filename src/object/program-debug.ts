// Debug information of one linked program from DWARF: addresses of sections become slots, scopes become frames, and each variable gets
// the place that its location list names for the slot.

import { SLOT_BYTES } from '../isa/index.ts';
import { typeName } from './c-print.ts';
import { sizeOf, strip } from './c-types.ts';
import type {
  FunctionScope,
  LocationPiece,
  ProgramDebug,
  SlotRange,
  SourceLine,
  Variable,
  VariableLocation,
} from './debug-info.ts';
import { AT } from './dwarf/constants.ts';
import { readLocation, withoutHalfExtension } from './dwarf/expression.ts';
import { type AddressRange, type LocationEntry, readLocationList } from './dwarf/lists.ts';
import type { DwarfFunction, DwarfModel, DwarfUnit } from './dwarf/model.ts';
import type { Declared, Scope, ScopeVariable } from './dwarf/scopes.ts';
import { addressIn, type DebugAddress, offsetOf, sectionOf } from './dwarf/sections.ts';
import { FrameModel } from './frame-model.ts';
import { LineTable } from './line-table.ts';
import type { LineEntry, Program, ProgramPiece } from './program.ts';
import type { NumberedMap } from './relocate.ts';

/** A piece with the addresses that it came from. */
interface PlacedPiece extends ProgramPiece {
  readonly start: DebugAddress;
  readonly end: DebugAddress;
  readonly fn: DwarfFunction | undefined;
}

/** What locations in a function are relative to. */
interface Frame {
  readonly frameBase: Uint8Array | undefined;
  readonly model: FrameModel | undefined;
}

const NO_FRAME: Frame = { frameBase: undefined, model: undefined };

/** A scope on the way from a function down to the code at one address; `frame` counts functions, blocks share their function's. */
interface OpenScope {
  readonly scope: Scope;
  readonly frame: number;
}

export class DwarfProgramDebug implements ProgramDebug {
  readonly source = 'dwarf';
  readonly lines: readonly LineEntry[];
  readonly files: readonly string[];
  readonly #dwarf: DwarfModel;
  readonly #maps: readonly NumberedMap[];
  readonly #pieces: readonly PlacedPiece[];
  readonly #table: LineTable;
  readonly #prologueEnds: ReadonlySet<number>;
  readonly #program: Program;
  readonly #frames = new Map<PlacedPiece, Frame>();
  readonly #lists = new Map<ScopeVariable, readonly LocationEntry[]>();

  constructor(program: Program, dwarf: DwarfModel, maps: readonly NumberedMap[]) {
    this.#program = program;
    this.#dwarf = dwarf;
    this.#maps = maps;
    this.#pieces = program.pieces.map((piece) => {
      const start = addressIn(piece.section, piece.sectionOffset);
      const end = start + (piece.endSlot - piece.startSlot) * SLOT_BYTES;
      return { ...piece, start, end, fn: dwarf.functions.find((fn) => covers(fn.scope.ranges, start)) };
    });
    const read = readLines(dwarf, this.#pieces, program);
    this.#table = new LineTable(read.lines.length > 0 ? read.lines : program.lines);
    this.#prologueEnds = read.prologueEnds;
    this.lines = this.#table.entries;
    this.files = this.#table.files;
  }

  scopesAt(slot: number): readonly FunctionScope[] {
    const out: FunctionScope[] = [];
    for (const { scope } of this.#openAt(slot)) {
      if (scope.kind === 'block') continue;
      const declared = this.#place(scope.declared);
      const call = this.#place(scope.call);
      out.push({
        kind: scope.kind,
        name: scope.name,
        ...(declared === undefined ? {} : { declared }),
        ...(call === undefined ? {} : { call }),
        ranges: this.#slots(scope.ranges),
      });
    }
    return out;
  }

  variablesAt(slot: number): readonly Variable[] {
    const piece = this.#pieceAt(slot);
    if (piece?.fn === undefined) return [];
    const address = addressOf(piece, slot);
    const open = this.#openAt(slot);
    const frame = this.#frameOf(piece);
    const hidden = shadowedVariables(open);
    const out: Variable[] = [];
    for (const { scope, frame: index } of open) {
      for (const variable of scope.variables) {
        if (variable.name === '') continue;
        const location = this.#stored(variable, this.#locate(variable, address, frame), frame, slot - piece.startSlot);
        const isStatic = variable.kind === 'local' && location.kind === 'map-memory';
        out.push(this.#describe(variable, isStatic ? 'static' : variable.kind, index, location, hidden.has(variable)));
      }
    }
    return [...out, ...this.#globals(piece.fn.unit, address)];
  }

  lineOf(slot: number): LineEntry | undefined {
    return this.#table.at(slot);
  }

  slotsOfLine(file: string, line0: number): readonly number[] {
    return this.#table.slotsOfLine(file, line0);
  }

  linesWithCode(file: string): readonly number[] {
    return this.#table.linesWithCode(file);
  }

  functionStart(name: string): number | undefined {
    const found = this.#program.subprograms.find((one) => one.name === name);
    if (found === undefined) return this.#inlinedStart(name);
    for (let slot = found.startSlot; slot < found.endSlot; slot++) {
      if (this.#prologueEnds.has(slot)) return slot;
    }
    return found.startSlot;
  }

  /** Where the first inlined copy of a function begins. */
  #inlinedStart(name: string): number | undefined {
    let first: number | undefined;
    const visit = (scope: Scope): void => {
      if (scope.kind === 'inlined' && scope.name === name) {
        for (const { startSlot } of this.#slots(scope.ranges))
          if (first === undefined || startSlot < first) first = startSlot;
      }
      for (const child of scope.children) visit(child);
    };
    for (const piece of this.#pieces) if (piece.fn !== undefined) visit(piece.fn.scope);
    return first;
  }

  #pieceAt(slot: number): PlacedPiece | undefined {
    return this.#pieces.find((piece) => slot >= piece.startSlot && slot < piece.endSlot);
  }

  /** Scopes around a slot, outermost first. */
  #openAt(slot: number): OpenScope[] {
    const piece = this.#pieceAt(slot);
    if (piece?.fn === undefined) return [];
    const address = addressOf(piece, slot);
    const out: OpenScope[] = [];
    let scope: Scope | undefined = piece.fn.scope;
    let frame = -1;
    while (scope !== undefined) {
      if (scope.kind !== 'block') frame++;
      out.push({ scope, frame });
      scope = scope.children.find((child) => covers(child.ranges, address));
    }
    return out;
  }

  #globals(unit: DwarfUnit, address: DebugAddress): Variable[] {
    const out: Variable[] = [];
    for (const variable of unit.globals) {
      const location = this.#locate(variable, address, NO_FRAME);
      // Maps, licences and helper declarations are globals in C only.
      if (variable.name === '' || location.kind !== 'map-memory' || this.#isFunctionPointer(variable)) continue;
      out.push(this.#describe(variable, 'global', -1, location, false));
    }
    return out;
  }

  /** At -O0 the declarations of helpers are variables that hold the helper's number. */
  #isFunctionPointer(variable: ScopeVariable): boolean {
    const { types } = this.#dwarf;
    const pointer = strip(types, types.typeOf(variable.typed))?.type;
    return pointer?.kind === 'pointer' && strip(types, pointer.target)?.type.kind === 'function';
  }

  #describe(
    variable: ScopeVariable,
    kind: Variable['kind'],
    scope: number,
    location: VariableLocation,
    shadowed: boolean,
  ): Variable {
    const { types } = this.#dwarf;
    const id = types.typeOf(variable.typed);
    const declared = this.#place(variable.declared);
    return {
      name: variable.name,
      kind,
      scope,
      type: id === 0 ? undefined : { table: types, id },
      typeText: id === 0 ? '' : typeName(types, id),
      ...(declared === undefined ? {} : { declared }),
      location,
      shadowed,
    };
  }

  #locate(variable: ScopeVariable, address: DebugAddress, frame: Frame): VariableLocation {
    const { constant, location, entry } = variable;
    if (constant !== undefined) {
      if (constant.kind === 'number') return { kind: 'constant', value: constant.value };
      if (constant.kind === 'bytes') return { kind: 'constant-bytes', bytes: constant.bytes };
      if (constant.kind === 'string') return { kind: 'optimised-out', why: 'only its text is known to the compiler' };
    }
    if (location === undefined) return { kind: 'optimised-out', why: 'the compiler optimised it out' };
    const { unit } = entry;
    const context = {
      unit,
      frameBase: frame.frameBase,
      frameBytes: frame.model?.bytes ?? 0,
      mapAddress: (at: DebugAddress) => this.#mapAddress(at),
      entryAt: (offset: number) => this.#dwarf.entryAt(offset),
    };
    if (location.kind === 'bytes') return readLocation(location.bytes, context);
    let list = this.#lists.get(variable);
    if (list === undefined) this.#lists.set(variable, (list = readLocationList(unit, location)));
    const found = list.find((one) => address >= one.start && address < one.end);
    if (found === undefined)
      return { kind: 'optimised-out', why: 'the compiler kept no copy of it at this instruction' };
    return readLocation(found.expression, context);
  }

  /** The location without what no store can have reached yet, and without a known slip of gcc. */
  #stored(variable: ScopeVariable, location: VariableLocation, frame: Frame, slot: number): VariableLocation {
    const { types } = this.#dwarf;
    const sizeBytes = sizeOf(types, types.typeOf(variable.typed));
    if (sizeBytes === undefined) return location;
    const mended = withoutHalfExtension(location, sizeBytes);
    return frame.model === undefined ? mended : dropUnwritten(mended, sizeBytes, frame.model, slot);
  }

  #frameOf(piece: PlacedPiece): Frame {
    let frame = this.#frames.get(piece);
    if (frame === undefined) {
      const base = piece.fn?.scope.entry.attributes.get(AT.frameBase);
      const code = this.#program.bytes.subarray(piece.startSlot * SLOT_BYTES, piece.endSlot * SLOT_BYTES);
      frame = { frameBase: base?.kind === 'bytes' ? base.bytes : undefined, model: new FrameModel(code) };
      this.#frames.set(piece, frame);
    }
    return frame;
  }

  #mapAddress(address: DebugAddress): { readonly mapFd: number; readonly offset: number } | undefined {
    const section = sectionOf(address);
    const map = this.#maps.find(
      ({ placed }) => placed.section === section && placed.definition.dataSection !== undefined,
    );
    return map === undefined ? undefined : { mapFd: map.fd, offset: offsetOf(address) };
  }

  #place(declared: Declared | undefined): SourceLine | undefined {
    if (declared === undefined) return undefined;
    return {
      file: this.#dwarf.fileOf(declared),
      line0: Math.max(0, declared.line - 1),
      column0: Math.max(0, declared.column - 1),
    };
  }

  /** Address ranges as slots of this program, clipped to what was linked. */
  #slots(ranges: readonly AddressRange[]): SlotRange[] {
    const out: SlotRange[] = [];
    for (const range of ranges) {
      for (const piece of this.#pieces) {
        const start = Math.max(range.start, piece.start);
        const end = Math.min(range.end, piece.end);
        if (start >= end) continue;
        out.push({
          startSlot: piece.startSlot + Math.floor((start - piece.start) / SLOT_BYTES),
          endSlot: piece.startSlot + Math.ceil((end - piece.start) / SLOT_BYTES),
        });
      }
    }
    return out.sort((a, b) => a.startSlot - b.startSlot);
  }
}

const NOT_STORED: VariableLocation = { kind: 'optimised-out', why: 'its value has not been stored yet' };

/** Replaces the parts of a frame location that nothing can have written before the slot. */
function dropUnwritten(
  location: VariableLocation,
  sizeBytes: number,
  model: FrameModel,
  slot: number,
): VariableLocation {
  if (location.kind === 'frame') {
    const runs = model.runsAt(slot, location.offset, Math.min(sizeBytes, 512));
    if (runs.every((run) => run.written)) return location;
    if (runs.every((run) => !run.written)) return NOT_STORED;
    let offset = location.offset;
    const pieces = runs.map((run): LocationPiece => {
      const at = offset;
      offset += run.bytes;
      return {
        location: run.written ? { kind: 'frame', offset: at } : NOT_STORED,
        sizeBits: 8 * run.bytes,
        offsetBits: 0,
      };
    });
    return { kind: 'pieces', pieces };
  }
  if (location.kind !== 'pieces') return location;
  const pieces = location.pieces.flatMap((piece): readonly LocationPiece[] => {
    if (piece.location.kind !== 'frame' || piece.sizeBits % 8 !== 0 || piece.offsetBits !== 0) return [piece];
    const inner = dropUnwritten(piece.location, piece.sizeBits / 8, model, slot);
    return inner.kind === 'pieces' ? inner.pieces : [{ ...piece, location: inner }];
  });
  const [first] = pieces;
  const gone =
    first?.location.kind === 'optimised-out' && pieces.every((piece) => piece.location.kind === 'optimised-out');
  return gone ? first.location : { kind: 'pieces', pieces };
}

function addressOf(piece: PlacedPiece, slot: number): DebugAddress {
  return piece.start + (slot - piece.startSlot) * SLOT_BYTES;
}

function covers(ranges: readonly AddressRange[], address: DebugAddress): boolean {
  return ranges.some((range) => address >= range.start && address < range.end);
}

/** Variables that one of the same name in a block further in, within the same function, hides. */
function shadowedVariables(open: readonly OpenScope[]): ReadonlySet<ScopeVariable> {
  const hidden = new Set<ScopeVariable>();
  const visible = new Map<string, ScopeVariable>();
  for (const { scope, frame } of open) {
    for (const variable of scope.variables) {
      const key = `${frame} ${variable.name}`;
      const outer = visible.get(key);
      if (outer !== undefined) hidden.add(outer);
      visible.set(key, variable);
    }
  }
  return hidden;
}

/** Line entries of the program from the rows of its pieces, with the source text that BTF has for the line. */
function readLines(
  dwarf: DwarfModel,
  pieces: readonly PlacedPiece[],
  program: Program,
): { lines: LineEntry[]; prologueEnds: Set<number> } {
  const texts = new Map(program.lines.map((line) => [`${line.line0} ${line.file}`, line.text]));
  const lines: LineEntry[] = [];
  const prologueEnds = new Set<number>();
  for (const piece of pieces) {
    let i = firstRow(dwarf.rows, piece.start);
    for (; i < dwarf.rows.length; i++) {
      const row = dwarf.rows[i]!;
      if (row.address >= piece.end) break;
      if (row.endSequence) continue;
      const slot = piece.startSlot + Math.floor((row.address - piece.start) / SLOT_BYTES);
      if (row.prologueEnd) prologueEnds.add(slot);
      const line0 = row.line - 1;
      const entry: LineEntry = {
        slot,
        file: row.file,
        line0,
        column0: Math.max(0, row.column - 1),
        text: texts.get(`${line0} ${row.file}`) ?? '',
        isStatement: row.isStatement,
      };
      // Of several rows for one address the last describes the code that is there.
      if (lines.at(-1)?.slot === slot) lines.pop();
      lines.push(entry);
    }
  }
  return { lines, prologueEnds };
}

function firstRow(rows: DwarfModel['rows'], address: DebugAddress): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.address < address) low = middle + 1;
    else high = middle;
  }
  return low;
}
