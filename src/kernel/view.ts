// A KernelView answers every question about one kernel. It is frozen and made once per target; whoever holds one never sees a
// version number. Several targets are several views, and the loop over them stands at the outermost place.

import {
  answerHelper,
  answerKfunc,
  type CallRules,
  type HelperAnswer,
  type KfuncAnswer,
  type ProgramTraits,
} from './call-answers.ts';
import { CALLBACK_FLAG_ROWS, type CallbackFlagRow } from './callback-flags.ts';
import { answerCtxAccess, type CtxAccessAnswer, type CtxAccessQuestion } from './ctx-access.ts';
import type { CtxFieldRow } from './ctx-field-row.ts';
import { CTX_FIELD_ROWS } from './ctx-fields.ts';
import type { FeatureRow } from './feature.ts';
import { KERNEL_FEATURES } from './features-kernel.ts';
import { RUNTIME_FEATURES } from './features-runtime.ts';
import { TCP_FEATURES } from './features-tcp.ts';
import { VERIFIER_FEATURES } from './features-verifier.ts';
import type { HelperRow } from './helper-row.ts';
import { HELPER_ROWS } from './helpers.ts';
import type { KfuncRow } from './kfunc-row.ts';
import { KFUNC_ROWS } from './kfuncs.ts';
import { alive, type Lifetime, type Presence, presence } from './lifetime.ts';
import { LIMIT_ROWS, type LimitName } from './limits.ts';
import { type MapRefusal, type MapShape, mapRefusals } from './map-creation.ts';
import { mapTakesHelper } from './map-helpers.ts';
import type { MapTypeRow } from './map-type-row.ts';
import { MAP_TYPE_ROWS } from './map-types.ts';
import type { OpRow } from './op-row.ts';
import { OP_ROWS } from './ops.ts';
import { answerSockAccess, type SockAccessAnswer, type SockAccessQuestion } from './sock-access.ts';
import type { OptionSide, OptionValues, SockoptRow } from './sockopt-row.ts';
import { SOCKOPT_ROWS } from './sockopts.ts';
import { type Area, parseTarget, presenceIn, type Target } from './target.ts';

type KernelFeature = (typeof KERNEL_FEATURES)[number]['name'];
type VerifierFeature = (typeof VERIFIER_FEATURES)[number]['name'];
type TcpFeature = (typeof TCP_FEATURES)[number]['name'];
type RuntimeFeature = (typeof RUNTIME_FEATURES)[number]['name'];
/** Every behaviour that `has` can be asked for. */
export type FeatureName = VerifierFeature | TcpFeature | RuntimeFeature | KernelFeature;

export type MapTypeAnswer =
  | { readonly ok: true; readonly row: MapTypeRow; readonly certain: boolean }
  | { readonly ok: false; readonly why: 'unknown-type' | 'not-yet'; readonly row: MapTypeRow | undefined };

export type OptionSideAnswer =
  | { readonly presence: 'yes' | 'unknown'; readonly side: OptionSide; readonly values: OptionValues | undefined }
  /** `refused`: the negative errno that a call gives. */
  | { readonly presence: 'no'; readonly everSince: readonly Lifetime[]; readonly refused: number };

export interface SockoptAnswer {
  readonly row: SockoptRow;
  readonly set: OptionSideAnswer;
  readonly get: OptionSideAnswer;
}

export interface KernelView {
  readonly target: Target;
  /** Whether the kernel behaves as the feature says; an unknown is answered with the likelier of the two. */
  has(feature: FeatureName): boolean;
  /** The three-valued form of `has`. */
  featurePresence(feature: FeatureName): Presence;
  /** Presence of anything with lifetimes in one area. */
  presence(area: Area, lifetimes: readonly Lifetime[]): Presence;

  /** sizeof(struct bpf_sock_ops). */
  readonly ctxSize: number;
  /** The members this kernel has, in order. */
  readonly ctxFields: readonly CtxFieldRow[];
  ctxAccess(question: CtxAccessQuestion): CtxAccessAnswer;

  readonly ops: readonly OpRow[];
  /** By number, on this kernel. */
  op(number: number): OpRow | undefined;
  readonly callbackFlags: readonly CallbackFlagRow[];
  /** BPF_SOCK_OPS_ALL_CB_FLAGS. */
  readonly allCallbackFlags: number;

  /** Helpers that a sock_ops program may call, by id. */
  readonly helpers: readonly HelperRow[];
  helper(id: number, program?: ProgramTraits): HelperAnswer;
  /** One above the largest helper id that the kernel knows. */
  readonly helperIdEnd: number;
  readonly kfuncs: readonly KfuncRow[];
  kfunc(name: string): KfuncAnswer;

  readonly mapTypes: readonly MapTypeRow[];
  mapType(id: number): MapTypeAnswer;

  /** Why the kernel would refuse to create a map; empty when it would, or when the type is unknown. */
  mapRefusals(typeId: number, shape: MapShape): readonly MapRefusal[];
  /** Whether a helper (by name with prefix) may take a map of a type. */
  mapTakesHelper(typeId: number, helper: string): Presence;

  /** Whether bytes of the structure behind a socket pointer can be read. */
  sockAccess(question: SockAccessQuestion): SockAccessAnswer;

  /** Options for which at least one direction may exist. */
  readonly sockopts: readonly SockoptRow[];
  /** By numbers, as a program passes them; undefined for an option that no described kernel takes from BPF. */
  sockopt(level: number, option: number): SockoptAnswer | undefined;

  limit(name: LimitName): number;
}

const LEVEL_NUMBERS: Readonly<Record<SockoptRow['level'], number>> = {
  SOL_SOCKET: 1,
  SOL_TCP: 6,
  SOL_IP: 0,
  SOL_IPV6: 41,
};

/** Number of a level, for those who have the name. */
export function optionLevelNumber(level: SockoptRow['level']): number {
  return LEVEL_NUMBERS[level];
}

const views = new Map<string, KernelView>();

/** The view of a target; the same object each time. Text is read by `parseTarget`, a wrong one is the caller's bug. */
export function viewFor(target: Target | string): KernelView {
  const resolved = typeof target === 'string' ? parseTarget(target).value : target;
  if (!resolved) throw new TypeError(`not a kernel: ${String(target)}`);
  const known = views.get(resolved.name);
  if (known) return known;
  const view = makeView(resolved);
  views.set(resolved.name, view);
  return view;
}

const ALL_FEATURES: readonly FeatureRow[] = [
  ...KERNEL_FEATURES,
  ...VERIFIER_FEATURES,
  ...TCP_FEATURES,
  ...RUNTIME_FEATURES,
];

/** Every feature row of every consumer. */
export function allFeatures(): readonly FeatureRow[] {
  return ALL_FEATURES;
}

const ANY_LICENSE: ProgramTraits = { gplCompatible: true };

/** Whether an access lies near the structure and has the size of a load. */
const isPlainAccess = ({ offset, size }: CtxAccessQuestion): boolean =>
  Number.isInteger(offset) && 0 <= offset && offset < 1024 && (size === 1 || size === 2 || size === 4 || size === 8);

/** Remembers the answers of a pure function by a number that stands for its question. */
function remembered<Question extends readonly unknown[], Answer>(
  keyOf: (...question: Question) => number,
  answer: (...question: Question) => Answer,
): (...question: Question) => Answer {
  const answers = new Map<number, Answer>();
  return (...question) => {
    const key = keyOf(...question);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const fresh = answer(...question);
    answers.set(key, fresh);
    return fresh;
  };
}

function makeView(target: Target): KernelView {
  const best = (area: Area) => target.like[area].best;
  const there = (area: Area, lifetimes: readonly Lifetime[]): Presence => presenceIn(target, area, lifetimes);
  const likely = (area: Area, lifetimes: readonly Lifetime[]): boolean => presence(lifetimes, best(area)) !== 'no';

  const features = new Map<string, { readonly has: boolean; readonly presence: Presence }>();
  const addFeatures = (area: Area, rows: readonly FeatureRow[]) => {
    for (const row of rows) {
      features.set(row.name, { has: alive(row.lifetimes, best(area)), presence: there(area, row.lifetimes) });
    }
  };
  for (const row of KERNEL_FEATURES) addFeatures(row.area, [row]);
  addFeatures('verifier', VERIFIER_FEATURES);
  addFeatures('tcp', TCP_FEATURES);
  addFeatures('runtime', RUNTIME_FEATURES);
  const feature = (name: FeatureName) => features.get(name)!;

  const ctxFields = CTX_FIELD_ROWS.filter((row) => likely('context', row.lifetimes));
  const last = ctxFields[ctxFields.length - 1]!;
  const ctxSize = (last.offset + last.size * last.count + 7) & ~7;

  const ctxRules = {
    ctxSize,
    wordsOnly: feature('ctx-words-only').has,
    pointersWhole: feature('ctx-pointers-whole').has,
    exists: (lifetimes: readonly Lifetime[]) => likely('context', lifetimes),
  };
  const plainAccess = remembered(
    ({ offset, size, mode }: CtxAccessQuestion) => (offset * 16 + size) * 2 + (mode === 'write' ? 1 : 0),
    (question) => answerCtxAccess(question, ctxRules),
  );

  const ops = OP_ROWS.filter((row) => there('ops', row.lifetimes) !== 'no');
  const opByNumber = new Map(ops.map((row) => [row.number, row]));
  const callbackFlags = CALLBACK_FLAG_ROWS.filter((row) => likely('ops', row.lifetimes));
  const allCallbackFlags = callbackFlags.reduce((mask, row) => mask | row.value, 0);

  const helperById = new Map(HELPER_ROWS.map((row) => [row.id, row]));
  const helperIdEnd =
    1 + HELPER_ROWS.reduce((top, row) => (there('helpers', row.exists) === 'no' ? top : Math.max(top, row.id)), 0);
  const helpers = HELPER_ROWS.filter((row) => row.sockOps && there('helpers', row.sockOps.lifetimes) !== 'no');
  const kfuncByName = new Map(KFUNC_ROWS.map((row) => [row.name, row]));
  const kfuncs = KFUNC_ROWS.filter((row) => there('kfuncs', row.lifetimes) !== 'no');
  const callRules: CallRules = {
    helperIdEnd,
    helperPresence: (lifetimes) => there('helpers', lifetimes),
    kfuncPresence: (lifetimes) => there('kfuncs', lifetimes),
    has: (name) => feature(name).has,
  };
  const knownHelper = remembered(
    (id: number, program: ProgramTraits) => id * 2 + (program.gplCompatible ? 1 : 0),
    (id, program) => answerHelper(helperById.get(id), id, program, callRules),
  );
  const mapTypes = MAP_TYPE_ROWS.filter((row) => there('maps', row.lifetimes) !== 'no');
  const mapTypeById = new Map(MAP_TYPE_ROWS.map((row) => [row.id, row]));
  const optionByKey = new Map(SOCKOPT_ROWS.map((row) => [LEVEL_NUMBERS[row.level] * 65536 + row.number, row]));
  const limits = new Map(
    LIMIT_ROWS.map((row) => [row.name as string, row.values.find((value) => alive(value.lifetimes, best(row.area)))]),
  );

  const optionSide = (side: OptionSide | undefined, refused: number): OptionSideAnswer => {
    if (!side) return { presence: 'no', everSince: [], refused };
    const answer = there('options', side.lifetimes);
    if (answer === 'no') return { presence: 'no', everSince: side.lifetimes, refused };
    return { presence: answer, side, values: side.values?.find((value) => likely('options', value.lifetimes)) };
  };
  const sockoptAnswer = (row: SockoptRow): SockoptAnswer => ({
    row,
    set: optionSide(row.set, row.setRefused?.find((entry) => likely('options', entry.lifetimes))?.errno ?? -22),
    get: optionSide(row.get, -22),
  });

  const knownOption = remembered((row: SockoptRow) => LEVEL_NUMBERS[row.level] * 65536 + row.number, sockoptAnswer);

  return Object.freeze({
    target,
    has: (name: FeatureName) => feature(name).has,
    featurePresence: (name: FeatureName) => feature(name).presence,
    presence: there,
    ctxSize,
    ctxFields: Object.freeze(ctxFields),
    ctxAccess: (question: CtxAccessQuestion) =>
      // Offsets in the structure and sizes of loads are few; anything else is a program gone wrong and not worth remembering.
      isPlainAccess(question) ? plainAccess(question) : answerCtxAccess(question, ctxRules),
    ops: Object.freeze(ops),
    op: (number: number) => opByNumber.get(number),
    callbackFlags: Object.freeze(callbackFlags),
    allCallbackFlags,
    helpers: Object.freeze(helpers),
    helperIdEnd,
    helper: (id: number, program: ProgramTraits = ANY_LICENSE) =>
      helperIdEnd <= id ? answerHelper(undefined, id, program, callRules) : knownHelper(id, program),
    kfuncs: Object.freeze(kfuncs),
    kfunc: (name: string) => answerKfunc(kfuncByName.get(name), name, callRules),
    mapTypes: Object.freeze(mapTypes),
    mapType: (id: number): MapTypeAnswer => {
      const row = mapTypeById.get(id);
      if (!row) return { ok: false, why: 'unknown-type', row };
      const answer = there('maps', row.lifetimes);
      return answer === 'no' ? { ok: false, why: 'not-yet', row } : { ok: true, row, certain: answer === 'yes' };
    },
    mapRefusals: (typeId: number, shape: MapShape) => {
      const row = mapTypeById.get(typeId);
      return row ? mapRefusals(row, shape, (lifetimes) => there('maps', lifetimes)) : [];
    },
    mapTakesHelper: (typeId: number, helper: string) =>
      mapTakesHelper(typeId, helper, (lifetimes) => there('maps', lifetimes)),
    sockAccess: (question: SockAccessQuestion) =>
      answerSockAccess(question, {
        exists: (lifetimes) => likely('context', lifetimes),
        portIsHalfWord: feature('sock-port-is-half-word').has,
        conversionFailure: feature('conversion-failure-is-verifier-bug').has
          ? 'verifier bug: error during ctx access conversion (0)'
          : 'bpf verifier is misconfigured',
      }),
    sockopts: Object.freeze(
      SOCKOPT_ROWS.filter((row) => {
        const answer = sockoptAnswer(row);
        return answer.set.presence !== 'no' || answer.get.presence !== 'no';
      }),
    ),
    sockopt: (level: number, option: number) => {
      const row = optionByKey.get(level * 65536 + option);
      return row && knownOption(row);
    },
    limit: (name: LimitName) => limits.get(name)!.value,
  });
}
