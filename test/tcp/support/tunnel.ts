// The runs of the golden-*-extra files: one machine and a peer that is only packets, injected and captured; and the loopback runs
// with other programs. One function per kind of run, steps as the recording's markers say.

import { instant, microseconds, milliseconds } from '../../../src/base/index.ts';
import { viewFor } from '../../../src/kernel/index.ts';
import { encodeHeader, type Segment } from '../../../src/tcp/index.ts';
import type { SeenSegment } from './compare.ts';
import type { GoldenFile, RecordedRun } from './golden-file.ts';
import { sysctlsOf } from './golden-file.ts';
import { runLoopback } from './loopback.ts';
import { createNetwork, later, type Network, type Sysctls } from './model.ts';
import { Recorder, type RecorderSettings } from './recorder.ts';

const HOST = 'machine';
const HERE = '10.9.0.1';
const PEER_PORT = 1234;
const SERVER_PORT = 5001;
const HERE_WORDS = [0, 0, 0xffff, 0x0a090001] as const;
const PEER_WORDS = [0, 0, 0xffff, 0x0a090002] as const;

interface Tunnel {
  readonly network: Network;
  readonly recorder: Recorder;
}

export interface ExtraRun {
  readonly file: GoldenFile;
  readonly kernel: string;
  readonly name: string;
  readonly run: RecordedRun;
  readonly maxHeader: number;
}

function tunnel(extra: ExtraRun, settings: RecorderSettings, sysctls: Partial<Sysctls>, seed = 3): Tunnel {
  const recorder = new Recorder(settings);
  const network = createNetwork({
    hosts: [
      {
        name: HOST,
        kernel: viewFor(extra.kernel),
        sysctls: { ...sysctlsOf(extra.file), ...sysctls },
        address4: HERE,
        config: { gso: true, maxHeader: extra.maxHeader },
      },
    ],
    link: { delay: milliseconds(1), mtu: 1500 },
    seed,
    hook: recorder,
  });
  recorder.network = network;
  network.runUntil(instant(1_000_000));
  return { network, recorder };
}

/** A segment of the peer. Options as hex, a multiple of 4 bytes. */
function peerSegment(sport: number, dport: number, flags: number, seq: number, ack: number, options: string): Segment {
  const bytes = Buffer.from(options, 'hex');
  const header = encodeHeader(sport, dport, seq, ack, flags, 65535, bytes.length);
  header.set(bytes, 20);
  return {
    id: 0,
    source: PEER_WORDS,
    destination: HERE_WORDS,
    sport,
    dport,
    seq,
    ack,
    flags,
    window: 65535,
    header,
    payloadLength: 0,
    tos: 0,
    gsoSize: 0,
    truesize: 768,
    overhead: 768,
    hardwareTimestamp: 0n,
  };
}

const SYN_OPTIONS = '020405b40402080a000000010000000001030307';

const hex32 = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/** What the machine sent, cut into segments as the device cuts super-packets. */
export function sentSegments(network: Network): SeenSegment[] {
  const seen: SeenSegment[] = [];
  for (const { segment, loopback } of network.segments) {
    if (loopback) continue;
    const size = segment.gsoSize || Math.max(1, segment.payloadLength);
    const count = segment.payloadLength === 0 ? 1 : Math.ceil(segment.payloadLength / size);
    for (let i = 0; i < count; i++) {
      const isLast = i === count - 1;
      seen.push({
        flags: isLast ? segment.flags : segment.flags & ~9,
        seq: (segment.seq + i * size) >>> 0,
        ack: segment.ack,
        window: segment.window,
        tos: segment.tos,
        payloadLength: isLast ? segment.payloadLength - i * size : size,
        options: Buffer.from(segment.header.subarray(20)).toString('hex'),
      });
    }
  }
  return seen;
}

const FLAG_LETTERS: Readonly<Record<string, number>> = { S: 2, F: 1, R: 4, P: 8, '.': 16, E: 64, W: 128 };

/** The captured packets of a recording. */
export function capturedSegments(run: RecordedRun): SeenSegment[] {
  const seen: SeenSegment[] = [];
  for (const event of run.events) {
    const match = /^PKT out \S+ \[(\S+)\] seq (\d+) ack (\d+) win (\d+) tos (\S+) opts (\S*) len (\d+)/.exec(
      event.marker ?? '',
    );
    if (!match) continue;
    seen.push({
      flags: [...match[1]!].reduce((mask, letter) => mask | FLAG_LETTERS[letter]!, 0),
      seq: Number(match[2]),
      ack: Number(match[3]),
      window: Number(match[4]),
      tos: Number(match[5]),
      options: match[6]!,
      payloadLength: Number(match[7]),
    });
  }
  return seen;
}

const last = (network: Network): Segment => network.segments[network.segments.length - 1]!.segment;

function listen(network: Network): number {
  const id = network.socket(HOST);
  network.bind(HOST, id, HERE, SERVER_PORT);
  network.listen(HOST, id, 5);
  return id;
}

/** When the recording closed, in nanoseconds after its start. */
const closedAt = (run: RecordedRun): number => run.events.find((event) => event.marker === 'closed')?.t_ns ?? 500e6;

function activeOpen(extra: ExtraRun, settings: RecorderSettings, sysctls: Partial<Sysctls>): Tunnel {
  const made = tunnel(extra, settings, sysctls);
  const { network } = made;
  const id = network.socket(HOST);
  network.connect(HOST, id, '10.9.0.2', SERVER_PORT);
  const failed = extra.run.events.find((event) => event.marker?.startsWith('connect failed'));
  const until = failed?.t_ns ?? closedAt(extra.run);
  // ETIMEDOUT comes with the last timer, which the timer wheel may round up differently.
  const slack = failed?.marker?.includes('110') ? 3000 : 0;
  network.runUntil(later(network.now, milliseconds(Math.round(until / 1e6) + slack)));
  network.close(HOST, id);
  return made;
}

function synInjected(
  extra: ExtraRun,
  flags: number,
  tos: number,
  settings: RecorderSettings,
  sysctls: Partial<Sysctls>,
): Tunnel {
  const made = tunnel(extra, settings, sysctls);
  const { network } = made;
  const id = listen(network);
  network.inject(HOST, { ...peerSegment(PEER_PORT, SERVER_PORT, flags, 1000, 0, SYN_OPTIONS), tos });
  network.runUntil(later(network.now, milliseconds(Math.round(closedAt(extra.run) / 1e6))));
  network.close(HOST, id);
  return made;
}

function dataBlackHole(extra: ExtraRun): Tunnel {
  const made = tunnel(extra, { flags: 0x7f }, {});
  const { network } = made;
  const id = network.socket(HOST);
  network.connect(HOST, id, '10.9.0.2', SERVER_PORT);
  const syn = last(network);
  const echo = Buffer.from(syn.header.subarray(28, 32)).toString('hex');
  // The recorded round-trip time decides how large a super-packet may be.
  const state = extra.run.events.find((event) => event.op_name === 'BPF_SOCK_OPS_STATE_CB');
  network.runUntil(later(network.now, microseconds(Number(state?.ctx?.['srtt_us'] ?? 8000) / 8)));
  network.inject(
    HOST,
    peerSegment(SERVER_PORT, syn.sport, 0x12, 5000, (syn.seq + 1) >>> 0, `020405b40402080a00000007${echo}01030307`),
  );
  network.runUntil(later(network.now, milliseconds(2)));
  network.send(HOST, id, 3000);
  const sent = extra.run.events.find((event) => event.marker === 'sent')?.t_ns ?? 0;
  network.runUntil(later(network.now, milliseconds(Math.round((closedAt(extra.run) - sent) / 1e6))));
  network.close(HOST, id);
  return made;
}

/** The recorded smoothed round-trip time when the connection was established, microseconds times 8. */
const recordedSrtt = (run: RecordedRun): number =>
  Number(run.events.find((event) => event.op_name === 'BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB')?.ctx?.['srtt_us'] ?? 0);

/**
 * The round-trip time of a cookie's handshake depends on the clock, because the low bits of its timestamp hold options; so a
 * seed is looked for whose clock gives the recorded time.
 */
function synCookie(extra: ExtraRun): Tunnel {
  const wanted = recordedSrtt(extra.run);
  let best = synCookieWith(extra, 1, 'handshake-only');
  let bestSeed = 1;
  let bestError = Number.POSITIVE_INFINITY;
  for (let seed = 1; seed <= 300 && bestError > 0; seed++) {
    best = synCookieWith(extra, seed, 'handshake-only');
    const call = best.recorder.calls.find((item) => item.op === 5);
    const error = Math.abs(Number(call?.ctx['srtt_us'] ?? 0) - wanted);
    if (error < bestError) {
      bestError = error;
      bestSeed = seed;
    }
  }
  return synCookieWith(extra, bestSeed, 'whole');
}

function synCookieWith(extra: ExtraRun, seed: number, part: 'handshake-only' | 'whole'): Tunnel {
  const made = tunnel(extra, { flags: 0x7f, reserve: 4, saveSyn: true }, { tcp_syncookies: 2 }, seed);
  const { network } = made;
  const id = listen(network);
  network.inject(HOST, peerSegment(PEER_PORT, SERVER_PORT, 2, 1000, 0, SYN_OPTIONS));
  const synack = last(network);
  const echo = Buffer.from(synack.header.subarray(28, 32)).toString('hex');
  network.runUntil(later(network.now, milliseconds(1)));
  network.inject(
    HOST,
    peerSegment(PEER_PORT, SERVER_PORT, 0x10, 1001, (synack.seq + 1) >>> 0, `0101080a${hex32(2)}${echo}`),
  );
  if (part === 'handshake-only') return made;
  network.runUntil(later(network.now, milliseconds(300)));
  const child = network.accept(HOST, id, 'server')!;
  network.send(HOST, child, 100);
  const sent = extra.run.events.find((event) => event.marker === 'server sent')?.t_ns ?? 0;
  network.runUntil(later(network.now, milliseconds(Math.round((closedAt(extra.run) - sent) / 1e6))));
  network.close(HOST, child);
  network.close(HOST, id);
  network.runUntil(later(network.now, milliseconds(2000)));
  return made;
}

function fastOpen(extra: ExtraRun): Tunnel {
  const recorder = new Recorder({ flags: 0x7f });
  const network = createNetwork({
    hosts: [
      {
        name: HOST,
        kernel: viewFor(extra.kernel),
        sysctls: { ...sysctlsOf(extra.file), tcp_fastopen: 0x207 },
        config: { gso: true, maxHeader: extra.maxHeader },
      },
    ],
    link: { delay: milliseconds(1), mtu: 1500 },
    seed: 5,
    hook: recorder,
  });
  recorder.network = network;
  const listener = network.socket(HOST);
  network.bind(HOST, listener, '127.0.0.1', SERVER_PORT);
  network.setSpecialOption(HOST, listener, { name: 'fastopen-queue', length: 5 });
  network.listen(HOST, listener, 5);
  const client = network.socket(HOST);
  network.connectWithData(HOST, client, '127.0.0.1', SERVER_PORT, 300);
  // sendto() goes on after the handshake and asks for the segment size once more.
  network.send(HOST, client, 0);
  const child = network.accept(HOST, listener, 'server')!;
  network.receive(HOST, child, 65536);
  network.send(HOST, child, 200);
  network.receive(HOST, client, 65536);
  network.runUntil(later(network.now, milliseconds(100)));
  network.close(HOST, client);
  // How long the application took decides whether the delayed ACK goes out before its FIN.
  const at = (from: number, to: number): number =>
    extra.run.events.find((event) => event.ctx?.['op'] === 10 && String(event.ctx['args']).startsWith(`${from},${to},`))
      ?.t_ns ?? 0;
  // (below one tick, chance).
  const gapNs = at(8, 9) - at(1, 8);
  if (gapNs > 4e6) network.runUntil(later(network.now, microseconds(gapNs / 1000)));
  network.receive(HOST, child, 65536);
  network.close(HOST, child);
  network.runUntil(later(network.now, milliseconds(50)));
  network.close(HOST, listener);
  return { network, recorder };
}

const ECN_SYN = 0xc2;

/** Runs one of the extra recordings on the model; undefined for a name that is not known. */
export function runExtra(extra: ExtraRun): { readonly recorder: Recorder; readonly network?: Network } | undefined {
  const loop = (
    settings: RecorderSettings,
    congestion: string,
    more: Partial<Sysctls> = {},
  ): { recorder: Recorder } => ({
    recorder: runLoopback({
      kernel: extra.kernel,
      family: 'ipv4',
      sysctls: { ...sysctlsOf(extra.file), ...more },
      settings,
      congestion,
      maxHeader: extra.maxHeader,
    }),
  });
  const synSysctls = { tcp_syn_retries: 3, tcp_syn_linear_timeouts: 1 };
  switch (extra.name) {
    case 'hdr4':
      return loop({ flags: 0x7f, reserve: 4, saveSyn: true }, 'cubic');
    case 'ts4':
      return loop({ flags: 0x7f, timestamps: true }, 'cubic');
    case 'nv4':
      return loop({ flags: 0x7f }, 'nv', { tcp_available_congestion_control: ['reno', 'cubic', 'nv'] });
    case 'tfo':
      return fastOpen(extra);
    case 'cookie':
      return synCookie(extra);
    case 'syn_def':
      return activeOpen(extra, { flags: 0x7f }, synSysctls);
    case 'syn_t25':
      return activeOpen(extra, { flags: 0x7f, timeout: 25 }, synSysctls);
    case 'sa_def':
      return synInjected(extra, 2, 0, { flags: 0x7f }, { tcp_synack_retries: 3 });
    case 'sa_t25':
      return synInjected(extra, 2, 0, { flags: 0x7f, timeout: 25 }, { tcp_synack_retries: 3 });
    case 'databh':
      return dataBlackHole(extra);
    case 'sa_ecn2':
      return synInjected(extra, ECN_SYN, 0, {}, { tcp_ecn: 2 });
    case 'sa_ecn0':
      return synInjected(extra, ECN_SYN, 0, {}, { tcp_ecn: 0 });
    case 'sa_ecn2_ect':
      return synInjected(extra, ECN_SYN, 2, {}, { tcp_ecn: 2 });
    case 'sa_ecn0r1':
      return synInjected(extra, ECN_SYN, 0, { needsEcn: 1 }, { tcp_ecn: 0 });
    case 'sa_noecn_r1':
      return synInjected(extra, 2, 0, { needsEcn: 1 }, { tcp_ecn: 0 });
    case 'act_r1':
      return activeOpen(extra, { needsEcn: 1 }, { tcp_ecn: 2 });
    case 'act_r2':
      return activeOpen(extra, { needsEcn: 2 }, { tcp_ecn: 2 });
    case 'act_e1':
      return activeOpen(extra, {}, { tcp_ecn: 1 });
    default:
      return undefined;
  }
}
