// Every rule, in the order of their codes. Adding one touches two places: its file in handlers/ and this list.

import { REASON_KINDS } from '../verifier/index.ts';
import { addressByteOrder } from './handlers/address-byte-order.ts';
import { constantUndeclared } from './handlers/constant-undeclared.ts';
import { ctxFieldSince } from './handlers/ctx-field-since.ts';
import { ctxMergedRead } from './handlers/ctx-merged-read.ts';
import { ctxNarrowRead } from './handlers/ctx-narrow-read.ts';
import { ctxProbeRead } from './handlers/ctx-probe-read.ts';
import { ctxReadOnly } from './handlers/ctx-read-only.ts';
import { ctxUnknownField } from './handlers/ctx-unknown-field.ts';
import { ctxWidth } from './handlers/ctx-width.ts';
import { flagsReplaced } from './handlers/flags-replaced.ts';
import { fullSocketNeeded } from './handlers/full-socket-needed.ts';
import { globalData } from './handlers/global-data.ts';
import { hdrOptFormat } from './handlers/hdr-opt-format.ts';
import { hdrOptNoReserve } from './handlers/hdr-opt-no-reserve.ts';
import { helperNeedsGpl } from './handlers/helper-needs-gpl.ts';
import { helperNotAllowed } from './handlers/helper-not-allowed.ts';
import { helperOp } from './handlers/helper-op.ts';
import { keyByteOrder } from './handlers/key-byte-order.ts';
import { keyPadding } from './handlers/key-padding.ts';
import { opNeedsFlag } from './handlers/op-needs-flag.ts';
import { opNeverReached } from './handlers/op-never-reached.ts';
import { opSince } from './handlers/op-since.ts';
import { opUnknown } from './handlers/op-unknown.ts';
import { opWrongFamily } from './handlers/op-wrong-family.ts';
import { optionLength } from './handlers/option-length.ts';
import { optionOp } from './handlers/option-op.ts';
import { optionSince } from './handlers/option-since.ts';
import { optionUnknown } from './handlers/option-unknown.ts';
import { optionValue } from './handlers/option-value.ts';
import { packetBounds } from './handlers/packet-bounds.ts';
import { pidInSoftirq } from './handlers/pid-in-softirq.ts';
import { portByteOrder } from './handlers/port-byte-order.ts';
import { readsZero } from './handlers/reads-zero.ts';
import { replyDiscarded } from './handlers/reply-discarded.ts';
import { replyIgnored } from './handlers/reply-ignored.ts';
import { replyUnit } from './handlers/reply-unit.ts';
import { resultIgnored } from './handlers/result-ignored.ts';
import { returnRange } from './handlers/return-range.ts';
import { returnZero } from './handlers/return-zero.ts';
import { rttMinUnguarded } from './handlers/rtt-min-unguarded.ts';
import { sectionShared } from './handlers/section-shared.ts';
import { sectionUnknown } from './handlers/section-unknown.ts';
import { skNullCheck } from './handlers/sk-null-check.ts';
import { sockmapGenericUpdate } from './handlers/sockmap-generic-update.ts';
import { sockmapUnfiltered } from './handlers/sockmap-unfiltered.ts';
import { unlockedOp } from './handlers/unlocked-op.ts';
import { valueNullCheck } from './handlers/value-null-check.ts';
import type { Rule } from './rule.ts';

export const RULES: readonly Rule[] = [
  addressByteOrder,
  constantUndeclared,
  ctxFieldSince,
  ctxMergedRead,
  ctxNarrowRead,
  ctxProbeRead,
  ctxReadOnly,
  ctxUnknownField,
  ctxWidth,
  flagsReplaced,
  fullSocketNeeded,
  globalData,
  hdrOptFormat,
  hdrOptNoReserve,
  helperNeedsGpl,
  helperNotAllowed,
  helperOp,
  keyByteOrder,
  keyPadding,
  opNeedsFlag,
  opNeverReached,
  opSince,
  opUnknown,
  opWrongFamily,
  optionLength,
  optionOp,
  optionSince,
  optionUnknown,
  optionValue,
  packetBounds,
  pidInSoftirq,
  portByteOrder,
  readsZero,
  replyDiscarded,
  replyIgnored,
  replyUnit,
  resultIgnored,
  returnRange,
  returnZero,
  rttMinUnguarded,
  sectionShared,
  sectionUnknown,
  skNullCheck,
  sockmapGenericUpdate,
  sockmapUnfiltered,
  unlockedOp,
  valueNullCheck,
];

/** Codes that are not those of a source rule: from the compiler, the verifier and the assembler. */
export const OTHER_CODES: readonly { readonly code: string; readonly title: string; readonly doc: string }[] = [
  {
    code: 'compiler',
    title: 'clang refuses the file',
    doc: "The message is clang's own. It is shown only where no other extension shows it (setting `sockscope.showCompilerErrors`).",
  },
  {
    code: 'no-compiler',
    title: 'No compiler for BPF was found',
    doc: 'The checks that need an object file (the verdict of the verifier on every target kernel) are off. Install clang, or set `sockscope.clangPath`.',
  },
  {
    code: 'verifier',
    title: 'A target kernel would refuse the program',
    doc: "Codes `verifier-REASON`. The compiled program was checked as the kernels named in the message check it. The kernel's own words are in the details; the related places show where the value came from.",
  },
  {
    code: 'assembler',
    title: 'The assembly cannot be read',
    doc: 'A line of the file is no instruction, label or directive.',
  },
  {
    code: 'suppression',
    title: 'A suppression comment that does not work',
    doc: 'A comment `sockscope-ignore CODE: reason` names a code that does not exist or gives no reason.',
  },
];

/** Every code that can be silenced or configured. */
export function diagnosticCodes(): ReadonlySet<string> {
  return new Set([
    ...RULES.map((rule) => rule.code),
    ...OTHER_CODES.map((row) => row.code),
    ...REASON_KINDS.map((kind) => `verifier-${kind}`),
  ]);
}
