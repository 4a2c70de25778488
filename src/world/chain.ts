// Runs the programs of a socket's control group for one call of the TCP model, in the order and with the combination of
// replies that the kernel has (__cgroup_bpf_run_filter_sock_ops, bpf_prog_run_array_cg): all programs share args and reply, all
// run even after one returned 0, and one 0 makes the whole chain fail.

import { type Instant, toHex } from '../base/index.ts';
import type { KernelView } from '../kernel/index.ts';
import type { LineEntry } from '../object/index.ts';
import type { SockOpsCall, SockOpsHook, SockOpsResult } from '../tcp/index.ts';
import { type CallEnd, type Fault, faultText, type KernelPort, type SocketPort, type VmEvent } from '../vm/index.ts';
import type { CgroupTree } from './cgroup.ts';
import { CallContext, socketElements, type Words } from './context.ts';
import { type CtxElement, ctxElements, tcpFlagsText } from './ctx-text.ts';
import { tracedPort } from './helper-trace.ts';
import { Log } from './log.ts';
import { type CallbackInProgress, Halt, type Monitor, type NamedValue } from './monitor.ts';
import type { LoadedProgram } from './programs.ts';
import type { CallbackRecord, FaultRecord, FieldRead, HelperCall, Position, ProgramRun } from './record.ts';
import type { HostSide } from './scenario-schema.ts';
import { fillBpfSock, fillBpfTcpSock } from './sock-layouts.ts';

/** What the chain needs of the world around it. */
export interface ChainSurroundings {
  readonly view: KernelView;
  readonly cgroups: CgroupTree<LoadedProgram>;
  /** The part of the port that is the same for every socket of a host. */
  kernelPort(host: HostSide): Omit<KernelPort, 'socket' | 'event' | 'attachedCgroupId'>;
  cgroupId(path: string): bigint;
  now(): Instant;
  /** Number of the event that is being simulated. */
  readonly event: number;
  /** Number that the TCP model gave this call (for its effect log). */
  callNumber(): number;
  vmEvent(event: VmEvent, host: HostSide, program: LoadedProgram, callback: number): void;
  socketState(call: SockOpsCall): readonly NamedValue[];
  /** A helper of a running program led to another callback, which the machine cannot run in between. */
  nested(opName: string): void;
}

/** `full`: everything that a person may want to see. `counts`: only what happened, for many connections. */
export type Recording = 'full' | 'counts';

/** Instructions that one program may take in one callback: more than any program that a verifier would let loop so. */
const BUDGET = 1 << 24;

export class ProgramChain implements SockOpsHook {
  readonly around: ChainSurroundings;
  readonly #recording: Recording;
  readonly #allElements: readonly CtxElement[];
  readonly #resultMustBeOne: boolean;
  readonly #opNames: ReadonlyMap<number, string>;
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
    this.#opNames = new Map(around.view.ops.map((row) => [row.number, row.name]));
  }

  get stuck(): ReadonlySet<LoadedProgram> {
    return this.#stuck;
  }

  set stuck(programs: ReadonlySet<LoadedProgram>) {
    this.#stuck = programs;
  }

  call(call: SockOpsCall): SockOpsResult | undefined {
    if (call.cgroup === undefined) return undefined;
    const chain = this.around.cgroups.effective(call.cgroup);
    if (chain.length === 0) return undefined;
    if (chain.some((program) => program.vm.active)) {
      this.around.nested(this.#opNames.get(call.op) ?? `op ${call.op}`);
      return undefined;
    }
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
    const context = new CallContext(call, words, full ? this.#allElements : program.loadedElements.filter(isFilled));
    const bare = socketPort(call);
    const kernel = this.around.kernelPort(running.host);
    const port: KernelPort = {
      now: kernel.now,
      random: kernel.random,
      cpu: kernel.cpu,
      cpuCount: kernel.cpuCount,
      hz: kernel.hz,
      // Asked for only when the program asks: the world takes note of it.
      get task() {
        return kernel.task;
      },
      attachedCgroupId: this.around.cgroupId(program.spec.cgroup),
      event: (event) => this.around.vmEvent(event, running.host, program, running.index),
      socket: full ? tracedPort(bare, (helper) => helpers.push(helper)) : bare,
    };
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
    if (this.#recording === 'counts' && monitor === undefined) return vm.call(call);
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

const isFilled = (element: CtxElement): boolean =>
  !['op', 'args', 'sk', 'skb_data', 'skb_data_end'].includes(element.field.name);

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

/** The helpers of one call as the machine wants them. */
function socketPort(call: SockOpsCall): SocketPort {
  const { sock } = call;
  return {
    op: call.op,
    setsockopt: (level, option, value) => call.setsockopt(level, option, value),
    getsockopt: (level, option, buffer) => call.getsockopt(level, option, buffer),
    setCallbackFlags: (flags) => call.setCallbackFlags(flags),
    loadHeaderOption: (search, flags) => call.loadHeaderOption(search, flags),
    storeHeaderOption: (option, flags) => call.storeHeaderOption(option, flags),
    reserveHeaderOption: (length, flags) => call.reserveHeaderOption(length, flags),
    socketCookie: () => call.socketCookie(),
    netnsCookie: () => call.netnsCookie(),
    sockMapCheck: () => call.sockMapCheck(),
    enableTxTimestamp: (flags) => call.enableTxTimestamp(flags),
    socketId: sock?.socketId,
    ...(sock === undefined
      ? {}
      : {
          family: Number(call.readField('family')),
          fillSock: (image: Uint8Array) => fillBpfSock(sock, image),
          fillTcpSock: (image: Uint8Array) => fillBpfTcpSock(sock, image),
        }),
  };
}

/** A fault with the source line that the object's debug information gives for its slot. */
export function faultRecord(fault: Fault, program: LoadedProgram): FaultRecord {
  const { place } = fault;
  const owner = program.object.programs.find((one) => one.name === place.program) ?? program.program;
  const line = lineAt(owner.lines, place.slot);
  return {
    kind: fault.kind,
    message: faultText(fault),
    program: place.program,
    slot: place.slot,
    ...(line === undefined ? {} : { file: line.file, line0: line.line0, column0: line.column0, lineText: line.text }),
  };
}

function lineAt(lines: readonly LineEntry[], slot: number): LineEntry | undefined {
  let found: LineEntry | undefined;
  for (const entry of lines) if (entry.slot <= slot && (found === undefined || found.slot <= entry.slot)) found = entry;
  return found;
}

/** The callback that is being run, as a monitor sees it. */
export class Running implements CallbackInProgress {
  readonly #owner: ProgramChain;
  readonly call: SockOpsCall;
  readonly chain: readonly LoadedProgram[];
  readonly index: number;
  readonly position: Position;
  readonly opName: string;
  #program: LoadedProgram;
  #chainIndex = 0;
  #turnStart: Position;

  constructor(owner: ProgramChain, call: SockOpsCall, chain: readonly LoadedProgram[], event: number, opName: string) {
    this.#owner = owner;
    this.call = call;
    this.chain = chain;
    this.index = owner.log.length;
    this.position = { event, insn: owner.retired };
    this.opName = opName;
    this.#program = chain[0]!;
    this.#turnStart = this.position;
  }

  turn(program: LoadedProgram, chainIndex: number): void {
    this.#program = program;
    this.#chainIndex = chainIndex;
    this.#turnStart = { event: this.position.event, insn: this.#owner.retired };
  }

  get op(): number {
    return this.call.op;
  }

  get host(): HostSide {
    return this.call.host === 'server' ? 'server' : 'client';
  }

  get callSite(): string {
    return this.call.callSite;
  }

  get args(): readonly [number, number, number, number] {
    return this.call.args;
  }

  get socketId(): number {
    return this.call.socketId;
  }

  get program(): LoadedProgram {
    return this.#program;
  }

  get chainIndex(): number {
    return this.#chainIndex;
  }

  get vm(): LoadedProgram['vm'] {
    return this.#program.vm;
  }

  get turnStart(): Position {
    return this.#turnStart;
  }

  socketState(): readonly NamedValue[] {
    return this.#owner.around.socketState(this.call);
  }

  segmentState(): readonly NamedValue[] {
    const { segment } = this.call;
    if (segment === undefined) return [];
    return [
      { name: 'flags', value: tcpFlagsText(segment.tcpFlags) },
      { name: 'length', value: segment.length, unit: 'bytes' },
      { name: 'visible', value: segment.visibleLength, unit: 'bytes' },
      { name: 'hardware timestamp', value: segment.hardwareTimestamp, unit: 'ns' },
      { name: 'bytes', value: toHex(segment.data.subarray(0, segment.visibleLength)) },
    ];
  }

  get now(): Position {
    return { event: this.position.event, insn: this.#turnStart.insn + this.vm.insns };
  }
}
