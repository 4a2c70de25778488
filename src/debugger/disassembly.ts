// Instructions of a program as rows for a disassembly view: names instead of numbers for helpers, maps and functions, source lines beside.

import { toHex } from '../base/index.ts';
import { decodeProgram, formatInsn, type InsnNames } from '../isa/index.ts';
import type { KernelView } from '../kernel/index.ts';
import { type DebuggedProgram, lineAt, type SourceLocation } from './sources.ts';

export interface DisassemblyRow {
  readonly slot: number;
  readonly text: string;
  /** Hex with blanks, '' for rows outside the program. */
  readonly bytes: string;
  /** Function that begins here. */
  readonly symbol: string | undefined;
  /** Set where a line table entry begins. */
  readonly location: SourceLocation | undefined;
  /** False for rows before the first or after the last instruction. */
  readonly valid: boolean;
}

/** Names that the program's own tables and the kernel's know. */
export function insnNames({ object, program }: DebuggedProgram, view: KernelView): InsnNames {
  return {
    helper: (id) => {
      const answer = view.helper(id, { gplCompatible: true });
      return 'row' in answer && answer.row !== undefined ? answer.row.name : undefined;
    },
    kfunc: (btfId) => program.kfuncReferences.find((reference) => reference.btfId === btfId)?.name,
    map: (fd) => object.maps.find((map) => map.fd === fd)?.name,
    function: (slot) => program.subprograms.find((subprogram) => subprogram.startSlot === slot)?.name,
  };
}

/** Text of one instruction. */
export function insnText(debugged: DebuggedProgram, slot: number, view: KernelView): string {
  const insn = decodeProgram(debugged.program.bytes)[slot];
  return insn === undefined ? '' : formatInsn(insn, { names: insnNames(debugged, view) });
}

/** `count` rows from `offset` instructions after (or before) the one at `slot`; rows outside the program are marked invalid. */
export function disassemble(
  debugged: DebuggedProgram,
  slot: number,
  offset: number,
  count: number,
  view: KernelView,
): readonly DisassemblyRow[] {
  const { program } = debugged;
  const decoded = decodeProgram(program.bytes);
  const names = insnNames(debugged, view);
  const slots = decoded.flatMap((insn, at) => (insn === undefined ? [] : [at]));
  const origin = slots.filter((candidate) => candidate <= slot).length - 1;
  const rows: DisassemblyRow[] = [];
  for (let index = origin + offset; rows.length < count; index++) {
    const at = slots[index];
    const insn = at === undefined ? undefined : decoded[at];
    if (at === undefined || insn === undefined) {
      const outside = index < 0 ? index : decoded.length + index - slots.length;
      rows.push({
        slot: outside,
        text: '(outside the program)',
        bytes: '',
        symbol: undefined,
        location: undefined,
        valid: false,
      });
      continue;
    }
    const end = (slots[index + 1] ?? decoded.length) * 8;
    const line = lineAt(debugged, at);
    rows.push({
      slot: at,
      text: formatInsn(insn, { names }),
      bytes: toHex(program.bytes.subarray(at * 8, end)).replace(/..(?=.)/g, '$& '),
      symbol: program.subprograms.find((subprogram) => subprogram.startSlot === at)?.name,
      location:
        line !== undefined && line.slot === at
          ? { file: line.file, line0: line.line0, column0: line.column0 }
          : undefined,
      valid: true,
    });
  }
  return rows;
}
