// The instruction set: bytes, text and control flow of BPF programs. Knows nothing of kernels, maps or the socket layer.

export { ASSEMBLY_CODES, type AssemblyProblemCode } from './asm-problem.ts';
export { type AssembleOptions, assemble } from './assemble.ts';
export type * from './assembly.ts';
export {
  type BasicBlock,
  type BlockEdge,
  buildControlFlow,
  type ControlFlowGraph,
  type EdgeKind,
  type FlowDefect,
  type FunctionRegion,
  functionTarget,
  referencedFunction,
  type SlotEdge,
  slotEdges,
} from './cfg.ts';
export { decodeOne, decodeProgram, readRaw, SLOT_BYTES, slotCount } from './decode.ts';
export { describeInsn, findInsnDocs, type InsnDescription, invalidText } from './describe.ts';
export { type DocKey, INSN_DOCS, type InsnDoc } from './docs.ts';
export { type EncodeFailure, type Encoding, encodeBytes, encodeInsn, writeRaw } from './encode.ts';
export { type CpuVersion, INSN_FEATURES, type InsnFeature, type InsnFeatureRow } from './features.ts';
export { type FormatOptions, formatInsn, type InsnNames, imm64Value } from './format.ts';
export type * from './insn.ts';
export {
  type ListingLine,
  type ListingOptions,
  type ListingSymbol,
  listing,
  listingLines,
  listingText,
} from './listing.ts';
export type { InsnRow } from './row.ts';
export { rowNamed, rowOf } from './rows.ts';
export { INSN_ROWS, type InsnName } from './table.ts';
export { type WriteAssemblyOptions, writeAssembly } from './write-assembly.ts';
