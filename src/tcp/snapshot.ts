// Snapshots of a network: plain copies of everything that changes. Immutable things (segments, received buffers, log entries) are
// shared, and so are the logs, each up to its length.

import type { HeapSnapshot } from '../base/index.ts';
import type { Effect } from './effects.ts';
import type { Engine, Host, NetEvent, Notice } from './engine.ts';
import type { SegmentRecord } from './link.ts';
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
}

/** A log as long as it was: entries behind it may have been added since, by this run or by another branch of it. */
interface LogPart<T> {
  readonly list: T[];
  readonly length: number;
}

const logPart = <T>(list: T[]): LogPart<T> => ({ list, length: list.length });

/** The list itself where it has not grown, else a copy: another snapshot may need what comes behind. */
const logOf = <T>({ list, length }: LogPart<T>): T[] => (list.length === length ? list : list.slice(0, length));

/** Opaque to everybody else. */
export interface NetworkSnapshot {
  readonly now: number;
  readonly heap: HeapSnapshot<NetEvent>;
  readonly random: readonly [number, number, number, number];
  readonly hosts: readonly HostSnapshot[];
  readonly matches: readonly number[];
  readonly freeAt: readonly number[];
  readonly effects: LogPart<Effect>;
  readonly calls: number;
  readonly segments: LogPart<SegmentRecord>;
  readonly notices: LogPart<Notice>;
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
      socks: host.socks.map((sk) => copySock(sk)),
      requests: host.requests.map(copyRequest),
      timeWaits: host.timeWaits.map(copyTimeWait),
      softnet: host.softnet.slice(),
      fastopenCookies: host.fastopenCookies.slice(),
      nextPort: host.nextPort,
    })),
    matches: engine.link.matches.slice(),
    freeAt: engine.link.freeAt.slice(),
    effects: logPart(engine.effects.list),
    calls: engine.effects.calls,
    segments: logPart(engine.segments),
    notices: logPart(engine.notices),
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
    host.socks = from.socks.map((sk) => copySock(sk));
    host.requests = from.requests.map(copyRequest);
    host.timeWaits = from.timeWaits.map(copyTimeWait);
    host.softnet = from.softnet.slice();
    host.inSoftirq = false;
    host.fastopenCookies = from.fastopenCookies.slice();
    host.nextPort = from.nextPort;
  });
  engine.link.matches = snapshot.matches.slice();
  engine.link.freeAt = snapshot.freeAt.slice();
  engine.effects.list = logOf(snapshot.effects);
  engine.effects.calls = snapshot.calls;
  engine.segments = logOf(snapshot.segments);
  engine.notices = logOf(snapshot.notices);
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
