// The work of `sockscope sweep`, in this thread or in several. Connections are done in blocks, each with maps of its own, so that
// the result does not depend on how many threads there are.

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { hasErrors, type Problem } from '../base/index.ts';
import { loadRun, machineParts, type RunRequest } from '../host/index.ts';
import { createWorld, emptyTotals, mergeTotals, type SweepTotals, sweep, type Variation } from '../world/index.ts';

/** Connections that share maps. */
export const BLOCK = 5000;

export interface SweepJob {
  readonly request: RunRequest;
  readonly vary: readonly Variation[];
  readonly connections: number;
}

/** Which blocks a thread does: every `step`-th from `first` on. */
interface Share {
  readonly first: number;
  readonly step: number;
}

export interface SweepResult {
  readonly totals: SweepTotals;
  readonly problems: readonly Problem[];
}

async function runShare(job: SweepJob, share: Share): Promise<SweepResult> {
  const totals = emptyTotals();
  const loaded = await loadRun(job.request);
  if (loaded.value === undefined) return { totals, problems: loaded.problems };
  for (let block = share.first; block * BLOCK < job.connections; block += share.step) {
    const made = createWorld({ ...loaded.value, parts: machineParts(), recording: 'counts' });
    if (made.value === undefined || hasErrors(made.problems)) return { totals, problems: made.problems };
    const { programs, files } = made.value;
    const first = block * BLOCK;
    sweep(
      { ...loaded.value, programs, files, vary: job.vary },
      first,
      Math.min(BLOCK, job.connections - first),
      totals,
    );
  }
  return { totals, problems: loaded.problems };
}

/** Runs a job on `threads` threads. */
export async function runSweep(job: SweepJob, threads: number): Promise<SweepResult> {
  const blocks = Math.ceil(job.connections / BLOCK);
  const count = Math.max(1, Math.min(threads, blocks));
  // The first share runs here: with one block there is nothing to hand out.
  const others = Array.from({ length: count - 1 }, (_, index) => startWorker(job, { first: index + 1, step: count }));
  const own = await runShare(job, { first: 0, step: count });
  const results = await Promise.all(others);
  for (const { totals } of results) mergeTotals(own.totals, totals);
  return {
    totals: own.totals,
    problems: [...own.problems, ...results.flatMap((result) => (own.problems.length > 0 ? [] : result.problems))],
  };
}

function startWorker(job: SweepJob, share: Share): Promise<SweepResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { sweepJob: job, share } });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a sweep thread ended early (${code})`)));
  });
}

interface WorkerData {
  readonly sweepJob: SweepJob;
  readonly share: Share;
}

/** Whether this thread was started by runSweep(); then it does its share and the command line must not run. */
export async function workedAsSweepThread(): Promise<boolean> {
  if (isMainThread) return false;
  const data: Partial<WorkerData> | null = workerData;
  if (data?.sweepJob === undefined || data.share === undefined) return false;
  parentPort?.postMessage(await runShare(data.sweepJob, data.share));
  return true;
}
