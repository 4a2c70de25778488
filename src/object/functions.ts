// Which functions an object has and which of them are programs: one per function symbol in a named section, as libbpf 0.2 and
// later sees it; a section without function symbols is one program, as before. Functions in .text are called by others.

import { referencedFunction, SLOT_BYTES } from '../isa/index.ts';
import { type ElfFile, type ElfSection, type ElfSymbol, SECTION_FLAG, SECTION_TYPE } from './elf.ts';
import type { ProblemList } from './problems.ts';
import type { CodeSection } from './relocate.ts';

/** A function in its section, before linking. */
export interface CodeFunction {
  readonly name: string;
  readonly section: number;
  /** Slots within the section, half-open. */
  readonly startSlot: number;
  readonly endSlot: number;
  readonly linkage: 'static' | 'global';
  readonly role: 'program' | 'subprogram';
}

export const TEXT_SECTION = '.text';

/** Whether a section holds instructions. */
export function isCode(section: ElfSection): boolean {
  return (
    section.type === SECTION_TYPE.progbits && (section.flags & SECTION_FLAG.exec) !== 0 && section.bytes.length > 0
  );
}

/** All functions of the object, by section and place. `code` are its sections with relocations applied. */
export function readFunctions(
  elf: ElfFile,
  code: ReadonlyMap<number, CodeSection>,
  problems: ProblemList,
): CodeFunction[] {
  const functions: CodeFunction[] = [];
  let targets: ReadonlyMap<number, ReadonlySet<number>> | undefined;
  for (const section of elf.sections) {
    if (!code.has(section.index)) continue;
    if (section.bytes.length % SLOT_BYTES !== 0) {
      problems.add(
        'object-bad-section',
        `section '${section.name}' has ${section.bytes.length} bytes, which is no whole number of instructions`,
      );
    }
    const symbols = elf.symbolsIn(section.index);
    const named = symbols.filter((symbol) => symbol.type === 'func' && symbol.name !== '');
    if (named.length > 0) {
      functions.push(...functionsOf(section, named, problems));
    } else {
      targets ??= callTargets(code);
      functions.push(...functionsWithoutSymbols(section, symbols, targets.get(section.index)));
    }
  }
  // An object whose only function lies in .text has no program type, but it is still the program.
  const [first, ...others] = functions;
  const alone = others.every((fn) => fn.role === 'subprogram' && fn.linkage === 'static');
  return first !== undefined && alone ? [{ ...first, role: 'program' }, ...others] : functions;
}

function functionsOf(section: ElfSection, named: ElfSymbol[], problems: ProblemList): CodeFunction[] {
  const totalSlots = Math.floor(section.bytes.length / SLOT_BYTES);
  const role = section.name === TEXT_SECTION ? 'subprogram' : 'program';
  named.sort((a, b) => a.value - b.value);
  const out: CodeFunction[] = [];
  for (const [i, symbol] of named.entries()) {
    const next =
      named.slice(i + 1, i + 64).find((other) => other.value > symbol.value)?.value ?? totalSlots * SLOT_BYTES;
    const end = symbol.size > 0 ? symbol.value + symbol.size : next;
    const aligned = symbol.value % SLOT_BYTES === 0 && end % SLOT_BYTES === 0;
    if (!aligned || end > totalSlots * SLOT_BYTES || end <= symbol.value) {
      problems.add(
        'object-bad-symbol',
        `function '${symbol.name}' should lie at bytes ${symbol.value} to ${end} of section '${section.name}', which has ${section.bytes.length}`,
      );
      continue;
    }
    const isStatic = symbol.binding === 'local';
    if (isStatic && role === 'program') {
      problems.add(
        'object-static-program',
        `function '${symbol.name}' is static but stands in section '${section.name}', where only programs belong`,
      );
    }
    out.push({
      name: symbol.name,
      section: section.index,
      startSlot: symbol.value / SLOT_BYTES,
      endSlot: end / SLOT_BYTES,
      linkage: isStatic || symbol.hidden ? 'static' : 'global',
      role: isStatic ? 'subprogram' : role,
    });
  }
  return out;
}

/** Slots that calls and addresses of functions lead to, by section. */
function callTargets(code: ReadonlyMap<number, CodeSection>): ReadonlyMap<number, ReadonlySet<number>> {
  const targets = new Map<number, Set<number>>();
  for (const { section, insns, codeReferences } of code.values()) {
    for (const insn of insns) {
      if (insn === undefined) continue;
      const reference = codeReferences.get(insn.slot);
      const slot = reference?.slot ?? referencedFunction(insn);
      if (slot === undefined) continue;
      const index = reference?.section ?? section.index;
      const known = targets.get(index);
      if (known === undefined) targets.set(index, new Set([slot]));
      else known.add(slot);
    }
  }
  return targets;
}

/**
 * Functions of a section without function symbols. Compilers of that time marked programs with global labels; a section without
 * those is one program. Whatever is called is a function of its own.
 */
function functionsWithoutSymbols(
  section: ElfSection,
  symbols: readonly ElfSymbol[],
  targets: ReadonlySet<number> | undefined,
): CodeFunction[] {
  const totalSlots = Math.floor(section.bytes.length / SLOT_BYTES);
  const names = new Map<number, string>();
  const programs = new Set<number>();
  for (const symbol of symbols) {
    const slot = symbol.value / SLOT_BYTES;
    if (symbol.type !== 'none' || symbol.name === '' || !Number.isInteger(slot)) continue;
    if (!names.has(slot)) names.set(slot, symbol.name);
    if (symbol.binding === 'global') programs.add(slot);
  }
  if (programs.size === 0) programs.add(0);
  const starts = [...new Set([...programs, ...(targets ?? [])])].filter((slot) => slot >= 0 && slot < totalSlots);
  starts.sort((a, b) => a - b);
  return starts.map((startSlot, i) => {
    const isProgram = programs.has(startSlot);
    return {
      name: names.get(startSlot) ?? (startSlot === 0 ? section.name : `func_${startSlot}`),
      section: section.index,
      startSlot,
      endSlot: starts[i + 1] ?? totalSlots,
      linkage: isProgram ? 'global' : 'static',
      role: isProgram && section.name !== TEXT_SECTION ? 'program' : 'subprogram',
    };
  });
}

/** Finds the function that starts at a slot of a section, and the one that contains it. */
export class FunctionIndex {
  readonly #bySection = new Map<number, CodeFunction[]>();

  constructor(functions: readonly CodeFunction[]) {
    for (const fn of functions) {
      const list = this.#bySection.get(fn.section);
      if (list === undefined) this.#bySection.set(fn.section, [fn]);
      else list.push(fn);
    }
    for (const list of this.#bySection.values()) list.sort((a, b) => a.startSlot - b.startSlot);
  }

  startingAt(section: number, slot: number): CodeFunction | undefined {
    const list = this.#bySection.get(section) ?? [];
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle]!.startSlot < slot) low = middle + 1;
      else high = middle;
    }
    return list[low]?.startSlot === slot ? list[low] : undefined;
  }
}
