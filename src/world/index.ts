// L4: programs, virtual machines and the TCP model as one runnable scenario; what came of it as data, text and picture.

export { addressBytes, addressText } from './addresses.ts';
export { compareJson, decodeJson, type Encoded, encodeJson, type JsonMismatch } from './btf-json.ts';
export { type AttachError, type AttachMode, type AttachResult, CgroupTree, parentOf } from './cgroup.ts';
export { createWorld, type WorldSpec } from './create-world.ts';
export {
  argumentsText,
  type CtxElement,
  ctxElements,
  ctxValueIs,
  ctxValueText,
  stateText,
  tcpFlagList,
  tcpFlagsText,
} from './ctx-text.ts';
export { nearest } from './edit-distance.ts';
export { checkExpectations, expectationProblems, type MapOutcome, type Outcomes } from './expect.ts';
export type { ExpectationFailure } from './expect-values.ts';
export type { Expectations, Json } from './expectation-schema.ts';
export type { KernelMember } from './kernel-objects.ts';
export {
  type ActionRow,
  type ArrivalRow,
  type CallbackRow,
  type Ladder,
  type LadderInput,
  type LadderLane,
  type LadderRow,
  ladder,
  type SegmentRow,
  segmentLabel,
  shortOp,
} from './ladder.ts';
export { ladderSvg, type SvgOptions, standaloneSvg } from './ladder-svg.ts';
export { clockText, ladderText, PLAIN, type TextStyle, wrap } from './ladder-text.ts';
export { type CallbackInProgress, Halt, type Monitor } from './monitor.ts';
export { errnoText } from './notes.ts';
export { DEFAULT_HZ, objectOptions } from './object-options.ts';
export { PRESET_NAMES, type PresetName } from './preset-names.ts';
export { PRESETS, type Preset } from './presets.ts';
export type { LoadedFile, LoadedProgram, MachineParts } from './programs.ts';
export {
  type ActionRecord,
  type CallbackRecord,
  comparePositions,
  type FaultRecord,
  type FieldRead,
  type HelperCall,
  type OutputRecord,
  type Position,
  type PrintkRecord,
  type ProgramRun,
  type RunRecord,
  type SegmentRecord,
} from './record.ts';
export { type Report, type ReportInput, report } from './report.ts';
export { type AttachFailure, type MapReport, RunResults } from './run-results.ts';
export { pathText } from './scenario-messages.ts';
export {
  type LoadedScenario,
  parseScenario,
  type Scenario,
  scenarioFromValue,
} from './scenario-parse.ts';
export { type HostSide, type ScenarioInput, scenarioJsonSchema } from './scenario-schema.ts';
export type { ScenarioSource } from './scenario-source.ts';
export {
  distribution,
  emptyTotals,
  isVariation,
  mergeTotals,
  parseVariation,
  SWEEP_PARAMETERS,
  type SweepSpec,
  type SweepTotals,
  sweep,
  type Variation,
} from './sweep.ts';
export { durationText, parseBandwidth, parseDuration } from './units.ts';
export {
  type EventEnd,
  type FinishReason,
  type NextEvent,
  type RunEnd,
  World,
  type WorldSnapshot,
} from './world.ts';
