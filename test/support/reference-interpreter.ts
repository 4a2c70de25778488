// A BPF interpreter written from the text of RFC 9669, section by section, to compare the real ones with. It shares no code with
// src/: it takes instruction words apart by itself, keeps every register as an unsigned 64-bit bigint, and prefers the
// standard's own words to speed. What came after the RFC (may_goto, load-acquire, store-release) follows the kernel's
// Documentation/bpf/standardization/instruction-set.rst.

/** Memory that the program may touch: `bytes` appear from `address` on. */
export interface ReferenceRegion {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly writable: boolean;
}

export interface ReferenceOptions {
  readonly program: Uint8Array;
  /** Values of r0 to r9 at the start; 0 where missing. */
  readonly registers?: readonly bigint[];
  readonly regions?: readonly ReferenceRegion[];
  /** Instructions to execute at most. */
  readonly budget: number;
  /** A helper by number; undefined when there is none. */
  readonly helper?: (id: number, args: readonly bigint[]) => bigint | undefined;
  /** How often may_goto falls through in one frame. */
  readonly mayGotoRounds?: number;
  /** Frames that calls may nest, the entry function's included; 8 when absent. */
  readonly maxFrames?: number;
}

export type ReferenceEnd =
  | { readonly kind: 'exit'; readonly r0: bigint; readonly registers: readonly bigint[]; readonly insns: number }
  | { readonly kind: 'fault'; readonly slot: number; readonly why: string; readonly insns: number }
  | { readonly kind: 'budget'; readonly slot: number; readonly registers: readonly bigint[] };

const U64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const S64 = (value: bigint): bigint => BigInt.asIntN(64, value);
const U32 = (value: bigint): bigint => BigInt.asUintN(32, value);
const S32 = (value: bigint): bigint => BigInt.asIntN(32, value);

const STACK_BYTES = 512;
/** Where this interpreter puts its stacks; nothing of the program depends on the number. */
const STACK_BASE = 0x7fff_0000_0000n;

// Section 3: the fields of a word.
interface Word {
  readonly opcode: number;
  readonly dst: number;
  readonly src: number;
  readonly offset: number;
  readonly imm: number;
}

function wordAt(program: Uint8Array, slot: number): Word | undefined {
  const at = 8 * slot;
  if (slot < 0 || at + 8 > program.length) return undefined;
  const view = new DataView(program.buffer, program.byteOffset + at, 8);
  const registers = view.getUint8(1);
  return {
    opcode: view.getUint8(0),
    dst: registers & 0xf,
    src: registers >> 4,
    offset: view.getInt16(2, true),
    imm: view.getInt32(4, true),
  };
}

class Fault extends Error {}

interface Frame {
  readonly saved: readonly bigint[];
  readonly returnTo: number;
  mayGoto: number;
}

/** Runs a program from its first instruction to exit, fault or the end of the budget. */
export function referenceRun(options: ReferenceOptions): ReferenceEnd {
  const { program, budget } = options;
  const r = Array.from({ length: 11 }, (_, register) => U64(options.registers?.[register] ?? 0n));
  const maxFrames = options.maxFrames ?? 8;
  const stacks: ReferenceRegion[] = Array.from({ length: maxFrames }, (_, frame) => ({
    address: STACK_BASE + BigInt(frame) * 0x1000n,
    bytes: new Uint8Array(STACK_BYTES),
    writable: true,
  }));
  const rounds = options.mayGotoRounds ?? 8 * 1024 * 1024;
  const frames: Frame[] = [{ saved: [], returnTo: -1, mayGoto: rounds }];
  const topOfStack = () => stacks[frames.length - 1]!.address + BigInt(STACK_BYTES);
  r[10] = topOfStack();
  let pc = 0;
  let insns = 0;

  const place = (address: bigint, size: number, write: boolean): { bytes: Uint8Array; at: number } => {
    for (const region of [...(options.regions ?? []), ...stacks.slice(0, frames.length)]) {
      const at = U64(address) - region.address;
      if (at >= 0n && at + BigInt(size) <= BigInt(region.bytes.length)) {
        if (write && !region.writable) throw new Fault('write to read-only memory');
        return { bytes: region.bytes, at: Number(at) };
      }
    }
    throw new Fault(`no memory at 0x${U64(address).toString(16)}`);
  };
  const load = (address: bigint, size: number): bigint => {
    const { bytes, at } = place(address, size, false);
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i]!);
    return value;
  };
  const store = (address: bigint, size: number, value: bigint): void => {
    const { bytes, at } = place(address, size, true);
    for (let i = 0; i < size; i++) bytes[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  };
  const setRegister = (register: number, value: bigint): void => {
    if (register > 9) throw new Fault(`r${register} cannot be written`);
    r[register] = U64(value);
  };
  const getRegister = (register: number): bigint => {
    if (register > 10) throw new Fault(`there is no r${register}`);
    return r[register]!;
  };
  const reserved = (name: string, value: number): void => {
    if (value !== 0) throw new Fault(`${name} must be zero`);
  };

  try {
    while (insns < budget) {
      const word = wordAt(program, pc);
      if (word === undefined) throw new Fault('there is no instruction here');
      insns++;
      const instructionClass = word.opcode & 0x07;
      let next: number | 'end' = pc + 1;
      switch (instructionClass) {
        // Section 4.1 and 4.2: arithmetic and byte swap instructions.
        case 0x04: // ALU
        case 0x07: // ALU64
          arithmetic(word, instructionClass === 0x07);
          break;
        // Section 4.3: jump instructions.
        case 0x05: // JMP
        case 0x06: // JMP32
          next = jump(word, instructionClass === 0x05);
          break;
        // Section 5: load and store instructions.
        case 0x00: // LD
          loadImmediate(word);
          next = pc + 2;
          break;
        case 0x01: // LDX
        case 0x02: // ST
        case 0x03: // STX
          loadStore(word, instructionClass);
          break;
      }
      if (next === 'end') return { kind: 'exit', r0: r[0]!, registers: [...r], insns };
      pc = next;
    }
    return { kind: 'budget', slot: pc, registers: [...r] };
  } catch (error) {
    if (error instanceof Fault) return { kind: 'fault', slot: pc, why: error.message, insns };
    throw error;
  }

  /** Section 4.1, table 3; section 4.2. */
  function arithmetic(word: Word, wide: boolean): void {
    const { dst, src, offset, imm } = word;
    const code = word.opcode >> 4;
    const fromRegister = (word.opcode & 0x08) !== 0;
    if (code === 0xd) {
      byteSwap(word, wide);
      return;
    }
    if (code === 0x8) {
      if (fromRegister) throw new Fault('NEG has no register form');
      reserved('src', src);
      reserved('offset', offset);
      reserved('imm', imm);
      const negated = 0n - getRegister(dst);
      setRegister(dst, wide ? negated : U32(negated));
      return;
    }
    if (fromRegister) reserved('imm', imm);
    else reserved('src', src);
    // "all 64-bit forms sign-extend the immediate, 32-bit forms use it as it is"
    const operand = fromRegister ? getRegister(src) : U64(BigInt(imm));
    const a = wide ? getRegister(dst) : U32(getRegister(dst));
    const b = wide ? operand : U32(operand);
    const signed = (value: bigint) => (wide ? S64(value) : S32(value));
    const shiftMask = wide ? 0x3fn : 0x1fn;
    if (code !== 0x3 && code !== 0x9 && code !== 0xb) reserved('offset', offset);
    let result: bigint;
    switch (code) {
      case 0x0:
        result = a + b;
        break;
      case 0x1:
        result = a - b;
        break;
      case 0x2:
        result = a * b;
        break;
      case 0x3: // DIV and SDIV: "dst = (src != 0) ? (dst / src) : 0"
        if (offset === 0) result = b === 0n ? 0n : a / b;
        else if (offset === 1) result = b === 0n ? 0n : signed(a) / signed(b);
        else throw new Fault('offset of a division must be 0 or 1');
        break;
      case 0x4:
        result = a | b;
        break;
      case 0x5:
        result = a & b;
        break;
      case 0x6:
        result = a << (b & shiftMask);
        break;
      case 0x7:
        result = a >> (b & shiftMask);
        break;
      case 0x9: // MOD and SMOD: "dst = (src != 0) ? (dst % src) : dst"
        if (offset === 0) result = b === 0n ? a : a % b;
        else if (offset === 1) result = b === 0n ? a : signed(a) % signed(b);
        else throw new Fault('offset of a remainder must be 0 or 1');
        break;
      case 0xa:
        result = a ^ b;
        break;
      case 0xb: // MOV and MOVSX
        if (offset === 0) result = b;
        else if (!fromRegister) throw new Fault('MOVSX has no immediate form');
        else if (offset === 8 || offset === 16 || (offset === 32 && wide)) result = BigInt.asIntN(offset, operand);
        else throw new Fault('offset of a move must be 0, 8, 16 or 32');
        break;
      case 0xc: // ARSH: "sign extending"
        result = signed(a) >> (b & shiftMask);
        break;
      default:
        throw new Fault(`no arithmetic instruction 0x${word.opcode.toString(16)}`);
    }
    // "32-bit operations clear the upper 32 bits of the destination register"
    setRegister(dst, wide ? result : U32(result));
  }

  function byteSwap({ opcode, dst, src, offset, imm }: Word, wide: boolean): void {
    reserved('src', src);
    reserved('offset', offset);
    const toBig = (opcode & 0x08) !== 0;
    if (wide && toBig) throw new Fault('BSWAP has no big endian form');
    if (imm !== 16 && imm !== 32 && imm !== 64) throw new Fault('a swap has 16, 32 or 64 bits');
    const low = BigInt.asUintN(imm, getRegister(dst));
    let swapped = 0n;
    for (let bit = 0; bit < imm; bit += 8) swapped = (swapped << 8n) | ((low >> BigInt(bit)) & 0xffn);
    // On a little-endian machine, conversion to little endian only truncates.
    setRegister(dst, wide || toBig ? swapped : low);
  }

  /** Gives the slot to go on at. */
  function jump(word: Word, wide: boolean): number | 'end' {
    const { opcode, dst, src, offset, imm } = word;
    const code = opcode >> 4;
    const fromRegister = (opcode & 0x08) !== 0;
    if (code === 0x0) {
      if (fromRegister) throw new Fault('JA has no register form');
      reserved('dst', dst);
      reserved('src', src);
      reserved(wide ? 'imm' : 'offset', wide ? imm : offset);
      return pc + 1 + (wide ? offset : imm);
    }
    if (code === 0x8 && wide && !fromRegister) return call(word);
    if (code === 0x9 && wide && !fromRegister) {
      reserved('dst', dst);
      reserved('src', src);
      reserved('offset', offset);
      reserved('imm', imm);
      const frame = frames.pop()!;
      if (frames.length === 0) return 'end';
      for (let i = 0; i < 4; i++) r[6 + i] = frame.saved[i]!;
      r[10] = topOfStack();
      return frame.returnTo;
    }
    if (code === 0xe && wide && !fromRegister) {
      reserved('dst', dst);
      reserved('src', src);
      reserved('imm', imm);
      const frame = frames.at(-1)!;
      if (frame.mayGoto === 0) return pc + 1 + offset;
      frame.mayGoto--;
      return pc + 1;
    }
    if (fromRegister) reserved('imm', imm);
    else reserved('src', src);
    const operand = fromRegister ? getRegister(src) : U64(BigInt(imm));
    const a = wide ? getRegister(dst) : U32(getRegister(dst));
    const b = wide ? operand : U32(operand);
    const signed = (value: bigint) => (wide ? S64(value) : S32(value));
    return holds() ? pc + 1 + offset : pc + 1;

    function holds(): boolean {
      switch (code) {
        case 0x1: // JEQ
          return a === b;
        case 0x2: // JGT, unsigned
          return a > b;
        case 0x3: // JGE, unsigned
          return a >= b;
        case 0x4: // JSET
          return (a & b) !== 0n;
        case 0x5: // JNE
          return a !== b;
        case 0x6: // JSGT, signed
          return signed(a) > signed(b);
        case 0x7: // JSGE, signed
          return signed(a) >= signed(b);
        case 0xa: // JLT, unsigned
          return a < b;
        case 0xb: // JLE, unsigned
          return a <= b;
        case 0xc: // JSLT, signed
          return signed(a) < signed(b);
        case 0xd: // JSLE, signed
          return signed(a) <= signed(b);
        default:
          throw new Fault(`no jump instruction 0x${opcode.toString(16)}`);
      }
    }
  }

  /** Section 4.3.1 and 4.3.2: helper functions by static ID, program-local functions. */
  function call({ dst, src, offset, imm }: Word): number {
    reserved('dst', dst);
    if (src === 0) {
      reserved('offset', offset);
      const result = options.helper?.(imm, r.slice(1, 6));
      if (result === undefined) throw new Fault(`there is no helper ${imm}`);
      setRegister(0, result);
      return pc + 1;
    }
    if (src !== 1) throw new Fault('calls by BTF id are not part of this machine');
    reserved('offset', offset);
    if (frames.length >= maxFrames) throw new Fault('too many frames');
    frames.push({ saved: r.slice(6, 10), returnTo: pc + 1, mayGoto: rounds });
    r[10] = topOfStack();
    return pc + 1 + imm;
  }

  /** Section 5.4: 64-bit immediate instructions; only plain numbers exist here. */
  function loadImmediate({ opcode, dst, src, offset, imm }: Word): void {
    if (opcode !== 0x18) throw new Fault(`no load instruction 0x${opcode.toString(16)}`);
    reserved('src', src);
    reserved('offset', offset);
    const second = wordAt(program, pc + 1);
    if (second === undefined) throw new Fault('the second word is missing');
    for (const field of ['opcode', 'dst', 'src', 'offset'] as const) reserved(field, second[field]);
    setRegister(dst, U32(BigInt(imm)) | (U32(BigInt(second.imm)) << 32n));
  }

  /** Section 5.1 to 5.3. */
  function loadStore(word: Word, instructionClass: number): void {
    const { dst, src, offset, imm } = word;
    const mode = word.opcode & 0xe0;
    const size = [4, 2, 1, 8][(word.opcode >> 3) & 3]!;
    if (instructionClass === 0x01) {
      if (mode !== 0x60 && !(mode === 0x80 && size < 8)) throw new Fault('no such load');
      reserved('imm', imm);
      const value = load(getRegister(src) + BigInt(offset), size);
      setRegister(dst, mode === 0x80 ? BigInt.asIntN(8 * size, value) : value);
      return;
    }
    const address = getRegister(dst) + BigInt(offset);
    if (instructionClass === 0x02) {
      if (mode !== 0x60) throw new Fault('no such store');
      reserved('src', src);
      store(address, size, BigInt(imm));
      return;
    }
    if (mode === 0x60) {
      reserved('imm', imm);
      store(address, size, getRegister(src));
      return;
    }
    if (mode !== 0xc0) throw new Fault('no such store');
    atomic(word, size);
  }

  /** Section 5.3: atomic operations. The width decides how much of memory and register takes part. */
  function atomic({ dst, src, offset, imm }: Word, size: number): void {
    if (imm === 0x100) {
      setRegister(dst, load(getRegister(src) + BigInt(offset), size));
      return;
    }
    const address = getRegister(dst) + BigInt(offset);
    if (imm === 0x110) {
      store(address, size, getRegister(src));
      return;
    }
    if (size !== 4 && size !== 8) throw new Fault('atomic operations have 4 or 8 bytes');
    place(address, size, true);
    const old = load(address, size);
    const operand = BigInt.asUintN(8 * size, getRegister(src));
    if (imm === 0xe1) {
      store(address, size, operand);
      setRegister(src, old);
      return;
    }
    if (imm === 0xf1) {
      if (old === BigInt.asUintN(8 * size, getRegister(0))) store(address, size, operand);
      setRegister(0, old);
      return;
    }
    const fetch = (imm & 1) !== 0;
    const combined = { 0: old + operand, 64: old | operand, 80: old & operand, 160: old ^ operand }[imm & ~1];
    if (combined === undefined) throw new Fault('no such atomic operation');
    store(address, size, combined);
    if (fetch) setRegister(src, old);
  }
}
