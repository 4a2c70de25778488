// Which programs of which objects a scenario means, and one virtual machine per object file: programs of one file share maps.

import type { Problem } from '../base/index.ts';
import { decodeProgram, type Insn } from '../isa/index.ts';
import type { KernelView } from '../kernel/index.ts';
import type { BpfObject, Program } from '../object/index.ts';
import { createVm, type VirtualMachine, type VmOptions } from '../vm/index.ts';
import { socketElements } from './context.ts';
import { type CtxElement, ctxElements } from './ctx-text.ts';
import { nearest } from './edit-distance.ts';
import { KernelObjects } from './kernel-objects.ts';
import type { Scenario } from './scenario-parse.ts';
import type { ProgramSpec } from './scenario-schema.ts';
import type { ScenarioSource } from './scenario-source.ts';

/** One row of the scenario's "programs", ready to run. Compared by identity. */
export interface LoadedProgram {
  /** Index into the scenario's programs. */
  readonly index: number;
  readonly spec: ProgramSpec & { readonly cgroup: string };
  readonly file: string;
  readonly object: BpfObject;
  readonly program: Program;
  readonly vm: VirtualMachine;
  /** The kernel's objects as this object file's programs read them. */
  readonly kernel: KernelObjects;
  /** Words of the context that some load of the object may read: enough for programs that the verifier accepts. */
  readonly filledElements: readonly CtxElement[];
  /** By program name: slots of loads that may be from the context. */
  readonly ctxLoadSlots: ReadonlyMap<string, ReadonlySet<number>>;
}

export interface LoadedFile {
  readonly file: string;
  readonly object: BpfObject;
  readonly vm: VirtualMachine;
}

export interface LoadResult {
  readonly programs: readonly LoadedProgram[];
  readonly files: readonly LoadedFile[];
  readonly problems: readonly Problem[];
}

/** What a machine needs beyond the object: memory and compiled code come from the host. */
export type MachineParts = Pick<VmOptions, 'memoryFactory' | 'engine'>;

/** Finds every program that the scenario names and makes the machines. `objects` is keyed by file as the scenario writes it. */
export function loadPrograms(
  scenario: Scenario,
  source: ScenarioSource,
  objects: ReadonlyMap<string, BpfObject>,
  view: KernelView,
  parts: MachineParts,
): LoadResult {
  const problems: Problem[] = [];
  const programs: LoadedProgram[] = [];
  const files = new Map<string, LoadedFile & { readonly loads: ObjectLoads; readonly kernel: KernelObjects }>();
  scenario.programs.forEach((spec, index) => {
    const object = objects.get(spec.file);
    if (object === undefined) {
      problems.push({
        code: 'scenario-file-missing',
        severity: 'error',
        message: `there is no object for "${spec.file}"`,
        at: source.place(['programs', index, 'file']),
        remedy: 'check the path; it is relative to the scenario file',
      });
      return;
    }
    const program = choose(object, spec, index, source, problems);
    if (program === undefined) return;
    let file = files.get(spec.file);
    if (file === undefined) {
      const made = createVm({
        programs: object.programs,
        maps: object.maps,
        view,
        cpuCount: CPU_COUNT,
        ...(object.btf === undefined ? {} : { types: object.btf }),
        ...parts,
      });
      problems.push(...made.problems.map((problem) => ({ ...problem, at: problem.at ?? { file: object.file } })));
      if (made.value === undefined) return;
      file = {
        file: spec.file,
        object,
        vm: made.value,
        kernel: new KernelObjects(object),
        loads: contextLoads(object, view),
      };
      files.set(spec.file, file);
    }
    programs.push({
      index,
      spec,
      file: spec.file,
      object,
      program,
      vm: file.vm,
      kernel: file.kernel,
      filledElements: file.loads.elements,
      ctxLoadSlots: file.loads.slots,
    });
  });
  return { programs, files: [...files.values()], problems };
}

/** Each host of the simulation has a CPU of its own. */
export const CPU_COUNT = 2;

function choose(
  object: BpfObject,
  spec: ProgramSpec,
  index: number,
  source: ScenarioSource,
  problems: Problem[],
): Program | undefined {
  const candidates = object.programs.filter((program) => program.isSockOps);
  const names = candidates.map((program) => program.name);
  const complain = (path: readonly (string | number)[], message: string, remedy: string): undefined => {
    problems.push({
      code: 'scenario-program',
      severity: 'error',
      message,
      at: source.place(['programs', index, ...path]),
      remedy,
    });
    return undefined;
  };
  if (spec.program !== undefined) {
    const found = object.programs.find((program) => program.name === spec.program);
    if (found === undefined) {
      const meant = nearest(spec.program, names);
      const advice = names.length === 0 ? 'the file has no sock_ops program' : `it has ${names.join(', ')}`;
      return complain(
        ['program'],
        `"${spec.file}" has no program "${spec.program}"`,
        meant === undefined ? advice : `did you mean "${meant}"?`,
      );
    }
    if (!found.isSockOps) {
      return complain(
        ['program'],
        `"${spec.program}" is no sock_ops program: its section is "${found.section}"`,
        'put it into SEC("sockops")',
      );
    }
    return found;
  }
  const [only] = candidates;
  if (only === undefined) {
    const others = object.programs.map((program) => `${program.name} in "${program.section}"`);
    return complain(
      ['file'],
      `"${spec.file}" has no sock_ops program`,
      others.length === 0
        ? 'put the program into SEC("sockops")'
        : `it has ${others.join(', ')}; the section must be "sockops"`,
    );
  }
  // Programs that a prog array names are tail call targets: the one that is left is the entry.
  const targets = new Set(object.maps.flatMap((map) => (map.initialSlots ?? []).map((slot) => slot.name)));
  const entries = candidates.filter((program) => !targets.has(program.name));
  if (candidates.length > 1 && entries.length !== 1) {
    return complain(
      ['file'],
      `"${object.file}" has ${candidates.length} sock_ops programs`,
      `say which: --program ${names[0]} on the command line, "program": "${names[0]}" in a scenario; it has ${names.join(', ')}`,
    );
  }
  return entries[0] ?? only;
}

interface ObjectLoads {
  readonly elements: readonly CtxElement[];
  readonly slots: ReadonlyMap<string, ReadonlySet<number>>;
}

const FRAME_POINTER = 10;

/** Loads whose offset lies in the context and whose base is not the frame pointer: every context load is among them. */
function contextLoads(object: BpfObject, view: KernelView): ObjectLoads {
  const touched = new Set<CtxElement>();
  const slots = new Map<string, ReadonlySet<number>>();
  const elements = ctxElements(view);
  for (const program of object.programs) {
    const here = new Set<number>();
    for (const insn of decodeProgram(program.bytes)) {
      if (insn === undefined || !isLoad(insn) || insn.base === FRAME_POINTER) continue;
      if (insn.offset < 0 || insn.offset + insn.size > view.ctxSize) continue;
      here.add(insn.slot);
      for (const element of elements) {
        if (element.offset < insn.offset + insn.size && insn.offset < element.offset + element.size)
          touched.add(element);
      }
    }
    slots.set(program.name, here);
  }
  return { elements: socketElements(view).filter((element) => touched.has(element)), slots };
}

const isLoad = (insn: Insn): insn is Insn & { kind: 'load' } => insn.kind === 'load';
