// The worker thread that compiles and verifies, so that a keystroke never waits for either. One build at a time for each document;
// a newer request for a document cancels the older one.

import { pathToFileURL } from 'node:url';
import { type MessagePort, Worker } from 'node:worker_threads';
import { type BuildRequest, buildAndVerify } from '../host/index.ts';
import type { BuildResult } from '../ide/index.ts';

export interface BuildMessage {
  readonly kind: 'build';
  readonly id: number;
  /** Document that is built; a new build of it replaces the one that runs. */
  readonly key: string;
  readonly request: BuildRequest;
}
export interface CancelMessage {
  readonly kind: 'cancel';
  readonly key: string;
}
type Message = BuildMessage | CancelMessage;

interface Reply {
  readonly id: number;
  readonly key: string;
  /** Undefined: cancelled. */
  readonly result: BuildResult | undefined;
  readonly failure: string | undefined;
}

/** The worker's side: answers builds until the port closes. */
export function serveBuilds(port: MessagePort): void {
  const running = new Map<string, AbortController>();
  port.on('message', (message: Message) => {
    running.get(message.key)?.abort();
    running.delete(message.key);
    if (message.kind === 'cancel') return;
    const controller = new AbortController();
    running.set(message.key, controller);
    const { id, key } = message;
    buildAndVerify(message.request, controller.signal).then(
      (result) => port.postMessage({ id, key, result, failure: undefined } satisfies Reply),
      (error: unknown) =>
        port.postMessage({
          id,
          key,
          result: undefined,
          failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
        } satisfies Reply),
    );
  });
}

export interface BuildService {
  /** Builds a document; undefined when it was cancelled, by a newer build or by `cancel`. */
  build(key: string, request: BuildRequest): Promise<BuildResult | undefined>;
  cancel(key: string): void;
  dispose(): void;
}

/** Milliseconds after which a build is given up and the worker replaced: the compiler has its own, shorter limit. */
const GIVE_UP_MS = 60_000;

/** The server's side. `entry` is the module that calls `serveBuilds` when it finds itself in a worker. */
export function createBuildService(entry: string, onFailure: (text: string) => void): BuildService {
  let worker: Worker | undefined;
  let nextId = 1;
  const waiting = new Map<
    number,
    { readonly key: string; readonly done: (result: BuildResult | undefined) => void; readonly timer: NodeJS.Timeout }
  >();

  const settle = (id: number, result: BuildResult | undefined): void => {
    const entryOf = waiting.get(id);
    if (entryOf === undefined) return;
    waiting.delete(id);
    clearTimeout(entryOf.timer);
    entryOf.done(result);
  };

  const stop = (): void => {
    const old = worker;
    worker = undefined;
    void old?.terminate();
    for (const id of [...waiting.keys()]) settle(id, undefined);
  };

  const start = (): Worker => {
    const options = { workerData: { role: 'build' } };
    // From source the worker needs the TypeScript loader of the main thread, which threads do not inherit.
    const started = entry.endsWith('.ts')
      ? new Worker(
          `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(pathToFileURL(entry).href)})))`,
          { ...options, eval: true },
        )
      : new Worker(entry, options);
    started.on('message', (reply: Reply) => {
      if (reply.failure !== undefined) onFailure(`a build failed: ${reply.failure}`);
      settle(reply.id, reply.result);
    });
    started.on('error', (error) => {
      onFailure(`the build worker stopped: ${error instanceof Error ? error.message : String(error)}`);
      if (worker === started) stop();
    });
    started.unref();
    return started;
  };

  return {
    build: (key, request) =>
      new Promise((done) => {
        worker ??= start();
        for (const [id, other] of [...waiting]) if (other.key === key) settle(id, undefined);
        const id = nextId++;
        const timer = setTimeout(() => {
          onFailure(`building ${request.file} took more than ${GIVE_UP_MS / 1000} s and was stopped`);
          stop();
        }, GIVE_UP_MS);
        timer.unref();
        waiting.set(id, { key, done, timer });
        worker.postMessage({ kind: 'build', id, key, request } satisfies BuildMessage);
      }),
    cancel: (key) => {
      for (const [id, other] of [...waiting]) if (other.key === key) settle(id, undefined);
      worker?.postMessage({ kind: 'cancel', key } satisfies CancelMessage);
    },
    dispose: stop,
  };
}
