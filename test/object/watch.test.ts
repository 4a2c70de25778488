// Variables against what the program computed. The fixture stores every variable after each change of it (SEE(number, path)); the store
// says the truth. At the store itself the debugger's value has to be that, or unavailable; at every other instruction a
// variable may only show a value that it had at some time.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { sizeOf, type Variable } from '../../src/object/index.ts';
import { type Fields, loadFixture, sourceOf, stepThrough } from './run-fixture.ts';
import { aboutToSee, checkStores, readPath, visible, type Watcher, watcherFor } from './witness.ts';

const objects = readdirSync(path.resolve(import.meta.dirname, '../fixtures/obj')).filter((name) =>
  name.startsWith('watch.'),
);

const CONTEXTS: readonly Fields[] = [
  [3, 443],
  [4, 80],
  [1, 65535],
  [9, 1000],
  [0, 0],
  [5, 12345],
].map(([op, port]) => ({ 0: op!, 24: 0x0a000001, 68: port! }));

function watch(name: string): Watcher {
  const paths = new Map<number, string>();
  for (const line of sourceOf(name)) {
    const found = /^\s+SEE\((\d+), ([\w.[\]]+)\)/.exec(line);
    if (found !== null) paths.set(Number(found[1]), found[2]!);
  }
  assert.ok(paths.size > 60);
  return watcherFor(loadFixture(name), 'watch', paths, 'seen');
}

/** Names one variable of one function, whatever scope it is looked at from. */
function keyOf(watcher: Watcher, slot: number, variable: Variable): string {
  const scope = watcher.debug.scopesAt(slot)[variable.scope]?.name ?? '';
  return `${scope} ${variable.name} ${variable.declared?.line0 ?? ''}`;
}

/** gcc's own descriptions are wrong in places; they are held to what can be mended. */
const KNOWN_SLIPS: Readonly<Record<string, number>> = { 'watch.gcc12.o': 3 };

for (const name of objects) {
  test(`at its store every variable shows the stored value or none: ${name}`, () => {
    const { stores, shown, mistakes } = checkStores(watch(name), CONTEXTS);
    assert.ok(stores > 450, `${stores} stores`);
    assert.ok(shown / stores > 0.6, `${shown} of ${stores} values are shown`);
    assert.equal(mistakes.length, KNOWN_SLIPS[name] ?? 0, mistakes.join('\n'));
  });

  if (name in KNOWN_SLIPS) continue;
  test(`between the stores no variable shows a value that it never had: ${name}`, () => {
    const watcher = watch(name);
    const { vm, debug } = watcher;
    const had = new Map<string, Set<bigint>>();
    for (const fields of CONTEXTS) {
      stepThrough(vm, 'watch', fields, () => {
        const see = aboutToSee(watcher);
        const variable = see === undefined ? undefined : visible(debug.variablesAt(vm.slot), see.path);
        if (see === undefined || variable === undefined) return;
        const key = keyOf(watcher, vm.slot, variable);
        const values = had.get(key) ?? new Set();
        values.add(BigInt.asUintN(8 * sizeOf(variable.type!.table, variable.type!.id)!, see.value));
        had.set(key, values);
      });
    }
    const mistakes = new Set<string>();
    let looked = 0;
    for (const fields of CONTEXTS) {
      stepThrough(vm, 'watch', fields, () => {
        for (const variable of debug.variablesAt(vm.slot)) {
          const values = had.get(keyOf(watcher, vm.slot, variable));
          if (values === undefined || variable.scope < 0) continue;
          const part = readPath(watcher, variable, variable.name);
          if (typeof part === 'string') continue;
          looked++;
          if (!values.has(part.value))
            mistakes.add(
              `${variable.name} at slot ${vm.slot}: 0x${part.value.toString(16)} ${JSON.stringify(variable.location, (_, one) => (typeof one === 'bigint' ? `${one}` : one))}`,
            );
        }
      });
    }
    assert.ok(looked > 2000, `${looked} values`);
    assert.deepEqual([...mistakes], []);
  });
}
