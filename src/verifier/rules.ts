// How this kernel's verifier behaves, asked of the view once per verification: hot code reads fields, not feature names.

import type { KernelView } from '../kernel/index.ts';
import type { Sharpening } from './scalar.ts';
import type { ArithmeticRules } from './scalar-alu.ts';
import type { ComparisonRules } from './scalar-branch.ts';

export interface Rules {
  readonly arithmetic: ArithmeticRules;
  readonly maxProcessed: number;
  readonly maxPending: number;
  readonly maxFrames: number;
  readonly maxStack: number;
  readonly forksSignMasks: boolean;
  readonly linksSums: boolean;
  readonly linksDifferences: boolean;
  readonly dropsLoneLinks: boolean;
  readonly joinsOffsets: boolean;
  readonly readsUninitialisedStack: boolean;
  readonly readsBelowFrame: boolean;
  readonly boundedLoops: boolean;
  readonly constantMaps: boolean;
  readonly decidesNullComparisons: boolean;
  readonly checksResourcesTogether: boolean;
  readonly jumpTargetFirst: boolean;
  readonly comparisons: ComparisonRules;
  readonly sharpening: Sharpening;
  /** A 32-bit copy of a number that fits stays linked to it. */
  readonly linksNarrowCopies: boolean;
  /** An endless loop is one whose state is the very same; before, one that an earlier state covers. */
  readonly exactLoops: boolean;
  /** Functions may be called, and may return, while a lock is held. */
  readonly locksSpanFunctions: boolean;
  readonly saysScalar: boolean;
  /** How the verifier names a mistake of its own. */
  readonly bugPrefix: string;
  readonly tracksTrust: boolean;
  readonly alwaysInReadSection: boolean;
  readonly loopCountIsScalar: boolean;
  readonly tellsHelperReads: boolean;
  readonly knowsCpuV4: boolean;
  /** What messages call memory that a ring buffer gave. */
  readonly ringbufMemory: string;
  readonly decidesSelfComparisons: boolean;
  readonly knowsConstantKeys: boolean;
}

export function rulesOf(view: KernelView): Rules {
  return {
    arithmetic: {
      joinedMultiplication: view.has('joined-products'),
      signedMultiplication: view.has('signed-products'),
      wrappingSums: view.has('wrapping-sums'),
      negation: view.has('negation-tracked'),
      byteSwaps: view.has('byte-swap-tracked'),
      quotients: view.has('quotients-tracked'),
      unknownOperands: view.has('unknown-operands-tracked'),
    },
    maxProcessed: view.limit('processed-instructions'),
    maxPending: view.limit('jump-sequence'),
    maxFrames: view.limit('call-frames'),
    maxStack: view.limit('stack-bytes'),
    forksSignMasks: view.has('sign-mask-forks'),
    linksSums: view.has('sum-links'),
    linksDifferences: view.has('subtraction-links'),
    dropsLoneLinks: view.has('lone-links-dropped'),
    joinsOffsets: view.has('pointer-offsets-joined'),
    readsUninitialisedStack: view.has('uninitialised-stack-readable'),
    readsBelowFrame: view.has('stack-below-frame-readable') && view.has('uninitialised-stack-readable'),
    boundedLoops: view.has('bounded-loops'),
    constantMaps: view.has('map-lookup-in-constant-map'),
    decidesNullComparisons: view.has('null-pointer-comparison-decided'),
    checksResourcesTogether: view.has('resource-aware-exit'),
    jumpTargetFirst: view.has('jump-reads-target-first'),
    comparisons: {
      ranges: view.has('ranges-compared'),
      equalityByRange: view.has('equality-decided-by-range'),
    },
    sharpening: {
      acrossWidths: view.has('bounds-across-widths'),
      singleValues: view.has('single-values-found'),
    },
    linksNarrowCopies: view.has('narrow-copies-linked'),
    exactLoops: view.has('loops-compared-exactly'),
    locksSpanFunctions: view.has('locks-span-functions'),
    saysScalar: view.has('scalar-named'),
    bugPrefix: view.has('verifier-bugs-named') ? 'verifier bug' : 'verifier internal error',
    tracksTrust: view.has('kernel-trust-tracked'),
    alwaysInReadSection: view.has('read-section-implied'),
    loopCountIsScalar: view.has('loop-count-is-scalar'),
    tellsHelperReads: view.has('helper-reads-keep-stack'),
    knowsConstantKeys: view.has('constant-array-keys'),
    decidesSelfComparisons: view.has('self-comparison-decided'),
    ringbufMemory: view.has('memory-argument-takes-ringbuf')
      ? 'ringbuf_mem'
      : view.has('memory-argument-takes-map-key')
        ? 'alloc_mem'
        : 'mem',
    knowsCpuV4: view.has('cpu-v4'),
  };
}
