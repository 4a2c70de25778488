// From the bottom of TCP to the wire: finds out where a segment goes (the loopback device of the same host or the link to
// another one), logs it, and puts its arrival into the queue. Loopback packets are handled by the softirq at once.

import { instant } from '../base/index.ts';
import type { Host } from './engine.ts';
import { type SegmentRecord, segmentMatches } from './link.ts';
import { receiveSegment } from './receive.ts';
import { isV4Mapped, type Segment, segmentEnd } from './segment.ts';
import { after } from './sequence.ts';
import type { AddressWords } from './sock.ts';

const IPV4_HEADER = 20;
const IPV4_MAX_MTU = 65535;
const IPV6_HEADER = 40;
const ETHERNET_OVERHEAD = 14;
const ECN_MASK = 3;
const CE = 3;

export function sameAddress(a: AddressWords, b: AddressWords): boolean {
  return a[3] === b[3] && a[2] === b[2] && a[1] === b[1] && a[0] === b[0];
}

/** 127.0.0.0/8 or ::1. */
export function isLoopback(address: AddressWords): boolean {
  if (isV4Mapped(address)) return address[3] >>> 24 === 127;
  return address[0] === 0 && address[1] === 0 && address[2] === 0 && address[3] === 1;
}

/** Whether packets to the address stay inside the host. */
export function isLocal(host: Host, address: AddressWords): boolean {
  return isLoopback(address) || sameAddress(address, host.address4) || sameAddress(address, host.address6);
}

/** The host at the other end that owns an address, undefined when nobody does. */
export function hostWith(host: Host, address: AddressWords): Host | undefined {
  return host.engine.hosts.find(
    (other) => other !== host && (sameAddress(address, other.address4) || sameAddress(address, other.address6)),
  );
}

/** MTU of the route to an address; an IPv4 packet is at most 65535 bytes whatever the device takes. */
export function routeMtu(host: Host, address: AddressWords): number {
  const mtu = isLocal(host, address) ? host.config.loopbackMtu : host.engine.link.options.mtu;
  return isV4Mapped(address) ? Math.min(mtu, IPV4_MAX_MTU) : mtu;
}

function record(
  host: Host,
  to: string,
  segment: Segment,
  sentAt: number,
  arrivesAt: number | undefined,
  fate: SegmentRecord['fate'],
  loopback: boolean,
): number {
  const log = host.engine.segments;
  log.push({
    segment,
    from: host.name,
    to,
    sentAt: instant(sentAt),
    arrivesAt: arrivesAt === undefined ? undefined : instant(arrivesAt),
    fate,
    retransmission: wasSentBefore(host, segment),
    loopback,
    afterCall: host.engine.effects.calls,
  });
  return log.length - 1;
}

/** Whether an earlier segment of the same flow already reached the end of this one. */
function wasSentBefore(host: Host, segment: Segment): boolean {
  const end = segmentEnd(segment);
  if (end === segment.seq) return false;
  const log = host.engine.segments;
  for (let i = log.length - 1; 0 <= i; i--) {
    const earlier = log[i]!;
    const other = earlier.segment;
    if (earlier.from !== host.name || other.sport !== segment.sport || other.dport !== segment.dport) continue;
    const otherEnd = segmentEnd(other);
    if (otherEnd === other.seq) continue;
    if ((other.flags & 2) !== 0 && (segment.flags & 2) !== 0 && other.seq !== segment.seq) return false;
    return !after(end, otherEnd) && !(other.flags & 4);
  }
  return false;
}

/** Hands a segment to the network layer. */
export function sendSegment(host: Host, segment: Segment): void {
  if (isLocal(host, segment.destination)) {
    record(host, host.name, segment, host.engine.now, host.engine.now, 'sent', true);
    for (const part of cutForDevice(segment)) host.softnet.push(part);
    if (!host.inSoftirq) runSoftirq(host);
    return;
  }
  const peer = hostWith(host, segment.destination);
  if (!peer) {
    record(host, '', segment, host.engine.now, undefined, 'unroutable', false);
    return;
  }
  sendOverLink(host, peer, segment);
}

const GSO_MAX_SIZE = 65536;
const ONLY_LAST = 1 | 8;
const ONLY_FIRST = 128;

/** A super-packet that is too long for the device is cut into its segments, which share nothing with the sender's buffer. */
function cutForDevice(segment: Segment): Segment[] {
  const headers = (isV4Mapped(segment.destination) ? IPV4_HEADER : IPV6_HEADER) + segment.header.length;
  if (segment.gsoSize === 0 || headers + segment.payloadLength <= GSO_MAX_SIZE) return [segment];
  const parts: Segment[] = [];
  for (let at = 0; at < segment.payloadLength; at += segment.gsoSize) {
    const length = Math.min(segment.gsoSize, segment.payloadLength - at);
    const isLast = at + length === segment.payloadLength;
    const flags = segment.flags & ~(isLast ? 0 : ONLY_LAST) & ~(at === 0 ? 0 : ONLY_FIRST);
    const seq = (segment.seq + at) >>> 0;
    const header = Uint8Array.from(segment.header);
    new DataView(header.buffer).setUint32(4, seq);
    header[13] = flags;
    const truesize = segment.overhead + length;
    parts.push({ ...segment, seq, flags, header, payloadLength: length, gsoSize: 0, truesize, joined: true });
  }
  return parts;
}

/** Works off the packets of the loopback device, including those that handling them sends. */
export function runSoftirq(host: Host): void {
  host.inSoftirq = true;
  while (host.softnet.length > 0) {
    const segment = host.softnet.shift()!;
    host.engine.now += host.config.segmentCostNs;
    receiveSegment(host, segment);
  }
  host.inSoftirq = false;
}

function sendOverLink(host: Host, peer: Host, sent: Segment): void {
  const { engine } = host;
  const { options, rules } = engine.link;
  let segment = sent;
  let extra = 0;
  let copies = 1;
  let dropped = options.loss !== undefined && options.loss > 0 && engine.random.unit() < options.loss;
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i]!;
    if (!segmentMatches(rule.match, host.name, segment)) continue;
    const index = engine.link.matches[i]!;
    engine.link.matches[i] = index + 1;
    const first = rule.first ?? 0;
    if (index < first || first + (rule.count ?? 1) <= index) continue;
    switch (rule.action.kind) {
      case 'drop':
        dropped = true;
        break;
      case 'delay':
        extra += rule.action.by;
        break;
      case 'duplicate':
        copies++;
        break;
      case 'mark-ce':
        if ((segment.tos & ECN_MASK) !== 0) segment = { ...segment, tos: segment.tos | CE };
        break;
    }
  }
  const headers = isV4Mapped(segment.destination) ? IPV4_HEADER : IPV6_HEADER;
  const bytes = ETHERNET_OVERHEAD + headers + segment.header.length + segment.payloadLength;
  let leaves = engine.now;
  if (options.bandwidth !== undefined) {
    const start = Math.max(engine.now, engine.link.freeAt[host.index]!);
    leaves = start + Math.ceil((bytes * 8e9) / options.bandwidth);
    engine.link.freeAt[host.index] = leaves;
  }
  const jitter = options.jitter ? engine.random.below(options.jitter + 1) : 0;
  const arrives = leaves + options.delay + extra + jitter;
  if (dropped) {
    record(host, peer.name, segment, engine.now, undefined, 'dropped', false);
    return;
  }
  for (let copy = 0; copy < copies; copy++) {
    const index = record(host, peer.name, segment, engine.now, arrives, copy === 0 ? 'sent' : 'duplicate', false);
    engine.heap.push(arrives, { kind: 'deliver', host: peer.index, segment, record: index });
  }
}
