// The two applications of the script: which sockets they hold, what they do at each step, and which of the moments that steps
// wait for have come. They read at once whatever arrives and accept at once whatever can be accepted; a write that does not fit
// into the send buffer goes on as room is made.

import type { Network } from '../tcp/index.ts';
import { errnoText } from './notes.ts';
import type { Scenario } from './scenario-parse.ts';
import { type HostSide, MOMENTS, type Moment, type ScriptStep, type SocketOptionSpec } from './scenario-schema.ts';
import type { SocketDescription } from './socket-fields.ts';
import { socketOption } from './socket-options.ts';

export type SocketRole = 'client' | 'server' | 'listener';

interface State {
  readonly ids: Partial<Record<SocketRole, number>>;
  /** Bytes that each application has asked to be sent, and read. */
  readonly sent: Record<HostSide, number>;
  readonly received: Record<HostSide, number>;
  /** Bytes that the send buffer had no room for yet. */
  readonly unsent: Record<HostSide, number>;
  /** Whether everything sent so far has been acknowledged. */
  readonly acknowledged: Record<HostSide, boolean>;
  /** One bit per element of MOMENTS. */
  reached: number;
  /** connect() of a Fast Open client waits for its first data. */
  connectWithData: boolean;
  /** Notices taken so far. */
  notices: number;
  /** The sockets as last seen: one that is gone is remembered as it was. */
  readonly seen: Partial<Record<SocketRole, SocketDescription>>;
}

const ROLES: readonly SocketRole[] = ['client', 'server', 'listener'];

const start = (): State => ({
  ids: {},
  sent: { client: 0, server: 0 },
  received: { client: 0, server: 0 },
  unsent: { client: 0, server: 0 },
  acknowledged: { client: false, server: false },
  reached: 0,
  connectWithData: false,
  notices: 0,
  seen: {},
});

const copy = (state: State): State => ({
  ids: { ...state.ids },
  sent: { ...state.sent },
  received: { ...state.received },
  unsent: { ...state.unsent },
  acknowledged: { ...state.acknowledged },
  reached: state.reached,
  connectWithData: state.connectWithData,
  notices: state.notices,
  seen: { ...state.seen },
});

const BITS = Object.fromEntries(MOMENTS.map((moment, index) => [moment, 1 << index])) as Readonly<
  Record<Moment, number>
>;

const hostOf = (role: SocketRole): HostSide => (role === 'client' ? 'client' : 'server');

const EAGAIN = -11;
const EINPROGRESS = -115;

type SocketStep = Exclude<ScriptStep, { do: 'attach' | 'detach' | 'map.update' | 'map.delete' }>;

export class Applications {
  readonly #network: Network;
  readonly #scenario: Scenario;
  #state = start();

  constructor(network: Network, scenario: Scenario) {
    this.#network = network;
    this.#scenario = scenario;
  }

  /** Whether a moment has come. "received" and "acknowledged" are about everything that has been sent so far. */
  has(moment: Moment): boolean {
    const { sent, received, reached, acknowledged } = this.#state;
    switch (moment) {
      case 'client.received':
        return sent.server > 0 && received.client >= sent.server;
      case 'server.received':
        return sent.client > 0 && received.server >= sent.client;
      case 'client.acknowledged':
        return sent.client > 0 && acknowledged.client;
      case 'server.acknowledged':
        return sent.server > 0 && acknowledged.server;
      default:
        return (reached & BITS[moment]) !== 0;
    }
  }

  /** Whether a write of the host is still waiting for room in the send buffer. */
  isSending(host: HostSide): boolean {
    return this.#state.unsent[host] > 0;
  }

  /** The socket in a role, also when it is gone; undefined when there never was one. */
  describe(role: SocketRole): SocketDescription | undefined {
    const id = this.#state.ids[role];
    if (id === undefined) return undefined;
    const now = this.#network.describe(hostOf(role), id);
    if (now !== undefined) return now;
    return this.#state.seen[role]?.map(([name, value]) => (name === 'state' ? [name, 'CLOSE'] : [name, value]));
  }

  /** Identity of the socket in a role. */
  id(role: SocketRole): number | undefined {
    return this.#state.ids[role];
  }

  roleOf(socketId: number): SocketRole | undefined {
    return ROLES.find((role) => this.#state.ids[role] === socketId);
  }

  // ---- steps ----

  /** Does what a step says. The error in words when a system call fails. */
  perform(step: SocketStep): string | undefined {
    switch (step.do) {
      case 'server.listen':
        return this.#listen();
      case 'client.connect':
        return this.#connect();
      case 'client.send':
      case 'server.send':
        return this.#send(sideOf(step), step.bytes);
      case 'client.shutdown':
      case 'server.shutdown':
        return this.#on(sideOf(step), (host, id) => this.#network.shutdown(host, id, 'send'));
      case 'client.close':
      case 'server.close':
        return this.#on(sideOf(step), (host, id) => this.#close(host, id));
      case 'client.reset':
      case 'server.reset':
        return this.#on(sideOf(step), (host, id) => {
          this.#network.setSpecialOption(host, id, { name: 'linger', seconds: 0 });
          return this.#close(host, id);
        });
      case 'server.stop-listening':
        return this.#on('listener', (host, id) => this.#close(host, id));
      case 'client.setsockopt':
        return this.#on('client', (host, id) => this.#set(host, id, step));
      case 'server.setsockopt':
        return this.#on(this.#state.ids.server === undefined ? 'listener' : 'server', (host, id) =>
          this.#set(host, id, step),
        );
    }
  }

  #close(host: HostSide, id: number): number {
    // What the send buffer had no room for goes with the application.
    this.#state.unsent[host] = 0;
    this.#network.close(host, id);
    return 0;
  }

  #on(role: SocketRole, call: (host: HostSide, id: number) => number): string | undefined {
    const id = this.#state.ids[role];
    if (id === undefined) return `the ${role} has no socket`;
    const result = call(hostOf(role), id);
    return result < 0 ? errnoText(result) : undefined;
  }

  #set(host: HostSide, id: number, spec: SocketOptionSpec): number {
    const option = socketOption(spec);
    return option.kind === 'special'
      ? this.#network.setSpecialOption(host, id, option.option)
      : this.#network.setOption(host, id, option.level, option.number, option.value);
  }

  #make(role: 'client' | 'listener'): number {
    const host = hostOf(role);
    const { network } = this.#scenario;
    const family = network.family === 'ipv6' || (network.family === 'v4-mapped' && host === 'server') ? 'ipv6' : 'ipv4';
    const id = this.#network.socket(host, { family, cgroup: this.#scenario[host].cgroup, label: role });
    this.#state.ids[role] = id;
    return id;
  }

  #options(host: HostSide, id: number, options: readonly SocketOptionSpec[]): string | undefined {
    for (const option of options) {
      const result = this.#set(host, id, option);
      if (result < 0) return `setsockopt ${option.option}: ${errnoText(result)}`;
    }
    return undefined;
  }

  #listen(): string | undefined {
    const { server, network } = this.#scenario;
    const again = this.#state.ids.listener;
    const id = again ?? this.#make('listener');
    if (again === undefined) {
      const failed = this.#options('server', id, [...listenOptions(this.#scenario), ...server.options]);
      if (failed !== undefined) return failed;
      // A v4-mapped server listens on "::", as a dual-stack application does.
      const bound = this.#network.bind(
        'server',
        id,
        network.family === 'v4-mapped' ? '::' : server.address,
        server.port,
      );
      if (bound < 0) return `bind: ${errnoText(bound)}`;
    }
    const result = this.#network.listen('server', id, server.listen.backlog);
    return result < 0 ? errnoText(result) : undefined;
  }

  #connect(): string | undefined {
    const { client, server } = this.#scenario;
    const again = this.#state.ids.client;
    const id = again ?? this.#make('client');
    if (again === undefined) {
      const failed = this.#options('client', id, client.options);
      if (failed !== undefined) return failed;
      const bound = this.#network.bind('client', id, client.address, client.port);
      if (bound < 0) return `bind: ${errnoText(bound)}`;
    }
    if (client.fastOpen) {
      this.#state.connectWithData = true;
      return undefined;
    }
    const result = this.#network.connect('client', id, server.address, server.port);
    return result < 0 && result !== EINPROGRESS ? errnoText(result) : undefined;
  }

  #send(host: HostSide, bytes: number): string | undefined {
    const id = this.#state.ids[host];
    if (id === undefined) return `the ${host} has no socket`;
    const { sent, acknowledged, unsent } = this.#state;
    sent[host] += bytes;
    acknowledged[host] = false;
    unsent[host] += bytes;
    if (host === 'client' && this.#state.connectWithData) return this.#sendWithSyn(id, bytes);
    return this.#write(host, id);
  }

  #sendWithSyn(id: number, bytes: number): string | undefined {
    const { server } = this.#scenario;
    this.#state.connectWithData = false;
    const taken = this.#network.connectWithData('client', id, server.address, server.port, bytes);
    if (taken < 0 && taken !== EINPROGRESS) return errnoText(taken);
    this.#state.unsent.client -= Math.max(0, taken);
    return undefined;
  }

  /** Writes what is still unsent, as far as there is room. */
  #write(host: HostSide, id: number): string | undefined {
    const { unsent } = this.#state;
    while (unsent[host] > 0) {
      const taken = this.#network.send(host, id, unsent[host]);
      if (taken === EAGAIN || taken === 0) return undefined;
      if (taken < 0) {
        unsent[host] = 0;
        return errnoText(taken);
      }
      unsent[host] -= taken;
    }
    return undefined;
  }

  // ---- what the kernel tells the applications ----

  /**
   * Takes the notices of an event: reads, accepts, notes moments. `enter` says whose system call it is, `gone` that a socket is no
   * more. Reading and accepting may call programs, and give further notices, which are taken as well.
   */
  takeNotices(enter: (host: HostSide) => void, gone: (socketId: number) => void): void {
    const state = this.#state;
    for (let at = state.notices; at < this.#network.notices.length; at++) {
      const notice = this.#network.notices[at]!;
      const host: HostSide = notice.host === 'server' ? 'server' : 'client';
      state.notices = at + 1;
      switch (notice.kind) {
        case 'established':
          this.#reach(`${host}.established`);
          break;
        case 'acceptable':
          enter(host);
          this.#accept(notice.listenerId);
          break;
        case 'readable':
          enter(host);
          this.#read(host, notice.socketId);
          break;
        case 'writable':
          if (state.unsent[host] > 0 && this.roleOf(notice.socketId) === host) {
            enter(host);
            this.#write(host, notice.socketId);
          }
          break;
        case 'all-acked':
          if (state.unsent[host] === 0) state.acknowledged[host] = true;
          break;
        case 'end-of-stream':
          this.#reach(`${host}.peer-closed`);
          break;
        case 'error':
          state.unsent[host] = 0;
          if (host === 'client' && !this.has('client.established')) this.#reach('client.failed');
          break;
        case 'closed':
          if (this.roleOf(notice.socketId) === host) this.#reach(`${host}.closed`);
          gone(notice.socketId);
          break;
        default:
          break;
      }
    }
  }

  #accept(listenerId: number): void {
    for (;;) {
      const id = this.#network.accept('server', listenerId, 'server');
      if (id === undefined) return;
      if (this.#state.ids.server === undefined) {
        this.#state.ids.server = id;
        this.#reach('server.established');
      }
      // Data that came before accept() makes no notice of its own.
      this.#read('server', id);
    }
  }

  #read(host: HostSide, id: number): void {
    const bytes = this.#network.receive(host, id, Number.MAX_SAFE_INTEGER);
    if (bytes > 0) this.#state.received[host] += bytes;
  }

  #reach(moment: Moment): void {
    this.#state.reached |= BITS[moment];
  }

  /** Remembers how the sockets look, because one that goes leaves nothing behind. */
  remember(): void {
    for (const role of ROLES) {
      const id = this.#state.ids[role];
      const description = id === undefined ? undefined : this.#network.describe(hostOf(role), id);
      if (description !== undefined) this.#state.seen[role] = description;
    }
  }

  snapshot(): State {
    return copy(this.#state);
  }

  restore(state: State): void {
    this.#state = copy(state);
  }
}

const sideOf = (step: { readonly do: string }): HostSide => (step.do.startsWith('client.') ? 'client' : 'server');

/** What the listen block of a scenario means in options. */
function listenOptions(scenario: Scenario): SocketOptionSpec[] {
  const { listen } = scenario.server;
  return [
    ...(listen.deferAccept === undefined
      ? []
      : [{ option: 'TCP_DEFER_ACCEPT', value: Math.max(1, Math.round(listen.deferAccept / 1e9)) }]),
    ...(listen.fastOpen ? [{ option: 'TCP_FASTOPEN', value: 16 }] : []),
    ...(listen.saveSyn === 0 ? [] : [{ option: 'TCP_SAVE_SYN', value: listen.saveSyn }]),
  ];
}
