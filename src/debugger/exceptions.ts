// Stops that nobody set a breakpoint for: faults, helpers that fail, replies that the kernel throws away, chosen ops. Each filter
// can be switched on by itself.

import { decodeProgram } from '../isa/index.ts';
import type { KernelView, OpRow } from '../kernel/index.ts';
import type { Moment, SlotSets, Verdict, Visitor } from '../timeline/index.ts';
import { type CallbackRecord, comparePositions, errnoText, type Position } from '../world/index.ts';
import type { Sources } from './sources.ts';

export interface ExceptionFilter {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly enabledByDefault: boolean;
}

const OP_PREFIX = 'op:';

const BASE_FILTERS: readonly ExceptionFilter[] = [
  {
    id: 'fault',
    label: 'Run-time faults',
    description: 'The program reads or writes where it may not, calls what does not exist, or never ends',
    enabledByDefault: true,
  },
  {
    id: 'unmodelled',
    label: 'Not modelled',
    description: 'The program uses a helper, option or map that Sockscope has no model of',
    enabledByDefault: true,
  },
  {
    id: 'helper-error',
    label: 'Helper returns an error',
    description: 'A helper returns a negative errno',
    enabledByDefault: false,
  },
  {
    id: 'reply-ignored',
    label: 'Reply thrown away',
    description: 'A program of the chain returned 0, so the kernel drops the reply that was written',
    enabledByDefault: true,
  },
];

/** All filters of a kernel: the general ones, then one per op. */
export function exceptionFilters(ops: readonly Pick<OpRow, 'name' | 'doc'>[]): readonly ExceptionFilter[] {
  return [
    ...BASE_FILTERS,
    ...ops
      .filter((op) => op.name !== 'BPF_SOCK_OPS_VOID')
      .map((op) => ({
        id: `${OP_PREFIX}${op.name}`,
        label: op.name.replace(/^BPF_SOCK_OPS_/, ''),
        description: op.doc,
        enabledByDefault: false,
      })),
  ];
}

/** What a stop at a filter was about. */
export interface ExceptionStop {
  readonly filter: string;
  readonly position: Position;
  /** One line for the editor: "Fault", "bpf_setsockopt returned -22 (EINVAL)". */
  readonly title: string;
  /** The whole story. */
  readonly description: string;
}

export class ExceptionStops {
  readonly #sources: Sources;
  readonly #view: KernelView;
  readonly #enabled = new Set<string>();
  readonly #decoded = new Map<object, ReturnType<typeof decodeProgram>>();
  /** Stops of the movement in progress; the one at the place where it ends says why it stopped. */
  #movement: ExceptionStop[] = [];

  constructor(sources: Sources, view: KernelView) {
    this.#sources = sources;
    this.#view = view;
    for (const filter of BASE_FILTERS) if (filter.enabledByDefault) this.#enabled.add(filter.id);
  }

  /** The stop at a position of the last movement. */
  stopAt(position: Position): ExceptionStop | undefined {
    return this.#movement.filter((stop) => comparePositions(stop.position, position) === 0).at(-1);
  }

  get enabled(): readonly string[] {
    return [...this.#enabled];
  }

  enable(ids: readonly string[]): void {
    this.#enabled.clear();
    for (const id of ids) this.#enabled.add(id);
  }

  /** A visitor that stops where an enabled filter applies. */
  visitor(): Visitor {
    this.#movement = [];
    const wantsHelpers = this.#enabled.has('helper-error');
    const ops = new Set(
      [...this.#enabled].filter((id) => id.startsWith(OP_PREFIX)).map((id) => id.slice(OP_PREFIX.length)),
    );
    return {
      ...(wantsHelpers ? this.#helperVisitor() : {}),
      ...(ops.size > 0 ? { callback: (moment: Moment): Verdict => this.#opVerdict(moment, ops) } : {}),
      afterCallback: (record) => this.#recordVerdict(record),
    };
  }

  #opVerdict(moment: Moment, ops: ReadonlySet<string>): Verdict {
    const { opName, callSite } = moment.callback;
    if (!ops.has(opName)) return 'go';
    this.#movement.push({
      filter: `${OP_PREFIX}${opName}`,
      position: moment.position,
      title: opName,
      description: `${opName}, called from ${callSite}`,
    });
    return 'stop';
  }

  #helperVisitor(): Pick<Visitor, 'start' | 'beforeInsn'> {
    let called: { readonly name: string; readonly depth: number } | undefined;
    const look = (moment: Moment): void => {
      const { vm, program } = moment.callback;
      const here = this.#sources.find(program.object.file, vm.program);
      const insn = here === undefined ? undefined : this.#decode(here.program).at(vm.slot);
      const name = insn?.kind === 'call-helper' ? this.#helperName(insn.helper) : undefined;
      called = name === undefined ? undefined : { name, depth: vm.frames().length };
    };
    return {
      start: look,
      beforeInsn: (moment) => {
        const helper = called;
        const { vm } = moment.callback;
        let verdict: Verdict = 'go';
        if (helper !== undefined && vm.frames().length === helper.depth) {
          const result = Number(BigInt.asIntN(64, vm.register(0)));
          if (result < 0 && result >= -4095) {
            this.#movement.push({
              filter: 'helper-error',
              position: moment.position,
              title: `${helper.name} returned ${errnoText(result)}`,
              description: `${helper.name}() returned ${errnoText(result)} in ${moment.callback.opName}`,
            });
            verdict = 'stop';
          }
        }
        look(moment);
        return verdict;
      },
    };
  }

  #helperName(id: number): string | undefined {
    const answer = this.#view.helper(id, { gplCompatible: true });
    return answer.ok && answer.row.sockOps?.returns.kind === 'integer' ? answer.row.name : undefined;
  }

  #decode(program: { readonly bytes: Uint8Array }): ReturnType<typeof decodeProgram> {
    const known = this.#decoded.get(program) ?? decodeProgram(program.bytes);
    this.#decoded.set(program, known);
    return known;
  }

  #recordVerdict(record: CallbackRecord): Verdict {
    for (const run of record.runs) {
      if (run.fault === undefined) continue;
      const filter = run.fault.kind === 'unmodelled' ? 'unmodelled' : 'fault';
      if (!this.#enabled.has(filter)) continue;
      const position = { event: record.event, insn: run.endInsn };
      this.#movement.push({
        filter,
        position,
        title: filter === 'fault' ? 'Fault' : 'Not modelled',
        description: run.fault.message,
      });
      return { stopAt: position };
    }
    if (!this.#enabled.has('reply-ignored') || record.ok) return 'go';
    const wrote = record.runs.some((run) => run.replyAfter !== run.replyBefore);
    const zero = record.runs.filter((run) => run.returned === 0).at(-1);
    const counts = this.#view.op(record.op)?.reply.kind === 'value';
    if (!wrote || !counts || zero === undefined) return 'go';
    const position = { event: record.event, insn: Math.max(zero.firstInsn, zero.endInsn - 1) };
    this.#movement.push({
      filter: 'reply-ignored',
      position,
      title: 'Reply thrown away',
      description: `${zero.name} returned 0, so the kernel drops the reply ${record.reply} of ${record.opName} and uses its default; return 1`,
    });
    return { stopAt: position };
  }
}

/** One visitor that asks several; the first that wants to stop wins. */
export function combine(visitors: readonly Visitor[]): Visitor {
  const first = (verdicts: Iterable<Verdict>): Verdict => {
    for (const verdict of verdicts) if (verdict !== 'go') return verdict;
    return 'go';
  };
  const starts = visitors.flatMap((visitor) => (visitor.start === undefined ? [] : [visitor.start]));
  const insns = visitors.flatMap((visitor) => (visitor.beforeInsn === undefined ? [] : [visitor.beforeInsn]));
  const callbacks = visitors.flatMap((visitor) => (visitor.callback === undefined ? [] : [visitor.callback]));
  const afters = visitors.flatMap((visitor) => (visitor.afterCallback === undefined ? [] : [visitor.afterCallback]));
  const slots = insns.length === 0 ? undefined : unionOfSlots(visitors.filter((visitor) => visitor.beforeInsn));
  return {
    ...(slots === undefined ? {} : { slots }),
    ...(starts.length > 0 ? { start: (moment: Moment) => starts.forEach((start) => void start(moment)) } : {}),
    // Every visitor sees every moment, since each keeps its own count of what went by.
    ...(insns.length > 0 ? { beforeInsn: (moment: Moment) => first(insns.map((look) => look(moment))) } : {}),
    ...(callbacks.length > 0 ? { callback: (moment: Moment) => first(callbacks.map((look) => look(moment))) } : {}),
    ...(afters.length > 0
      ? { afterCallback: (record: CallbackRecord) => first(afters.map((look) => look(record))) }
      : {}),
  };
}

/** Slots that any of the visitors wants to see; undefined when one of them wants to see all. */
function unionOfSlots(visitors: readonly Visitor[]): SlotSets | undefined {
  const union = new Map<string, Set<number>>();
  for (const { slots } of visitors) {
    if (slots === undefined) return undefined;
    for (const [name, set] of slots) {
      const all = union.get(name) ?? new Set();
      union.set(name, all);
      for (const slot of set) all.add(slot);
    }
  }
  return union;
}
