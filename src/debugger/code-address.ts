// Addresses of instructions as a disassembly view wants them: stable numbers, one range per program, far from guest data.

import type { DebuggedProgram } from './sources.ts';

/** Where loaded BPF programs lie on x86-64, so that the numbers look familiar. */
const BASE = 0xffff_ffff_c000_0000n;
/** Room per program: 1,000,000 instructions of 8 bytes fit. */
const STRIDE = 0x100_0000n;

export class CodeAddresses {
  readonly #programs: readonly DebuggedProgram[];

  constructor(programs: readonly DebuggedProgram[]) {
    this.#programs = programs;
  }

  addressOf(program: DebuggedProgram, slot: number): bigint {
    return BASE + BigInt(this.#programs.indexOf(program)) * STRIDE + BigInt(slot) * 8n;
  }

  textOf(program: DebuggedProgram, slot: number): string {
    return `0x${this.addressOf(program, slot).toString(16)}`;
  }

  /** The instruction at an address text plus a byte offset; undefined when there is no program there. */
  placeOf(text: string, offsetBytes: number): { readonly program: DebuggedProgram; readonly slot: number } | undefined {
    if (!/^(?:0x[0-9a-fA-F]+|\d+)$/.test(text)) return undefined;
    const relative = BigInt(text) + BigInt(offsetBytes) - BASE;
    if (relative < 0n) return undefined;
    const program = this.#programs[Number(relative / STRIDE)];
    return program === undefined ? undefined : { program, slot: Number((relative % STRIDE) / 8n) };
  }
}
