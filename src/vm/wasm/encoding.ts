// Bytes of a WebAssembly module: numbers in LEB128, the opcodes that the compiler uses, sections. Source: WebAssembly Core
// Specification 1.0, chapter 5 (binary format), and the sign-extension operators of its successor.

/** Collects bytes. */
export class Writer {
  readonly #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  byte(...values: readonly number[]): this {
    for (const value of values) this.#bytes.push(value);
    return this;
  }

  append(bytes: ArrayLike<number>): this {
    for (let i = 0; i < bytes.length; i++) this.#bytes.push(bytes[i]!);
    return this;
  }

  /** Unsigned LEB128 of a number below 2^32. */
  u32(value: number): this {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.#bytes.push((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.#bytes.push(rest);
    return this;
  }

  /** Signed LEB128 of a 32-bit number. */
  s32(value: number): this {
    let rest = value | 0;
    for (;;) {
      const byte = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) {
        this.#bytes.push(byte);
        return this;
      }
      this.#bytes.push(byte | 0x80);
    }
  }

  /** Signed LEB128 of a 64-bit number. */
  s64(value: bigint): this {
    let rest = BigInt.asIntN(64, value);
    for (;;) {
      const byte = Number(rest & 0x7fn);
      rest >>= 7n;
      if ((rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0)) {
        this.#bytes.push(byte);
        return this;
      }
      this.#bytes.push(byte | 0x80);
    }
  }

  name(text: string): this {
    this.u32(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes.push(text.charCodeAt(i));
    return this;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

export const TYPE = { i32: 0x7f, i64: 0x7e, func: 0x60, none: 0x40 } as const;
export type ValueType = typeof TYPE.i32 | typeof TYPE.i64;

export const I = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Load: 0x28,
  i64Load: 0x29,
  i64Load8S: 0x30,
  i64Load8U: 0x31,
  i64Load16S: 0x32,
  i64Load16U: 0x33,
  i64Load32S: 0x34,
  i64Load32U: 0x35,
  i32Store: 0x36,
  i64Store: 0x37,
  i32Store8: 0x3a,
  i64Store8: 0x3c,
  i64Store16: 0x3d,
  i64Store32: 0x3e,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtS: 0x4a,
  i32GtU: 0x4b,
  i32LeS: 0x4c,
  i32LeU: 0x4d,
  i32GeS: 0x4e,
  i32GeU: 0x4f,
  i64Eqz: 0x50,
  i64Eq: 0x51,
  i64Ne: 0x52,
  i64LtS: 0x53,
  i64LtU: 0x54,
  i64GtS: 0x55,
  i64GtU: 0x56,
  i64LeS: 0x57,
  i64LeU: 0x58,
  i64GeS: 0x59,
  i64GeU: 0x5a,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32DivS: 0x6d,
  i32DivU: 0x6e,
  i32RemS: 0x6f,
  i32RemU: 0x70,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrS: 0x75,
  i32ShrU: 0x76,
  i32Rotl: 0x77,
  i32Rotr: 0x78,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64DivS: 0x7f,
  i64DivU: 0x80,
  i64RemS: 0x81,
  i64RemU: 0x82,
  i64And: 0x83,
  i64Or: 0x84,
  i64Xor: 0x85,
  i64Shl: 0x86,
  i64ShrS: 0x87,
  i64ShrU: 0x88,
  i32WrapI64: 0xa7,
  i64ExtendI32S: 0xac,
  i64ExtendI32U: 0xad,
  i32Extend8S: 0xc0,
  i32Extend16S: 0xc1,
  i64Extend8S: 0xc2,
  i64Extend16S: 0xc3,
  i64Extend32S: 0xc4,
  /** Prefix of bulk memory operations, and one of them; it is followed by the number of the memory. */
  bulk: 0xfc,
  memoryFill: 0x0b,
} as const;

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface ImportedFunction {
  readonly name: string;
  readonly type: number;
}

export interface FunctionBody {
  readonly type: number;
  /** Locals beyond the parameters. */
  readonly locals: readonly { readonly count: number; readonly type: ValueType }[];
  /** Instructions without the final `end`. */
  readonly code: Uint8Array;
}

export interface ModuleParts {
  readonly types: readonly FunctionType[];
  /** All from the module "env", together with the memory "memory". */
  readonly imports: readonly ImportedFunction[];
  readonly functions: readonly FunctionBody[];
  /** Name of the exported function and its index, imports counted. */
  readonly exported: { readonly name: string; readonly index: number };
}

/** The bytes of a module. */
export function encodeModule({ types, imports, functions, exported }: ModuleParts): Uint8Array {
  const out = new Writer().byte(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
  const section = (id: number, fill: (body: Writer) => void) => {
    const body = new Writer();
    fill(body);
    out.byte(id).u32(body.length).append(body.bytes());
  };
  section(1, (body) => {
    body.u32(types.length);
    for (const { parameters, results } of types)
      body
        .byte(TYPE.func)
        .u32(parameters.length)
        .byte(...parameters)
        .u32(results.length)
        .byte(...results);
  });
  section(2, (body) => {
    body.u32(imports.length + 1);
    body.name('env').name('memory').byte(0x02, 0x00).u32(1);
    for (const { name, type } of imports) body.name('env').name(name).byte(0x00).u32(type);
  });
  section(3, (body) => {
    body.u32(functions.length);
    for (const { type } of functions) body.u32(type);
  });
  section(7, (body) => body.u32(1).name(exported.name).byte(0x00).u32(exported.index));
  section(10, (body) => {
    body.u32(functions.length);
    for (const { locals, code } of functions) {
      const inner = new Writer().u32(locals.length);
      for (const { count, type } of locals) inner.u32(count).byte(type);
      inner.append(code).byte(I.end);
      body.u32(inner.length).append(inner.bytes());
    }
  });
  return out.bytes();
}
