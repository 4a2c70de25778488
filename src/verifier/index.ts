export type { Reason, ReasonKind } from './reason.ts';
export { REASON_KINDS, wordingOf } from './reason-text.ts';
export {
  type InsnState,
  inputOf,
  type PlaceState,
  type Refusal,
  type Verdict,
  type VerifyInput,
  type VerifyOptions,
  type VerifyStats,
} from './verdict.ts';
export { verify } from './verify.ts';
