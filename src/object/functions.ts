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
  for (const section of elf.sections) {
    if (!code.has(section.index)) continue;
    if (section.bytes.length % SLOT_BYTES !== 0) {
      problems.add(
        'object-bad-section',
        `section '${section.name}' has ${section.bytes.length} bytes, which is no whole number of instructions`,
      );
    }
    functions.push(...functionsOf(section, elf.symbolsIn(section.index), code.get(section.index), problems));
  }
  // An object whose only function lies in .text has no program type, but it is still the program.
  const [first] = functions;
  if (
    first !== undefined &&
    functions.every((fn) => (fn.role === 'subprogram' && fn.linkage === 'static' ? true : fn === first))
  ) {
    return [{ ...first, role: 'program' }, ...functions.slice(1)];
  }
  return functions;
}

function functionsOf(
  section: ElfSection,
  symbols: readonly ElfSymbol[],
  code: CodeSection | undefined,
  problems: ProblemList,
): CodeFunction[] {
  const starts = symbols.filter((symbol) => symbol.type === 'func' && symbol.name !== '');
  const named = starts.length > 0 ? starts : symbols.filter(isOldStyleStart);
  const totalSlots = Math.floor(section.bytes.length / SLOT_BYTES);
  const role = section.name === TEXT_SECTION ? 'subprogram' : 'program';
  if (named.length === 0)
    return totalSlots === 0 || code === undefined ? [] : splitByCalls(code, symbols, role, totalSlots);
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

/** A section that names no functions is one program, and what it calls within itself are its subprograms. */
function splitByCalls(
  code: CodeSection,
  symbols: readonly ElfSymbol[],
  role: CodeFunction['role'],
  totalSlots: number,
): CodeFunction[] {
  const section = code.section.index;
  const starts = new Set([0]);
  for (const insn of code.insns) {
    if (insn === undefined) continue;
    const reference = code.codeReferences.get(insn.slot);
    const target =
      reference === undefined ? referencedFunction(insn) : reference.section === section ? reference.slot : undefined;
    if (target !== undefined && target > 0 && target < totalSlots) starts.add(target);
  }
  const nameAt = (slot: number): string | undefined =>
    symbols.find((symbol) => symbol.value === slot * SLOT_BYTES && symbol.name !== '' && symbol.type !== 'section')
      ?.name;
  const ordered = [...starts].sort((a, b) => a - b);
  return ordered.map((startSlot, i) => ({
    name: nameAt(startSlot) ?? (startSlot === 0 ? code.section.name : `func_${startSlot}`),
    section,
    startSlot,
    endSlot: ordered[i + 1] ?? totalSlots,
    linkage: startSlot === 0 ? 'global' : 'static',
    role: startSlot === 0 ? role : 'subprogram',
  }));
}

/** Compilers before function symbols marked the start of a program with a global label. */
function isOldStyleStart(symbol: ElfSymbol): boolean {
  return symbol.type === 'none' && symbol.binding === 'global' && symbol.name !== '';
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
