// L2: object files read into programs. Bytes in, values and problems out; no IO, no exceptions.

export { assemblyFromElf } from './assembly-from-elf.ts';
export {
  Btf,
  type BtfDataSection,
  type BtfDeclTag,
  type BtfFunction,
  type BtfSectionVariable,
  type BtfType,
  type BtfVariable,
} from './btf.ts';
export { builtinBtf, builtinKernelBtf } from './builtin-btf.ts';
export { declaration, typeDefinition, typeName } from './c-print.ts';
export {
  type ArrayType,
  type CType,
  type CTypeKind,
  type Enumerator,
  type EnumType,
  enumeratorNames,
  type FlatMember,
  type FloatType,
  type FunctionType,
  findMember,
  flatMembers,
  type IncompleteType,
  type IntType,
  isTransparent,
  type Member,
  type Parameter,
  type PointerType,
  type QualifiedType,
  type RecordType,
  sizeOf,
  strip,
  type TypedefType,
  type TypeRef,
  type TypeTable,
  type TypeTagType,
  type VoidType,
} from './c-types.ts';
export { type DecodeOptions, decodeValue, readBits, type ValueNode, type ValueShape, writeBits } from './c-value.ts';
export { POISONED_HELPER } from './core.ts';
export type {
  CompileUnit,
  DebugInfo,
  ExpressionStep,
  FunctionScope,
  LocationPiece,
  ProgramDebug,
  SlotRange,
  SourceLine,
  Variable,
  VariableLocation,
} from './debug-info.ts';
export { ElfFile, readElf } from './elf.ts';
export { type AssemblyOptions, objectFromAssembly, programFromAssembly } from './from-assembly.ts';
export { type InsnsInput, programFromInsns } from './from-insns.ts';
export type { KconfigValue, ReadObjectOptions } from './options.ts';
export { OBJECT_CODES, type ObjectCode } from './problems.ts';
export type {
  BpfObject,
  CoreRelocation,
  KernelSymbol,
  KernelTypes,
  KfuncReference,
  KsymReference,
  LineEntry,
  MapDefinition,
  MapReference,
  Program,
  ProgramPiece,
  Subprogram,
} from './program.ts';
export { type ReadBtfOptions, readBtf } from './read-btf.ts';
export { dependsOnKernel, readObject } from './read-object.ts';
export { type LocationMachine, type ReadVariable, readVariable, type ValuePlace } from './read-variable.ts';
export { writeObject } from './write-object.ts';
