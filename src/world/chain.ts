// Runs the programs of a socket's control group for one call of the TCP model, in the order and with the combination of
// replies that the kernel has (__cgroup_bpf_run_filter_sock_ops, bpf_prog_run_array_cg): all programs share args and reply, all
// run even after one returned 0, and one 0 makes the whole chain fail.

import type { Instant } from '../base/index.ts';
import type { KernelView } from '../kernel/index.ts';
import type { KernelClock, MemberValue, SocketMember, SockOpsCall, SockOpsHook, SockOpsResult } from '../tcp/index.ts';
import type { CallEnd, Fault, KernelObject, VmEvent } from '../vm/index.ts';
import type { CgroupTree } from './cgroup.ts';
import { CallContext, socketElements, type Words } from './context.ts';
import { type CtxElement, ctxElements } from './ctx-text.ts';
import { faultRecord } from './fault-record.ts';
import { tracedPort } from './helper-trace.ts';
import type { KernelMember } from './kernel-objects.ts';
import { Log } from './log.ts';
import { Halt, type Monitor, type NamedValue } from './monitor.ts';
import { CallPort, type HostFacts, HostPort } from './ports.ts';
import type { LoadedProgram } from './programs.ts';
import type { CallbackRecord, FieldRead, HelperCall, ProgramRun } from './record.ts';
import { Running } from './running.ts';
import type { HostSide } from './scenario-schema.ts';

/** What the chain needs of the world around it. */
export interface ChainSurroundings {
  readonly view: KernelView;
  readonly cgroups: CgroupTree<LoadedProgram>;
  /** What programs can ask of the host that they run on. */
  readonly hosts: Readonly<Record<HostSide, HostFacts>>;
  /** Identity of a control group that the scenario names; 0 for others. */
  cgroupId(path: string): bigint;
  cgroupPath(id: bigint): string | undefined;
  /** A member of the kernel's socket with that identity. */
  readMember(id: number, member: SocketMember, clock: KernelClock): MemberValue | undefined;
  now(): Instant;
  /** Number of the event that is being simulated. */
  readonly event: number;
  /** Number that the TCP model gave this call (for its effect log). */
  callNumber(): number;
  vmEvent(event: VmEvent, host: HostSide, program: LoadedProgram, callback: number): void;
  socketState(call: SockOpsCall): readonly NamedValue[];
  /** A helper of a running program led to another callback, which the machine cannot run in between. */
  nested(opName: string): void;
  /** A callback is about to run for this socket. */
  socketSeen(call: SockOpsCall): void;
}

/** `full`: everything that a person may want to see. `counts`: only what happened, for many connections. */
export type Recording = 'full' | 'counts';

/** Instructions that one program may take in one callback: more than any program that a verifier would let loop so. */
const BUDGET = 1 << 24;

export class ProgramChain implements SockOpsHook {
  readonly around: ChainSurroundings;
  readonly #recording: Recording;
  readonly #allElements: readonly CtxElement[];
  readonly #ports: Readonly<Record<HostSide, HostPort>>;
  readonly #resultMustBeOne: boolean;
  readonly #opNames: ReadonlyMap<number, string>;
  #quick: { readonly context: CallContext; readonly socket: CallPort } | undefined;
  /** Programs that used up their instruction budget: they are not run again, since each such run takes about a second. */
  #stuck: ReadonlySet<LoadedProgram> = new Set();
  readonly log = new Log<CallbackRecord>();
  monitor: Monitor | undefined;
  /** The callback in which the world stands halted. */
  inProgress: Running | undefined;
  /** Instructions retired in the current event. */
  retired = 0;

  constructor(around: ChainSurroundings, recording: Recording) {
    this.around = around;
    this.#recording = recording;
    this.#resultMustBeOne = around.view.has('cgroup-result-must-be-one');
    this.#allElements = socketElements(around.view);
    this.#ports = { client: new HostPort(around, 'client'), server: new HostPort(around, 'server') };
    this.#opNames = opNames(around.view);
  }

  get stuck(): ReadonlySet<LoadedProgram> {
    return this.#stuck;
  }

  set stuck(programs: ReadonlySet<LoadedProgram>) {
    this.#stuck = programs;
  }

  /** Members of a kernel object in the callback that is in progress. */
  kernelMembers(host: HostSide, program: LoadedProgram, object: KernelObject): readonly KernelMember[] {
    return this.#ports[host].membersOf(program, object);
  }

  call(call: SockOpsCall): SockOpsResult | undefined {
    if (call.cgroup === undefined) return undefined;
    const chain = this.around.cgroups.effective(call.cgroup);
    if (chain.length === 0) return undefined;
    if (isAnyActive(chain)) {
      this.around.nested(this.#opNames.get(call.op) ?? `op ${call.op}`);
      return undefined;
    }
    this.around.socketSeen(call);
    if (this.#recording === 'counts' && this.monitor === undefined) return this.#callQuick(call, chain);
    const running = new Running(this, call, chain, this.around.event, this.#opNames.get(call.op) ?? `op ${call.op}`);
    const ctx = this.#recording === 'full' ? this.#contextValues(call) : {};
    const words: Words = [call.args[0] >>> 0, call.args[1] >>> 0, call.args[2] >>> 0, call.args[3] >>> 0];
    const runs: ProgramRun[] = [];
    let ok = true;
    let results = -1;
    chain.forEach((program, at) => {
      running.turn(program, at);
      const run = this.#runProgram(running, program, words);
      runs.push(run);
      words[0] = run.replyAfter >>> 0;
      // A fault ends a program without an answer; the kernel knows no such thing, and no answer is not a yes.
      if (run.returned === undefined || run.returned === 0) ok = false;
      results &= run.returned ?? 0;
    });
    if (this.#resultMustBeOne && results !== 1) ok = false;
    const record: CallbackRecord = {
      index: running.index,
      callNumber: this.around.callNumber(),
      event: running.position.event,
      firstInsn: running.position.insn,
      endInsn: this.retired,
      time: this.around.now(),
      host: running.host,
      op: call.op,
      opName: running.opName,
      callSite: call.callSite,
      args: running.args,
      socketId: call.socketId,
      cgroup: call.cgroup,
      ctx,
      runs,
      ok,
      reply: words[0] | 0,
      effects: this.#recording === 'full' ? replyEffects(this.around.view, call.op, runs, ok) : [],
    };
    this.log.push(record);
    if (this.monitor?.afterCallback?.(record) === 'halt')
      throw new Halt({ event: this.around.event, insn: this.retired });
    return { ok, reply: words[0] | 0 };
  }

  /** The same for runs of many connections: nothing is kept but that it happened, and no object is made that can be used again. */
  #callQuick(call: SockOpsCall, chain: readonly LoadedProgram[]): SockOpsResult {
    const host: HostSide = call.host === 'server' ? 'server' : 'client';
    const { args } = call;
    const words: Words = [args[0] >>> 0, args[1] >>> 0, args[2] >>> 0, args[3] >>> 0];
    const index = this.log.length;
    const port = this.#ports[host];
    const quick = (this.#quick ??= { context: new CallContext(call, words, []), socket: new CallPort(call) });
    quick.socket.rebind(call);
    port.socket = quick.socket;
    port.call = call;
    port.callback = index;
    let ok = true;
    let results = -1;
    let runs: readonly ProgramRun[] = NO_RUNS;
    for (const program of chain) {
      if (this.#stuck.has(program)) {
        ok = false;
        continue;
      }
      port.program = program;
      quick.context.rebind(call, words, program.filledElements);
      const end = program.vm.call({ program: program.program.name, port, context: quick.context, budget: BUDGET });
      words[0] = end.reply >>> 0;
      this.retired += end.insns;
      if (end.kind === 'fault') {
        ok = false;
        runs = [...runs, faultedRun(program, end.fault, end.reply)];
        if (end.fault.kind === 'budget-exhausted') this.#stuck = new Set([...this.#stuck, program]);
      } else {
        const returned = Number(BigInt.asUintN(32, end.r0));
        if (returned === 0) ok = false;
        results &= returned;
      }
    }
    if (this.#resultMustBeOne && results !== 1) ok = false;
    const reply = words[0] | 0;
    this.log.push({
      index,
      callNumber: this.around.callNumber(),
      event: this.around.event,
      firstInsn: 0,
      endInsn: 0,
      time: this.around.now(),
      host,
      op: call.op,
      opName: this.#opNames.get(call.op) ?? `op ${call.op}`,
      callSite: call.callSite,
      args,
      socketId: call.socketId,
      cgroup: call.cgroup,
      ctx: NO_CONTEXT,
      runs,
      ok,
      reply,
      effects: NO_EFFECTS,
    });
    return { ok, reply };
  }

  #contextValues(call: SockOpsCall): Record<string, bigint> {
    const values: Record<string, bigint> = { op: BigInt(call.op) };
    call.args.forEach((value, index) => {
      values[`args[${index}]`] = BigInt(value >>> 0);
    });
    for (const element of this.#allElements) values[element.name] = call.readField(element.name);
    const packet = call.segment === undefined ? 0n : 1n;
    for (const element of ctxElements(this.around.view)) {
      if (element.field.name === 'sk') values['sk'] = call.sock === undefined ? 0n : 1n;
      if (element.field.name === 'skb_data' || element.field.name === 'skb_data_end') values[element.name] = packet;
    }
    return values;
  }

  #runProgram(running: Running, program: LoadedProgram, words: Words): ProgramRun {
    const { call } = running;
    const helpers: HelperCall[] = [];
    const reads: FieldRead[] = [];
    const base = this.retired;
    const replyBefore = words[0] | 0;
    const start = {
      program: program.index,
      name: program.program.name,
      file: program.file,
      firstInsn: base,
      replyBefore,
    };
    if (this.#stuck.has(program)) {
      return {
        ...start,
        endInsn: base,
        returned: undefined,
        replyAfter: replyBefore,
        fault: undefined,
        reads,
        helpers,
      };
    }
    const full = this.#recording === 'full';
    const context = new CallContext(call, words, full ? this.#allElements : program.filledElements);
    const port = this.#ports[running.host];
    port.program = program;
    port.callback = running.index;
    port.call = call;
    const bare = new CallPort(call);
    port.socket = full ? tracedPort(bare, (helper) => helpers.push(helper)) : bare;
    const end = this.#drive(running, program, { program: program.program.name, port, context, budget: BUDGET }, reads);
    this.retired = base + end.insns;
    const fault = end.kind === 'fault' ? faultRecord(end.fault, program) : undefined;
    if (end.kind === 'fault' && end.fault.kind === 'budget-exhausted') this.#stuck = new Set([...this.#stuck, program]);
    return {
      ...start,
      endInsn: this.retired,
      returned: end.kind === 'returned' ? Number(BigInt.asUintN(32, end.r0)) : undefined,
      replyAfter: end.reply,
      fault,
      reads,
      helpers,
    };
  }

  #drive(
    running: Running,
    program: LoadedProgram,
    call: Parameters<LoadedProgram['vm']['begin']>[0],
    reads: FieldRead[],
  ): CallEnd {
    const { vm } = program;
    const monitor = this.monitor;
    vm.begin(call);
    this.inProgress = running;
    if (running.chainIndex === 0 && monitor?.callback?.(running) === 'halt') throw new Halt(running.now);
    if (monitor?.program?.(running) === 'halt') throw new Halt(running.now);
    const end =
      monitor?.beforeInsn === undefined ? this.#runTraced(program, reads) : this.#runWatched(running, monitor, reads);
    this.inProgress = undefined;
    return end;
  }

  /** At full speed but for a look at each load that may be from the context. */
  #runTraced(program: LoadedProgram, reads: FieldRead[]): CallEnd {
    const { vm, ctxLoadSlots } = program;
    const seen = new Set<string>();
    noteRead(program, reads, seen, this.around.view);
    for (;;) {
      const result = vm.run({ slots: ctxLoadSlots });
      if (result.kind !== 'paused') return result;
      noteRead(program, reads, seen, this.around.view);
    }
  }

  #runWatched(running: Running, monitor: Monitor, reads: FieldRead[]): CallEnd {
    const { vm, ctxLoadSlots } = running.program;
    const seen = new Set<string>();
    for (;;) {
      const until = monitor.until?.(running);
      if (until === undefined) {
        if (monitor.beforeInsn!(vm, running.now, running) === 'halt') throw new Halt(running.now);
        noteRead(running.program, reads, seen, this.around.view);
        const result = vm.step();
        if (result.kind !== 'ran') return result;
        continue;
      }
      // A pause that is ours alone (a context load) goes on; one that the monitor wants is shown to it.
      const wanted = () =>
        (until.insns !== undefined && vm.insns >= until.insns) || until.slots?.get(vm.program)?.has(vm.slot) === true;
      if (wanted() && monitor.beforeInsn!(vm, running.now, running) === 'halt') throw new Halt(running.now);
      noteRead(running.program, reads, seen, this.around.view);
      const result = vm.run({
        ...(until.insns === undefined ? {} : { insns: Math.max(until.insns, vm.insns + 1) }),
        slots: union(ctxLoadSlots, until.slots),
      });
      if (result.kind !== 'paused') return result;
    }
  }
}

const opNamesByView = new WeakMap<KernelView, ReadonlyMap<number, string>>();

function opNames(view: KernelView): ReadonlyMap<number, string> {
  const known = opNamesByView.get(view);
  if (known !== undefined) return known;
  const names = new Map(view.ops.map((row) => [row.number, row.name]));
  opNamesByView.set(view, names);
  return names;
}

/** Whether a machine of the chain is in the middle of a call. */
function isAnyActive(chain: readonly LoadedProgram[]): boolean {
  for (const program of chain) if (program.vm.active) return true;
  return false;
}

const NO_RUNS: readonly ProgramRun[] = [];
const NO_CONTEXT: Readonly<Record<string, bigint>> = {};
const NO_EFFECTS: readonly string[] = [];

const faultedRun = (program: LoadedProgram, fault: Fault, reply: number): ProgramRun => ({
  program: program.index,
  name: program.program.name,
  file: program.file,
  firstInsn: 0,
  endInsn: 0,
  returned: undefined,
  replyBefore: reply,
  replyAfter: reply,
  fault: faultRecord(fault, program),
  reads: [],
  helpers: [],
});

/** What becomes of a reply that does nothing, in words. */
function replyEffects(view: KernelView, op: number, runs: readonly ProgramRun[], ok: boolean): string[] {
  const reply = runs.at(-1)?.replyAfter ?? 0;
  const wrote = runs.some((run) => run.replyAfter !== run.replyBefore);
  // 0 and -1 are how programs say that they have no answer.
  if (!wrote || reply === 0 || reply === -1) return [];
  if (view.op(op)?.reply.kind !== 'value') return [`reply ${reply} ignored: this op does not use it`];
  if (ok) return [];
  const culprit = runs.find((run) => run.returned === 0 || run.returned === undefined);
  return [droppedReply(reply, culprit)];
}

/** "reply 40 dropped because larger_window returned 0" */
export function droppedReply(reply: number, culprit: ProgramRun | undefined): string {
  const why = culprit?.returned === undefined ? 'faulted' : `returned ${culprit.returned}`;
  return `reply ${reply} dropped because ${culprit?.name ?? 'a program'} ${why}`;
}

type Slots = ReadonlyMap<string, ReadonlySet<number>>;
const unions = new WeakMap<Slots, WeakMap<Slots, Slots>>();

function union(a: Slots, b: Slots | undefined): Slots {
  if (b === undefined) return a;
  const known = unions.get(a)?.get(b);
  if (known !== undefined) return known;
  const both = new Map(a);
  for (const [name, slots] of b) both.set(name, new Set([...(both.get(name) ?? []), ...slots]));
  const row = unions.get(a) ?? new WeakMap<Slots, Slots>();
  unions.set(a, row.set(b, both));
  return both;
}

/** If the next instruction loads from the context, notes which field and what it holds. */
function noteRead(program: LoadedProgram, reads: FieldRead[], seen: Set<string>, view: KernelView): void {
  const { vm } = program;
  if (program.ctxLoadSlots.get(vm.program)?.has(vm.slot) !== true) return;
  const access = vm.pendingAccess();
  if (access === undefined || access.mode === 'write') return;
  const offset = Number(access.address - vm.contextAddress);
  if (!(offset >= 0 && offset + access.size <= view.ctxSize)) return;
  const element = ctxElements(view).find((one) => one.offset <= offset && offset < one.offset + one.size);
  if (element === undefined || seen.has(element.name)) return;
  seen.add(element.name);
  const bytes = vm.readMemory(vm.contextAddress + BigInt(element.offset), element.size);
  if (bytes.length < element.size) return;
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  reads.push({
    field: element.name,
    value: element.size === 8 ? data.getBigUint64(0, true) : BigInt(data.getUint32(0, true)),
  });
}
