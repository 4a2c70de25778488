// One random program on the running kernel, in the interpreter and in compiled code: what it returns, and what its maps hold
// afterwards, as text that can be compared.

import { toHex } from '../../src/base/index.ts';
import { readKernelBtf } from '../../src/host/index.ts';
import { wasmParts } from '../../src/host/wasm.ts';
import type { MapDefinition } from '../../src/object/index.ts';
import { faultText, type VirtualMachine, type VmOptions } from '../../src/vm/index.ts';
import { fakeContext, fakePort, type LoadOptions, load, u32s } from '../vm/support.ts';
import type { Kernel } from './kernel-oracle.ts';
import { freezeMap, keysOfMap, type LiveMap, lookupMap, runProgram, updateMap } from './kernel-programs.ts';
import { KFUNCS, OUTER_MAPS, type RuntimeProgram, textBytes, textOf } from './random-runtime.ts';

/** What can be seen of a run: "r0" and the maps by name. */
export type Effects = ReadonlyMap<string, string>;

export type RuntimeComparison =
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'compared'; readonly kernel: Effects; readonly ours: ReadonlyMap<string, Effects> };

const SOCK_OPS = { data: '*(u64 *)(r9 + 192)', dataEnd: '*(u64 *)(r9 + 200)' } as const;
const SKB = { data: '*(u32 *)(r9 + 76)', dataEnd: '*(u32 *)(r9 + 80)' } as const;

const PER_CPU: readonly number[] = [5, 6, 10];
/** Maps without keys, and maps of maps: what programs see of them says enough. */
const WITHOUT_ENTRIES: readonly number[] = [12, 13, 22, 23, 27, 30];

export interface RuntimeOracle {
  readonly kernel: Kernel;
  /** The running kernel as a target. */
  readonly target: string;
  readonly cpus: number;
}

const ENGINES: Readonly<Record<string, Partial<VmOptions>>> = {
  interpreter: {},
  compiled: wasmParts({ compileAfter: 0 }),
};

let ids: ReadonlyMap<number, number> | undefined;
/** Ids of the kernel functions in the running kernel's BTF. */
function kfuncIds(): ReadonlyMap<number, number> {
  const btf = readKernelBtf().value;
  ids ??= new Map(Object.entries(KFUNCS).map(([number, name]) => [Number(number), btf?.find('func', name) ?? -1]));
  return ids;
}

/** Runs the program everywhere. A text that does not assemble, or that the kernel refuses, compares nothing. */
export function compareRuntime(oracle: RuntimeOracle, program: RuntimeProgram): RuntimeComparison {
  const texts = [...program.texts].map(([name, text]) => [name, { initial: textBytes(text) }] as const);
  const options = (vm: Partial<VmOptions>): LoadOptions => ({
    kernel: oracle.target,
    kfuncs: KFUNCS,
    maps: Object.fromEntries([
      ...texts,
      ...OUTER_MAPS.map((name) => [name, { initialSlots: [{ index: 0, name: 'inner' }] }] as const),
    ]),
    vm: { cpuCount: oracle.cpus, ...vm },
  });
  const machine = (context: typeof SKB | typeof SOCK_OPS, vm: Partial<VmOptions>): VirtualMachine =>
    load(textOf(program, context), options(vm));
  let definitions: VirtualMachine;
  try {
    definitions = machine(SKB, {});
  } catch (error) {
    return { kind: 'refused', why: `text: ${error instanceof Error ? error.message : String(error)}` };
  }
  const live = runLive(oracle, definitions, program);
  if (typeof live === 'string') return { kind: 'refused', why: live };
  const ours = Object.entries(ENGINES).map(
    ([name, vm]) => [name, runOurs(oracle, machine(SOCK_OPS, vm), program)] as const,
  );
  return { kind: 'compared', kernel: live, ours: new Map(ours) };
}

function definitionsOf(vm: VirtualMachine): MapDefinition[] {
  const out: MapDefinition[] = [];
  for (let fd = 1; ; fd++) {
    const map = vm.map(fd);
    if (map === undefined) return out;
    out.push(map.definition);
  }
}

function runLive({ kernel, cpus }: RuntimeOracle, vm: VirtualMachine, program: RuntimeProgram): Effects | string {
  const live = new Map<string, LiveMap & { readonly definition: MapDefinition }>();
  const fds = new Map<number, number>();
  try {
    for (const definition of definitionsOf(vm)) {
      const isOuter = OUTER_MAPS.includes(definition.name);
      const innerFd = isOuter ? live.get('inner')?.fd : undefined;
      const fd = kernel.createMap({ ...definition, ...(innerFd === undefined ? {} : { innerFd }) });
      if (fd < 0) return `map ${definition.name}: ${fd}`;
      const valueBytes = PER_CPU.includes(definition.typeId)
        ? ((definition.valueSize + 7) & ~7) * cpus
        : definition.valueSize;
      const map = { fd, keySize: definition.keySize, valueBytes, definition };
      live.set(definition.name, map);
      fds.set(definition.fd, fd);
      if (innerFd !== undefined) updateMap(kernel, map, u32s(0), u32s(innerFd), 0);
      const text = program.texts.get(definition.name);
      if (text === undefined) continue;
      updateMap(kernel, map, u32s(0), textBytes(text), 0);
      freezeMap(kernel, map);
    }
    updateMap(kernel, live.get('in')!, u32s(0), program.input, 0);
    const ran = runProgram(kernel, vm.programs[0]!.bytes, fds, kfuncIds(), program.packet);
    if (!ran.ran) return ran.why;
    const effects = new Map([['r0', String(ran.returned)]]);
    for (const [name, map] of live) {
      if (WITHOUT_ENTRIES.includes(map.definition.typeId) || program.texts.has(name)) continue;
      const entries = keysOfMap(kernel, map).map((key) => {
        const value = lookupMap(kernel, map, key);
        return entryText(map.definition, key, typeof value === 'number' ? [] : slices(value, valuesOf(map, cpus)));
      });
      effects.set(name, entries.sort().join('\n'));
    }
    return effects;
  } finally {
    for (const map of live.values()) kernel.close(map.fd);
  }
}

const valuesOf = ({ definition }: { readonly definition: MapDefinition }, cpus: number): number =>
  PER_CPU.includes(definition.typeId) ? cpus : 1;

function slices(bytes: Uint8Array, count: number): Uint8Array[] {
  const size = bytes.length / count;
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** The values of a per-CPU map are sorted: which CPU the program ran on is chance. */
function entryText({ valueSize, typeId }: MapDefinition, key: Uint8Array, values: readonly Uint8Array[]): string {
  const texts = values.map((value) => toHex(value.subarray(0, valueSize)));
  return `${toHex(key)}: ${(PER_CPU.includes(typeId) ? texts.sort() : texts).join(' ')}`;
}

function runOurs(oracle: RuntimeOracle, vm: VirtualMachine, program: RuntimeProgram): Effects {
  vm.mapByName('in')!.update(u32s(0), program.input, 0);
  const end = vm.call({
    program: vm.programs[0]!.name,
    port: fakePort({ cpuCount: oracle.cpus }),
    context: fakeContext({}, { packet: program.packet }),
  });
  if (end.kind === 'fault') return new Map([['r0', `fault at ${end.fault.place.slot}: ${faultText(end.fault)}`]]);
  const effects = new Map([['r0', String(Number(BigInt.asUintN(32, end.r0)))]]);
  for (const definition of definitionsOf(vm)) {
    const { name, typeId, fd } = definition;
    if (WITHOUT_ENTRIES.includes(typeId) || program.texts.has(name)) continue;
    const entries = vm
      .map(fd)!
      .entries()
      .map(({ key, values }) => entryText(definition, key, values));
    effects.set(name, entries.sort().join('\n'));
  }
  return effects;
}

/** Where two runs differ, in words; undefined when they do not. */
export function differenceOf(kernel: Effects, ours: Effects): string | undefined {
  for (const [name, text] of kernel) {
    const other = ours.get(name);
    if (other === text) continue;
    if (name !== 'out' || other === undefined)
      return `${name}: kernel ${text.slice(0, 300)}, ours ${other?.slice(0, 300)}`;
    const words = (entry: string): string[] => entry.replace(/^.*: /, '').match(/.{1,16}/g) ?? [];
    const theirs = words(text);
    const mine = words(other);
    const at = theirs.findIndex((each, index) => each !== mine[index]);
    return `out + ${8 * at}: kernel ${theirs[at]}, ours ${mine[at]}`;
  }
  return undefined;
}
