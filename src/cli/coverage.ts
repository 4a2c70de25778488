// Which lines of the programs ran, over all scenarios of a `sockscope test`, as an lcov tracefile.

import path from 'node:path';
import type { LoadedProgram, Monitor, World } from '../world/index.ts';

interface LineCounts {
  /** Executions by 0-based line; a line that no instruction ran has 0. */
  readonly lines: Map<number, number>;
  readonly functions: Map<string, { readonly line0: number; count: number }>;
}

export class Coverage {
  readonly #files = new Map<string, LineCounts>();
  /** Executions by slot in the world that runs now, by program. */
  #hits = new Map<LoadedProgram, Map<string, Map<number, number>>>();

  /** A monitor for one world; `take` afterwards turns its counts into lines. */
  monitor(): Monitor {
    this.#hits = new Map();
    return {
      beforeInsn: (vm, _position, callback) => {
        const { program } = callback;
        const programs = this.#hits.get(program) ?? new Map<string, Map<number, number>>();
        const slots = programs.get(vm.program) ?? new Map<number, number>();
        slots.set(vm.slot, (slots.get(vm.slot) ?? 0) + 1);
        this.#hits.set(program, programs.set(vm.program, slots));
        return undefined;
      },
    };
  }

  take(world: World): void {
    for (const loaded of world.programs) {
      const byProgram = this.#hits.get(loaded);
      for (const program of loaded.object.programs) {
        if (program !== loaded.program && byProgram?.has(program.name) !== true) continue;
        const slots = byProgram?.get(program.name) ?? new Map<number, number>();
        const sorted = [...program.lines].sort((a, b) => a.slot - b.slot);
        sorted.forEach((line, index) => {
          const end = sorted[index + 1]?.slot ?? program.bytes.length / 8;
          let count = 0;
          for (let slot = line.slot; slot < end; slot++) count = Math.max(count, slots.get(slot) ?? 0);
          const { lines } = this.#file(this.#path(world, loaded, line.file));
          lines.set(line.line0, Math.max(lines.get(line.line0) ?? 0, count));
        });
        for (const sub of program.subprograms) {
          const line = sorted.filter((one) => one.slot <= sub.startSlot).at(-1);
          if (line === undefined) continue;
          const { functions } = this.#file(this.#path(world, loaded, line.file));
          const before = functions.get(sub.name)?.count ?? 0;
          functions.set(sub.name, { line0: line.line0, count: before + (slots.get(sub.startSlot) ?? 0) });
        }
      }
    }
  }

  /** A relative path in debug information is relative to the compiler's folder: in practice the program's own. */
  #path(world: World, loaded: LoadedProgram, file: string): string {
    const own = world.shownFile(loaded.file);
    if (
      path.basename(file) === path.basename(own) ||
      path.basename(file) === path.basename(own).replace(/\.o$/, '.c')
    ) {
      return path.resolve(path.dirname(own), path.basename(file));
    }
    return path.isAbsolute(file) ? file : path.resolve(path.dirname(own), file);
  }

  #file(name: string): LineCounts {
    const known = this.#files.get(name) ?? { lines: new Map(), functions: new Map() };
    this.#files.set(name, known);
    return known;
  }

  lcov(): string {
    const blocks: string[] = [];
    for (const [file, { lines, functions }] of [...this.#files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const rows = [...lines].sort(([a], [b]) => a - b);
      blocks.push(
        [
          'TN:',
          `SF:${file}`,
          ...[...functions].map(([name, { line0 }]) => `FN:${line0 + 1},${name}`),
          ...[...functions].map(([name, { count }]) => `FNDA:${count},${name}`),
          `FNF:${functions.size}`,
          `FNH:${[...functions.values()].filter(({ count }) => count > 0).length}`,
          ...rows.map(([line0, count]) => `DA:${line0 + 1},${count}`),
          `LF:${rows.length}`,
          `LH:${rows.filter(([, count]) => count > 0).length}`,
          'end_of_record',
        ].join('\n'),
      );
    }
    return `${blocks.join('\n')}\n`;
  }
}
