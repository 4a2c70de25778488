// The application of the loopback recordings, step by step, on the model.

import { microseconds, milliseconds } from '../../../src/base/index.ts';
import { viewFor } from '../../../src/kernel/index.ts';
import type { SockOpsHook } from '../../../src/tcp/index.ts';
import { createNetwork, later, type Network, type Sysctls } from './model.ts';
import { Recorder, type RecorderSettings } from './recorder.ts';

export interface LoopbackSetup {
  readonly kernel: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly sysctls: Partial<Sysctls>;
  readonly settings: RecorderSettings;
  readonly congestion: string;
  /** MAX_HEADER of the recorded kernel's configuration. */
  readonly maxHeader: number;
}

const HOST = 'machine';
const SERVER_PORT = 5001;
const CLIENT_PORT = 40001;

export function loopbackNetwork(setup: LoopbackSetup): { network: Network; recorder: Recorder } {
  const recorder = new Recorder(setup.settings);
  const network = networkFor(setup, recorder);
  recorder.network = network;
  return { network, recorder };
}

/** The machine of the recordings with whatever answers its callbacks. */
export function networkFor(setup: Omit<LoopbackSetup, 'settings'>, hook: SockOpsHook): Network {
  return createNetwork({
    hosts: [
      {
        name: HOST,
        kernel: viewFor(setup.kernel),
        sysctls: setup.sysctls,
        config: { gso: true, maxHeader: setup.maxHeader },
      },
    ],
    link: { delay: milliseconds(1), mtu: 1500 },
    seed: 7,
    hook,
  });
}

const readAll = (network: Network, id: number): void => {
  while (network.receive(HOST, id, 65536) > 0) {
    // until the receive queue is empty
  }
};

/** Runs the whole connection; the calls are in the recorder. */
export function runLoopback(setup: LoopbackSetup): Recorder {
  const { network, recorder } = loopbackNetwork(setup);
  driveLoopback(network, setup);
  return recorder;
}

/** The application's steps. */
export function driveLoopback(network: Network, setup: Pick<LoopbackSetup, 'family' | 'congestion'>): void {
  const address = setup.family === 'ipv4' ? '127.0.0.1' : '::1';
  const pause = (ms: number): void => {
    network.runUntil(later(network.now, milliseconds(ms)));
  };
  const step = (): void => {
    network.runUntil(later(network.now, microseconds(100)));
  };
  const make = (at: string, port: number): number => {
    const id = network.socket(HOST, { family: setup.family });
    network.setOption(HOST, id, 1, 2, 1);
    network.setSpecialOption(HOST, id, { name: 'congestion-control', algorithm: setup.congestion });
    network.bind(HOST, id, at, port);
    return id;
  };
  const listener = make(address, SERVER_PORT);
  network.listen(HOST, listener, 5);
  step();
  const client = make('', CLIENT_PORT);
  network.connect(HOST, client, address, SERVER_PORT);
  step();
  const child = network.accept(HOST, listener, 'server')!;
  step();
  network.send(HOST, client, 1000);
  step();
  readAll(network, child);
  step();
  network.send(HOST, child, 500);
  step();
  readAll(network, client);
  pause(120);
  network.send(HOST, client, 100000);
  step();
  readAll(network, child);
  pause(120);
  network.close(HOST, client);
  step();
  network.receive(HOST, child, 1);
  network.close(HOST, child);
  pause(50);
  network.close(HOST, listener);
}
