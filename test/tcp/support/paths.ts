// The application of the two-host recordings (golden-*-veth.json): client and server 10 ms apart, each with its own process that
// reacts to what its socket tells it.

import { type Instant, microseconds, milliseconds } from '../../../src/base/index.ts';
import { viewFor } from '../../../src/kernel/index.ts';
import type { LinkRule, Notice } from '../../../src/tcp/index.ts';
import type { GoldenFile, RecordedRun } from './golden-file.ts';
import { sysctlsOf } from './golden-file.ts';
import { createNetwork, later, type Network } from './model.ts';
import { parseProgram, Recorder } from './recorder.ts';

const SERVER_PORT = 5001;
const CLIENT_PORT = 40001;
const BULK = 100000;

export interface PathRun {
  readonly file: GoldenFile;
  readonly kernel: string;
  readonly name: string;
  readonly run: RecordedRun;
  readonly seed?: number;
}

/** Which segments the recorded router dropped, as link rules. */
function dropRules(run: RecordedRun): LinkRule[] {
  const wire = run.wire ?? [];
  return (run.dropped_in_router ?? []).map((dropped) => {
    const sender = (dropped.tcp_flags & 0x12) === 0x12 ? 'server' : 'client';
    const { seq } = dropped as unknown as { seq: number };
    const sent = wire.filter((segment) => segment.tap === sender && segment.dir === 'out');
    const syn = sent.find((segment) => segment.flags.startsWith('S'));
    const offset = ((seq - (syn?.seq ?? 0)) | 0) >>> 0;
    let base: number | undefined;
    return {
      match: {
        from: sender,
        test: (segment) => {
          if ((segment.flags & 2) !== 0) base = segment.seq;
          return (
            base !== undefined && segment.seq === (base + offset) >>> 0 && segment.payloadLength === dropped.payload_len
          );
        },
      },
      first: 0,
      count: (run.dropped_in_router ?? []).filter((other) => (other as unknown as { seq: number }).seq === seq).length,
      action: { kind: 'drop' },
    };
  });
}

/** How long a process takes to wake up and act. */
const REACTION = microseconds(60);

export function runPath(path: PathRun): { readonly network: Network; readonly recorder: Recorder } {
  const recorder = new Recorder(parseProgram(path.run.program));
  const sysctls = sysctlsOf(path.file);
  const kernel = viewFor(path.kernel);
  const network = createNetwork({
    hosts: [
      { name: 'client', kernel, sysctls, address4: '10.0.0.1' },
      { name: 'server', kernel, sysctls, address4: '10.0.1.2' },
    ],
    // The emulated machine needs about 0.1 ms for a segment, which spaces them like a line of 100 Mbit/s.
    link: { delay: milliseconds(10), bandwidth: 1e8, mtu: 1500, rules: dropRules(path.run) },
    seed: path.seed ?? 11,
    hook: recorder,
  });
  recorder.network = network;
  const application = new Application(network, path);
  application.run();
  return { network, recorder };
}

/** The two processes as one state machine over notices. */
class Application {
  readonly #network: Network;
  readonly #path: PathRun;
  #client = 0;
  #listener = 0;
  #child = 0;
  #seen = 0;
  #serverRead = 0;
  #clientRead = 0;
  #unsent = 0;
  #bulkQueued = false;
  #bulkAcked = false;
  #clientClosed = false;
  #serverClosed = false;
  #pending: { at: Instant; act: () => void }[] = [];

  constructor(network: Network, path: PathRun) {
    this.#network = network;
    this.#path = path;
  }

  #soon(act: () => void): void {
    const at = later(this.#network.now, REACTION);
    this.#pending.push({ at, act });
    this.#network.wakeAt(at, 0);
  }

  run(): void {
    const net = this.#network;
    this.#listener = net.socket('server');
    net.setOption('server', this.#listener, 1, 2, 1);
    net.bind('server', this.#listener, '10.0.1.2', SERVER_PORT);
    net.listen('server', this.#listener, 5);
    net.runUntil(later(net.now, milliseconds(60)));
    this.#client = net.socket('client');
    net.bind('client', this.#client, '', CLIENT_PORT);
    net.connect('client', this.#client, '10.0.1.2', SERVER_PORT);
    const limit = later(net.now, milliseconds(20000));
    while (!(this.#clientClosed && this.#serverClosed) && net.now < limit) {
      if (!net.runNextEvent()) break;
      this.#react();
    }
    net.runUntil(later(net.now, milliseconds(150)));
    net.close('server', this.#listener);
  }

  #react(): void {
    const net = this.#network;
    for (; this.#seen < net.notices.length; this.#seen++) this.#notice(net.notices[this.#seen]!);
    const due = this.#pending.filter((item) => item.at <= net.now);
    this.#pending = this.#pending.filter((item) => net.now < item.at);
    for (const item of due) item.act();
  }

  #notice(item: Notice): void {
    const net = this.#network;
    const isClient = 'socketId' in item && item.socketId === this.#client;
    switch (item.kind) {
      case 'established':
        if (isClient) this.#soon(() => net.send('client', this.#client, 1000));
        return;
      case 'acceptable':
        this.#soon(() => {
          this.#child = net.accept('server', this.#listener, 'server')!;
          this.#serverReads();
        });
        return;
      case 'readable':
        if (isClient) this.#soon(() => this.#clientReads());
        else if (this.#child !== 0) this.#soon(() => this.#serverReads());
        return;
      case 'writable':
        if (isClient && this.#unsent > 0) this.#soon(() => this.#sendBulk());
        return;
      case 'all-acked':
        if (isClient && this.#bulkQueued && this.#unsent === 0 && !this.#bulkAcked) {
          this.#bulkAcked = true;
          if (this.#path.name !== 'closenow') this.#soon(() => this.#closeClient());
        }
        return;
      case 'end-of-stream':
        if (!isClient) this.#soon(() => this.#serverEnds());
        return;
      case 'error':
        if (!isClient) this.#soon(() => this.#serverEnds());
        return;
      case 'closed':
        if (isClient) this.#clientClosed = true;
        else if (item.socketId === this.#child) this.#serverClosed = true;
        return;
      default:
        return;
    }
  }

  #serverReads(): void {
    const net = this.#network;
    for (;;) {
      const count = net.receive('server', this.#child, 65536);
      if (count <= 0) return;
      const before = this.#serverRead;
      this.#serverRead += count;
      if (before < 1000 && 1000 <= this.#serverRead) net.send('server', this.#child, 1000);
    }
  }

  #clientReads(): void {
    const net = this.#network;
    const count = net.receive('client', this.#client, 65536);
    const before = this.#clientRead;
    this.#clientRead += Math.max(0, count);
    if (before < 1000 && 1000 <= this.#clientRead) {
      this.#unsent = BULK;
      this.#sendBulk();
    }
  }

  #sendBulk(): void {
    const taken = this.#network.send('client', this.#client, this.#unsent);
    if (taken > 0) this.#unsent -= taken;
    if (this.#unsent > 0) return;
    this.#bulkQueued = true;
    if (this.#path.name === 'closenow') this.#soon(() => this.#closeClient());
  }

  #closeClient(): void {
    const net = this.#network;
    if (this.#path.name.startsWith('rst')) net.setSpecialOption('client', this.#client, { name: 'linger', seconds: 0 });
    net.close('client', this.#client);
  }

  #serverEnds(): void {
    const net = this.#network;
    this.#serverReads();
    net.receive('server', this.#child, 1);
    net.close('server', this.#child);
    if (net.view('server', this.#child) === undefined) this.#serverClosed = true;
  }
}
