// The public face of the TCP model: hosts, a link, sockets and time. Events run one by one; everything that happens follows from
// the options, the seed and the calls made here, so two networks that are treated alike are alike.

import { type Instant, instant, OrderedHeap, Random } from '../base/index.ts';
import { formatAddress, parseAddress } from './address.ts';
import { AF_INET, AF_INET6, Errno } from './constants.ts';
import { describeSock } from './describe.ts';
import type { Effect } from './effects.ts';
import { type Engine, findSock, type Host, type HostConfig, type NetEvent, type Notice } from './engine.ts';
import { runEvent } from './events.ts';
import type { SockOpsHook, SockView } from './hook.ts';
import { featuresOf, type TcpKernel } from './kernel.ts';
import { type KernelClock, type MemberValue, readMember, type SocketMember } from './kernel-members.ts';
import type { LinkOptions, SegmentRecord } from './link.ts';
import { receiveSegment } from './receive.ts';
import type { Segment } from './segment.ts';
import { createSock } from './setup.ts';
import { hashNetwork, type NetworkSnapshot, restoreNetwork, snapshotNetwork } from './snapshot.ts';
import type { AddressWords, Sock } from './sock.ts';
import { SockFields } from './sock-view.ts';
import { setProcessOption } from './socket-options.ts';
import * as calls from './syscalls.ts';
import * as closing from './syscalls-close.ts';
import { defaultSysctls, type Sysctls } from './sysctl.ts';

export interface HostOptions {
  readonly name: string;
  readonly kernel: TcpKernel;
  /** What differs from the kernel's defaults. */
  readonly sysctls?: Partial<Sysctls>;
  readonly address4?: string;
  readonly address6?: string;
  readonly config?: Partial<HostConfig>;
}

export interface NetworkOptions {
  readonly hosts: readonly HostOptions[];
  readonly link: LinkOptions;
  readonly seed: number;
  readonly hook: SockOpsHook;
}

/** A socket as somebody outside may look at it. */
export interface SocketSummary {
  readonly host: string;
  readonly socketId: number;
  readonly label: string;
  readonly state: number;
  readonly local: string;
  readonly remote: string;
  readonly localPort: number;
  readonly remotePort: number;
}

const DEFAULT_CONFIG: HostConfig = {
  hz: 250,
  maxHeader: 176,
  loopbackMtu: 65536,
  gso: false,
  segmentCostNs: 5000,
};

const addresses = new Map<string, AddressWords>();

/** An address that the caller has checked; remembered, because sweeps make many networks with the same few. */
const need = (text: string): AddressWords => {
  const known = addresses.get(text);
  if (known) return known;
  const address = parseAddress(text);
  if (!address) throw new TypeError(`not an address: ${text}`);
  if (addresses.size < 1000) addresses.set(text, address);
  return address;
};

/** Makes a network at time 0. Addresses are checked: a wrong one is the caller's mistake (TypeError). */
export function createNetwork(options: NetworkOptions): Network {
  return new Network(options);
}

export class Network {
  readonly #engine: Engine;

  constructor(options: NetworkOptions) {
    const random = new Random(options.seed);
    const rules = options.link.rules ?? [];
    const engine: Engine = {
      now: 0,
      heap: new OrderedHeap<NetEvent>(),
      random,
      hook: options.hook,
      hosts: [],
      link: {
        options: options.link,
        rules,
        matches: rules.map(() => 0),
        freeAt: options.hosts.map(() => 0),
      },
      effects: { list: [], calls: 0 },
      segments: [],
      notices: [],
      nextId: 1,
      nextSegmentId: 1,
      nextToken: 1,
    };
    options.hosts.forEach((host, index) => {
      engine.hosts.push(makeHost(engine, host, index));
    });
    this.#engine = engine;
  }

  get now(): Instant {
    return instant(this.#engine.now);
  }

  /** Every segment sent so far, with its fate. */
  get segments(): readonly SegmentRecord[] {
    return this.#engine.segments;
  }

  /** What callbacks changed, in order. */
  get effects(): readonly Effect[] {
    return this.#engine.effects.list;
  }

  /** How many times programs were called. */
  get callCount(): number {
    return this.#engine.effects.calls;
  }

  /** What applications could notice, in order. */
  get notices(): readonly Notice[] {
    return this.#engine.notices;
  }

  // --- time

  /** When the next event is due; undefined when nothing will ever happen by itself. */
  get nextEventTime(): Instant | undefined {
    this.#dropStale();
    const key = this.#engine.heap.peekKey();
    return key === undefined ? undefined : instant(Math.max(key, this.#engine.now));
  }

  /** The next event, for saying what comes; undefined when there is none. */
  get nextEvent(): NetEvent | undefined {
    this.#dropStale();
    return this.#engine.heap.peek();
  }

  /** Runs the next event; undefined when there is none. */
  runNextEvent(): NetEvent | undefined {
    this.#dropStale();
    const engine = this.#engine;
    const key = engine.heap.peekKey();
    const event = engine.heap.pop();
    if (event === undefined) return undefined;
    engine.now = Math.max(engine.now, key!);
    runEvent(engine, event);
    return event;
  }

  /** Runs everything that is due up to `time`, at most `most` events, and moves the clock there. Returns how many ran. */
  runUntil(time: Instant, most = 1_000_000): number {
    let count = 0;
    for (; count < most; count++) {
      const next = this.nextEventTime;
      if (next === undefined || time < next) break;
      this.runNextEvent();
    }
    this.#engine.now = Math.max(this.#engine.now, time);
    return count;
  }

  /** Puts an event with a tag of the caller's into the queue. */
  wakeAt(time: Instant, tag: number): void {
    this.#engine.heap.push(time, { kind: 'wake', tag });
  }

  /** Timers that were re-armed or cleared leave events behind that mean nothing any more. */
  #dropStale(): void {
    const { heap } = this.#engine;
    for (;;) {
      const event = heap.peek();
      if (event?.kind !== 'timer' || isLive(this.#engine, event)) return;
      heap.pop();
    }
  }

  // --- sockets

  #host(name: string): Host {
    const host = this.#engine.hosts.find((item) => item.name === name);
    if (!host) throw new TypeError(`no host is called ${name}`);
    return host;
  }

  #sock(name: string, id: number): { readonly host: Host; readonly sk: Sock | undefined } {
    const host = this.#host(name);
    return { host, sk: findSock(host, id) };
  }

  /** socket(): its id. `label` is what people call it. */
  socket(
    hostName: string,
    options: { readonly family?: 'ipv4' | 'ipv6'; readonly cgroup?: string; readonly label?: string } = {},
  ): number {
    const sk = createSock(this.#host(hostName), options.family === 'ipv6' ? AF_INET6 : AF_INET);
    sk.cgroup = options.cgroup ?? '/';
    sk.label = options.label ?? hostName;
    return sk.id;
  }

  /** bind(); `address` '' for any. */
  bind(hostName: string, id: number, address: string, port: number): number {
    const { host, sk } = this.#sock(hostName, id);
    if (!sk) return Errno.EINVAL;
    return calls.bind(host, sk, address === '' ? [0, 0, 0, 0] : need(address), port);
  }

  listen(hostName: string, id: number, backlog: number): number {
    const { host, sk } = this.#sock(hostName, id);
    return sk ? calls.listen(host, sk, backlog) : Errno.EINVAL;
  }

  /** connect() without waiting: EINPROGRESS when the SYN went out, even if on loopback everything is done by then. */
  connect(hostName: string, id: number, address: string, port: number): number {
    const { host, sk } = this.#sock(hostName, id);
    return sk ? calls.connect(host, sk, need(address), port) : Errno.EINVAL;
  }

  /** sendto(MSG_FASTOPEN): bytes taken, or a negative errno. */
  connectWithData(hostName: string, id: number, address: string, port: number, bytes: number): number {
    const { host, sk } = this.#sock(hostName, id);
    return sk ? calls.connectWithData(host, sk, need(address), port, bytes) : Errno.EINVAL;
  }

  /** connect(AF_UNSPEC) */
  disconnect(hostName: string, id: number): number {
    const { host, sk } = this.#sock(hostName, id);
    return sk ? closing.disconnect(host, sk) : Errno.EINVAL;
  }

  /** accept(): the child's id, or undefined when none is ready. The child gets `label`. */
  accept(hostName: string, listenerId: number, label: string): number | undefined {
    const { host, sk } = this.#sock(hostName, listenerId);
    const child = sk && calls.accept(host, sk);
    if (!child) return undefined;
    child.label = label;
    return child.id;
  }

  /** Bytes taken into the send buffer; EAGAIN when it is full (a 'writable' notice follows). */
  send(hostName: string, id: number, bytes: number): number {
    const { host, sk } = this.#sock(hostName, id);
    return sk ? calls.send(host, sk, bytes) : Errno.EPIPE;
  }

  /** Bytes read; 0 when there is nothing or the stream has ended. */
  receive(hostName: string, id: number, most: number): number {
    const { host, sk } = this.#sock(hostName, id);
    return sk ? calls.receive(host, sk, most) : 0;
  }

  shutdown(hostName: string, id: number, how: 'receive' | 'send' | 'both'): number {
    const { host, sk } = this.#sock(hostName, id);
    return sk ? closing.shutdown(host, sk, how === 'receive' ? 1 : how === 'send' ? 2 : 3) : Errno.ENOTCONN;
  }

  close(hostName: string, id: number): void {
    const { host, sk } = this.#sock(hostName, id);
    if (sk) closing.close(host, sk);
  }

  /** setsockopt() of a process for an option whose value is a number, by level and option number. */
  setOption(hostName: string, id: number, level: number, option: number, value: number): number {
    const { host, sk } = this.#sock(hostName, id);
    return sk ? setProcessOption(host, sk, level, option, value) : Errno.EINVAL;
  }

  /** setsockopt() of a process for the options that are no plain numbers. */
  setSpecialOption(hostName: string, id: number, option: calls.ProcessOption): number {
    const { host, sk } = this.#sock(hostName, id);
    return sk ? calls.setSpecialOption(host, sk, option) : Errno.EINVAL;
  }

  /** Hands a segment to a host as if it had arrived from outside. */
  inject(hostName: string, segment: Segment): void {
    receiveSegment(this.#host(hostName), segment);
  }

  /** All sockets, in order of their making. */
  sockets(): SocketSummary[] {
    return this.#engine.hosts.flatMap((host) =>
      host.socks.map((sk) => ({
        host: host.name,
        socketId: sk.id,
        label: sk.label,
        state: sk.state,
        local: formatAddress(sk.localAddress),
        remote: formatAddress(sk.remoteAddress),
        localPort: sk.sport,
        remotePort: sk.dport,
      })),
    );
  }

  /** A socket as ctx->sk and bpf_tcp_sock() show it; undefined once it is gone. */
  view(hostName: string, id: number): SockView | undefined {
    const { host, sk } = this.#sock(hostName, id);
    return sk && new SockFields(host, sk);
  }

  /** A member of a socket or request sock of any host, by identity; undefined once it is gone, or where it has no such member. */
  readMember(id: number, member: SocketMember, clock: KernelClock): MemberValue | undefined {
    return readMember(this.#engine.hosts, id, member, clock);
  }

  /** Everything about a socket by plain names, for people: names and values in order. Undefined once it is gone. */
  describe(hostName: string, id: number): readonly (readonly [string, string | number | boolean])[] | undefined {
    const { host, sk } = this.#sock(hostName, id);
    return sk && describeSock(host, sk);
  }

  // --- snapshots

  /** The whole state as plain data. Only between events. */
  snapshot(): NetworkSnapshot {
    return snapshotNetwork(this.#engine);
  }

  /** Goes back to a snapshot of this network; may be done any number of times, also after a callback was abandoned. */
  restore(snapshot: NetworkSnapshot): void {
    restoreNetwork(this.#engine, snapshot);
  }

  /** Equal states give equal hashes. */
  stateHash(): string {
    return hashNetwork(this.#engine);
  }
}

/** Whether a timer event still stands for an armed timer. */
function isLive(engine: Engine, event: Extract<NetEvent, { kind: 'timer' }>): boolean {
  const host = engine.hosts[event.host]!;
  switch (event.timer) {
    case 'synack':
      return host.requests.some((req) => req.id === event.owner && req.token === event.token);
    case 'time-wait':
      return host.timeWaits.some((tw) => tw.id === event.owner && tw.token === event.token);
    default: {
      const sk = findSock(host, event.owner);
      if (!sk) return false;
      if (event.timer === 'retransmit') return sk.retransmitToken === event.token;
      if (event.timer === 'delack') return sk.delackToken === event.token;
      if (event.timer === 'keepalive') return sk.keepaliveToken === event.token;
      return sk.compressToken === event.token;
    }
  }
}

/** Settings with changes; the defaults themselves where there are none, since nobody writes to them. */
function sysctlsWith(defaults: Sysctls, changes: Partial<Sysctls> | undefined): Sysctls {
  return changes === undefined || Object.keys(changes).length === 0 ? defaults : { ...defaults, ...changes };
}

function makeHost(engine: Engine, options: HostOptions, index: number): Host {
  const config = { ...DEFAULT_CONFIG, ...options.config };
  const tickNs = 1e9 / config.hz;
  return {
    index,
    name: options.name,
    engine,
    kernel: options.kernel,
    features: featuresOf(options.kernel),
    sysctls: sysctlsWith(defaultSysctls(options.kernel), options.sysctls),
    config,
    address4: need(options.address4 ?? `10.0.${index}.1`),
    address6: need(options.address6 ?? `fd00:${index + 1}::1`),
    firstJiffy: 4295000000 + engine.random.below(512),
    tickPhaseNs: engine.random.below(tickNs),
    tickNs,
    clockBaseUs: 100_000_000_000 + engine.random.below(1_000_000_000),
    netnsCookie: BigInt(4096 + index),
    socks: [],
    requests: [],
    timeWaits: [],
    softnet: [],
    inSoftirq: false,
    fastopenCookies: [],
    nextPort: engine.random.below(28232),
  };
}
