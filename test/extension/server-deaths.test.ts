// When the language client starts its dead server again, and when it leaves it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerDeaths } from '../../src/extension/server-deaths.ts';

test('a server that dies now and then is started again, one that dies again and again is not', () => {
  let now = 0;
  const deaths = new ServerDeaths(() => now);
  for (let hour = 0; hour < 10; hour++, now += 3_600_000) assert.equal(deaths.died(), 'restart');
  const answers = Array.from({ length: 4 }, () => {
    now += 1000;
    return deaths.died();
  });
  assert.deepEqual(answers, ['restart', 'restart', 'restart', 'give-up']);
  deaths.forget();
  assert.equal(deaths.died(), 'restart');
});
