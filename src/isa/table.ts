// The instruction table: one row for each operation of the instruction set, with what the wire hides in the offset, immediate
// or source field brought out. Decoder, encoder, assembler, disassembler and the editor's explanations all read these rows.
// Sources: RFC 9669 (opcodes, fields); kernel Documentation/bpf/standardization for what came after it; the text column is
// the syntax of LLVM's BPF target (llvm-objdump 22 prints it, clang reads it). template.ts explains the blanks.
//
//   bit  63            32 31          16 15  12 11   8 7        0
//       +----------------+--------------+------+------+----------+
//       |  imm (signed)  | offset (s)   | src  | dst  |  opcode  |   little endian; the 16-byte form has a second word
//       +----------------+--------------+------+------+----------+   that holds nothing but the upper half in its imm

import type { InsnRow } from './row.ts';

// biome-ignore format: one row a line, in columns, so that a slip stands out
export const INSN_ROWS = [
  // 64-bit arithmetic
  { name: 'add.64',     opcode: { imm: 0x07, reg: 0x0f },                        sem: { kind: 'alu', width: 64, fn: 'add' },     text: ['{r.dst} += {r.src}'],     doc: 'add',   feature: 'base' },
  { name: 'sub.64',     opcode: { imm: 0x17, reg: 0x1f },                        sem: { kind: 'alu', width: 64, fn: 'sub' },     text: ['{r.dst} -= {r.src}'],     doc: 'sub',   feature: 'base' },
  { name: 'mul.64',     opcode: { imm: 0x27, reg: 0x2f },                        sem: { kind: 'alu', width: 64, fn: 'mul' },     text: ['{r.dst} *= {r.src}'],     doc: 'mul',   feature: 'base' },
  { name: 'div.64',     opcode: { imm: 0x37, reg: 0x3f },                        sem: { kind: 'alu', width: 64, fn: 'div' },     text: ['{r.dst} /= {r.src}'],     doc: 'div',   feature: 'base' },
  { name: 'or.64',      opcode: { imm: 0x47, reg: 0x4f },                        sem: { kind: 'alu', width: 64, fn: 'or' },      text: ['{r.dst} |= {r.src}'],     doc: 'or',    feature: 'base' },
  { name: 'and.64',     opcode: { imm: 0x57, reg: 0x5f },                        sem: { kind: 'alu', width: 64, fn: 'and' },     text: ['{r.dst} &= {r.src}'],     doc: 'and',   feature: 'base' },
  { name: 'lsh.64',     opcode: { imm: 0x67, reg: 0x6f },                        sem: { kind: 'alu', width: 64, fn: 'lsh' },     text: ['{r.dst} <<= {r.src}'],    doc: 'lsh',   feature: 'base' },
  { name: 'rsh.64',     opcode: { imm: 0x77, reg: 0x7f },                        sem: { kind: 'alu', width: 64, fn: 'rsh' },     text: ['{r.dst} >>= {r.src}'],    doc: 'rsh',   feature: 'base' },
  { name: 'mod.64',     opcode: { imm: 0x97, reg: 0x9f },                        sem: { kind: 'alu', width: 64, fn: 'mod' },     text: ['{r.dst} %= {r.src}'],     doc: 'mod',   feature: 'base' },
  { name: 'xor.64',     opcode: { imm: 0xa7, reg: 0xaf },                        sem: { kind: 'alu', width: 64, fn: 'xor' },     text: ['{r.dst} ^= {r.src}'],     doc: 'xor',   feature: 'base' },
  { name: 'mov.64',     opcode: { imm: 0xb7, reg: 0xbf },                        sem: { kind: 'alu', width: 64, fn: 'mov' },     text: ['{r.dst} = {r.src}'],      doc: 'mov',   feature: 'base' },
  { name: 'arsh.64',    opcode: { imm: 0xc7, reg: 0xcf },                        sem: { kind: 'alu', width: 64, fn: 'arsh' },    text: ['{r.dst} s>>= {r.src}'],   doc: 'arsh',  feature: 'base' },
  { name: 'sdiv.64',    opcode: { imm: 0x37, reg: 0x3f }, fixed: { offset: 1 },  sem: { kind: 'alu', width: 64, fn: 'sdiv' },    text: ['{r.dst} s/= {r.src}'],    doc: 'sdiv',  feature: 'signed-and-wide' },
  { name: 'smod.64',    opcode: { imm: 0x97, reg: 0x9f }, fixed: { offset: 1 },  sem: { kind: 'alu', width: 64, fn: 'smod' },    text: ['{r.dst} s%= {r.src}'],    doc: 'smod',  feature: 'signed-and-wide' },
  { name: 'movsx8.64',  opcode: { reg: 0xbf },            fixed: { offset: 8 },  sem: { kind: 'alu', width: 64, fn: 'movsx8' },  text: ['{r.dst} = (s8){r.src}'],  doc: 'movsx', feature: 'signed-and-wide' },
  { name: 'movsx16.64', opcode: { reg: 0xbf },            fixed: { offset: 16 }, sem: { kind: 'alu', width: 64, fn: 'movsx16' }, text: ['{r.dst} = (s16){r.src}'], doc: 'movsx', feature: 'signed-and-wide' },
  { name: 'movsx32.64', opcode: { reg: 0xbf },            fixed: { offset: 32 }, sem: { kind: 'alu', width: 64, fn: 'movsx32' }, text: ['{r.dst} = (s32){r.src}'], doc: 'movsx', feature: 'signed-and-wide' },
  { name: 'neg.64',     opcode: 0x87,                                            sem: { kind: 'neg', width: 64 },                text: ['{r.dst} = -{r.dst}'],     doc: 'neg',   feature: 'base' },

  // 32-bit arithmetic
  { name: 'add.32',     opcode: { imm: 0x04, reg: 0x0c },                        sem: { kind: 'alu', width: 32, fn: 'add' },     text: ['{w.dst} += {w.src}'],                     doc: 'add',   feature: 'base' },
  { name: 'sub.32',     opcode: { imm: 0x14, reg: 0x1c },                        sem: { kind: 'alu', width: 32, fn: 'sub' },     text: ['{w.dst} -= {w.src}'],                     doc: 'sub',   feature: 'base' },
  { name: 'mul.32',     opcode: { imm: 0x24, reg: 0x2c },                        sem: { kind: 'alu', width: 32, fn: 'mul' },     text: ['{w.dst} *= {w.src}'],                     doc: 'mul',   feature: 'base' },
  { name: 'div.32',     opcode: { imm: 0x34, reg: 0x3c },                        sem: { kind: 'alu', width: 32, fn: 'div' },     text: ['{w.dst} /= {w.src}'],                     doc: 'div',   feature: 'base' },
  { name: 'or.32',      opcode: { imm: 0x44, reg: 0x4c },                        sem: { kind: 'alu', width: 32, fn: 'or' },      text: ['{w.dst} |= {w.src}'],                     doc: 'or',    feature: 'base' },
  { name: 'and.32',     opcode: { imm: 0x54, reg: 0x5c },                        sem: { kind: 'alu', width: 32, fn: 'and' },     text: ['{w.dst} &= {w.src}'],                     doc: 'and',   feature: 'base' },
  { name: 'lsh.32',     opcode: { imm: 0x64, reg: 0x6c },                        sem: { kind: 'alu', width: 32, fn: 'lsh' },     text: ['{w.dst} <<= {w.src}'],                    doc: 'lsh',   feature: 'base' },
  { name: 'rsh.32',     opcode: { imm: 0x74, reg: 0x7c },                        sem: { kind: 'alu', width: 32, fn: 'rsh' },     text: ['{w.dst} >>= {w.src}'],                    doc: 'rsh',   feature: 'base' },
  { name: 'mod.32',     opcode: { imm: 0x94, reg: 0x9c },                        sem: { kind: 'alu', width: 32, fn: 'mod' },     text: ['{w.dst} %= {w.src}'],                     doc: 'mod',   feature: 'base' },
  { name: 'xor.32',     opcode: { imm: 0xa4, reg: 0xac },                        sem: { kind: 'alu', width: 32, fn: 'xor' },     text: ['{w.dst} ^= {w.src}'],                     doc: 'xor',   feature: 'base' },
  { name: 'mov.32',     opcode: { imm: 0xb4, reg: 0xbc },                        sem: { kind: 'alu', width: 32, fn: 'mov' },     text: ['{w.dst} = {w.src}', '{r.dst} = {w.src}'], doc: 'mov',   feature: 'base' },
  { name: 'arsh.32',    opcode: { imm: 0xc4, reg: 0xcc },                        sem: { kind: 'alu', width: 32, fn: 'arsh' },    text: ['{w.dst} s>>= {w.src}'],                   doc: 'arsh',  feature: 'base' },
  { name: 'sdiv.32',    opcode: { imm: 0x34, reg: 0x3c }, fixed: { offset: 1 },  sem: { kind: 'alu', width: 32, fn: 'sdiv' },    text: ['{w.dst} s/= {w.src}'],                    doc: 'sdiv',  feature: 'signed-and-wide' },
  { name: 'smod.32',    opcode: { imm: 0x94, reg: 0x9c }, fixed: { offset: 1 },  sem: { kind: 'alu', width: 32, fn: 'smod' },    text: ['{w.dst} s%= {w.src}'],                    doc: 'smod',  feature: 'signed-and-wide' },
  { name: 'movsx8.32',  opcode: { reg: 0xbc },            fixed: { offset: 8 },  sem: { kind: 'alu', width: 32, fn: 'movsx8' },  text: ['{w.dst} = (s8){w.src}'],                  doc: 'movsx', feature: 'signed-and-wide' },
  { name: 'movsx16.32', opcode: { reg: 0xbc },            fixed: { offset: 16 }, sem: { kind: 'alu', width: 32, fn: 'movsx16' }, text: ['{w.dst} = (s16){w.src}'],                 doc: 'movsx', feature: 'signed-and-wide' },
  { name: 'neg.32',     opcode: 0x84,                                            sem: { kind: 'neg', width: 32 },                text: ['{w.dst} = -{w.dst}'],                     doc: 'neg',   feature: 'base' },

  // Byte order
  { name: 'be16',    opcode: 0xdc, fixed: { imm: 16 }, sem: { kind: 'endian', fn: 'be', bits: 16 },    text: ['{r.dst} = be16 {r.dst}'],    doc: 'be',    feature: 'base' },
  { name: 'be32',    opcode: 0xdc, fixed: { imm: 32 }, sem: { kind: 'endian', fn: 'be', bits: 32 },    text: ['{r.dst} = be32 {r.dst}'],    doc: 'be',    feature: 'base' },
  { name: 'be64',    opcode: 0xdc, fixed: { imm: 64 }, sem: { kind: 'endian', fn: 'be', bits: 64 },    text: ['{r.dst} = be64 {r.dst}'],    doc: 'be',    feature: 'base' },
  { name: 'le16',    opcode: 0xd4, fixed: { imm: 16 }, sem: { kind: 'endian', fn: 'le', bits: 16 },    text: ['{r.dst} = le16 {r.dst}'],    doc: 'le',    feature: 'base' },
  { name: 'le32',    opcode: 0xd4, fixed: { imm: 32 }, sem: { kind: 'endian', fn: 'le', bits: 32 },    text: ['{r.dst} = le32 {r.dst}'],    doc: 'le',    feature: 'base' },
  { name: 'le64',    opcode: 0xd4, fixed: { imm: 64 }, sem: { kind: 'endian', fn: 'le', bits: 64 },    text: ['{r.dst} = le64 {r.dst}'],    doc: 'le',    feature: 'base' },
  { name: 'bswap16', opcode: 0xd7, fixed: { imm: 16 }, sem: { kind: 'endian', fn: 'bswap', bits: 16 }, text: ['{r.dst} = bswap16 {r.dst}'], doc: 'bswap', feature: 'signed-and-wide' },
  { name: 'bswap32', opcode: 0xd7, fixed: { imm: 32 }, sem: { kind: 'endian', fn: 'bswap', bits: 32 }, text: ['{r.dst} = bswap32 {r.dst}'], doc: 'bswap', feature: 'signed-and-wide' },
  { name: 'bswap64', opcode: 0xd7, fixed: { imm: 64 }, sem: { kind: 'endian', fn: 'bswap', bits: 64 }, text: ['{r.dst} = bswap64 {r.dst}'], doc: 'bswap', feature: 'signed-and-wide' },

  // Arena addresses
  { name: 'addr-space-cast', opcode: 0xbf, fixed: { offset: 1 }, sem: { kind: 'addr-space-cast' }, text: ['{r.dst} = addr_space_cast({r.src}, {toSpace}, {fromSpace})'], doc: 'addr-space-cast', feature: 'arena' },

  // 16-byte loads of a 64-bit immediate
  { name: 'ld-imm64.value',         opcode: 0x18,                    sem: { kind: 'load-imm64', source: 'value' },         text: ['{r.dst} = {imm64} ll'],                                                       doc: 'ld-imm64-value',         feature: 'base' },
  { name: 'ld-imm64.map-fd',        opcode: 0x18, fixed: { src: 1 }, sem: { kind: 'load-imm64', source: 'map-fd' },        text: ['{r.dst} = {map} ll', 'ld_pseudo\t{r.dst}, {pseudo}, {pseudo64}'],             doc: 'ld-imm64-map-fd',        feature: 'base' },
  { name: 'ld-imm64.map-value',     opcode: 0x18, fixed: { src: 2 }, sem: { kind: 'load-imm64', source: 'map-value' },     text: ['{r.dst} = {mapValue} ll', 'ld_pseudo\t{r.dst}, {pseudo}, {pseudo64}'],        doc: 'ld-imm64-map-value',     feature: 'map-value' },
  { name: 'ld-imm64.btf-id',        opcode: 0x18, fixed: { src: 3 }, sem: { kind: 'load-imm64', source: 'btf-id' },        text: ['ld_pseudo\t{r.dst}, {pseudo}, {pseudo64}'],                                   doc: 'ld-imm64-btf-id',        feature: 'ksym-address' },
  { name: 'ld-imm64.function',      opcode: 0x18, fixed: { src: 4 }, sem: { kind: 'load-imm64', source: 'function' },      text: ['{r.dst} = {functionAddress} ll', 'ld_pseudo\t{r.dst}, {pseudo}, {pseudo64}'], doc: 'ld-imm64-function',      feature: 'function-address' },
  { name: 'ld-imm64.map-idx',       opcode: 0x18, fixed: { src: 5 }, sem: { kind: 'load-imm64', source: 'map-idx' },       text: ['ld_pseudo\t{r.dst}, {pseudo}, {pseudo64}'],                                   doc: 'ld-imm64-map-idx',       feature: 'map-index' },
  { name: 'ld-imm64.map-idx-value', opcode: 0x18, fixed: { src: 6 }, sem: { kind: 'load-imm64', source: 'map-idx-value' }, text: ['ld_pseudo\t{r.dst}, {pseudo}, {pseudo64}'],                                   doc: 'ld-imm64-map-idx-value', feature: 'map-index' },

  // Loads
  { name: 'load.u8',  opcode: 0x71, sem: { kind: 'load', size: 1, signExtend: false }, text: ['{w.dst} = *(u8 *)({r.base} {offset})', '{r.dst} = *(u8 *)({r.base} {offset})'],   doc: 'load',        feature: 'base' },
  { name: 'load.u16', opcode: 0x69, sem: { kind: 'load', size: 2, signExtend: false }, text: ['{w.dst} = *(u16 *)({r.base} {offset})', '{r.dst} = *(u16 *)({r.base} {offset})'], doc: 'load',        feature: 'base' },
  { name: 'load.u32', opcode: 0x61, sem: { kind: 'load', size: 4, signExtend: false }, text: ['{w.dst} = *(u32 *)({r.base} {offset})', '{r.dst} = *(u32 *)({r.base} {offset})'], doc: 'load',        feature: 'base' },
  { name: 'load.u64', opcode: 0x79, sem: { kind: 'load', size: 8, signExtend: false }, text: ['{r.dst} = *(u64 *)({r.base} {offset})'],                                          doc: 'load',        feature: 'base' },
  { name: 'load.s8',  opcode: 0x91, sem: { kind: 'load', size: 1, signExtend: true },  text: ['{r.dst} = *(s8 *)({r.base} {offset})'],                                           doc: 'load-signed', feature: 'signed-and-wide' },
  { name: 'load.s16', opcode: 0x89, sem: { kind: 'load', size: 2, signExtend: true },  text: ['{r.dst} = *(s16 *)({r.base} {offset})'],                                          doc: 'load-signed', feature: 'signed-and-wide' },
  { name: 'load.s32', opcode: 0x81, sem: { kind: 'load', size: 4, signExtend: true },  text: ['{r.dst} = *(s32 *)({r.base} {offset})'],                                          doc: 'load-signed', feature: 'signed-and-wide' },

  // Stores
  { name: 'store.u8',  opcode: { imm: 0x72, reg: 0x73 }, sem: { kind: 'store', size: 1 }, text: ['*(u8 *)({r.base} {offset}) = {w.src}', '*(u8 *)({r.base} {offset}) = {r.src}'],   doc: 'store', feature: 'base' },
  { name: 'store.u16', opcode: { imm: 0x6a, reg: 0x6b }, sem: { kind: 'store', size: 2 }, text: ['*(u16 *)({r.base} {offset}) = {w.src}', '*(u16 *)({r.base} {offset}) = {r.src}'], doc: 'store', feature: 'base' },
  { name: 'store.u32', opcode: { imm: 0x62, reg: 0x63 }, sem: { kind: 'store', size: 4 }, text: ['*(u32 *)({r.base} {offset}) = {w.src}', '*(u32 *)({r.base} {offset}) = {r.src}'], doc: 'store', feature: 'base' },
  { name: 'store.u64', opcode: { imm: 0x7a, reg: 0x7b }, sem: { kind: 'store', size: 8 }, text: ['*(u64 *)({r.base} {offset}) = {r.src}'],                                          doc: 'store', feature: 'base' },

  // 64-bit atomic operations
  { name: 'atomic-add.64',       opcode: 0xdb,                       sem: { kind: 'atomic', size: 8, fn: 'add', fetch: false },    text: ['lock *(u64 *)({r.base} {offset}) += {r.src}'],                     doc: 'atomic',       feature: 'base' },
  { name: 'atomic-or.64',        opcode: 0xdb, fixed: { imm: 0x40 }, sem: { kind: 'atomic', size: 8, fn: 'or', fetch: false },     text: ['lock *(u64 *)({r.base} {offset}) |= {r.src}'],                     doc: 'atomic',       feature: 'atomic-fetch' },
  { name: 'atomic-and.64',       opcode: 0xdb, fixed: { imm: 0x50 }, sem: { kind: 'atomic', size: 8, fn: 'and', fetch: false },    text: ['lock *(u64 *)({r.base} {offset}) &= {r.src}'],                     doc: 'atomic',       feature: 'atomic-fetch' },
  { name: 'atomic-xor.64',       opcode: 0xdb, fixed: { imm: 0xa0 }, sem: { kind: 'atomic', size: 8, fn: 'xor', fetch: false },    text: ['lock *(u64 *)({r.base} {offset}) ^= {r.src}'],                     doc: 'atomic',       feature: 'atomic-fetch' },
  { name: 'atomic-fetch-add.64', opcode: 0xdb, fixed: { imm: 0x01 }, sem: { kind: 'atomic', size: 8, fn: 'add', fetch: true },     text: ['{r.src} = atomic_fetch_add((u64 *)({r.base} {offset}), {r.src})'], doc: 'atomic-fetch', feature: 'atomic-fetch' },
  { name: 'atomic-fetch-or.64',  opcode: 0xdb, fixed: { imm: 0x41 }, sem: { kind: 'atomic', size: 8, fn: 'or', fetch: true },      text: ['{r.src} = atomic_fetch_or((u64 *)({r.base} {offset}), {r.src})'],  doc: 'atomic-fetch', feature: 'atomic-fetch' },
  { name: 'atomic-fetch-and.64', opcode: 0xdb, fixed: { imm: 0x51 }, sem: { kind: 'atomic', size: 8, fn: 'and', fetch: true },     text: ['{r.src} = atomic_fetch_and((u64 *)({r.base} {offset}), {r.src})'], doc: 'atomic-fetch', feature: 'atomic-fetch' },
  { name: 'atomic-fetch-xor.64', opcode: 0xdb, fixed: { imm: 0xa1 }, sem: { kind: 'atomic', size: 8, fn: 'xor', fetch: true },     text: ['{r.src} = atomic_fetch_xor((u64 *)({r.base} {offset}), {r.src})'], doc: 'atomic-fetch', feature: 'atomic-fetch' },
  { name: 'xchg.64',             opcode: 0xdb, fixed: { imm: 0xe1 }, sem: { kind: 'atomic', size: 8, fn: 'xchg', fetch: true },    text: ['{r.src} = xchg_64({r.base} {offset}, {r.src})'],                   doc: 'xchg',         feature: 'atomic-fetch' },
  { name: 'cmpxchg.64',          opcode: 0xdb, fixed: { imm: 0xf1 }, sem: { kind: 'atomic', size: 8, fn: 'cmpxchg', fetch: true }, text: ['r0 = cmpxchg_64({r.base} {offset}, r0, {r.src})'],                 doc: 'cmpxchg',      feature: 'atomic-fetch' },

  // 32-bit atomic operations
  { name: 'atomic-add.32',       opcode: 0xc3,                       sem: { kind: 'atomic', size: 4, fn: 'add', fetch: false },    text: ['lock *(u32 *)({r.base} {offset}) += {w.src}', 'lock *(u32 *)({r.base} {offset}) += {r.src}'], doc: 'atomic',       feature: 'base' },
  { name: 'atomic-or.32',        opcode: 0xc3, fixed: { imm: 0x40 }, sem: { kind: 'atomic', size: 4, fn: 'or', fetch: false },     text: ['lock *(u32 *)({r.base} {offset}) |= {w.src}'],                                                doc: 'atomic',       feature: 'atomic-fetch' },
  { name: 'atomic-and.32',       opcode: 0xc3, fixed: { imm: 0x50 }, sem: { kind: 'atomic', size: 4, fn: 'and', fetch: false },    text: ['lock *(u32 *)({r.base} {offset}) &= {w.src}'],                                                doc: 'atomic',       feature: 'atomic-fetch' },
  { name: 'atomic-xor.32',       opcode: 0xc3, fixed: { imm: 0xa0 }, sem: { kind: 'atomic', size: 4, fn: 'xor', fetch: false },    text: ['lock *(u32 *)({r.base} {offset}) ^= {w.src}'],                                                doc: 'atomic',       feature: 'atomic-fetch' },
  { name: 'atomic-fetch-add.32', opcode: 0xc3, fixed: { imm: 0x01 }, sem: { kind: 'atomic', size: 4, fn: 'add', fetch: true },     text: ['{w.src} = atomic_fetch_add((u32 *)({r.base} {offset}), {w.src})'],                            doc: 'atomic-fetch', feature: 'atomic-fetch' },
  { name: 'atomic-fetch-or.32',  opcode: 0xc3, fixed: { imm: 0x41 }, sem: { kind: 'atomic', size: 4, fn: 'or', fetch: true },      text: ['{w.src} = atomic_fetch_or((u32 *)({r.base} {offset}), {w.src})'],                             doc: 'atomic-fetch', feature: 'atomic-fetch' },
  { name: 'atomic-fetch-and.32', opcode: 0xc3, fixed: { imm: 0x51 }, sem: { kind: 'atomic', size: 4, fn: 'and', fetch: true },     text: ['{w.src} = atomic_fetch_and((u32 *)({r.base} {offset}), {w.src})'],                            doc: 'atomic-fetch', feature: 'atomic-fetch' },
  { name: 'atomic-fetch-xor.32', opcode: 0xc3, fixed: { imm: 0xa1 }, sem: { kind: 'atomic', size: 4, fn: 'xor', fetch: true },     text: ['{w.src} = atomic_fetch_xor((u32 *)({r.base} {offset}), {w.src})'],                            doc: 'atomic-fetch', feature: 'atomic-fetch' },
  { name: 'xchg.32',             opcode: 0xc3, fixed: { imm: 0xe1 }, sem: { kind: 'atomic', size: 4, fn: 'xchg', fetch: true },    text: ['{w.src} = xchg32_32({r.base} {offset}, {w.src})'],                                            doc: 'xchg',         feature: 'atomic-fetch' },
  { name: 'cmpxchg.32',          opcode: 0xc3, fixed: { imm: 0xf1 }, sem: { kind: 'atomic', size: 4, fn: 'cmpxchg', fetch: true }, text: ['w0 = cmpxchg32_32({r.base} {offset}, w0, {w.src})'],                                          doc: 'cmpxchg',      feature: 'atomic-fetch' },

  // Load-acquire and store-release
  { name: 'load-acquire.u8',   opcode: 0xd3, fixed: { imm: 0x100 }, sem: { kind: 'load-acquire', size: 1 },  text: ['{w.dst} = load_acquire((u8 *)({r.base} {offset}))'],  doc: 'load-acquire',  feature: 'acquire-release' },
  { name: 'load-acquire.u16',  opcode: 0xcb, fixed: { imm: 0x100 }, sem: { kind: 'load-acquire', size: 2 },  text: ['{w.dst} = load_acquire((u16 *)({r.base} {offset}))'], doc: 'load-acquire',  feature: 'acquire-release' },
  { name: 'load-acquire.u32',  opcode: 0xc3, fixed: { imm: 0x100 }, sem: { kind: 'load-acquire', size: 4 },  text: ['{w.dst} = load_acquire((u32 *)({r.base} {offset}))'], doc: 'load-acquire',  feature: 'acquire-release' },
  { name: 'load-acquire.u64',  opcode: 0xdb, fixed: { imm: 0x100 }, sem: { kind: 'load-acquire', size: 8 },  text: ['{r.dst} = load_acquire((u64 *)({r.base} {offset}))'], doc: 'load-acquire',  feature: 'acquire-release' },
  { name: 'store-release.u8',  opcode: 0xd3, fixed: { imm: 0x110 }, sem: { kind: 'store-release', size: 1 }, text: ['store_release((u8 *)({r.base} {offset}), {w.src})'],  doc: 'store-release', feature: 'acquire-release' },
  { name: 'store-release.u16', opcode: 0xcb, fixed: { imm: 0x110 }, sem: { kind: 'store-release', size: 2 }, text: ['store_release((u16 *)({r.base} {offset}), {w.src})'], doc: 'store-release', feature: 'acquire-release' },
  { name: 'store-release.u32', opcode: 0xc3, fixed: { imm: 0x110 }, sem: { kind: 'store-release', size: 4 }, text: ['store_release((u32 *)({r.base} {offset}), {w.src})'], doc: 'store-release', feature: 'acquire-release' },
  { name: 'store-release.u64', opcode: 0xdb, fixed: { imm: 0x110 }, sem: { kind: 'store-release', size: 8 }, text: ['store_release((u64 *)({r.base} {offset}), {r.src})'], doc: 'store-release', feature: 'acquire-release' },

  // Unconditional and bounded jumps
  { name: 'goto',     opcode: 0x05, sem: { kind: 'jump', long: false }, text: ['goto {target}'],     doc: 'goto',     feature: 'base' },
  { name: 'gotol',    opcode: 0x06, sem: { kind: 'jump', long: true },  text: ['gotol {target}'],    doc: 'gotol',    feature: 'signed-and-wide' },
  { name: 'gotox',    opcode: 0x0d, sem: { kind: 'jump-indirect' },     text: ['gotox {r.reg}'],     doc: 'gotox',    feature: 'jump-table' },
  { name: 'may-goto', opcode: 0xe5, sem: { kind: 'may-goto' },          text: ['may_goto {target}'], doc: 'may-goto', feature: 'may-goto' },

  // Jumps on a 64-bit comparison
  { name: 'jeq.64',  opcode: { imm: 0x15, reg: 0x1d }, sem: { kind: 'jump-if', width: 64, fn: 'eq' },  text: ['if {r.dst} == {r.src} goto {target}'],  doc: 'jeq',  feature: 'base' },
  { name: 'jne.64',  opcode: { imm: 0x55, reg: 0x5d }, sem: { kind: 'jump-if', width: 64, fn: 'ne' },  text: ['if {r.dst} != {r.src} goto {target}'],  doc: 'jne',  feature: 'base' },
  { name: 'jgt.64',  opcode: { imm: 0x25, reg: 0x2d }, sem: { kind: 'jump-if', width: 64, fn: 'gt' },  text: ['if {r.dst} > {r.src} goto {target}'],   doc: 'jgt',  feature: 'base' },
  { name: 'jge.64',  opcode: { imm: 0x35, reg: 0x3d }, sem: { kind: 'jump-if', width: 64, fn: 'ge' },  text: ['if {r.dst} >= {r.src} goto {target}'],  doc: 'jge',  feature: 'base' },
  { name: 'jlt.64',  opcode: { imm: 0xa5, reg: 0xad }, sem: { kind: 'jump-if', width: 64, fn: 'lt' },  text: ['if {r.dst} < {r.src} goto {target}'],   doc: 'jlt',  feature: 'jump-less-than' },
  { name: 'jle.64',  opcode: { imm: 0xb5, reg: 0xbd }, sem: { kind: 'jump-if', width: 64, fn: 'le' },  text: ['if {r.dst} <= {r.src} goto {target}'],  doc: 'jle',  feature: 'jump-less-than' },
  { name: 'jsgt.64', opcode: { imm: 0x65, reg: 0x6d }, sem: { kind: 'jump-if', width: 64, fn: 'sgt' }, text: ['if {r.dst} s> {r.src} goto {target}'],  doc: 'jsgt', feature: 'base' },
  { name: 'jsge.64', opcode: { imm: 0x75, reg: 0x7d }, sem: { kind: 'jump-if', width: 64, fn: 'sge' }, text: ['if {r.dst} s>= {r.src} goto {target}'], doc: 'jsge', feature: 'base' },
  { name: 'jslt.64', opcode: { imm: 0xc5, reg: 0xcd }, sem: { kind: 'jump-if', width: 64, fn: 'slt' }, text: ['if {r.dst} s< {r.src} goto {target}'],  doc: 'jslt', feature: 'jump-less-than' },
  { name: 'jsle.64', opcode: { imm: 0xd5, reg: 0xdd }, sem: { kind: 'jump-if', width: 64, fn: 'sle' }, text: ['if {r.dst} s<= {r.src} goto {target}'], doc: 'jsle', feature: 'jump-less-than' },
  { name: 'jset.64', opcode: { imm: 0x45, reg: 0x4d }, sem: { kind: 'jump-if', width: 64, fn: 'set' }, text: ['if {r.dst} & {r.src} goto {target}'],   doc: 'jset', feature: 'base' },

  // Jumps on a 32-bit comparison
  { name: 'jeq.32',  opcode: { imm: 0x16, reg: 0x1e }, sem: { kind: 'jump-if', width: 32, fn: 'eq' },  text: ['if {w.dst} == {w.src} goto {target}'],  doc: 'jeq',  feature: 'jump32' },
  { name: 'jne.32',  opcode: { imm: 0x56, reg: 0x5e }, sem: { kind: 'jump-if', width: 32, fn: 'ne' },  text: ['if {w.dst} != {w.src} goto {target}'],  doc: 'jne',  feature: 'jump32' },
  { name: 'jgt.32',  opcode: { imm: 0x26, reg: 0x2e }, sem: { kind: 'jump-if', width: 32, fn: 'gt' },  text: ['if {w.dst} > {w.src} goto {target}'],   doc: 'jgt',  feature: 'jump32' },
  { name: 'jge.32',  opcode: { imm: 0x36, reg: 0x3e }, sem: { kind: 'jump-if', width: 32, fn: 'ge' },  text: ['if {w.dst} >= {w.src} goto {target}'],  doc: 'jge',  feature: 'jump32' },
  { name: 'jlt.32',  opcode: { imm: 0xa6, reg: 0xae }, sem: { kind: 'jump-if', width: 32, fn: 'lt' },  text: ['if {w.dst} < {w.src} goto {target}'],   doc: 'jlt',  feature: 'jump32' },
  { name: 'jle.32',  opcode: { imm: 0xb6, reg: 0xbe }, sem: { kind: 'jump-if', width: 32, fn: 'le' },  text: ['if {w.dst} <= {w.src} goto {target}'],  doc: 'jle',  feature: 'jump32' },
  { name: 'jsgt.32', opcode: { imm: 0x66, reg: 0x6e }, sem: { kind: 'jump-if', width: 32, fn: 'sgt' }, text: ['if {w.dst} s> {w.src} goto {target}'],  doc: 'jsgt', feature: 'jump32' },
  { name: 'jsge.32', opcode: { imm: 0x76, reg: 0x7e }, sem: { kind: 'jump-if', width: 32, fn: 'sge' }, text: ['if {w.dst} s>= {w.src} goto {target}'], doc: 'jsge', feature: 'jump32' },
  { name: 'jslt.32', opcode: { imm: 0xc6, reg: 0xce }, sem: { kind: 'jump-if', width: 32, fn: 'slt' }, text: ['if {w.dst} s< {w.src} goto {target}'],  doc: 'jslt', feature: 'jump32' },
  { name: 'jsle.32', opcode: { imm: 0xd6, reg: 0xde }, sem: { kind: 'jump-if', width: 32, fn: 'sle' }, text: ['if {w.dst} s<= {w.src} goto {target}'], doc: 'jsle', feature: 'jump32' },
  { name: 'jset.32', opcode: { imm: 0x46, reg: 0x4e }, sem: { kind: 'jump-if', width: 32, fn: 'set' }, text: ['if {w.dst} & {w.src} goto {target}'],   doc: 'jset', feature: 'jump32' },

  // Calls and return
  { name: 'call',       opcode: 0x85,                    sem: { kind: 'call-helper' },   text: ['call {helper}'],   doc: 'call',       feature: 'base' },
  { name: 'call-local', opcode: 0x85, fixed: { src: 1 }, sem: { kind: 'call-local' },    text: ['call {function}'], doc: 'call-local', feature: 'local-call' },
  { name: 'call-kfunc', opcode: 0x85, fixed: { src: 2 }, sem: { kind: 'call-kfunc' },    text: ['call {kfunc}'],    doc: 'call-kfunc', feature: 'kfunc-call' },
  { name: 'callx',      opcode: 0x8d,                    sem: { kind: 'call-indirect' }, text: ['callx {r.reg}'],   doc: 'callx',      feature: 'indirect-call' },
  { name: 'exit',       opcode: 0x95,                    sem: { kind: 'exit' },          text: ['exit'],            doc: 'exit',       feature: 'base' },

  // Legacy packet loads: not for sock_ops programs
  { name: 'packet-abs.u8',  opcode: 0x30, sem: { kind: 'packet-load', mode: 'abs', size: 1 }, text: ['r0 = *(u8 *)skb[{packetOffset}]'],        doc: 'packet-abs', feature: 'packet-load' },
  { name: 'packet-abs.u16', opcode: 0x28, sem: { kind: 'packet-load', mode: 'abs', size: 2 }, text: ['r0 = *(u16 *)skb[{packetOffset}]'],       doc: 'packet-abs', feature: 'packet-load' },
  { name: 'packet-abs.u32', opcode: 0x20, sem: { kind: 'packet-load', mode: 'abs', size: 4 }, text: ['r0 = *(u32 *)skb[{packetOffset}]'],       doc: 'packet-abs', feature: 'packet-load' },
  { name: 'packet-ind.u8',  opcode: 0x50, sem: { kind: 'packet-load', mode: 'ind', size: 1 }, text: ['r0 = *(u8 *)skb[{r.src}{packetIndex}]'],  doc: 'packet-ind', feature: 'packet-load' },
  { name: 'packet-ind.u16', opcode: 0x48, sem: { kind: 'packet-load', mode: 'ind', size: 2 }, text: ['r0 = *(u16 *)skb[{r.src}{packetIndex}]'], doc: 'packet-ind', feature: 'packet-load' },
  { name: 'packet-ind.u32', opcode: 0x40, sem: { kind: 'packet-load', mode: 'ind', size: 4 }, text: ['r0 = *(u32 *)skb[{r.src}{packetIndex}]'], doc: 'packet-ind', feature: 'packet-load' },
] as const satisfies readonly InsnRow[];

/** Name of a row: the operation, a dot, its width in bits or its access size. */
export type InsnName = (typeof INSN_ROWS)[number]['name'];
