// The simulated kernel around the programs of a world: clock, chance, current task, control group ids, and the places where
// what programs print, send and do strangely is kept.

import { type Instant, Random } from '../base/index.ts';
import type { KernelView } from '../kernel/index.ts';
import type { KernelClock, MemberValue, Network, SocketMember, SockOpsCall } from '../tcp/index.ts';
import type { TaskPort, VmEvent } from '../vm/index.ts';
import type { CgroupTree } from './cgroup.ts';
import type { ChainSurroundings } from './chain.ts';
import { socketElements } from './context.ts';
import { ctxValueText } from './ctx-text.ts';
import { diagnosticText } from './diagnostic-text.ts';
import { Log, type LogSnapshot } from './log.ts';
import type { NamedValue } from './monitor.ts';
import { outputTypes } from './output-types.ts';
import type { HostFacts } from './ports.ts';
import { CPU_COUNT, type LoadedFile, type LoadedProgram } from './programs.ts';
import type { OutputRecord, PrintkRecord } from './record.ts';
import type { Scenario } from './scenario-parse.ts';
import type { HostSide } from './scenario-schema.ts';
import { socketValues } from './socket-fields.ts';

export interface KernelSideSnapshot {
  readonly random: readonly [number, number, number, number];
  readonly printk: LogSnapshot<PrintkRecord>;
  readonly outputs: LogSnapshot<OutputRecord>;
  readonly diagnostics: LogSnapshot<string>;
  readonly children: ReadonlySet<number>;
  readonly askedTaskInSoftirq: boolean;
}

/** What the kernel side is told of the world. */
export interface WorldFacts {
  readonly network: Network;
  /** Number of the event that is being simulated. */
  readonly event: number;
  /** Identity of the listening socket, once there is one. */
  readonly listener: number | undefined;
}

export class KernelSide implements ChainSurroundings {
  readonly view: KernelView;
  readonly cgroups: CgroupTree<LoadedProgram>;
  readonly hosts: Readonly<Record<HostSide, HostFacts>>;
  readonly #scenario: Scenario;
  readonly #files: readonly LoadedFile[];
  readonly #world: WorldFacts;
  readonly #programs: readonly LoadedProgram[];
  /** Identities by path, from the first question on. */
  #cgroupIds: ReadonlyMap<string, bigint> | undefined;
  readonly #random: Random;
  readonly #printk = new Log<PrintkRecord>();
  readonly #outputs = new Log<OutputRecord>();
  readonly #diagnostics = new Log<string>();
  /** Sockets that came out of the listener and that the machines know of. */
  #children: ReadonlySet<number> = new Set();
  #askedTaskInSoftirq = false;
  /** Whose context programs run in: an application's system call, or a softirq that interrupted anybody. */
  context: HostSide | 'softirq' = 'softirq';

  constructor(
    scenario: Scenario,
    view: KernelView,
    cgroups: CgroupTree<LoadedProgram>,
    programs: readonly LoadedProgram[],
    files: readonly LoadedFile[],
    world: WorldFacts,
  ) {
    this.view = view;
    this.cgroups = cgroups;
    this.#scenario = scenario;
    this.#files = files;
    this.#world = world;
    this.#random = new Random(scenario.seed ^ 0x5eed);
    this.#programs = programs;
    this.hosts = { client: this.#facts('client'), server: this.#facts('server') };
  }

  get printk(): readonly PrintkRecord[] {
    return this.#printk.all;
  }

  get outputs(): readonly OutputRecord[] {
    return this.#outputs.all;
  }

  get diagnostics(): readonly string[] {
    return this.#diagnostics.all;
  }

  get askedTaskInSoftirq(): boolean {
    return this.#askedTaskInSoftirq;
  }

  get event(): number {
    return this.#world.event;
  }

  now(): Instant {
    return this.#world.network.now;
  }

  /** Number that the TCP model gave the call that is running. */
  callNumber(): number {
    return this.#world.network.callCount - 1;
  }

  cgroupId(path: string): bigint {
    this.#cgroupIds ??= this.#numberCgroups();
    return this.#cgroupIds.get(path) ?? 0n;
  }

  /** Path of a control group of the scenario by its identity. */
  cgroupPath(id: bigint): string | undefined {
    this.#cgroupIds ??= this.#numberCgroups();
    for (const [path, known] of this.#cgroupIds) if (known === id) return path;
    return undefined;
  }

  readMember(id: number, member: SocketMember, clock: KernelClock): MemberValue | undefined {
    return this.#world.network.readMember(id, member, clock);
  }

  #numberCgroups(): ReadonlyMap<string, bigint> {
    const { client, server } = this.#scenario;
    const paths = new Set(['/', client.cgroup, server.cgroup, ...this.#programs.map((one) => one.spec.cgroup)]);
    return new Map([...paths].map((path, index) => [path, BigInt(index + 1)]));
  }

  /** A host as its programs see it. */
  #facts(host: HostSide): HostFacts {
    return {
      cpu: host === 'client' ? 0 : 1,
      cpuCount: CPU_COUNT,
      hz: this.#scenario.hz,
      now: () => this.now(),
      random: () => this.#random.u32(),
      task: () => {
        if (this.context !== host) this.#askedTaskInSoftirq = true;
        return this.#task(host);
      },
      lookAtTask: () => this.#task(host),
    };
  }

  /** The task that a program would find: the application in its system calls, the idle task of the CPU in a softirq. */
  #task(host: HostSide): TaskPort {
    if (this.context !== host)
      return { pid: 0, tgid: 0, uid: 0, gid: 0, comm: `swapper/${host === 'client' ? 0 : 1}`, cgroupId: 1n };
    const pid = host === 'client' ? 1001 : 2001;
    return { pid, tgid: pid, uid: 1000, gid: 1000, comm: host, cgroupId: this.cgroupId(this.#scenario[host].cgroup) };
  }

  /** A socket that came out of the listener takes over storage that is marked for it. */
  socketSeen(call: SockOpsCall): void {
    const { listener } = this.#world;
    if (listener === undefined || call.host !== 'server' || !call.isFullSock) return;
    if (call.socketId === listener || this.#children.has(call.socketId)) return;
    this.#children = new Set([...this.#children, call.socketId]);
    for (const file of this.#files) file.vm.socketCloned(listener, call.socketId);
  }

  /** The kernel's side of the socket of a call, as named values. */
  socketState(call: SockOpsCall): readonly NamedValue[] {
    const description = this.#world.network.describe(call.host, call.socketId);
    if (description !== undefined) return socketValues(description);
    // A request sock has addresses and a state, and nothing of a connection yet.
    return socketElements(this.view)
      .filter((element) => element.field.guard === 'sock-common')
      .map((element) => ({ name: element.name, value: ctxValueText(element.field, call.readField(element.name)) }));
  }

  /** A helper of a running program led to another callback, which the machine cannot run in between. */
  nested(opName: string): void {
    this.#diagnose(
      `${opName} came while a program was inside a helper that caused it; it was answered as if no program were attached, because a callback within a callback is not modelled`,
    );
  }

  #diagnose(text: string): void {
    if (!this.#diagnostics.all.includes(text)) this.#diagnostics.push(text);
  }

  vmEvent(event: VmEvent, host: HostSide, program: LoadedProgram, callback: number): void {
    const at = { event: this.event, callback, time: this.now() };
    switch (event.kind) {
      case 'printk':
        this.#printk.push({ ...at, host, text: event.text });
        return;
      case 'perf-output':
      case 'ringbuf-output': {
        const map = program.vm.map(event.mapFd);
        const name = map?.definition.dataSection ?? map?.definition.name ?? `map ${event.mapFd}`;
        // Ring buffers have no value type of their own.
        const type = outputTypes(program.object).get(event.data.length);
        this.#outputs.push({ ...at, map: name, data: event.data.slice(), type });
        return;
      }
      case 'diagnostic':
        this.#diagnose(diagnosticText(event.diagnostic, program, this.view));
        return;
      default:
        // Tail calls, sockmap updates and signals leave their marks in the machine's own state.
        return;
    }
  }

  snapshot(): KernelSideSnapshot {
    return {
      random: this.#random.state,
      printk: this.#printk.snapshot(),
      outputs: this.#outputs.snapshot(),
      diagnostics: this.#diagnostics.snapshot(),
      children: this.#children,
      askedTaskInSoftirq: this.#askedTaskInSoftirq,
    };
  }

  restore(snapshot: KernelSideSnapshot): void {
    this.#random.restore(snapshot.random);
    this.#printk.restore(snapshot.printk);
    this.#outputs.restore(snapshot.outputs);
    this.#diagnostics.restore(snapshot.diagnostics);
    this.#children = snapshot.children;
    this.#askedTaskInSoftirq = snapshot.askedTaskInSoftirq;
  }
}
