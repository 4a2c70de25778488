// What the machine asks of the outside while a program runs, over the TCP model and the world. One port per host, told before each
// run for whom it stands; one small object per call for its socket.

import type { Instant } from '../base/index.ts';
import type { KernelClock, MemberValue, SocketMember, SockOpsCall } from '../tcp/index.ts';
import {
  jiffiesAtStart,
  type KernelObject,
  type KernelPort,
  type KernelRead,
  ktimeAtStart,
  type SocketPort,
  type TaskPort,
  type VmEvent,
} from '../vm/index.ts';
import { type KernelMember, type KernelSurroundings, readKernelObject } from './kernel-objects.ts';
import type { LoadedProgram } from './programs.ts';
import type { HostSide } from './scenario-schema.ts';
import { fillBpfSock, fillBpfTcpSock } from './sock-layouts.ts';

/** A host as its programs see it. */
export interface HostFacts {
  readonly cpu: number;
  readonly cpuCount: number;
  readonly hz: number;
  now(): Instant;
  random(): number;
  task(): TaskPort;
  /** The same for somebody who only looks. */
  lookAtTask(): TaskPort;
}

/** Where events of the machine go. */
export interface EventSink {
  readonly hosts: Readonly<Record<HostSide, HostFacts>>;
  vmEvent(event: VmEvent, host: HostSide, program: LoadedProgram, callback: number): void;
  cgroupId(path: string): bigint;
  cgroupPath(id: bigint): string | undefined;
  /** A member of the kernel's socket with that identity. */
  readMember(id: number, member: SocketMember, clock: KernelClock): MemberValue | undefined;
}

export class HostPort implements KernelPort, KernelSurroundings {
  readonly #sink: EventSink;
  readonly #facts: HostFacts;
  readonly #host: HostSide;
  readonly cpu: number;
  readonly cpuCount: number;
  readonly hz: number;
  socket: SocketPort | undefined;
  /** The call of the TCP model that the program answers. */
  call: SockOpsCall | undefined;
  #clock: KernelClock | undefined;
  /** The program that runs, and the callback that it runs for. */
  program: LoadedProgram | undefined;
  callback = -1;

  constructor(sink: EventSink, host: HostSide) {
    this.#sink = sink;
    this.#host = host;
    this.#facts = sink.hosts[host];
    this.cpu = this.#facts.cpu;
    this.cpuCount = this.#facts.cpuCount;
    this.hz = this.#facts.hz;
  }

  /** The control group that the program is attached to. */
  get attachedCgroupId(): bigint {
    return this.program === undefined ? 0n : this.#sink.cgroupId(this.program.spec.cgroup);
  }

  now(): Instant {
    return this.#facts.now();
  }

  random(): number {
    return this.#facts.random();
  }

  /** Asked for only when the program asks: the world takes note of it. */
  get task(): TaskPort {
    return this.#facts.task();
  }

  readKernelObject(object: KernelObject, offset: number, size: number): KernelRead {
    return readKernelObject(this.program?.kernel, object, offset, size, this);
  }

  /** Members of a kernel object as they are now, for people: nothing takes note of it. */
  membersOf(program: LoadedProgram, object: KernelObject): readonly KernelMember[] {
    const { call, clock } = this;
    const facts = this.#facts;
    return program.kernel.membersOf(object, {
      call,
      clock,
      get task() {
        return facts.lookAtTask();
      },
      readMember: (id, member) => this.readMember(id, member),
      cgroupId: (path) => this.cgroupId(path),
      cgroupPath: (id) => this.cgroupPath(id),
    });
  }

  // ---- what kernel objects are made of ----

  get clock(): KernelClock {
    return (this.#clock ??= { us: ktimeAtStart() / 1000, jiffies: jiffiesAtStart(this.hz) });
  }

  readMember(id: number, member: SocketMember): MemberValue | undefined {
    // Of its own socket the call knows best: a request sock may not be in the host's tables yet.
    const own = this.call?.socketId === id ? this.call.readMember(member, this.clock) : undefined;
    return own ?? this.#sink.readMember(id, member, this.clock);
  }

  cgroupId(path: string): bigint {
    return this.#sink.cgroupId(path);
  }

  cgroupPath(id: bigint): string | undefined {
    return this.#sink.cgroupPath(id);
  }

  event(event: VmEvent): void {
    if (this.program !== undefined) this.#sink.vmEvent(event, this.#host, this.program, this.callback);
  }
}

/** The socket helpers of one call. */
export class CallPort implements SocketPort {
  #call: SockOpsCall;

  constructor(call: SockOpsCall) {
    this.#call = call;
  }

  /** The same object for another call. */
  rebind(call: SockOpsCall): void {
    this.#call = call;
  }

  get op(): number {
    return this.#call.op;
  }

  get socketId(): number | undefined {
    return this.#call.isFullSock ? this.#call.socketId : undefined;
  }

  get family(): number {
    return this.#call.readNumber('family');
  }

  setsockopt(level: number, option: number, value: Uint8Array): number {
    return this.#call.setsockopt(level, option, value);
  }

  getsockopt(level: number, option: number, buffer: Uint8Array): number {
    return this.#call.getsockopt(level, option, buffer);
  }

  setCallbackFlags(flags: number): number {
    return this.#call.setCallbackFlags(flags);
  }

  loadHeaderOption(search: Uint8Array, flags: bigint): number {
    return this.#call.loadHeaderOption(search, flags);
  }

  storeHeaderOption(option: Uint8Array, flags: bigint): number {
    return this.#call.storeHeaderOption(option, flags);
  }

  reserveHeaderOption(length: number, flags: bigint): number {
    return this.#call.reserveHeaderOption(length, flags);
  }

  socketCookie(): bigint {
    return this.#call.socketCookie();
  }

  netnsCookie(): bigint {
    return this.#call.netnsCookie();
  }

  sockMapCheck(): number {
    return this.#call.sockMapCheck();
  }

  enableTxTimestamp(flags: bigint): number {
    return this.#call.enableTxTimestamp(flags);
  }

  fillSock(image: Uint8Array): void {
    const { sock } = this.#call;
    if (sock !== undefined) fillBpfSock(sock, image);
  }

  fillTcpSock(image: Uint8Array): boolean {
    const { sock } = this.#call;
    return sock !== undefined && fillBpfTcpSock(sock, image);
  }
}
