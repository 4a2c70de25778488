// Remarks on a run: why something that the program's author will have expected did not happen. Each rule is one function over
// the finished record; a rule that has nothing to say is silent, and no rule guesses.

import type { KernelView } from '../kernel/index.ts';
import { CALLBACK_FLAGS, OPS, optionLevelNumber, SOCKOPTS } from '../kernel/index.ts';
import { callbackFlagNames } from './helper-trace.ts';
import { mentionedOps } from './mentioned-ops.ts';
import type { LoadedProgram } from './programs.ts';
import type { ActionRecord, CallbackRecord, HelperCall, ProgramRun, SegmentRecord } from './record.ts';
import type { Scenario } from './scenario-parse.ts';
import { durationText } from './units.ts';

/** What the rules look at. */
export interface RunFacts {
  readonly view: KernelView;
  readonly scenario: Scenario;
  readonly programs: readonly LoadedProgram[];
  readonly callbacks: readonly CallbackRecord[];
  readonly segments: readonly SegmentRecord[];
  readonly actions: readonly ActionRecord[];
  /** What the machine found strange, already in words. */
  readonly diagnostics: readonly string[];
  /** Whether a program asked for the current task in a softirq, where it is whoever was interrupted. */
  readonly askedTaskInSoftirq: boolean;
  /** Script steps whose moment never came. */
  readonly pending: readonly { readonly step: number; readonly text: string }[];
}

type Rule = (facts: RunFacts) => readonly string[];

/** Every remark on a run, without repetitions, in the order of the rules. */
export function notesOf(facts: RunFacts): readonly string[] {
  return [...new Set(RULES.flatMap((rule) => rule(facts)))];
}

const opNumber = (name: string): number => OPS.find((row) => row.name === name)?.number ?? -1;
const HDR_OPT_LEN = opNumber('BPF_SOCK_OPS_HDR_OPT_LEN_CB');
const WRITE_HDR_OPT = opNumber('BPF_SOCK_OPS_WRITE_HDR_OPT_CB');
const BASE_RTT = opNumber('BPF_SOCK_OPS_BASE_RTT');
const PASSIVE_ESTABLISHED = opNumber('BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB');
const ACTIVE_ESTABLISHED = opNumber('BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB');
const FIRST_UNLOCKED = opNumber('BPF_SOCK_OPS_TSTAMP_SCHED_CB');

/** Every run of a program, with its callback. */
const runsOf = (facts: RunFacts): { readonly callback: CallbackRecord; readonly run: ProgramRun }[] =>
  facts.callbacks.flatMap((callback) => callback.runs.map((run) => ({ callback, run })));

const helpersOf = (facts: RunFacts) =>
  runsOf(facts).flatMap(({ callback, run }) => run.helpers.map((helper) => ({ callback, run, helper })));

const usesReply = (view: KernelView, op: number): boolean => view.op(op)?.reply.kind === 'value';

/** "never fired": the flag that enables an op, by its number. */
const enablingFlags = (op: number): readonly string[] => OPS.find((row) => row.number === op)?.enabledBy ?? [];

const neverFired: Rule = (facts) => {
  const notes: string[] = [];
  const fired = new Set(facts.callbacks.map((callback) => callback.op));
  const setFlags = helpersOf(facts)
    .filter(
      ({ helper }) =>
        helper.name === 'bpf_sock_ops_cb_flags_set' || helper.detail.includes('TCP_BPF_SOCK_OPS_CB_FLAGS'),
    )
    .map(({ helper }) => helper);
  for (const { program } of facts.programs) {
    for (const op of mentionedOps(program.bytes)) {
      if (fired.has(op)) continue;
      const row = facts.view.op(op);
      const name = OPS.find((one) => one.number === op)?.name;
      if (name === undefined) continue;
      if (row === undefined) {
        notes.push(`${name} never fired: ${facts.view.target.title} does not have this op`);
        continue;
      }
      const flags = enablingFlags(op);
      if (op === WRITE_HDR_OPT && fired.has(HDR_OPT_LEN)) {
        notes.push(
          `${name} never fired: no program reserved space with bpf_reserve_hdr_opt() in BPF_SOCK_OPS_HDR_OPT_LEN_CB`,
        );
      } else if (flags.length > 0 && !setFlags.some((helper) => flags.some((flag) => mentions(helper, flag)))) {
        notes.push(`${name} never fired: no program set ${flags.join(' or ')}`);
      } else if (op === BASE_RTT) {
        notes.push(`${name} never fired: only the congestion control "nv" (tcp_nv) asks for it`);
      }
    }
  }
  return notes;
};

/** Whether a cb_flags_set call names a flag. */
function mentions(helper: HelperCall, flag: string): boolean {
  if (helper.result < 0) return false;
  if (helper.name === 'bpf_sock_ops_cb_flags_set') return helper.detail.split('|').includes(flag);
  const value = Number(helper.detail.split(', ').at(-1));
  return callbackFlagNames(value).split('|').includes(flag);
}

/** bpf_sock_ops_cb_flags_set() replaces the mask: flags that an earlier call had set are gone. */
const lostFlags: Rule = (facts) => {
  const notes: string[] = [];
  const flagsBySocket = new Map<number, number>();
  for (const { callback, helper, run } of helpersOf(facts)) {
    if (helper.name !== 'bpf_sock_ops_cb_flags_set' || helper.result < 0) continue;
    const before = flagsBySocket.get(callback.socketId) ?? Number(callback.ctx['bpf_sock_ops_cb_flags'] ?? 0n);
    const now = CALLBACK_FLAGS.filter((row) => helper.detail.split('|').includes(row.name)).reduce(
      (mask, row) => mask | row.value,
      0,
    );
    flagsBySocket.set(callback.socketId, now);
    const lost = before & ~now;
    // A program that read the mask first has taken the flag away on purpose.
    if (lost === 0 || run.reads.some((read) => read.field === 'bpf_sock_ops_cb_flags')) continue;
    notes.push(
      `${callbackFlagNames(lost)} was cleared in ${callback.opName}: bpf_sock_ops_cb_flags_set() replaces the mask; OR with ctx->bpf_sock_ops_cb_flags to keep what is set`,
    );
  }
  return notes;
};

const droppedReply: Rule = (facts) =>
  runsOf(facts)
    .filter(({ callback, run }) => run.returned === 0 && usesReply(facts.view, callback.op) && callback.reply !== 0)
    .map(
      ({ callback, run }) =>
        `reply ${callback.reply} of ${callback.opName} was dropped because ${run.name} returned 0; return 1 to let it count`,
    );

/** Why a helper that failed failed, where the run itself tells. */
const helperErrors: Rule = (facts) => {
  const notes: string[] = [];
  for (const { callback, helper } of helpersOf(facts)) {
    if (helper.result >= 0) continue;
    const why = whyFailed(facts, callback, helper);
    const call = helper.name === 'bpf_sock_map_update' ? 'bpf_sock_map_update()' : `${helper.name}(${helper.detail})`;
    notes.push(`${call} returned ${errnoText(helper.result)} in ${callback.opName}${why === '' ? '' : `: ${why}`}`);
  }
  return notes;
};

const ERRNO_NAMES: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  7: 'E2BIG',
  12: 'ENOMEM',
  14: 'EFAULT',
  16: 'EBUSY',
  17: 'EEXIST',
  19: 'ENODEV',
  22: 'EINVAL',
  28: 'ENOSPC',
  42: 'ENOMSG',
  92: 'ENOPROTOOPT',
  95: 'EOPNOTSUPP',
  524: 'ENOTSUPP',
};

/** "-EINVAL (-22)" */
export function errnoText(result: number): string {
  const name = ERRNO_NAMES[-result];
  return name === undefined ? String(result) : `-${name} (${result})`;
}

const isRequestSock = (callback: CallbackRecord): boolean => callback.ctx['is_fullsock'] === 0n;

function whyFailed(facts: RunFacts, callback: CallbackRecord, helper: HelperCall): string {
  if (callback.op >= FIRST_UNLOCKED)
    return 'the timestamp callbacks do not hold the socket lock, so this helper refuses';
  switch (helper.name) {
    case 'bpf_sock_ops_cb_flags_set':
      return 'the socket is still a request sock in this op; set flags in TCP_LISTEN_CB (children inherit them) or in PASSIVE_ESTABLISHED_CB';
    case 'bpf_setsockopt':
    case 'bpf_getsockopt':
      return whyOptionFailed(facts, callback, helper);
    case 'bpf_store_hdr_opt':
      return STORE_REASONS[helper.result] ?? '';
    case 'bpf_reserve_hdr_opt':
      return helper.result === -28
        ? 'so much option space is not left in this header'
        : (RESERVE_REASONS[helper.result] ?? '');
    case 'bpf_load_hdr_opt':
      return LOAD_REASONS[helper.result] ?? '';
    case 'bpf_sock_map_update':
      return 'sockets can be put into a sockmap in the ESTABLISHED callbacks (and, since 5.7, in TCP_LISTEN_CB) only';
    default:
      return '';
  }
}

const STORE_REASONS: Readonly<Record<number, string>> = {
  [-1]: 'only BPF_SOCK_OPS_WRITE_HDR_OPT_CB may store options',
  [-17]: 'an option of this kind (and magic) is already in the header',
  [-22]: 'the length in the option does not fit what was passed, or the kind is 0 or 1',
  [-28]: 'less space was reserved in HDR_OPT_LEN_CB than this option needs',
};
const RESERVE_REASONS: Readonly<Record<number, string>> = {
  [-1]: 'only BPF_SOCK_OPS_HDR_OPT_LEN_CB may reserve space',
  [-22]: 'the length must be at least 2 and flags 0',
};
const LOAD_REASONS: Readonly<Record<number, string>> = {
  [-1]: 'there is no packet to search in this op',
  [-2]: 'the SYN was not saved; the listener needs TCP_SAVE_SYN for BPF_LOAD_HDR_OPT_TCP_SYN',
  [-22]: 'the search must have length 0, or 4 or 6 with a magic for kinds 253 and 254',
  [-28]: 'the option is longer than the buffer',
  [-42]: 'the header does not have this option',
};

function whyOptionFailed(facts: RunFacts, callback: CallbackRecord, helper: HelperCall): string {
  if (isRequestSock(callback) && !helper.detail.includes('TCP_BPF_SYN')) {
    return 'the socket is still a request sock in this op; options can be set on full sockets only (TCP_LISTEN_CB, *_ESTABLISHED_CB, TCP_CONNECT_CB)';
  }
  const [level, name] = helper.detail.split(', ');
  const row = SOCKOPTS.find((one) => one.level === level && one.name === name);
  if (row === undefined) return 'no kernel takes this option from a BPF program';
  const answer = facts.view.sockopt(optionLevelNumber(row.level), row.number);
  const side = helper.name === 'bpf_setsockopt' ? answer?.set : answer?.get;
  if (side === undefined || side.presence === 'no') {
    return `${facts.view.target.title} does not take this option from ${helper.name}()`;
  }
  const family = Number(callback.ctx['family'] ?? 0n);
  if ('family' in row && row.family !== undefined && (row.family === 'AF_INET') !== (family === 2)) {
    return `the option needs an ${row.family} socket and this one is ${family === 2 ? 'AF_INET' : 'AF_INET6'}`;
  }
  if (row.name === 'TCP_BPF_IW') return 'the initial window can only be set before data was sent, to a value above 0';
  if (row.name === 'TCP_CONGESTION' && helper.result === -2)
    return 'this algorithm is not loaded in the simulated kernel';
  if ((row.name === 'TCP_SAVED_SYN' || row.name.startsWith('TCP_BPF_SYN')) && helper.result === -2) {
    return 'no SYN was saved; set TCP_SAVE_SYN on the listener';
  }
  if (helper.result === -28) return 'the buffer is too short for all of it; what fits was copied';
  return helper.result === -22 ? 'the length or the value is not accepted' : '';
}

/** TCP_BPF_IW before the connection is established is written over. */
const earlyInitialWindow: Rule = (facts) =>
  helpersOf(facts)
    .filter(
      ({ callback, helper }) =>
        helper.result === 0 &&
        helper.name === 'bpf_setsockopt' &&
        helper.detail.includes('TCP_BPF_IW') &&
        callback.op !== ACTIVE_ESTABLISHED &&
        callback.op !== PASSIVE_ESTABLISHED &&
        Number(callback.ctx['state']) !== 1,
    )
    .map(
      ({ callback }) =>
        `TCP_BPF_IW set in ${callback.opName} is lost: the kernel writes its own initial window just before the ESTABLISHED callbacks; set it there`,
    );

/** Fields that read 0 because the socket is not a full one, or not locked. */
const zeroFields: Rule = (facts) => {
  const notes: string[] = [];
  const guarded = new Map(facts.view.ctxFields.map((field) => [field.name as string, field]));
  for (const { callback, run } of runsOf(facts)) {
    const request = isRequestSock(callback);
    const unlocked = callback.op >= FIRST_UNLOCKED;
    if (!request && !unlocked) continue;
    for (const { field, value } of run.reads) {
      if (guarded.get(field)?.guard !== 'locked' || value !== 0n) continue;
      notes.push(
        request
          ? `${field} reads 0 in ${callback.opName} on the ${callback.host}: the socket is still a request sock (is_fullsock is 0)`
          : `${field} reads 0 in ${callback.opName}: the timestamp callbacks do not hold the socket lock`,
      );
    }
  }
  return notes;
};

/** Header option space that came to nothing. */
const headerSpace: Rule = (facts) => {
  const notes: string[] = [];
  const reserved = new Map<number, number>();
  for (const callback of facts.callbacks) {
    const helpers = callback.runs.flatMap((run) => run.helpers);
    if (callback.op === HDR_OPT_LEN) {
      const bytes = helpers
        .filter((helper) => helper.name === 'bpf_reserve_hdr_opt' && helper.result === 0)
        .reduce((sum, helper) => sum + Number.parseInt(helper.detail, 10), 0);
      reserved.set(callback.socketId, callback.ok ? bytes : 0);
      if (bytes > 0 && !callback.ok) {
        notes.push(
          `${bytes} bytes reserved in ${callback.opName} were given back because a program returned 0; return 1`,
        );
      }
    } else if (callback.op === WRITE_HDR_OPT) {
      const bytes = helpers
        .filter((helper) => helper.name === 'bpf_store_hdr_opt' && helper.result === 0)
        .reduce((sum, helper) => sum + helper.detail.length / 2, 0);
      const room = reserved.get(callback.socketId) ?? 0;
      if (!callback.ok) {
        notes.push(
          `the option stored in ${callback.opName} was overwritten with NOPs because a program returned 0; return 1`,
        );
      } else if (bytes < room) {
        notes.push(`${room - bytes} of ${room} reserved bytes were not written in ${callback.opName} and became NOPs`);
      }
    }
  }
  return notes;
};

/** What kind of handshake it was explains where and when PASSIVE_ESTABLISHED fires. */
const kindOfHandshake: Rule = (facts) => {
  const notes: string[] = [];
  const passive = facts.callbacks.find((callback) => callback.op === PASSIVE_ESTABLISHED && callback.host === 'server');
  if (passive !== undefined && facts.scenario.server.listen.deferAccept !== undefined) {
    notes.push(
      `${passive.opName} came at ${durationText(passive.time)}, with the first data: the listener has TCP_DEFER_ACCEPT`,
    );
  }
  if (passive !== undefined && (Number(passive.ctx['skb_tcp_flags'] ?? 0n) & 0x12) === 0x02) {
    notes.push(`${passive.opName} came with the SYN, before the handshake was complete: TCP Fast Open`);
  }
  if (facts.scenario.server.sysctls.tcp_syncookies === 2) {
    notes.push(
      'the server answered with a SYN cookie: RWND_INIT, TIMEOUT_INIT and NEEDS_ECN are not called for its SYN-ACK',
    );
  }
  const mapped = facts.callbacks.find(
    (callback) => callback.ctx['family'] === 10n && callback.ctx['remote_ip6[2]'] === 0xffff0000n,
  );
  if (mapped !== undefined) {
    notes.push(
      `on the ${mapped.host} this is an IPv4 connection of an AF_INET6 socket: family is AF_INET6, the peer is ::ffff:a.b.c.d in remote_ip6 and a.b.c.d in remote_ip4`,
    );
  }
  return notes;
};

/** A program that was attached after sockets existed missed their beginning. */
const lateAttach: Rule = (facts) => {
  const notes: string[] = [];
  for (const action of facts.actions) {
    if (!action.text.startsWith('attach ') || action.error !== undefined || action.time === 0) continue;
    notes.push(
      `${action.text} at ${durationText(action.time)}: what sockets did before is not repeated for it (no CONNECT or ESTABLISHED callback for those that exist)`,
    );
  }
  return notes;
};

const neverRan: Rule = (facts) => {
  const ran = new Set(runsOf(facts).map(({ run }) => run.program));
  return facts.programs
    .filter((program) => !ran.has(program.index))
    .map(
      (program) =>
        `${program.program.name} never ran: no socket was made in ${program.spec.cgroup} or below while it was attached and in effect`,
    );
};

const strangeTask: Rule = (facts) =>
  facts.askedTaskInSoftirq
    ? [
        "a program asked for the current task in a callback that runs in softirq: pid, uid and comm there are those of whoever was interrupted, not of the socket's owner; remember them in TCP_CONNECT_CB",
      ]
    : [];

/** Replies that mean something else than they seem to. */
const replyUnits: Rule = (facts) => {
  const notes: string[] = [];
  for (const callback of facts.callbacks) {
    const row = facts.view.op(callback.op);
    if (row === undefined || !callback.ok || callback.runs.length === 0) continue;
    const wrote = callback.runs.some((run) => run.replyAfter !== run.replyBefore);
    if (!wrote) continue;
    if (row.reply.kind === 'value' && row.reply.unit === 'jiffies' && callback.reply > 0) {
      const hz = facts.scenario.hz;
      notes.push(
        `reply ${callback.reply} of ${callback.opName} counts jiffies: ${durationText((callback.reply * 1e9) / hz)} at HZ=${hz}`,
      );
    }
    if (row.reply.kind === 'value' && row.reply.unit === 'boolean' && callback.reply !== 1 && callback.reply > 0) {
      notes.push(`reply ${callback.reply} of ${callback.opName} means no: only exactly 1 means yes`);
    }
  }
  return notes;
};

const unfinishedScript: Rule = (facts) =>
  facts.pending.map(({ step, text }) => `step ${step} of the script (${text}) never happened: its moment did not come`);

const RULES: readonly Rule[] = [
  neverRan,
  neverFired,
  lostFlags,
  droppedReply,
  replyUnits,
  helperErrors,
  earlyInitialWindow,
  headerSpace,
  zeroFields,
  kindOfHandshake,
  lateAttach,
  strangeTask,
  (facts) => facts.diagnostics,
  unfinishedScript,
];
