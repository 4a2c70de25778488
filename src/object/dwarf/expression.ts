// DWARF expressions turned into places: "in r6", "8 bytes below the frame pointer", "the constant 3", pieces of those, or, when nothing
// simpler fits, a list of steps for a small stack machine. Source: DWARF 5, section 2.5 and 2.6; BPF numbers registers 0 to 10 as they are.

import { ByteReader } from '../../base/index.ts';
import type { ExpressionStep, LocationPiece, VariableLocation } from '../debug-info.ts';
import { AT, ATE } from './constants.ts';
import { BINARY, OP } from './operations.ts';
import type { DebugAddress } from './sections.ts';
import type { Entry, Unit } from './units.ts';

/** What an expression needs to know of its surroundings. */
export interface ExpressionContext {
  readonly unit: Unit;
  /** DW_AT_frame_base of the function; undefined outside of one. */
  readonly frameBase: Uint8Array | undefined;
  /** Stack that the function uses; see frame-model.ts for why offsets from 0 up need it. */
  readonly frameBytes: number;
  /** The global data that lies at an address. */
  mapAddress(address: DebugAddress): { readonly mapFd: number; readonly offset: number } | undefined;
  /** An entry of .debug_info, for typed operations. */
  entryAt(offset: number): Entry | undefined;
}

const MAX_STEPS = 256;
const MAX_PIECES = 64;
const FRAME_POINTER = 10;

const optimisedOut = (why: string): VariableLocation => ({ kind: 'optimised-out', why });

/** Reads a location description. An empty one means that the value is gone. */
export function readLocation(bytes: Uint8Array, context: ExpressionContext): VariableLocation {
  const pieces: LocationPiece[] = [];
  const reader = new ByteReader(bytes);
  if (bytes.length === 0) return optimisedOut('the compiler kept no copy of it here');
  let segment = new Segment(context);
  while (reader.remaining > 0) {
    const op = reader.u8();
    if (op === OP.piece || op === OP.bitPiece) {
      const size = Number(BigInt.asUintN(32, reader.uleb128()));
      const sizeBits = op === OP.piece ? size * 8 : size;
      const offsetBits = op === OP.bitPiece ? Number(BigInt.asUintN(32, reader.uleb128())) : 0;
      pieces.push({ location: segment.finish(), sizeBits, offsetBits });
      if (pieces.length > MAX_PIECES || sizeBits > 8 * 65536) return optimisedOut('its location has too many parts');
      segment = new Segment(context);
    } else {
      segment.take(op, reader);
    }
    if (reader.overrun) return optimisedOut('its location is damaged');
    if (segment.failure !== undefined) return optimisedOut(segment.failure);
  }
  if (pieces.length === 0) return segment.finish();
  return { kind: 'pieces', pieces };
}

/** One piece of a location while it is read. */
class Segment {
  readonly #context: ExpressionContext;
  readonly #steps: ExpressionStep[] = [];
  #register: number | undefined;
  #bytes: Uint8Array | undefined;
  #isValue: 'value' | 'address' = 'address';
  #gone: string | undefined;
  failure: string | undefined;

  constructor(context: ExpressionContext) {
    this.#context = context;
  }

  finish(): VariableLocation {
    if (this.#gone !== undefined) return optimisedOut(this.#gone);
    if (this.#bytes !== undefined) return { kind: 'constant-bytes', bytes: this.#bytes };
    if (this.#register !== undefined) return { kind: 'register', register: this.#register };
    if (this.#steps.length === 0) return optimisedOut('the compiler kept no copy of this part');
    return simplify(this.#steps, this.#isValue);
  }

  #push(step: ExpressionStep): void {
    if (this.#steps.length >= MAX_STEPS) this.failure = 'its location is too long';
    else this.#steps.push(step);
  }

  #binary(fn: Extract<ExpressionStep, { op: 'binary' }>['fn']): void {
    this.#push({ op: 'binary', fn });
  }

  take(op: number, reader: ByteReader): void {
    if (op >= OP.lit0 && op < OP.lit0 + 32) {
      this.#push({ op: 'constant', value: BigInt(op - OP.lit0) });
      return;
    }
    if (op >= OP.reg0 && op < OP.reg0 + 32) {
      this.#setRegister(op - OP.reg0);
      return;
    }
    if (op >= OP.breg0 && op < OP.breg0 + 32) {
      this.#pushRegister(op - OP.breg0, reader.sleb128());
      return;
    }
    const binary = BINARY.get(op);
    if (binary !== undefined) {
      this.#binary(binary);
      return;
    }
    const constant = readConstant(op, reader);
    if (constant !== undefined) {
      this.#push({ op: 'constant', value: constant });
      return;
    }
    switch (op) {
      case OP.addr:
        this.#pushAddress(this.#context.unit.addressSize === 8 ? reader.size64() : reader.u32());
        return;
      case OP.addrx:
      case OP.gnuAddrIndex: {
        const address = this.#context.unit.indexedAddress(Number(BigInt.asUintN(32, reader.uleb128())));
        if (address === undefined) this.failure = 'its address is not in the address table';
        else this.#pushAddress(address);
        return;
      }
      case OP.regx:
        this.#setRegister(Number(BigInt.asUintN(16, reader.uleb128())));
        return;
      case OP.bregx: {
        const register = Number(BigInt.asUintN(16, reader.uleb128()));
        this.#pushRegister(register, reader.sleb128());
        return;
      }
      case OP.regvalType:
      case OP.gnuRegvalType: {
        const register = Number(BigInt.asUintN(16, reader.uleb128()));
        this.#pushRegister(register, 0n);
        this.#convert(reader);
        return;
      }
      case OP.fbreg:
        this.#pushFrame(reader.sleb128());
        return;
      case OP.callFrameCfa:
        this.#push({ op: 'register', register: FRAME_POINTER, offset: 0n });
        return;
      case OP.deref:
        this.#push({ op: 'load', sizeBytes: 8 });
        return;
      case OP.derefSize:
        this.#pushLoad(reader.u8());
        return;
      case OP.derefType:
      case OP.gnuDerefType:
        this.#pushLoad(reader.u8());
        reader.uleb128();
        return;
      case OP.dup:
        this.#push({ op: 'stack', fn: 'dup' });
        return;
      case OP.drop:
        this.#push({ op: 'stack', fn: 'drop' });
        return;
      case OP.over:
        this.#push({ op: 'stack', fn: 'over' });
        return;
      case OP.swap:
        this.#push({ op: 'stack', fn: 'swap' });
        return;
      case OP.rot:
        this.#push({ op: 'stack', fn: 'rot' });
        return;
      case OP.pick:
        this.#push({ op: 'pick', index: reader.u8() });
        return;
      case OP.abs:
        this.#push({ op: 'unary', fn: 'abs' });
        return;
      case OP.neg:
        this.#push({ op: 'unary', fn: 'neg' });
        return;
      case OP.not:
        this.#push({ op: 'unary', fn: 'not' });
        return;
      case OP.plusUconst:
        this.#push({ op: 'constant', value: reader.uleb128() });
        this.#binary('add');
        return;
      case OP.convert:
      case OP.gnuConvert:
        this.#convert(reader);
        return;
      case OP.reinterpret:
      case OP.gnuReinterpret:
        reader.uleb128();
        return;
      case OP.nop:
        return;
      case OP.stackValue:
        this.#isValue = 'value';
        return;
      case OP.implicitValue:
        this.#bytes = reader.slice(Number(BigInt.asUintN(32, reader.uleb128())));
        return;
      case OP.implicitPointer:
      case OP.gnuImplicitPointer:
        reader.offset +=
          this.#context.unit.version <= 2 ? this.#context.unit.addressSize : this.#context.unit.offsetSize;
        reader.sleb128();
        this.#gone = 'it points to a variable that is not in memory';
        return;
      case OP.entryValue:
      case OP.gnuEntryValue:
        this.#entryValue(reader.slice(Number(BigInt.asUintN(32, reader.uleb128()))));
        return;
      default:
        this.failure = `its location uses DWARF operation 0x${op.toString(16)}, which is not read`;
    }
  }

  #setRegister(register: number): void {
    if (register > FRAME_POINTER) this.failure = `its location names register ${register}, which BPF has not`;
    else this.#register = register;
  }

  #pushRegister(register: number, offset: bigint): void {
    if (register > FRAME_POINTER) this.failure = `its location names register ${register}, which BPF has not`;
    else this.#push({ op: 'register', register, offset: this.#frameOffset(register, offset) });
  }

  #frameOffset(register: number, offset: bigint): bigint {
    const fromBottom = register === FRAME_POINTER && offset >= 0n && this.#context.frameBytes > 0;
    return fromBottom ? offset - BigInt(this.#context.frameBytes) : offset;
  }

  #pushLoad(sizeBytes: number): void {
    if (sizeBytes < 1 || sizeBytes > 8) this.failure = `its location loads ${sizeBytes} bytes at once`;
    else this.#push({ op: 'load', sizeBytes });
  }

  #pushAddress(address: DebugAddress): void {
    const place = this.#context.mapAddress(address);
    if (place === undefined) this.failure = 'it lies in a section that is not loaded';
    else this.#push({ op: 'map-address', mapFd: place.mapFd, offset: place.offset });
  }

  /** The frame base of BPF functions is the register r10 itself. */
  #pushFrame(offset: bigint): void {
    const base = this.#context.frameBase;
    const op = base?.[0];
    if (base === undefined || op === undefined) {
      this.failure = 'its function has no frame base';
    } else if (op === OP.callFrameCfa) {
      this.#pushRegister(FRAME_POINTER, offset);
    } else if (op >= OP.reg0 && op < OP.reg0 + 32) {
      this.#pushRegister(op - OP.reg0, offset);
    } else if (op >= OP.breg0 && op < OP.breg0 + 32) {
      this.#pushRegister(op - OP.breg0, new ByteReader(base, { offset: 1 }).sleb128() + offset);
    } else {
      this.failure = 'its function has a frame base that is not read';
    }
  }

  #entryValue(block: Uint8Array): void {
    const op = block[0];
    if (op !== undefined && op >= OP.reg0 && op <= OP.reg0 + FRAME_POINTER && block.length === 1) {
      this.#push({ op: 'entry-register', register: op - OP.reg0 });
    } else {
      this.failure = 'its location asks for more than a register at the start of the function';
    }
  }

  #convert(reader: ByteReader): void {
    const offset = Number(BigInt.asUintN(32, reader.uleb128()));
    if (offset === 0) return;
    const { unit } = this.#context;
    const type = this.#context.entryAt(unit.offset + offset);
    const size = type === undefined ? undefined : unit.size(type, AT.byteSize);
    if (type === undefined || size === undefined) {
      this.failure = 'its location converts to a type that is not described';
      return;
    }
    const encoding = unit.number(type, AT.encoding);
    const signed = encoding === BigInt(ATE.signed) || encoding === BigInt(ATE.signedChar);
    this.#push({ op: 'convert', bits: Math.min(64, size * 8), signed });
  }
}

/** Folds "register, constant, add" into one step. */
function fold(steps: readonly ExpressionStep[]): readonly ExpressionStep[] {
  const [register, constant, add, ...rest] = steps;
  if (register?.op !== 'register' || constant?.op !== 'constant' || add?.op !== 'binary' || add.fn !== 'add')
    return steps;
  return fold([{ ...register, offset: register.offset + constant.value }, ...rest]);
}

/** The simplest reading of a list of steps. */
function simplify(all: readonly ExpressionStep[], result: 'value' | 'address'): VariableLocation {
  const steps = fold(all);
  const [first] = steps;
  if (steps.length === 1 && first !== undefined) {
    if (first.op === 'constant' && result === 'value') return { kind: 'constant', value: first.value };
    if (first.op === 'map-address' && result === 'address')
      return { kind: 'map-memory', mapFd: first.mapFd, offset: first.offset };
    if (first.op === 'register' && result === 'address') {
      const offset = Number(first.offset);
      if (first.register === FRAME_POINTER) return { kind: 'frame', offset };
      return { kind: 'register-memory', register: first.register, offset };
    }
    if (first.op === 'register' && first.offset === 0n && first.register !== FRAME_POINTER)
      return { kind: 'register', register: first.register };
  }
  return { kind: 'computed', result, steps };
}

/**
 * gcc describes a narrow variable in a register while it is being sign-extended as "register << (64 - width)" and leaves the shift back
 * out, so that the value always reads 0. The variable is in the low bits of the register.
 */
export function withoutHalfExtension(location: VariableLocation, sizeBytes: number): VariableLocation {
  if (location.kind !== 'computed' || location.result !== 'value' || sizeBytes >= 8) return location;
  const [constant, shift] = location.steps.slice(-2);
  const half =
    constant?.op === 'constant' &&
    constant.value === BigInt(64 - 8 * sizeBytes) &&
    shift?.op === 'binary' &&
    shift.fn === 'shl';
  return half && location.steps.length > 2 ? simplify(location.steps.slice(0, -2), 'value') : location;
}

function readConstant(op: number, reader: ByteReader): bigint | undefined {
  switch (op) {
    case OP.const1u:
      return BigInt(reader.u8());
    case OP.const1s:
      return BigInt((reader.u8() << 24) >> 24);
    case OP.const2u:
      return BigInt(reader.u16());
    case OP.const2s:
      return BigInt((reader.u16() << 16) >> 16);
    case OP.const4u:
      return BigInt(reader.u32());
    case OP.const4s:
      return BigInt(reader.i32());
    case OP.const8u:
    case OP.const8s:
      return reader.u64();
    case OP.constu:
      return reader.uleb128();
    case OP.consts:
      return reader.sleb128();
    case OP.constType:
    case OP.gnuConstType: {
      reader.uleb128();
      const bytes = reader.slice(reader.u8());
      let value = 0n;
      for (let i = Math.min(8, bytes.length) - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
      return value;
    }
    default:
      return undefined;
  }
}
