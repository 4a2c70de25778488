// From programs and maps to a machine that is ready to run: maps are created, programs decoded and lowered, references resolved.

import type { Outcome, Problem } from '../base/index.ts';
import { type DecodedProgram, decodeProgram, functionTarget, type LoadImm64Insn } from '../isa/index.ts';
import { POISONED_HELPER } from '../object/index.ts';
import { kernelTextAddress } from './address.ts';
import type { VmOptions, VmProgram } from './api.ts';
import { callFunction, kfuncFunction, nameOfCall, RESUME } from './helpers/index.ts';
import { LinearMemory, plainMemory } from './linear-memory.ts';
import { type Code, ConstantPool, lower, type Trap } from './lower.ts';
import { Machine } from './machine.ts';
import { ArrayMap } from './maps/array.ts';
import { createMap } from './maps/create.ts';
import { type BpfMap, bytesOfU32 } from './maps/map.ts';
import { ArrayOfMaps, ProgramArray, ReferenceArray } from './maps/references.ts';

/** Makes a machine for the programs and maps, or says what is wrong with them. */
export function buildMachine(options: VmOptions): Outcome<Machine | undefined> {
  const problems: Problem[] = [];
  const machine = new Machine({
    view: options.view,
    memory: new LinearMemory(options.memoryFactory ?? plainMemory),
    cpuCount: options.cpuCount ?? 2,
    resume: RESUME,
    types: options.types,
  });
  machine.nameOfCall = nameOfCall;
  const maps: BpfMap[] = [];
  machine.maps = maps;
  for (const definition of options.maps) {
    const created = createMap(machine, maps.length, definition);
    problems.push(...created.problems);
    if (created.map !== undefined) maps.push(created.map);
  }
  if (problems.length > 0) return { value: undefined, problems };
  const constants = new ConstantPool();
  machine.codes = options.programs.map((program, index) => lowered(machine, program, index, constants));
  machine.setConstants(constants.values);
  if (machine.codes.length > 0) machine.code = machine.codes[0]!;
  for (const map of maps) fillInitialSlots(machine, map, options.programs, problems);
  return { value: machine, problems };
}

/** Decoded programs by their bytes, which are never written to: many machines run the same programs. */
const decodedPrograms = new WeakMap<Uint8Array, DecodedProgram>();

function decoded(bytes: Uint8Array): DecodedProgram {
  const known = decodedPrograms.get(bytes);
  if (known !== undefined) return known;
  const program = decodeProgram(bytes);
  decodedPrograms.set(bytes, program);
  return program;
}

function lowered(m: Machine, program: VmProgram, index: number, constants: ConstantPool): Code {
  const insns = decoded(program.bytes);
  return lower({
    index,
    program,
    insns,
    constants,
    imm64: (insn) => imm64(m, program, index, insn),
    helper: (id) => {
      if (id === POISONED_HELPER)
        return (machine) => {
          machine.setFault({
            kind: 'invalid-instruction',
            why: 'a CO-RE relocation failed here: the target kernel has no such type or field',
          });
          return undefined;
        };
      return callFunction(m.view, id);
    },
    kfunc: (slot) => {
      const reference = program.kfuncReferences?.find((each) => each.slot === slot);
      return reference === undefined ? undefined : kfuncFunction(m.view, reference.name);
    },
    contextQuirk: (insn) => m.context.mayQuirk(insn),
  });
}

function imm64(m: Machine, program: VmProgram, index: number, insn: LoadImm64Insn): bigint | Trap {
  const mapBy = (number: number, kind: 'fd' | 'index'): BpfMap | undefined =>
    kind === 'fd' ? m.maps.find((map) => map.definition.fd === number) : m.maps[number];
  const noMap: Trap = { kind: 'invalid-instruction', why: `fd ${insn.low} is no map of this object` };
  switch (insn.source) {
    case 'value':
      return (BigInt(insn.high) << 32n) | BigInt(insn.low >>> 0);
    case 'map-fd':
    case 'map-idx': {
      const map = mapBy(insn.low, insn.source === 'map-fd' ? 'fd' : 'index');
      return map === undefined ? noMap : m.addressOf(map.object);
    }
    case 'map-value':
    case 'map-idx-value': {
      const map = mapBy(insn.low, insn.source === 'map-value' ? 'fd' : 'index');
      if (map === undefined) return noMap;
      if (!(map instanceof ArrayMap))
        return {
          kind: 'invalid-instruction',
          why: `direct access to map \`${map.definition.name}\`, which is no array`,
        };
      const data = map.element(0, 0);
      return data < 0
        ? { kind: 'unmodelled', what: `map \`${map.definition.name}\``, reason: 'memory is used up' }
        : m.addressOf(data, insn.high >>> 0);
    }
    case 'function':
      return m.functionAddress(index, functionTarget(insn) ?? 0);
    case 'btf-id': {
      const symbol = program.ksymReferences?.find((each) => each.slot === insn.slot);
      // bpf_ksym_exists(): the address is there to be compared with NULL.
      if (symbol?.kind === 'function') return kernelTextAddress(symbol.btfId);
      const name = symbol?.name;
      return {
        kind: 'unmodelled',
        what: name === undefined ? 'a variable of the kernel' : `the kernel's variable ${name}`,
        reason: 'there is no kernel image behind the machine',
      };
    }
  }
}

function fillInitialSlots(m: Machine, map: BpfMap, programs: readonly VmProgram[], problems: Problem[]): void {
  for (const { index, name } of map.definition.initialSlots ?? []) {
    const problem = (what: string): void => {
      problems.push({
        code: 'map-initial-slot',
        severity: 'error',
        message: `map \`${map.definition.name}\` slot ${index}: there is no ${what} \`${name}\``,
      });
    };
    if (map instanceof ProgramArray) {
      const number = programs.findIndex((program) => program.name === name);
      if (number < 0) problem('program');
      else if (index < map.definition.maxEntries) map.setReference(index, number + 1);
    } else {
      const inner = m.maps.find((each) => each.definition.name === name);
      if (inner === undefined) problem('map');
      else if (map instanceof ArrayOfMaps || map instanceof ReferenceArray) map.setReference(index, inner.index + 1);
      else map.userUpdate(bytesOfU32(index), bytesOfU32(inner.definition.fd), 0);
    }
  }
}
