// Programs that come without an object file: bare instructions (verify --batch, conformance) and assembled text.

import type { Problem } from '../base/index.ts';
import { decodeProgram, functionTarget, SLOT_BYTES } from '../isa/index.ts';
import { ProblemList } from './problems.ts';
import type { BpfObject, KernelTypes, LineEntry, MapDefinition, MapReference, Program, Subprogram } from './program.ts';
import { readDebugInfo } from './read-debug-info.ts';

/** What a caller knows of a program whose bytes it has. */
export interface InsnsInput {
  /** How problems name it. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Default "program". */
  readonly name?: string;
  /** Default "GPL". */
  readonly license?: string;
  /** Maps that load-imm64 instructions refer to by fd. */
  readonly maps?: readonly MapDefinition[];
  /** Functions beyond the entry, where their names are known; the others are found from calls. */
  readonly functions?: readonly { readonly name: string; readonly slot: number }[];
  readonly lines?: readonly LineEntry[];
  readonly problems?: readonly Problem[];
  /** Types of the kernel that offsets and ids in the instructions belong to. */
  readonly kernelTypes?: KernelTypes;
}

/** An object with one sock_ops program. */
export function programFromInsns(input: InsnsInput): BpfObject {
  const problems = new ProblemList(input.file);
  problems.addAll(input.problems ?? []);
  const slots = Math.floor(input.bytes.length / SLOT_BYTES);
  if (input.bytes.length % SLOT_BYTES !== 0 || slots === 0) {
    const what =
      slots === 0 ? 'there are no instructions' : `${input.bytes.length} bytes are no whole number of instructions`;
    problems.add('object-no-program', what, { remedy: 'Give instructions of 8 bytes each' });
  }
  const bytes = Uint8Array.from(input.bytes.subarray(0, slots * SLOT_BYTES));
  const license = input.license ?? 'GPL';
  const programs = slots === 0 ? [] : [describe(input, bytes, license)];
  return {
    file: input.file,
    license,
    version: 0,
    programs,
    maps: input.maps ?? [],
    kernelSymbols: [],
    btf: undefined,
    kernelTypes: input.kernelTypes,
    debugInfo: readDebugInfo(undefined, undefined, [], problems),
    problems: problems.all,
  };
}

function describe(input: InsnsInput, bytes: Uint8Array, license: string): Program {
  const mapReferences: MapReference[] = [];
  const targets = new Set<number>();
  const slots = bytes.length / SLOT_BYTES;
  for (const insn of decodeProgram(bytes)) {
    if (insn?.kind === 'call-local') targets.add(insn.target);
    if (insn?.kind !== 'load-imm64') continue;
    if (insn.source === 'map-fd') mapReferences.push({ slot: insn.slot, mapFd: insn.low });
    if (insn.source === 'map-value') mapReferences.push({ slot: insn.slot, mapFd: insn.low, valueOffset: insn.high });
    const callback = functionTarget(insn);
    if (callback !== undefined) targets.add(callback);
  }
  const names = new Map(input.functions?.map(({ name, slot }) => [slot, name]));
  for (const slot of names.keys()) targets.add(slot);
  targets.delete(0);
  const name = input.name ?? names.get(0) ?? 'program';
  const starts = [0, ...[...targets].filter((slot) => slot > 0 && slot < slots).sort((a, b) => a - b)];
  const subprograms: Subprogram[] = starts.map((startSlot, i) => ({
    name: startSlot === 0 ? name : (names.get(startSlot) ?? `func_${startSlot}`),
    startSlot,
    endSlot: starts[i + 1] ?? slots,
    btfFuncId: 0,
    linkage: startSlot === 0 ? 'global' : 'static',
  }));
  return {
    name,
    section: 'sockops',
    isSockOps: true,
    bytes,
    subprograms,
    lines: input.lines ?? [],
    mapReferences,
    kfuncReferences: [],
    ksymReferences: [],
    coreRelocations: [],
    pieces: [],
    license,
  };
}
