// Where a project keeps a header that the compiler does not find: beside the file, or in one of the usual folders of the folders
// above it. Real repositories name those folders in a Makefile, which nobody but make reads.

import { existsSync, statSync } from 'node:fs';
import path from 'node:path';

/** Below each folder on the way up; the folder itself comes first. */
const USUAL = [
  '',
  'include',
  'headers',
  'header',
  'inc',
  'src',
  'src/include',
  'src/headers',
  'lib',
  'common',
  'bpf',
  'bpf/include',
  'bpf/headers',
  'bpf/lib',
  'ebpf',
  'ebpf/include',
  'ebpf/headers',
  'vmlinux',
  'vmlinux/x86',
  'third_party',
  'third_party/vmlinux/x86',
] as const;

/** Folders looked into above that of the file; a repository's own folder ends the way. */
const MAX_LEVELS = 8;

/**
 * The folder to put on the include path so that `#include "header"` is found, or undefined. `file` is absolute; `header` is the
 * name as the program writes it. Never leaves the repository of the file, nor looks into the root of the file system.
 */
export function folderOfHeader(file: string, header: string): string | undefined {
  if (path.isAbsolute(header)) return undefined;
  let folder = path.dirname(file);
  for (let level = 0; level < MAX_LEVELS && path.dirname(folder) !== folder; level++) {
    for (const name of USUAL) {
      const candidate = path.join(folder, name);
      if (statSync(path.join(candidate, header), { throwIfNoEntry: false })?.isFile() === true) return candidate;
    }
    if (existsSync(path.join(folder, '.git'))) return undefined;
    folder = path.dirname(folder);
  }
  return undefined;
}
