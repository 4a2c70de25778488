// Golden files: text that a person reads, compared whole. UPDATE=1 rewrites; a mismatch leaves NAME.actual beside the golden file.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Compares with the golden file; a missing one is an error that says how to make it. */
export function assertGolden(file: string, actual: string): void {
  const kept = `${file}.actual`;
  if (process.env['UPDATE'] === '1') {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, actual);
    rmSync(kept, { force: true });
    return;
  }
  const expected = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (expected === actual) {
    rmSync(kept, { force: true });
    return;
  }
  writeFileSync(kept, actual);
  assert.equal(actual, expected ?? '', `differs from ${path.basename(file)}; UPDATE=1 accepts the new text`);
}
