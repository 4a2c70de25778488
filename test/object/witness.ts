// Holds the variables that a debugger would show against stores that say what the program computed: a global array into which the
// program writes the values of its variables, each at a number of its own.

import assert from 'node:assert/strict';
import { decodeOne } from '../../src/isa/index.ts';
import {
  type BpfObject,
  findMember,
  type Program,
  type ProgramDebug,
  readBits,
  readVariable,
  sizeOf,
  strip,
  type Variable,
} from '../../src/object/index.ts';
import type { VirtualMachine } from '../../src/vm/index.ts';
import { type Fields, innermost, machineFor, stepThrough } from './run-fixture.ts';

export interface Part {
  readonly value: bigint;
  readonly widthBits: number;
}

export interface Watcher {
  readonly vm: VirtualMachine;
  readonly object: BpfObject;
  readonly program: Program;
  readonly debug: ProgramDebug;
  /** Paths by number: "op", "box.corner.x". */
  readonly paths: ReadonlyMap<number, string>;
  readonly arrayAddress: bigint;
  readonly arrayBytes: bigint;
}

/** A machine with the program of that name, whose stores go to the global `array` of 64-bit numbers. */
export function watcherFor(
  object: BpfObject,
  name: string,
  paths: ReadonlyMap<number, string>,
  array: string,
): Watcher {
  const vm = machineFor(object);
  const program = object.programs.find((one) => one.name === name)!;
  const debug = object.debugInfo.forProgram(program);
  const seen = debug.variablesAt(0).find((variable) => variable.name === array);
  assert.ok(seen?.location.kind === 'map-memory', array);
  const arrayAddress = vm.map(seen.location.mapFd)!.addressOf(new Uint8Array(4)) + BigInt(seen.location.offset);
  return {
    vm,
    object,
    program,
    debug,
    paths,
    arrayAddress,
    arrayBytes: BigInt(sizeOf(seen.type!.table, seen.type!.id)!),
  };
}

/** The variable of that name that a person would mean: the innermost one that is not shadowed, else a global. */
export function visible(variables: readonly Variable[], name: string): Variable | undefined {
  return variables
    .filter((variable) => variable.name === name && !variable.shadowed)
    .reduce<Variable | undefined>(
      (best, one) => (best === undefined || one.scope > best.scope ? one : best),
      undefined,
    );
}

/** Bits of `path` inside the variable's value; a reason when they cannot be had. */
export function readPath(watcher: Watcher, variable: Variable, pathText: string): Part | string {
  const { table } = variable.type!;
  let { id } = variable.type!;
  const size = sizeOf(table, id)!;
  const read = readVariable(variable.location, innermost(watcher.vm), size);
  if (read.kind !== 'value') return read.why;
  let start = 0;
  let widthBits = 8 * size;
  for (const step of pathText.split(/[.[]/).slice(1)) {
    if (step.endsWith(']')) {
      const array = strip(table, id)!.type;
      assert.ok(array.kind === 'array');
      widthBits = 8 * sizeOf(table, array.element)!;
      start += Number.parseInt(step, 10) * widthBits;
      id = array.element;
    } else {
      const member = findMember(table, id, step)!;
      start += member.offsetBits;
      widthBits = member.sizeBits;
      id = member.type;
    }
  }
  const end = start + widthBits;
  if (read.unknownBits?.some((gap) => gap.start < end && start < gap.end)) return 'a part of it is not known';
  return { value: readBits(read.bytes, start, widthBits)!, widthBits };
}

/** The SEE() that is about to store, with the value. */
export function aboutToSee({
  vm,
  program,
  paths,
  arrayAddress,
  arrayBytes,
}: Watcher): { path: string; number: number; value: bigint } | undefined {
  const access = vm.pendingAccess();
  if (access === undefined || access.mode !== 'write') return undefined;
  const offset = access.address - arrayAddress;
  if (offset < 0n || offset >= arrayBytes) return undefined;
  const insn = decodeOne(program.bytes, vm.slot);
  assert.ok(insn.kind === 'store' && insn.size === 8);
  const value = insn.src.kind === 'reg' ? vm.register(insn.src.reg) : BigInt.asUintN(64, BigInt(insn.src.value));
  const number = Number(offset / 8n);
  return { path: paths.get(number)!, number, value };
}

export interface Checked {
  readonly stores: number;
  /** Stores at which the variable had a value to show. */
  readonly shown: number;
  readonly mistakes: readonly string[];
}

/** Runs the program in every context and compares at every store. */
export function checkStores(watcher: Watcher, contexts: readonly Fields[]): Checked {
  const { vm, debug, program } = watcher;
  const mistakes: string[] = [];
  let shown = 0;
  let stores = 0;
  for (const fields of contexts) {
    stepThrough(vm, program.name, fields, () => {
      const see = vm.program === program.name ? aboutToSee(watcher) : undefined;
      if (see === undefined) return;
      stores++;
      const variable = visible(debug.variablesAt(vm.slot), see.path.split(/[.[]/)[0]!);
      if (variable === undefined) {
        mistakes.push(`${see.path} is not in scope at slot ${vm.slot}`);
        return;
      }
      const part = readPath(watcher, variable, see.path);
      if (typeof part === 'string') return;
      shown++;
      if (part.value !== BigInt.asUintN(part.widthBits, see.value)) {
        const line = debug.lineOf(vm.slot)?.line0 ?? -1;
        mistakes.push(
          `${see.path} (store ${see.number}) at slot ${vm.slot}, line ${line + 1}: 0x${part.value.toString(16)} instead of 0x${see.value.toString(16)}`,
        );
      }
    });
  }
  return { stores, shown, mistakes };
}
