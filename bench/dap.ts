// How long a person waits for the debugger: requests over the wire to the adapter as it ships, from request to stop (or answer).

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';

const root = path.resolve(import.meta.dirname, '..');
const ROUNDS = 200;

const percentile = (times: readonly number[], share: number): string => {
  const sorted = [...times].sort((a, b) => a - b);
  return `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(2)} ms`;
};

spawnSync(process.execPath, [path.join(root, 'scripts/build.mjs'), '--production'], { stdio: 'inherit' });
const client = new DebugClient(process.execPath, path.join(root, 'dist/adapter.cjs'), 'sockscope');
const started = performance.now();
await client.start();
await client.initializeRequest({ adapterID: 'sockscope' });
const initialized = client.waitForEvent('initialized');
await client.launchRequest({
  program: path.join(root, 'test/fixtures/samples/conn_stats.o'),
  scenario: 'retransmit',
  stopOnEntry: true,
} as object);
await initialized;
const entry = client.waitForEvent('stopped');
await client.configurationDoneRequest();
await entry;
console.log(`process start to first stop: ${(performance.now() - started).toFixed(0)} ms`);

async function moves(name: string, request: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now();
    const stop = client.waitForEvent('stopped');
    await request();
    await stop;
    times.push(performance.now() - from);
  }
  console.log(`${name.padEnd(24)} p50 ${percentile(times, 0.5)}  p95 ${percentile(times, 0.95)}`);
}

await moves('next', () => client.nextRequest({ threadId: 1 }));
await moves('stepIn by instruction', () => client.stepInRequest({ threadId: 1, granularity: 'instruction' }));
await moves('stepBack', () => client.stepBackRequest({ threadId: 1 }));
await client.setFunctionBreakpointsRequest({
  breakpoints: [{ name: 'BPF_SOCK_OPS_RTT_CB' }, { name: 'BPF_SOCK_OPS_STATE_CB' }],
});
await moves('continue to a callback', async () => {
  await client.continueRequest({ threadId: 1 });
});
await moves('reverseContinue', () => client.reverseContinueRequest({ threadId: 1 }));

await Promise.all([
  client.waitForEvent('stopped'),
  client.customRequest('sockscope/goToPosition', { event: 1, insn: 0 }),
]);
const times: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const from = performance.now();
  const { threads } = (await client.threadsRequest()).body;
  for (const { id } of threads) {
    const [frame] = (await client.stackTraceRequest({ threadId: id })).body.stackFrames;
    if (frame === undefined) continue;
    for (const scope of (await client.scopesRequest({ frameId: frame.id })).body.scopes) {
      await client.variablesRequest({ variablesReference: scope.variablesReference });
    }
  }
  times.push(performance.now() - from);
}
console.log(`${'stack and all scopes'.padEnd(24)} p50 ${percentile(times, 0.5)}  p95 ${percentile(times, 0.95)}`);
await client.stop();
