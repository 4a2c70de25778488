// L1: what each kernel accepts and does, as data, and the view of one kernel through which everybody asks. Plain rows; only
// this folder compares kernel versions.

export { availabilityText, sinceText } from './availability.ts';
export type { HelperAnswer, KfuncAnswer, ProgramTraits } from './call-answers.ts';
export { CALLBACK_FLAGS, type CallbackFlagName, type CallbackFlagRow } from './callback-flags.ts';
export { CATALOGUE, type CatalogueEntry, type EntryKind, type LookupResult, lookup } from './catalogue.ts';
export { type Change, changeFacts, describeKernel, kernelChanges } from './changes.ts';
export { CONSTANTS, type ConstantName, type ConstantRow } from './constants.ts';
export { type CtxAccessAnswer, type CtxAccessQuestion, type CtxRefusal, readSizes } from './ctx-access.ts';
export type { ByteOrder, CtxFieldRow, CtxGuard, CtxRepresentation, CtxValueKind } from './ctx-field-row.ts';
export { CTX_FIELDS, type CtxFieldName } from './ctx-fields.ts';
export { type Definition, definitionOf } from './definitions.ts';
export { describe } from './describe.ts';
export { argumentText, kfuncArgumentText } from './describe-calls.ts';
export { lengthText, sizeText } from './describe-options.ts';
export { type Explanation, explain } from './explain.ts';
export type { FeatureRow } from './feature.ts';
export { RUNTIME_FEATURES } from './features-runtime.ts';
export { TCP_FEATURES } from './features-tcp.ts';
export { VERIFIER_FEATURES } from './features-verifier.ts';
export type {
  ArgKind,
  DynptrKind,
  HelperArgument,
  HelperCapability,
  HelperEffect,
  HelperRow,
  ReturnKind,
  SockOpsHelper,
} from './helper-row.ts';
export { type AnyHelperName, HELPER_ROWS, type HelperName, SOCK_OPS_HELPERS } from './helpers.ts';
export type { KfuncArgKind, KfuncFlag, KfuncRow } from './kfunc-row.ts';
export { KFUNCS, type KfuncName, REFUSED_KFUNCS } from './kfuncs.ts';
export type { Lifetime, Presence, SourceRef } from './lifetime.ts';
export { LIMITS, type LimitName, type LimitRow } from './limits.ts';
export { isGplCompatible, MACROS, type MacroName, type MacroRow, SECTIONS, type SectionRow } from './macros.ts';
export { type MapRefusal, type MapShape, mapRefusals } from './map-creation.ts';
export type { MapHelperRule, MapTypeRow, SizeRule } from './map-type-row.ts';
export { MAP_TYPES, type MapTypeName } from './map-types.ts';
export { type FieldMeaning, fieldMeaning, meaningfulOps, shortOpName } from './meaning.ts';
export type { OpArgument, OpPacket, OpReply, OpRow, OpSocket } from './op-row.ts';
export { OPS, type OpName } from './ops.ts';
export { type MarkdownOptions, type Page, type PageFact, pageMarkdown, pageText } from './page.ts';
export { PROFILES, type ProfileName, type ProfileRow } from './profiles.ts';
export type { SockAccessAnswer, SockAccessQuestion, SockStructure } from './sock-access.ts';
export {
  BPF_SOCK_FIELD_ROWS,
  BPF_SOCK_FIELDS,
  BPF_SOCK_SIZE,
  BPF_TCP_SOCK_FIELD_ROWS,
  BPF_TCP_SOCK_FIELDS,
  BPF_TCP_SOCK_SIZE,
  type BpfSockFieldName,
  type BpfTcpSockFieldName,
  type SockFieldRow,
} from './sock-fields.ts';
export type {
  LengthRule,
  OptionLevel,
  OptionSide,
  OptionValues,
  SockoptRow,
  StoredAs,
  ValueRule,
} from './sockopt-row.ts';
export { lengthTakes, ruleTakes, type StoredContext, storedValue } from './sockopt-values.ts';
export { SOCKOPTS, type SockoptName } from './sockopts.ts';
export { MEMBER_LIFETIMES, STRUCTURE_LIFETIMES } from './structure-lifetimes.ts';
export { type Area, listedTargets, parseTarget, type Target, upstreamTarget } from './target.ts';
export { TCP_STATES, type TcpStateName, type TcpStateRow } from './tcp-states.ts';
export { USER_OPTIONS, type UserOptionRow } from './user-options.ts';
export { type KernelVersion, parseVersion, versionText } from './version.ts';
export {
  allFeatures,
  type FeatureName,
  type KernelView,
  type MapTypeAnswer,
  type OptionSideAnswer,
  optionLevelNumber,
  type SockoptAnswer,
  viewFor,
} from './view.ts';
