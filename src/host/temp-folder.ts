// Temporary folders that are gone afterwards, also when the process ends in the middle of the work.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const live = new Set<string>();
let watching = false;

function remove(folder: string): void {
  live.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** Runs `work` with a fresh folder and removes the folder with all that is in it. */
export async function withTempFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  if (!watching) {
    watching = true;
    process.on('exit', () => {
      for (const folder of live) remove(folder);
    });
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'sockscope-'));
  live.add(folder);
  try {
    return await work(folder);
  } finally {
    remove(folder);
  }
}
