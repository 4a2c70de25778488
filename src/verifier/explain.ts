// A refusal as a good compiler would tell it: the C line with a mark, the rule in plain words, where the value came from, what to
// write instead. Words per kind of reason: advice-program.ts and advice-memory.ts.

import type { Problem, ProblemNote, SourcePlace } from '../base/index.ts';
import { HELPER_ROWS, type KernelView } from '../kernel/index.ts';
import type { LineEntry } from '../object/index.ts';
import { MEMORY_ADVICE } from './advice-memory.ts';
import { PROGRAM_ADVICE } from './advice-program.ts';
import { insnText } from './disasm.ts';
import { type PreparedProgram, prepare } from './program.ts';
import type { Reason, ReasonKind, ReasonOf } from './reason.ts';
import type { Refusal, UnresolvedRelocation, Verdict, VerifyInput } from './verdict.ts';
import { verify } from './verify.ts';

interface Advice {
  /** What is wrong, in plain words, without a final full stop. */
  readonly rule: string;
  /** What to write instead. */
  readonly remedy?: string;
}

export type AdviceOf<K extends ReasonKind> = (reason: Omit<ReasonOf<K>, 'kind'>) => Advice;

/** Plain words for every kind of reason. */
export const ADVICE: { readonly [K in ReasonKind]: AdviceOf<K> } = { ...MEMORY_ADVICE, ...PROGRAM_ADVICE };

export interface ExplanationStep {
  readonly slot: number;
  /** "returned by bpf_map_lookup_elem()". */
  readonly message: string;
  readonly at: SourcePlace | undefined;
}

export interface Explanation {
  /** Stable: "verifier-" and the kind of the reason. */
  readonly code: `verifier-${ReasonKind}`;
  readonly rule: string;
  readonly remedy: string | undefined;
  /** The kernel's lines that say why. */
  readonly kernelWords: readonly string[];
  readonly slot: number | undefined;
  readonly at: SourcePlace | undefined;
  /** The instruction that is refused, as the kernel prints it. */
  readonly insn: string | undefined;
  /** How the value at fault came to be, oldest first. */
  readonly steps: readonly ExplanationStep[];
}

/** Above this many processed instructions the states on the way are not recorded again. */
const DETAIL_LIMIT = 50_000;

/** Explains a refusal; undefined when the program was accepted. Verifies once more to learn where values came from. */
export function explain(verdict: Verdict, input: VerifyInput, view: KernelView): Explanation | undefined {
  if (verdict.refusal === undefined) return undefined;
  const detailed = verdict.stats.processedInsns <= DETAIL_LIMIT;
  const traced = verify(input, view, { trace: detailed ? 'all' : 'origins' });
  const refusal = traced.refusal ?? verdict.refusal;
  const program = prepare(input.bytes.subarray(0, input.bytes.length - (input.bytes.length % 8)));
  const { reason, slot } = refusal;
  const unresolved = slot === undefined ? undefined : input.unresolved?.get(slot);
  const words =
    reason.kind === 'helper-refused' && unresolved !== undefined ? relocationAdvice(unresolved) : adviceOf(reason);
  return {
    code: `verifier-${reason.kind}`,
    rule: words.rule,
    remedy: words.remedy,
    kernelWords: refusal.messages,
    slot,
    at: slot === undefined ? undefined : placeOf(input.lines, slot),
    insn: slot === undefined ? undefined : textAt(program, slot, input),
    steps: stepsOf({ refusal, program, view, input, states: traced.states }),
  };
}

/** The explanation as a problem, to be shown like those of a compiler. */
export function explainedProblem(explanation: Explanation, view: KernelView): Problem {
  const notes: ProblemNote[] = explanation.steps.map(({ message, at, slot }) => ({
    message: at === undefined ? `instruction ${slot}: ${message}` : message,
    ...(at === undefined ? {} : { at }),
  }));
  const where = explanation.insn === undefined ? '' : ` (at instruction ${explanation.slot}: ${explanation.insn})`;
  if (explanation.kernelWords.length > 0)
    notes.push({ message: `the kernel says: ${explanation.kernelWords.join('; ')}${where}` });
  return {
    code: explanation.code,
    severity: 'error',
    message: `${view.target.title} refuses this: ${explanation.rule}`,
    ...(explanation.at === undefined ? {} : { at: explanation.at }),
    ...(explanation.remedy === undefined ? {} : { remedy: explanation.remedy }),
    notes,
  };
}

/** libbpf turns an unresolved relocation into a call of a helper that no kernel has; the helper's number tells a person nothing. */
function relocationAdvice({ spec, reason }: UnresolvedRelocation): Advice {
  return {
    rule: `'${spec}' could not be relocated for the kernel: ${reason}`,
    remedy:
      'guard the access with bpf_core_field_exists() or bpf_core_type_exists(); read structures of the program itself without BPF_CORE_READ() and bpf_core_read()',
  };
}

function adviceOf(reason: Reason): Advice {
  const advice = ADVICE[reason.kind] as (reason: Reason) => Advice;
  return advice(reason);
}

function textAt(program: PreparedProgram, slot: number, input: VerifyInput): string | undefined {
  const insn = program.insns[slot];
  if (insn === undefined) return undefined;
  return insnText(insn, program.raws[slot]!, {
    helper: (id) => HELPER_ROWS.find((row) => row.id === id)?.name ?? 'unknown',
    kfunc: (at) => input.kfuncNames?.get(at) ?? 'kernel-function',
    address: ({ low, high }) => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0),
  });
}

// --- Where the value came from -------------------------------------------------------------------------------------------

interface Case {
  readonly refusal: Refusal;
  readonly program: PreparedProgram;
  readonly view: KernelView;
  readonly input: VerifyInput;
  readonly states: Verdict['states'];
}

function stepsOf(of: Case): readonly ExplanationStep[] {
  const { refusal, input } = of;
  const { reason } = refusal;
  if (reason.kind === 'held-at-end')
    return reason.held.map(({ slot }) => ({ slot, message: 'taken here', at: placeOf(input.lines, slot) }));
  const reg = registerAtFault(reason);
  if (reg === undefined) return [];
  const place = refusal.state?.places.find((candidate) => candidate.place === `R${reg}`);
  if (place === undefined) return [];
  return [...place.origins]
    .reverse()
    .filter((slot) => slot !== refusal.slot)
    .map((slot) => ({ slot, message: stepText(of, slot), at: placeOf(input.lines, slot) }));
}

function registerAtFault(reason: Reason): number | undefined {
  switch (reason.kind) {
    case 'callback-return':
      return 0;
    case 'no-such-register':
      return undefined;
    default:
      return 'reg' in reason ? reason.reg : undefined;
  }
}

function stepText(of: Case, slot: number): string {
  const { program, view, input } = of;
  const insn = program.insns[slot];
  if (insn === undefined) return 'made here';
  switch (insn.kind) {
    case 'call-helper':
      return `returned by ${HELPER_ROWS.find((row) => row.id === insn.helper)?.name ?? `helper ${insn.helper}`}()`;
    case 'call-kfunc':
      return `returned by ${input.kfuncNames?.get(slot) ?? 'a kernel function'}()`;
    case 'call-local':
      return 'returned by a function of the program';
    case 'load': {
      const base = of.states.get(slot)?.[0]?.places.find(({ place }) => place === `R${insn.base}`)?.text ?? '';
      if (base.startsWith('ctx')) {
        const answer = view.ctxAccess({ offset: insn.offset, size: insn.size, mode: 'read' });
        return answer.ok ? `read from context field '${answer.field.name}'` : 'read from the context';
      }
      if (insn.base === 10 || base.startsWith('fp')) return 'read back from the stack';
      if (base.startsWith('map_value')) return 'read from a map value, where it can be any number';
      return 'read from memory';
    }
    case 'load-imm64':
      return insn.source === 'value'
        ? `set to 0x${((BigInt(insn.high >>> 0) << 32n) | BigInt(insn.low >>> 0)).toString(16)}`
        : 'the address of a map or variable';
    case 'alu':
      if (insn.fn === 'mov') return insn.src.kind === 'imm' ? `set to ${insn.src.value}` : 'copied';
      return `computed: ${bare(textAt(program, slot, input))}`;
    default:
      return `made by ${bare(textAt(program, slot, input))}`;
  }
}

const bare = (text: string | undefined): string => (text ?? '').replace(/^\([0-9a-f]+\) /, '');

/** The C place of a slot: the line entry that covers it. */
function placeOf(lines: readonly LineEntry[] | undefined, slot: number): SourcePlace | undefined {
  let best: LineEntry | undefined;
  for (const line of lines ?? []) if (line.slot <= slot && (best === undefined || line.slot >= best.slot)) best = line;
  if (best === undefined || best.line0 < 0) return undefined;
  const start = best.column0 === 0 ? best.text.length - best.text.trimStart().length : best.column0;
  const rest = best.text.slice(start);
  const marked =
    best.column0 === 0 ? rest.trimEnd() : (/^[A-Za-z_]\w*(?:(?:->|\.)\w+|\[[^\]]*\])*/.exec(rest)?.[0] ?? '');
  return {
    file: best.file,
    range: {
      start: { line0: best.line0, column0: start },
      end: { line0: best.line0, column0: start + Math.max(1, marked.length) },
    },
  };
}
