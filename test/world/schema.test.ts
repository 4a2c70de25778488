// The committed JSON Schema is the one that the code generates. `UPDATE=1` rewrites it.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { scenarioJsonSchema } from '../../src/world/scenario-schema.ts';

const file = path.resolve(import.meta.dirname, '../../schemas/handshake.schema.json');

test('schemas/handshake.schema.json is up to date', () => {
  const wanted = `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
  if (process.env['UPDATE'] === '1') writeFileSync(file, wanted);
  assert.equal(readFileSync(file, 'utf8'), wanted, 'run the test with UPDATE=1 to rewrite the file');
});

test('every member of the schema has a description, so that completion can show one', () => {
  const bare: string[] = [];
  const visit = (node: unknown, where: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const properties = 'properties' in node ? node.properties : undefined;
    if (typeof properties === 'object' && properties !== null) {
      for (const [name, value] of Object.entries(properties)) {
        if (!hasDescription(value)) bare.push(`${where}.${name}`);
      }
    }
    for (const [key, value] of Object.entries(node)) visit(value, key === 'properties' ? where : `${where}.${key}`);
  };
  visit(scenarioJsonSchema(), '');
  assert.deepEqual(bare, []);
});

function hasDescription(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if ('description' in value || '$ref' in value || 'const' in value) return true;
  return 'allOf' in value && Array.isArray(value.allOf) && value.allOf.some(hasDescription);
}
