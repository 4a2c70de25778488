// Reading files with limits, as values: a missing, unreadable or absurdly large file is a problem and not an exception.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Outcome, Problem } from '../base/index.ts';
import { hostProblem } from './host-problems.ts';

/** Largest object or source file that is read. */
export const MAX_PROGRAM_BYTES = 64 * 1024 * 1024;

/** Bytes of a file, undefined when it cannot be read. Files of no stated size (sysfs, pipes) are read to their end. */
export function readFileBytes(file: string, maxBytes = MAX_PROGRAM_BYTES): Outcome<Uint8Array | undefined> {
  const fail = (problem: Problem): Outcome<undefined> => ({ value: undefined, problems: [problem] });
  const tooLarge = (): Outcome<undefined> =>
    fail(hostProblem('file-too-large', `the file has more than ${Math.round(maxBytes / 1048576)} MiB`, { file }));
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    const stat = fstatSync(handle);
    if (stat.isDirectory()) return fail(hostProblem('file-unreadable', 'this is a folder and not a file', { file }));
    if (stat.size > maxBytes) return tooLarge();
    const chunks: Buffer[] = [];
    let total = 0;
    // One buffer for all reads: sysfs gives a page at a time, however much is asked for.
    const chunk = Buffer.allocUnsafe(Math.min(Math.max(stat.size, 65536), 1 << 20));
    for (;;) {
      const count = readSync(handle, chunk, 0, chunk.length, null);
      if (count === 0) break;
      total += count;
      if (total > maxBytes) return tooLarge();
      chunks.push(Buffer.from(chunk.subarray(0, count)));
    }
    return { value: new Uint8Array(Buffer.concat(chunks)), problems: [] };
  } catch (error) {
    return fail(readFailure(file, error));
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Why a file cannot be read, in words. */
export function readFailure(file: string, error: unknown): Problem {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return hostProblem('file-missing', 'there is no such file', { file });
    case 'EACCES':
    case 'EPERM':
      return hostProblem('file-unreadable', 'the file may not be read', { file });
    default:
      return hostProblem('file-unreadable', `the file cannot be read: ${(error as Error).message}`, { file });
  }
}

/** Text of a UTF-8 file (a byte order mark is dropped), undefined when it cannot be read. */
export function readFileText(file: string, maxBytes = MAX_PROGRAM_BYTES): Outcome<string | undefined> {
  const { value, problems } = readFileBytes(file, maxBytes);
  if (value === undefined) return { value, problems };
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
  return { value: text.startsWith('\ufeff') ? text.slice(1) : text, problems };
}
