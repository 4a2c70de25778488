// L0: what every layer may lean on. Knows nothing of BPF, TCP or any platform.

export type { Brand } from './brand.ts';
export { assertNever, Bug, invariant } from './bug.ts';
export { ByteReader, decodeUtf8, encodeUtf8, fromHex, toHex } from './byte-reader.ts';
export { type HeapSnapshot, OrderedHeap } from './ordered-heap.ts';
export { hasErrors, type Outcome, type Problem, type ProblemNote, type Severity, type SourcePlace } from './problem.ts';
export { Random } from './random.ts';
export { LineIndex, type TextPosition, type TextRange, type TextSpan } from './text.ts';
export {
  type Duration,
  elapsed,
  type Instant,
  instant,
  later,
  microseconds,
  milliseconds,
  nanoseconds,
  seconds,
} from './time.ts';
