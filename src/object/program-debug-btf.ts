// Debug information from BTF alone: lines, functions, and the parameters of a function while its first instruction is about to run.

import type { Btf } from './btf.ts';
import { typeName } from './c-print.ts';
import type { FunctionScope, ProgramDebug, Variable } from './debug-info.ts';
import { LineTable } from './line-table.ts';
import type { LineEntry, Program, Subprogram } from './program.ts';

export class BtfProgramDebug implements ProgramDebug {
  readonly source: 'btf' | 'none';
  readonly lines: readonly LineEntry[];
  readonly files: readonly string[];
  readonly #program: Program;
  readonly #btf: Btf | undefined;
  readonly #table: LineTable;

  constructor(program: Program, btf: Btf | undefined) {
    this.#program = program;
    this.#btf = btf;
    this.#table = new LineTable(program.lines);
    this.lines = program.lines;
    this.files = this.#table.files;
    this.source = program.lines.length > 0 ? 'btf' : 'none';
  }

  #subprogram(slot: number): Subprogram | undefined {
    return this.#program.subprograms.find((one) => slot >= one.startSlot && slot < one.endSlot);
  }

  scopesAt(slot: number): readonly FunctionScope[] {
    const found = this.#subprogram(slot);
    if (found === undefined) return [];
    const { name, startSlot, endSlot } = found;
    return [{ kind: 'function', name, ranges: [{ startSlot, endSlot }] }];
  }

  variablesAt(slot: number): readonly Variable[] {
    const found = this.#subprogram(slot);
    const btf = this.#btf;
    const fn = found === undefined ? undefined : btf?.type(found.btfFuncId);
    const prototype = fn?.kind === 'func' ? btf?.cType(fn.prototype) : undefined;
    if (found === undefined || btf === undefined || prototype?.kind !== 'function') return [];
    return prototype.parameters.slice(0, 5).map((parameter, i) => ({
      name: parameter.name,
      kind: 'parameter',
      scope: 0,
      type: { table: btf, id: parameter.type },
      typeText: typeName(btf, parameter.type),
      location:
        slot === found.startSlot
          ? { kind: 'register', register: i + 1 }
          : { kind: 'optimised-out', why: 'the object has no DWARF that would tell where it is now' },
      shadowed: false,
    }));
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
    return this.#program.subprograms.find((one) => one.name === name)?.startSlot;
  }
}
