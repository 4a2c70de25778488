// Whether files still have the contents that a program was made of: an editor shows the new text, the debugger runs the old program.

import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

interface Seen {
  readonly file: string;
  readonly modifiedMs: number;
  readonly digest: string;
}

/** A file that is not what it was. */
export interface Change {
  readonly kind: 'changed' | 'gone';
  readonly file: string;
}

/** Notes the contents of files as they are now; the answer names, when it is asked, one whose contents have changed. */
export function contentsOf(files: readonly string[]): () => Change | undefined {
  const seen = files.map((file) => path.resolve(file)).flatMap((file) => see(file) ?? []);
  return () => {
    for (const before of seen) {
      const kind = changeOf(before);
      if (kind !== undefined) return { kind, file: before.file };
    }
    return undefined;
  };
}

function see(file: string): Seen | undefined {
  try {
    const { mtimeMs } = statSync(file);
    return { file, modifiedMs: mtimeMs, digest: createHash('sha256').update(readFileSync(file)).digest('hex') };
  } catch {
    return undefined;
  }
}

/** A file that was only touched has not changed. */
function changeOf(before: Seen): Change['kind'] | undefined {
  const stat = statSync(before.file, { throwIfNoEntry: false });
  if (stat === undefined) return 'gone';
  if (stat.mtimeMs === before.modifiedMs) return undefined;
  return see(before.file)?.digest === before.digest ? undefined : 'changed';
}
