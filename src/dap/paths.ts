// Paths between the client and the compiler: the editor speaks of absolute files, debug information of whatever the compiler was given.

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { sameFile } from '../debugger/index.ts';

export class Paths {
  readonly #roots: readonly string[];
  readonly #absolute = new Map<string, string>();

  /** `roots`: folders that relative paths of the compiler may start in. */
  constructor(roots: readonly string[]) {
    this.#roots = roots;
  }

  /** The file on disk that a recorded path means, or the path as it is when there is none. */
  absolute(recorded: string): string {
    const known = this.#absolute.get(recorded);
    if (known !== undefined) return known;
    const candidates = path.isAbsolute(recorded) ? [recorded] : this.#roots.map((root) => path.resolve(root, recorded));
    const named = this.#roots.map((root) => path.join(root, path.basename(recorded)));
    const found = [...candidates, ...named].find((candidate) => existsSync(candidate)) ?? recorded;
    this.#absolute.set(recorded, found);
    return found;
  }

  source(recorded: string): DebugProtocol.Source {
    return { name: path.basename(recorded), path: this.absolute(recorded) };
  }

  /** The recorded path that a client's file means, among those that have code. */
  recorded(clientPath: string, files: readonly string[]): string {
    return (
      files.find((file) => this.absolute(file) === clientPath) ??
      files.find((file) => sameFile(file, clientPath)) ??
      clientPath
    );
  }
}
