// Snapshots of a network: plain copies of everything that changes. Immutable things (segments, received buffers, log entries) are
// shared; the logs are only cut back to their length.

import type { HeapSnapshot } from '../base/index.ts';
import type { Engine, Host, NetEvent } from './engine.ts';
import { copyRequest, type RequestSock } from './request.ts';
import type { Segment } from './segment.ts';
import { copySock, type Sock } from './sock.ts';
import { copyTimeWait, type TimeWaitSock } from './time-wait.ts';

interface HostSnapshot {
  readonly socks: readonly Sock[];
  readonly requests: readonly RequestSock[];
  readonly timeWaits: readonly TimeWaitSock[];
  readonly softnet: readonly Segment[];
  readonly fastopenCookies: Host['fastopenCookies'];
  readonly nextPort: number;
  readonly synFloodWarned: boolean;
}

/** Opaque to everybody else. */
export interface NetworkSnapshot {
  readonly now: number;
  readonly heap: HeapSnapshot<NetEvent>;
  readonly random: readonly [number, number, number, number];
  readonly hosts: readonly HostSnapshot[];
  readonly matches: readonly number[];
  readonly freeAt: readonly number[];
  readonly effects: number;
  readonly calls: number;
  readonly segments: number;
  readonly notices: number;
  readonly nextId: number;
  readonly nextSegmentId: number;
  readonly nextToken: number;
}

export function snapshotNetwork(engine: Engine): NetworkSnapshot {
  return {
    now: engine.now,
    heap: engine.heap.snapshot(),
    random: engine.random.state,
    hosts: engine.hosts.map((host) => ({
      socks: host.socks.map(copySock),
      requests: host.requests.map(copyRequest),
      timeWaits: host.timeWaits.map(copyTimeWait),
      softnet: host.softnet.slice(),
      fastopenCookies: host.fastopenCookies.slice(),
      nextPort: host.nextPort,
      synFloodWarned: host.synFloodWarned,
    })),
    matches: engine.link.matches.slice(),
    freeAt: engine.link.freeAt.slice(),
    effects: engine.effects.list.length,
    calls: engine.effects.calls,
    segments: engine.segments.length,
    notices: engine.notices.length,
    nextId: engine.nextId,
    nextSegmentId: engine.nextSegmentId,
    nextToken: engine.nextToken,
  };
}

export function restoreNetwork(engine: Engine, snapshot: NetworkSnapshot): void {
  engine.now = snapshot.now;
  engine.heap.restore(snapshot.heap);
  engine.random.restore(snapshot.random);
  engine.hosts.forEach((host, index) => {
    const from = snapshot.hosts[index]!;
    host.socks = from.socks.map(copySock);
    host.requests = from.requests.map(copyRequest);
    host.timeWaits = from.timeWaits.map(copyTimeWait);
    host.softnet = from.softnet.slice();
    host.inSoftirq = false;
    host.fastopenCookies = from.fastopenCookies.slice();
    host.nextPort = from.nextPort;
    host.synFloodWarned = from.synFloodWarned;
  });
  engine.link.matches = snapshot.matches.slice();
  engine.link.freeAt = snapshot.freeAt.slice();
  engine.effects.list.length = snapshot.effects;
  engine.effects.calls = snapshot.calls;
  engine.segments.length = snapshot.segments;
  engine.notices.length = snapshot.notices;
  engine.nextId = snapshot.nextId;
  engine.nextSegmentId = snapshot.nextSegmentId;
  engine.nextToken = snapshot.nextToken;
}

/** FNV-1a over every number, text and flag of the state, in a fixed order. */
export function hashNetwork(engine: Engine): string {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  const mix = (value: number): void => {
    const low = value | 0;
    const high = Math.floor(value / 2 ** 32) | 0;
    a = Math.imul(a ^ low, 0x01000193);
    b = Math.imul(b ^ high ^ (a >>> 15), 0x85ebca6b);
  };
  const walk = (value: unknown): void => {
    switch (typeof value) {
      case 'number':
        mix(Number.isInteger(value) ? value : Math.round(value * 1e6));
        return;
      case 'bigint':
        mix(Number(BigInt.asUintN(32, value)));
        mix(Number(BigInt.asUintN(32, value >> 32n)));
        return;
      case 'boolean':
        mix(value ? 3 : 5);
        return;
      case 'string':
        for (let i = 0; i < value.length; i++) mix(value.charCodeAt(i));
        mix(value.length);
        return;
      case 'object':
        if (value === null) {
          mix(7);
        } else if (value instanceof Uint8Array) {
          for (const byte of value) mix(byte);
        } else if (Array.isArray(value)) {
          mix(value.length);
          for (const item of value) walk(item);
        } else {
          for (const item of Object.values(value)) walk(item);
        }
        return;
      default:
        mix(11);
    }
  };
  const state = snapshotNetwork(engine);
  const ordered = [...state.heap.entries].sort((x, y) => x.key - y.key || x.order - y.order);
  walk({ ...state, heap: ordered });
  const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');
  return hex(a) + hex(b);
}
