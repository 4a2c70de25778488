// Small programs as bytes, and how tests ask the verifier about them.

import { readFileSync } from 'node:fs';
import { HELPER_ROWS, type KernelView, MAP_TYPES, viewFor } from '../../src/kernel/index.ts';
import { type MapDefinition, programFromAssembly } from '../../src/object/index.ts';
import { inputOf, type Verdict, type VerifyInput, type VerifyOptions, verify } from '../../src/verifier/index.ts';

/** One 8-byte instruction. */
export function insn(opcode: number, dst = 0, src = 0, offset = 0, imm = 0): number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint8(0, opcode);
  view.setUint8(1, dst | (src << 4));
  view.setInt16(2, offset, true);
  view.setInt32(4, imm | 0, true);
  return [...new Uint8Array(view.buffer)];
}

const SIZE_CODE: Readonly<Record<number, number>> = { 1: 0x10, 2: 0x08, 4: 0x00, 8: 0x18 };

export const loadInsn = (dst: number, base: number, offset: number, size: number): number[] =>
  insn(0x61 | SIZE_CODE[size]!, dst, base, offset);
export const storeInsn = (base: number, src: number, offset: number, size: number): number[] =>
  insn(0x63 | SIZE_CODE[size]!, base, src, offset);
export const storeImmInsn = (base: number, imm: number, offset: number, size: number): number[] =>
  insn(0x62 | SIZE_CODE[size]!, base, 0, offset, imm);
export const movImm = (dst: number, imm: number): number[] => insn(0xb7, dst, 0, 0, imm);
export const movReg = (dst: number, src: number): number[] => insn(0xbf, dst, src);
export const call = (id: number): number[] => insn(0x85, 0, 0, 0, id);
export const exit = (): number[] => insn(0x95);
export const mapFd = (dst: number, fd: number): number[] => [...insn(0x18, dst, 1, 0, fd), ...insn(0)];

export function mapDefinition(short: string, fd: number, sizes: Partial<MapDefinition> = {}): MapDefinition {
  const typeId = MAP_TYPES.find((row) => row.short === short)!.id;
  return {
    name: `map${fd}`,
    typeId,
    keySize: 4,
    valueSize: 8,
    maxEntries: 1,
    flags: 0,
    extra: 0n,
    fd,
    keyTypeId: 0,
    valueTypeId: 0,
    ...sizes,
  };
}

/** Verifies instructions. */
export function ask(
  insns: readonly (readonly number[])[],
  view: KernelView,
  {
    license = 'GPL',
    maps = [],
    ...options
  }: { license?: string; maps?: readonly MapDefinition[] } & VerifyOptions = {},
): Verdict {
  return verify({ bytes: Uint8Array.from(insns.flat()), license, maps }, view, options);
}

/** Every map type of the kernel tables by its short name. */
export const helperId = (name: string): number | undefined =>
  HELPER_ROWS.find((row) => row.name === name || row.name === `bpf_${name}`)?.id;

export function mapTypeId(type: string): number | undefined {
  const plain = (name: string): string => name.replaceAll('_', '-');
  return MAP_TYPES.find((row) => plain(row.short) === plain(type))?.id;
}

/** The first program of assembly text as verification input. */
export function assembled(text: string): VerifyInput {
  const object = programFromAssembly(text, { file: 'program.bpfasm', helperId, mapTypeId });
  const errors = object.problems.filter((problem) => problem.severity === 'error');
  if (errors.length > 0)
    throw new Error(errors.map((problem) => `${problem.message} ${JSON.stringify(problem.at)}`).join('\n'));
  return inputOf(object.programs[0]!, object);
}

export const view = (kernel: string): KernelView => viewFor(kernel);

/** A file beside the tests. */
export const readText = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
