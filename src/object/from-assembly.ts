// Assembly text to programs, by the same way that compiled programs take: assemble, write the object file, read and link it.

import { LineIndex, type Outcome, type Problem } from '../base/index.ts';
import {
  type AssembledSymbol,
  type AssembleOptions,
  type Assembly,
  assemble,
  decodeProgram,
  referencedFunction,
  SLOT_BYTES,
} from '../isa/index.ts';
import { addTypes } from './assembly-btf.ts';
import type { ReadObjectOptions } from './options.ts';
import type { BpfObject } from './program.ts';
import { readObject } from './read-object.ts';
import { writeObject } from './write-object.ts';

export interface AssemblyOptions extends ReadObjectOptions {
  readonly helperId?: AssembleOptions['helperId'];
  readonly mapTypeId?: AssembleOptions['mapTypeId'];
}

/** Reads assembly text (a .bpfasm file) into programs; its problems come before those of linking. */
export function programFromAssembly(text: string, options: AssemblyOptions): BpfObject {
  const { value, problems } = objectFromAssembly(text, options);
  const object = readObject(value, { defaultLicense: 'GPL', ...options });
  return { ...object, problems: [...problems, ...object.problems] };
}

/** The object file of an assembly text, as `sockscope asm` writes it. */
export function objectFromAssembly(text: string, options: AssemblyOptions): Outcome<Uint8Array> {
  const { helperId, mapTypeId, file } = options;
  const { value, problems } = assemble(text, {
    file,
    ...(helperId === undefined ? {} : { helperId }),
    ...(mapTypeId === undefined ? {} : { mapTypeId }),
  });
  const unknown = value.maps.filter(({ typeId }) => typeId === undefined);
  const typeProblems = unknown.map(
    ({ name, type, range }): Problem => ({
      code: 'asm-map',
      severity: 'error',
      message: `map '${name}' is of type '${type}', which no kernel has`,
      at: { file, range },
      remedy: "Write the kernel's name without BPF_MAP_TYPE_, such as array, hash or sockhash, or its number",
    }),
  );
  const complete = nameFunctions(nameProgramSection(value));
  const bytes = writeObject(addTypes(complete, { file, text, lineIndex: new LineIndex(text) }));
  return { value: bytes, problems: [...problems, ...typeProblems] };
}

/** Where the text names no section for its code, the code is a sock_ops program. */
function nameProgramSection(assembly: Assembly): Assembly {
  const code = assembly.sections.filter(({ flags, bytes }) => flags.includes('x') && bytes.length > 0);
  const [only] = code;
  if (only === undefined || code.length > 1 || only.name !== '.text') return assembly;
  return {
    ...assembly,
    sections: assembly.sections.map((section) => (section === only ? { ...section, name: 'sockops' } : section)),
  };
}

/**
 * Loaders find programs by function symbols. People who write assembly leave `.type` and `.size` out: the code at the start of a
 * section, what is global in it and what is called becomes a function, up to the next one.
 */
function nameFunctions(assembly: Assembly): Assembly {
  const symbols: AssembledSymbol[] = [...assembly.symbols];
  const called = calledPlaces(assembly);
  assembly.sections.forEach((section, index) => {
    if (!section.flags.includes('x') || section.bytes.length === 0) return;
    const here = (symbol: AssembledSymbol): number | undefined =>
      symbol.value.kind === 'place' && symbol.value.section === index ? symbol.value.offset : undefined;
    symbols.forEach((symbol, at) => {
      const offset = here(symbol);
      if (offset === undefined || symbol.type !== 'none') return;
      const first =
        offset === 0 && !symbols.some((other) => other !== symbol && here(other) === 0 && other.type === 'function');
      if (first || symbol.binding !== 'local' || called.has(`${index}:${offset}`))
        symbols[at] = {
          ...symbol,
          type: 'function',
          binding: first && !called.has(`${index}:0`) ? 'global' : symbol.binding,
        };
    });
    if (!symbols.some((symbol) => here(symbol) === 0 && symbol.type === 'function')) {
      const taken = new Set(symbols.map(({ name }) => name));
      const wanted = ['prog', `prog_${index}`, `prog_${index}_${section.bytes.length}`].find(
        (name) => !taken.has(name),
      );
      symbols.push({
        name: wanted ?? `prog\u0000${index}`,
        binding: 'global',
        type: 'function',
        visibility: 'default',
        value: { kind: 'place', section: index, offset: 0 },
        size: 0,
        range: section.origins[0]?.range ?? { start: { line0: 0, column0: 0 }, end: { line0: 0, column0: 0 } },
      });
    }
    const starts = symbols.flatMap((symbol) => (symbol.type === 'function' ? (here(symbol) ?? []) : []));
    symbols.forEach((symbol, at) => {
      const offset = here(symbol);
      if (offset === undefined || symbol.type !== 'function' || symbol.size > 0) return;
      const end = Math.min(section.bytes.length, ...starts.filter((start) => start > offset));
      symbols[at] = { ...symbol, size: end - offset };
    });
  });
  return { ...assembly, symbols };
}

/** "section:offset" of everything that a call or an address of code refers to. */
function calledPlaces(assembly: Assembly): ReadonlySet<string> {
  const places = new Set<string>();
  const bySymbol = new Map(assembly.symbols.map((symbol) => [symbol.name, symbol]));
  assembly.sections.forEach((section, index) => {
    if (!section.flags.includes('x')) return;
    const relocations = new Map(section.relocations.map((relocation) => [relocation.offset, relocation.to]));
    for (const insn of decodeProgram(section.bytes)) {
      if (insn?.kind !== 'call-local' && insn?.kind !== 'load-imm64') continue;
      const to = relocations.get(insn.slot * SLOT_BYTES);
      if (to === undefined) {
        const target = referencedFunction(insn);
        if (target !== undefined) places.add(`${index}:${target * SLOT_BYTES}`);
        continue;
      }
      // Before linking, a call holds how far into the symbol it goes, less one slot.
      const addend = insn.kind === 'call-local' ? (insn.target - insn.slot) * SLOT_BYTES : insn.low;
      if (to.kind === 'section') places.add(`${to.section}:${addend}`);
      const value = to.kind === 'symbol' ? bySymbol.get(to.name)?.value : undefined;
      if (value?.kind === 'place') places.add(`${value.section}:${value.offset + addend}`);
    }
  });
  return places;
}
