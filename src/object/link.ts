// Programs cut out of relocated sections: the entry function, then every function that it reaches, in the order in which a walk
// through the code meets them (the order that libbpf gives, so that slot numbers agree with the kernel's messages).

import { decodeOne, SLOT_BYTES } from '../isa/index.ts';
import type { Btf } from './btf.ts';
import type { BtfExt } from './btf-ext.ts';
import { type CodeFunction, FunctionIndex } from './functions.ts';
import type { ProblemList } from './problems.ts';
import type {
  CoreRelocation,
  KfuncReference,
  KsymReference,
  LineEntry,
  MapReference,
  Program,
  ProgramPiece,
  Subprogram,
} from './program.ts';
import { putInsn } from './put-insn.ts';
import type { CodeReference, CodeSection } from './relocate.ts';

/** The kernel takes no longer program (BPF_COMPLEXITY_LIMIT_INSNS). */
const MAX_PROGRAM_SLOTS = 1_000_000;
/** Bound on all programs of one object together, so that a small hostile file cannot multiply itself. */
const MAX_TOTAL_SLOTS = 4_000_000;

export interface LinkInput {
  readonly code: ReadonlyMap<number, CodeSection>;
  readonly functions: readonly CodeFunction[];
  readonly btf: Btf | undefined;
  readonly ext: BtfExt | undefined;
  readonly license: string;
  readonly problems: ProblemList;
}

/** Links every program of the object. */
export function linkPrograms(input: LinkInput): Program[] {
  const linker = new Linker(input);
  const programs: Program[] = [];
  let total = 0;
  for (const entry of input.functions) {
    if (entry.role !== 'program') continue;
    const program = linker.link(entry, Math.min(MAX_PROGRAM_SLOTS, MAX_TOTAL_SLOTS - total));
    if (program === undefined) {
      input.problems.add(
        'object-too-large',
        `program '${entry.name}' and the functions that it calls are too long to be loaded`,
      );
      continue;
    }
    total += program.bytes.length / SLOT_BYTES;
    programs.push(program);
  }
  return programs;
}

/** A function at its place in a linked program. */
interface Placed {
  readonly fn: CodeFunction;
  readonly startSlot: number;
}

class Linker {
  readonly #input: LinkInput;
  readonly #index: FunctionIndex;
  readonly #references = new Map<CodeFunction, readonly LocatedReference[]>();
  readonly #lines = new Map<number, readonly LineEntry[]>();
  readonly #strings = new Map<number, string>();
  readonly #types = new Map<string, ReadonlyMap<number, number>>();

  constructor(input: LinkInput) {
    this.#input = input;
    this.#index = new FunctionIndex(input.functions);
  }

  link(entry: CodeFunction, maxSlots: number): Program | undefined {
    const placed = this.#place(entry, maxSlots);
    if (placed === undefined) return undefined;
    const last = placed.at(-1)!;
    const slots = last.startSlot + last.fn.endSlot - last.fn.startSlot;
    const bytes = new Uint8Array(slots * SLOT_BYTES);
    const starts = new Map(placed.map(({ fn, startSlot }) => [fn, startSlot]));
    const parts = new ProgramParts();
    for (const { fn, startSlot } of placed) {
      const code = this.#input.code.get(fn.section)!;
      bytes.set(code.bytes.subarray(fn.startSlot * SLOT_BYTES, fn.endSlot * SLOT_BYTES), startSlot * SLOT_BYTES);
      parts.take(fn, startSlot, code, this.#linesOf(code));
      this.#connect(bytes, fn, startSlot, starts);
    }
    return {
      name: entry.name,
      section: this.#input.code.get(entry.section)!.section.name,
      isSockOps: isSockOpsSection(this.#input.code.get(entry.section)!.section.name),
      bytes,
      subprograms: placed.map(({ fn, startSlot }) => this.#describe(fn, startSlot)),
      lines: parts.lines,
      mapReferences: parts.maps,
      kfuncReferences: parts.kfuncs,
      ksymReferences: parts.ksyms,
      coreRelocations: parts.core,
      pieces: parts.pieces,
      license: this.#input.license,
    };
  }

  /** Decides which functions the program has and where, walking callees as they are met. Undefined when it grows too long. */
  #place(entry: CodeFunction, maxSlots: number): Placed[] | undefined {
    const placed: Placed[] = [];
    const known = new Set<CodeFunction>();
    let slots = 0;
    const walks: { readonly references: readonly LocatedReference[]; next: number }[] = [];
    const enter = (fn: CodeFunction): void => {
      known.add(fn);
      placed.push({ fn, startSlot: slots });
      slots += fn.endSlot - fn.startSlot;
      walks.push({ references: this.#referencesOf(fn), next: 0 });
    };
    enter(entry);
    while (walks.length > 0) {
      if (slots > maxSlots) return undefined;
      const walk = walks.at(-1)!;
      const reference = walk.references[walk.next++];
      if (reference === undefined) walks.pop();
      else if (reference.callee !== undefined && !known.has(reference.callee)) enter(reference.callee);
    }
    return placed;
  }

  /** Calls and function addresses of a function in order, each with what it leads to. */
  #referencesOf(fn: CodeFunction): readonly LocatedReference[] {
    const known = this.#references.get(fn);
    if (known !== undefined) return known;
    const code = this.#input.code.get(fn.section)!;
    const out: LocatedReference[] = [];
    for (let slot = fn.startSlot; slot < fn.endSlot; slot++) {
      const insn = code.insns[slot];
      if (insn?.kind !== 'call-local' && insn?.kind !== 'load-imm64') continue;
      let reference = code.codeReferences.get(slot);
      if (reference === undefined && insn.kind === 'call-local') {
        reference = { kind: 'call', section: fn.section, slot: insn.target };
      }
      if (reference === undefined) continue;
      const callee = this.#index.startingAt(reference.section, reference.slot);
      if (callee === undefined) {
        const section = this.#input.code.get(reference.section)?.section.name ?? '';
        this.#input.problems.add(
          'object-bad-call',
          `'${fn.name}' calls instruction ${reference.slot} of section '${section}', where no function starts`,
        );
      }
      out.push({ slot, reference, callee });
    }
    this.#references.set(fn, out);
    return out;
  }

  /** Writes the distances of calls and addresses, now that all places are known. */
  #connect(bytes: Uint8Array, fn: CodeFunction, startSlot: number, starts: ReadonlyMap<CodeFunction, number>): void {
    for (const { slot: sectionSlot, reference, callee } of this.#referencesOf(fn)) {
      const target = callee === undefined ? undefined : starts.get(callee);
      if (target === undefined) continue;
      const slot = startSlot + sectionSlot - fn.startSlot;
      if (reference.kind === 'call') {
        putInsn(bytes, { kind: 'call-local', slot, target });
        continue;
      }
      const load = decodeOne(bytes, slot);
      if (load.kind === 'load-imm64')
        putInsn(bytes, { ...load, source: 'function', low: (target - slot - 1) >>> 0, high: 0 });
    }
  }

  #describe(fn: CodeFunction, startSlot: number): Subprogram {
    const { btf } = this.#input;
    const section = this.#input.code.get(fn.section)!.section.name;
    const offset = fn.startSlot * SLOT_BYTES;
    const btfFuncId = this.#functionTypes(section).get(offset) ?? 0;
    const type = btf?.type(btfFuncId);
    const isStatic = fn.linkage === 'static' || (type?.kind === 'func' && type.linkage === 'static');
    return {
      name: fn.name,
      startSlot,
      endSlot: startSlot + fn.endSlot - fn.startSlot,
      btfFuncId: type?.kind === 'func' ? btfFuncId : 0,
      linkage: isStatic ? 'static' : 'global',
    };
  }

  /** BTF ids of a section's functions by their byte offset. */
  #functionTypes(section: string): ReadonlyMap<number, number> {
    let types = this.#types.get(section);
    if (types === undefined) {
      const infos = this.#input.ext?.get(section)?.functions ?? [];
      types = new Map(infos.map(({ offset, type }) => [offset, type]));
      this.#types.set(section, types);
    }
    return types;
  }

  /** Line table of a section by slot, from BTF. */
  #linesOf(code: CodeSection): readonly LineEntry[] {
    const known = this.#lines.get(code.section.index);
    if (known !== undefined) return known;
    const infos = this.#input.ext?.get(code.section.name)?.lines ?? [];
    const lines = infos
      .filter((info) => info.offset % SLOT_BYTES === 0)
      .map((info) => ({
        slot: info.offset / SLOT_BYTES,
        file: this.#string(info.fileName),
        line0: info.line - 1,
        column0: Math.max(0, info.column - 1),
        text: this.#string(info.lineText),
        isStatement: true,
      }))
      .sort((a, b) => a.slot - b.slot);
    this.#lines.set(code.section.index, lines);
    return lines;
  }

  #string(offset: number): string {
    let text = this.#strings.get(offset);
    if (text === undefined) {
      text = this.#input.btf?.string(offset) ?? '';
      this.#strings.set(offset, text);
    }
    return text;
  }
}

interface LocatedReference {
  /** In the section. */
  readonly slot: number;
  readonly reference: CodeReference;
  /** Undefined when no function starts there. */
  readonly callee: CodeFunction | undefined;
}

/** Side information of a program, moved from section slots to program slots. */
class ProgramParts {
  readonly lines: LineEntry[] = [];
  readonly maps: MapReference[] = [];
  readonly kfuncs: KfuncReference[] = [];
  readonly ksyms: KsymReference[] = [];
  readonly core: CoreRelocation[] = [];
  readonly pieces: ProgramPiece[] = [];

  take(fn: CodeFunction, startSlot: number, code: CodeSection, sectionLines: readonly LineEntry[]): void {
    const shift = startSlot - fn.startSlot;
    const endSlot = fn.endSlot + shift;
    this.pieces.push({ startSlot, endSlot, section: fn.section, sectionOffset: fn.startSlot * SLOT_BYTES });
    for (let i = firstAtOrAfter(sectionLines, fn.startSlot); i < sectionLines.length; i++) {
      const line = sectionLines[i]!;
      if (line.slot >= fn.endSlot) break;
      this.lines.push({ ...line, slot: line.slot + shift });
    }
    moveInto(this.maps, code.mapReferences, fn, shift);
    moveInto(this.kfuncs, code.kfuncReferences, fn, shift);
    moveInto(this.ksyms, code.ksymReferences, fn, shift);
    moveInto(this.core, code.coreRelocations, fn, shift);
  }
}

function moveInto<T extends { readonly slot: number }>(
  out: T[],
  from: ReadonlyMap<number, T>,
  fn: CodeFunction,
  shift: number,
): void {
  if (from.size === 0) return;
  for (let slot = fn.startSlot; slot < fn.endSlot; slot++) {
    const item = from.get(slot);
    if (item !== undefined) out.push({ ...item, slot: slot + shift });
  }
}

function firstAtOrAfter(lines: readonly LineEntry[], slot: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle]!.slot < slot) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a loader takes programs of this section for sock_ops: "sockops", "sockops/..." and older spellings that begin so. */
export function isSockOpsSection(section: string): boolean {
  return /^\??sockops/.test(section);
}
