// L4: the kernel's verifier. What a kernel says of a program before it runs, in the kernel's words and in plain ones.

export { type Explanation, type ExplanationStep, explain, explainedProblem } from './explain.ts';
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
