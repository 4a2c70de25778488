// Files are written whole or not at all: into a neighbour first, then moved into place.

import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Problem } from '../base/index.ts';

/** Writes a file; the problem when that is not possible, in which case nothing is left behind. */
export function writeWhole(file: string, contents: string | Uint8Array): Problem | undefined {
  const scratch = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.partial`);
  try {
    writeFileSync(scratch, contents, { flag: 'wx' });
    renameSync(scratch, file);
    return undefined;
  } catch (error) {
    rmSync(scratch, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    const why: Readonly<Record<string, string>> = {
      ENOENT: 'its folder does not exist',
      EACCES: 'its folder may not be written to',
      EPERM: 'it may not be written',
      EISDIR: 'there is a folder of that name',
      ENOTDIR: 'its folder is a file',
      ENOSPC: 'the disk is full',
      EROFS: 'the file system is read-only',
    };
    return {
      code: 'file-unwritable',
      severity: 'error',
      message: `the file cannot be written: ${why[code ?? ''] ?? code ?? String(error)}`,
      at: { file },
      remedy: 'choose another place',
    };
  }
}
