// Connections that random scenarios found to be telling: every callback with its context, every segment and every result of a system
// call as a running kernel had them. `sysctls` in the files are what differed from the kernel's defaults.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { bestDifferences } from './support/scenario-compare.ts';
import { loadScenarios } from './support/scenario-file.ts';

const folder = path.resolve(import.meta.dirname, '../facts');

for (const name of readdirSync(folder).filter((file) => /^scenarios-.*\.json$/.test(file))) {
  const { kernel, maxHeader, runs } = loadScenarios(name);
  for (const recorded of runs) {
    test(`${kernel}: ${recorded.scenario.title}`, () => {
      assert.deepEqual(bestDifferences(recorded, { kernel, maxHeader }), []);
    });
  }
}
