// Whether files still have the contents that a program was made of: an editor shows the new text, the debugger runs the old program.

import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

interface Seen {
  readonly file: string;
  readonly modifiedMs: number;
  readonly digest: string;
}

/** Notes the contents of files as they are now; the answer names, when it is asked, one whose contents have changed. */
export function contentsOf(files: readonly string[]): () => string | undefined {
  const seen = files.map((file) => path.resolve(file)).flatMap((file) => see(file) ?? []);
  return () => seen.find((before) => hasChanged(before))?.file;
}

function see(file: string): Seen | undefined {
  try {
    const { mtimeMs } = statSync(file);
    return { file, modifiedMs: mtimeMs, digest: createHash('sha256').update(readFileSync(file)).digest('hex') };
  } catch {
    return undefined;
  }
}

/** A file that is gone has changed; one that was only touched has not. */
function hasChanged(before: Seen): boolean {
  try {
    if (statSync(before.file).mtimeMs === before.modifiedMs) return false;
  } catch {
    return true;
  }
  return see(before.file)?.digest !== before.digest;
}
