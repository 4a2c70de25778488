// Running another program: bounded in time and output, cancellable, and never throwing. Everything that can happen to a child process
// is a value.

import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Written to its standard input, which is closed otherwise. */
  readonly input?: string | Uint8Array;
  /** Milliseconds after which it is ended (default 30,000). */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface RunOutput {
  readonly stdout: string;
  readonly stderr: string;
}

export type RunResult =
  | (RunOutput & { readonly kind: 'exited'; readonly code: number })
  | (RunOutput & { readonly kind: 'killed'; readonly by: string })
  | (RunOutput & { readonly kind: 'timed-out'; readonly afterMs: number })
  | { readonly kind: 'cancelled' }
  /** It could not be started: not there, not executable. */
  | { readonly kind: 'failed'; readonly message: string };

const DEFAULT_TIMEOUT_MS = 30_000;
/** Output kept of each stream; a compiler that says more says nothing new. */
const MAX_OUTPUT = 4 * 1024 * 1024;

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { signal } = options;
  if (signal?.aborted) return Promise.resolve({ kind: 'cancelled' });
  return new Promise((resolve) => {
    const child = spawn(command, [...args], {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const stdout = collector();
    const stderr = collector();
    child.stdout?.on('data', stdout.take);
    child.stderr?.on('data', stderr.take);
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    let ended: 'timed-out' | 'cancelled' | undefined;
    const end = (why: 'timed-out' | 'cancelled'): void => {
      ended ??= why;
      child.kill('SIGKILL');
      // What it started itself may live on and hold its output open: nobody waits for that.
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    const timer = setTimeout(() => end('timed-out'), timeoutMs);
    const onAbort = (): void => end('cancelled');
    signal?.addEventListener('abort', onAbort, { once: true });
    const finish = (result: RunResult): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve(result);
    };
    child.on('error', (error) => finish({ kind: 'failed', message: error.message }));
    child.on('close', (code, killedBy) => {
      const output = { stdout: stdout.text(), stderr: stderr.text() };
      if (ended === 'cancelled') finish({ kind: 'cancelled' });
      else if (ended === 'timed-out') finish({ kind: 'timed-out', afterMs: timeoutMs, ...output });
      else if (code === null) finish({ kind: 'killed', by: killedBy ?? 'a signal', ...output });
      else finish({ kind: 'exited', code, ...output });
    });
    if (options.input !== undefined) {
      // A child that ends without reading breaks the pipe, which says nothing that its exit does not.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(options.input);
    }
  });
}

function collector(): { take: (chunk: Buffer) => void; text: () => string } {
  const chunks: Buffer[] = [];
  let length = 0;
  return {
    take: (chunk) => {
      if (length < MAX_OUTPUT) chunks.push(chunk.subarray(0, MAX_OUTPUT - length));
      length += chunk.length;
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}
