// The two applications of the script: which sockets they hold, what they do at each step, and which of the moments that steps
// wait for have come. They read at once whatever arrives, accept at once whatever can be accepted.

import type { Network, Sock } from '../tcp/index.ts';
import { addressBytes } from './addresses.ts';
import { errnoText } from './notes.ts';
import type { Scenario } from './scenario-parse.ts';
import type { HostSide, Moment, ScriptStep, SocketOptionSpec } from './scenario-schema.ts';
import { socketOption } from './socket-options.ts';

export type SocketRole = 'client' | 'server' | 'listener';

interface State {
  readonly ids: Readonly<Partial<Record<SocketRole, number>>>;
  /** Bytes that each application has written, and read. */
  readonly sent: Readonly<Record<HostSide, number>>;
  readonly received: Readonly<Record<HostSide, number>>;
  readonly reached: ReadonlySet<Moment>;
  /** Notices taken so far. */
  readonly notices: number;
  /** The sockets as last seen: a socket that is gone is kept as it was. */
  readonly seen: Readonly<Partial<Record<SocketRole, Sock>>>;
}

const ROLES: readonly SocketRole[] = ['client', 'server', 'listener'];

const START: State = {
  ids: {},
  sent: { client: 0, server: 0 },
  received: { client: 0, server: 0 },
  reached: new Set(),
  notices: 0,
  seen: {},
};

type SocketStep = Exclude<ScriptStep, { do: 'attach' | 'detach' | 'map.update' | 'map.delete' }>;

export class Applications {
  readonly #network: Network;
  readonly #scenario: Scenario;
  #state: State = START;

  constructor(network: Network, scenario: Scenario) {
    this.#network = network;
    this.#scenario = scenario;
  }

  /** Whether a moment has come. "received" and "acknowledged" are about everything that has been sent so far. */
  has(moment: Moment): boolean {
    const { sent, received, reached } = this.#state;
    switch (moment) {
      case 'client.received':
        return sent.server > 0 && received.client >= sent.server;
      case 'server.received':
        return sent.client > 0 && received.server >= sent.client;
      case 'client.acknowledged':
        return sent.client > 0 && this.#allAcknowledged('client');
      case 'server.acknowledged':
        return sent.server > 0 && this.#allAcknowledged('server');
      default:
        return reached.has(moment);
    }
  }

  #allAcknowledged(host: HostSide): boolean {
    const sk = this.socket(host);
    return sk !== undefined && sk.sndUna === sk.writeSeq;
  }

  /** The socket in a role, also when it is gone; undefined when there never was one. */
  socket(role: SocketRole): Sock | undefined {
    const id = this.#state.ids[role];
    return id === undefined ? undefined : (this.#network.sock(id) ?? this.#state.seen[role]);
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
        return this.#send('client', step.bytes);
      case 'server.send':
        return this.#send('server', step.bytes);
      case 'client.shutdown':
      case 'server.shutdown':
        return this.#on(step.do === 'client.shutdown' ? 'client' : 'server', (id) => this.#network.shutdown(id));
      case 'client.close':
      case 'server.close':
        return this.#on(step.do === 'client.close' ? 'client' : 'server', (id) => this.#network.close(id));
      case 'client.reset':
      case 'server.reset':
        return this.#on(step.do === 'client.reset' ? 'client' : 'server', (id) => this.#network.abort(id));
      case 'server.stop-listening':
        return this.#on('listener', (id) => this.#network.close(id));
      case 'client.setsockopt':
        return this.#on('client', (id) => this.#set(id, step));
      case 'server.setsockopt':
        return this.#on(this.#state.ids.server === undefined ? 'listener' : 'server', (id) => this.#set(id, step));
    }
  }

  #on(role: SocketRole, call: (id: number) => number): string | undefined {
    const id = this.#state.ids[role];
    if (id === undefined) return `the ${role} has no socket`;
    const result = call(id);
    return result < 0 ? errnoText(result) : undefined;
  }

  #set(id: number, option: SocketOptionSpec): number {
    const { level, number, value } = socketOption(option);
    return this.#network.setsockopt(id, level, number, value);
  }

  #make(role: 'client' | 'listener'): number {
    const side = role === 'client' ? 'client' : 'server';
    const { network } = this.#scenario;
    const family = network.family === 'ipv6' || (network.family === 'v4-mapped' && side === 'server') ? 10 : 2;
    const id = this.#network.socket(side, { family, cgroup: this.#scenario[side].cgroup, label: role });
    this.#state = { ...this.#state, ids: { ...this.#state.ids, [role]: id } };
    return id;
  }

  #options(id: number, options: readonly SocketOptionSpec[]): string | undefined {
    for (const option of options) {
      const result = this.#set(id, option);
      if (result < 0) return `setsockopt ${option.option}: ${errnoText(result)}`;
    }
    return undefined;
  }

  #listen(): string | undefined {
    const { server, network } = this.#scenario;
    if (this.#state.ids.listener !== undefined) {
      return this.#on('listener', (id) => this.#network.listen(id, server.listen.backlog));
    }
    const id = this.#make('listener');
    const failed = this.#options(id, [...listenOptions(this.#scenario), ...server.options]);
    if (failed !== undefined) return failed;
    // A v4-mapped server listens on "::", as a dual-stack application does.
    const address = network.family === 'v4-mapped' ? new Uint8Array(16) : addressBytes(server.address)!;
    const bound = this.#network.bind(id, address, server.port);
    if (bound < 0) return `bind: ${errnoText(bound)}`;
    const result = this.#network.listen(id, server.listen.backlog);
    return result < 0 ? errnoText(result) : undefined;
  }

  #connect(): string | undefined {
    const { client, server } = this.#scenario;
    const id = this.#state.ids.client ?? this.#make('client');
    const fast: SocketOptionSpec[] = client.fastOpen ? [{ option: 'TCP_FASTOPEN_CONNECT', value: 1 }] : [];
    const failed = this.#options(id, [...fast, ...client.options]);
    if (failed !== undefined) return failed;
    const bound = this.#network.bind(id, addressBytes(client.address)!, client.port);
    if (bound < 0) return `bind: ${errnoText(bound)}`;
    const result = this.#network.connect(id, addressBytes(server.address)!, server.port);
    return result < 0 ? errnoText(result) : undefined;
  }

  #send(side: HostSide, bytes: number): string | undefined {
    const id = this.#state.ids[side];
    if (id === undefined) return `the ${side} has no socket`;
    const result = this.#network.send(id, bytes);
    if (result < 0) return errnoText(result);
    this.#state = { ...this.#state, sent: { ...this.#state.sent, [side]: this.#state.sent[side] + bytes } };
    return undefined;
  }

  // ---- what the kernel tells the applications ----

  /** Takes the notices of an event: reads, accepts, notes moments. `enter` says whose system call it is. */
  takeNotices(enter: (host: HostSide) => void, gone: (socketId: number) => void): void {
    for (let at = this.#state.notices; at < this.#network.notices.length; at++) {
      const notice = this.#network.notices[at]!;
      const host: HostSide = notice.host === 'server' ? 'server' : 'client';
      this.#state = { ...this.#state, notices: at + 1 };
      switch (notice.kind) {
        case 'established':
          this.#reach(`${host}.established`);
          break;
        case 'acceptable': {
          enter(host);
          const id = this.#network.accept(notice.listenerId);
          if (id !== undefined && this.#state.ids.server === undefined) {
            this.#state = { ...this.#state, ids: { ...this.#state.ids, server: id } };
            this.#reach('server.established');
          }
          break;
        }
        case 'readable': {
          enter(host);
          const bytes = this.#network.read(notice.socketId);
          if (bytes > 0) {
            const { received } = this.#state;
            this.#state = { ...this.#state, received: { ...received, [host]: received[host] + bytes } };
          }
          break;
        }
        case 'end-of-stream':
          this.#reach(`${host}.peer-closed`);
          break;
        case 'error':
          if (host === 'client' && !this.#state.reached.has('client.established')) this.#reach('client.failed');
          break;
        case 'closed':
          if (this.roleOf(notice.socketId) !== 'listener') this.#reach(`${host}.closed`);
          gone(notice.socketId);
          break;
        default:
          break;
      }
    }
    this.#lookAgain();
  }

  #reach(moment: Moment): void {
    if (this.#state.reached.has(moment)) return;
    this.#state = { ...this.#state, reached: new Set([...this.#state.reached, moment]) };
  }

  /** Keeps a hold of the sockets, so that one that goes can still be looked at. */
  #lookAgain(): void {
    const seen: Partial<Record<SocketRole, Sock>> = { ...this.#state.seen };
    for (const role of ROLES) {
      const id = this.#state.ids[role];
      const sk = id === undefined ? undefined : this.#network.sock(id);
      if (sk !== undefined) seen[role] = sk;
    }
    this.#state = { ...this.#state, seen };
  }

  snapshot(): State {
    return this.#state;
  }

  /** After the network has been restored. */
  restore(state: State): void {
    this.#state = state;
    this.#lookAgain();
  }
}

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
