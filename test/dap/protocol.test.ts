// The order rules of the protocol and a client that breaks them: every request is answered once, in words, and the session lives on.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { Client, root } from './client.ts';

const RWND = {
  program: path.join(root, 'test/fixtures/samples/initial_rwnd.o'),
  kernel: '6.12',
  scenario: { seed: 1 },
};
const SOURCE = path.join(root, 'samples/initial_rwnd.bpf.c');

/** What the adapter sent since a message, events by name and answers by command. */
const sent = (client: Client, since = 0): string[] =>
  client.messages.slice(since).map((message) => {
    if (message.type === 'event') return `event ${(message as DebugProtocol.Event).event}`;
    const { command, success } = message as DebugProtocol.Response;
    return `${success ? 'answer' : 'refusal'} ${command}`;
  });

const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

const COMMANDS = [
  ...['threads', 'stackTrace', 'scopes', 'variables', 'continue', 'next', 'stepIn', 'stepOut', 'stepBack', 'pause'],
  ...['reverseContinue', 'evaluate', 'setBreakpoints', 'setFunctionBreakpoints', 'setInstructionBreakpoints', 'goto'],
  ...['setDataBreakpoints', 'setExceptionBreakpoints', 'dataBreakpointInfo', 'exceptionInfo', 'breakpointLocations'],
  ...['disassemble', 'readMemory', 'writeMemory', 'restart', 'restartFrame', 'completions', 'source', 'gotoTargets'],
  ...['stepInTargets', 'setVariable', 'setExpression', 'loadedSources', 'configurationDone', 'attach', 'cancel'],
  ...['sockscope/timeline', 'sockscope/maps', 'sockscope/whereFrom', 'sockscope/goToPosition', 'toString', '__proto__'],
];

const ODD_ARGUMENTS: readonly unknown[] = [
  undefined,
  null,
  5,
  'x',
  [],
  {},
  { breakpoints: [{ line: 'x' }], source: {} },
  { breakpoints: 5, filters: [5], source: { path: 7 } },
  { frameId: 1e20, threadId: -1, variablesReference: 0.5, targetId: null, expression: 7, text: '', column: -1 },
  { frameId: 5, threadId: 99, variablesReference: 99, targetId: 99, expression: '', text: 'x', column: 99, line: -3 },
  { memoryReference: '0xzz', count: -1, data: '!', instructionCount: -5, name: '', value: '', event: -1, insn: 1 },
  {
    memoryReference: '-1',
    count: 1e9,
    data: '',
    instructionCount: 1e9,
    instructionOffset: -1e9,
    event: 1e9,
    insn: 1e9,
  },
];

for (const when of ['before launch', 'while stopped'] as const) {
  test(`odd arguments ${when} are refused in words`, async () => {
    const client = new Client();
    if (when === 'while stopped') await client.launch({ ...RWND, stopOnEntry: true });
    for (const command of COMMANDS) {
      for (const args of ODD_ARGUMENTS) {
        const { success, message = '' } = await client.ask(command, args);
        assert.ok(success || message !== '', command);
        assert.doesNotMatch(message, /Internal error|undefined|\[object/, `${command} ${JSON.stringify(args)}`);
      }
    }
    assert.equal((await client.ask('threads')).success, true);
  });
}

test('a launch that cannot work is refused with one message', async () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /name a "program"/],
    ['x', /must be an object, not "x"/],
    [{ program: 5 }, /"program" must be text, not 5/],
    [{ program: '' }, /"program" is empty/],
    [{ ...RWND, scenario: 5 }, /"scenario" cannot be 5/],
    [{ ...RWND, stopOnEntry: 'yes' }, /"stopOnEntry" must be true or false, not "yes"/],
    [{ ...RWND, args: ['a', 7] }, /"args\[1\]" must be text, not 7/],
    [{ scenario: {} }, /name a "program"/],
    [{ scenario: { programs: 5 } }, /^the launch configuration: "programs" must be a list/],
    [{ program: '/no/such.c' }, /^\/no\/such\.c: there is no such file\. Check the path$/],
    [{ ...RWND, scenario: 'syn-los' }, /^There is no preset "syn-los"\. Did you mean "syn-loss"\?$/],
  ];
  for (const [args, message] of wrong) {
    const client = new Client();
    await client.ask('initialize', { adapterID: 'sockscope' });
    const answer = await client.ask<{ error?: DebugProtocol.Message }>('launch', args);
    assert.match(answer.message ?? '', message);
    assert.equal(answer.body.error?.id, 1004);
    assert.equal(sent(client).includes('event initialized'), false);
  }
});

test('a member of the launch configuration with a slip in its name is pointed out', async () => {
  const client = new Client();
  await client.launch({
    ...RWND,
    stoponentry: true,
    stopOnEntry: true,
    name: 'x',
    type: 'sockscope',
    __sessionId: '1',
  });
  assert.deepEqual(client.console, [
    'launch configuration: "stoponentry" is not known and has no effect; did you mean "stopOnEntry"?',
  ]);
});

test('attach says why there is nothing to attach to', async () => {
  const { success, message } = await new Client().ask('attach', {});
  assert.equal(success, false);
  assert.match(message ?? '', /simulated.*launch/s);
});

test('events come after the answers that cause them, the run begins once and ends once', async () => {
  const client = new Client();
  await client.launch({ ...RWND, stopOnEntry: true });
  assert.deepEqual(sent(client).slice(0, 5), [
    'answer initialize',
    'answer launch',
    'event initialized',
    'answer configurationDone',
    'event stopped',
  ]);
  let since = client.messages.length;
  await client.ask('configurationDone');
  await client.ask('launch', RWND);
  await settled();
  assert.deepEqual(sent(client, since), ['refusal configurationDone', 'refusal launch']);
  since = client.messages.length;
  void client.ask('next', { threadId: 1 });
  void client.ask('stepBack', { threadId: 1 });
  await client.ask('threads');
  assert.deepEqual(sent(client, since), [
    'answer next',
    'event stopped',
    'answer stepBack',
    'event stopped',
    'answer threads',
  ]);
  since = client.messages.length;
  void client.ask('terminate');
  void client.ask('terminate');
  await client.ask('disconnect');
  assert.deepEqual(sent(client, since), [
    'answer terminate',
    'event terminated',
    'answer terminate',
    'answer disconnect',
  ]);
});

test('breakpoints are answered in the order in which they were asked for', async () => {
  const client = new Client();
  await client.launch({ ...RWND, stopOnEntry: true });
  const [frame] = await client.frames();
  const instruction = await client.get<DebugProtocol.SetInstructionBreakpointsResponse['body']>(
    'setInstructionBreakpoints',
    {
      breakpoints: [
        { instructionReference: 'nowhere' },
        { instructionReference: frame?.instructionPointerReference },
        { instructionReference: '0x10' },
      ],
    },
  );
  assert.deepEqual(
    instruction.breakpoints.map((row) => row.verified),
    [false, true, false],
  );
  const data = await client.get<DebugProtocol.SetDataBreakpointsResponse['body']>('setDataBreakpoints', {
    breakpoints: [
      { dataId: 'zz' },
      { dataId: 'context:op:0:4' },
      { dataId: 'map:none:00' },
      { dataId: 'context:x:9999:4' },
    ],
  });
  assert.deepEqual(
    data.breakpoints.map((row) => row.message ?? row.verified),
    [
      "'zz' names nothing that can be watched",
      true,
      "the program has no map 'none'",
      "Linux 6.12 has no context field 'x'",
    ],
  );
  const functions = await client.get<DebugProtocol.SetFunctionBreakpointsResponse['body']>('setFunctionBreakpoints', {
    breakpoints: [{ name: 'TCP_CONECT_CB' }],
  });
  assert.match(functions.breakpoints[0]?.message ?? '', /did you mean TCP_CONNECT_CB\?$/);
});

test('a value that was set is shown at once, under the old numbers too', async () => {
  const client = new Client();
  await client.launch(RWND, async () => {
    await client.get('setBreakpoints', { source: { path: SOURCE }, breakpoints: [{ line: 23 }] });
  });
  const frameId = await client.frameId();
  const registers = await client.scope('Registers');
  const set = (name: string, value: string) =>
    client.get<DebugProtocol.SetVariableResponse['body']>('setVariable', {
      variablesReference: registers,
      name,
      value,
    });
  assert.equal((await set('r0', '0')).value, '0');
  const { variables } = await client.get<DebugProtocol.VariablesResponse['body']>('variables', {
    variablesReference: registers,
  });
  assert.match(variables.find((row) => row.name.startsWith('r0'))?.value ?? '', /^0$/);
  await client.get('setExpression', { expression: 'r0', value: '7', frameId });
  const { result } = await client.get<DebugProtocol.EvaluateResponse['body']>('evaluate', {
    expression: 'r0',
    frameId,
  });
  assert.equal(result, '7');
});

test('what a program cannot write is marked as read-only', async () => {
  const client = new Client();
  await client.launch({ ...RWND, stopOnEntry: true });
  const { variables } = await client.get<DebugProtocol.VariablesResponse['body']>('variables', {
    variablesReference: await client.scope('Context'),
  });
  const group = variables.find((row) => row.name === 'event');
  const members = await client.get<DebugProtocol.VariablesResponse['body']>('variables', {
    variablesReference: group?.variablesReference,
  });
  const isReadOnly = (name: string) =>
    members.variables.find((row) => row.name === name)?.presentationHint?.attributes?.includes('readOnly') === true;
  assert.deepEqual([isReadOnly('op'), isReadOnly('args[0]')], [true, false]);
});

const ASSEMBLY = (reply: number) => `.section sockops
.globl answer
answer:
*(u32 *)(r1 + 4) = ${reply}
r0 = 1
exit
.license "GPL"
`;

test('a program that was edited is debugged as it was until the session is restarted', async (context) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sockscope-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const program = path.join(folder, 'answer.bpfasm');
  writeFileSync(program, ASSEMBLY(7));
  const client = new Client();
  await client.launch({ program, kernel: '6.18', stopOnEntry: true }, async () => {
    await client.get('setBreakpoints', { source: { path: program }, breakpoints: [{ line: 6 }] });
    await client.get('setFunctionBreakpoints', { breakpoints: [{ name: 'RWND_INIT' }] });
  });
  await client.move('continue');
  await client.evaluate('ctx->reply');
  assert.equal(client.log.at(-1), 'ctx->reply => 7');
  assert.deepEqual(client.console, []);
  writeFileSync(program, `\n${ASSEMBLY(9)}`);
  await client.move('next');
  await client.move('next');
  assert.equal(client.console.filter((line) => /answer\.bpfasm has changed\. .*restart/.test(line)).length, 1);
  const since = client.messages.length;
  await client.move('restart');
  await client.move('continue');
  assert.equal(sent(client, since).filter((name) => name === 'event breakpoint').length, 2);
  await client.evaluate('ctx->reply');
  assert.equal(client.log.at(-1), 'ctx->reply => 9');
  writeFileSync(program, 'no assembly at all\n');
  await client.move('restart');
  assert.match(client.console.at(-1) ?? '', /^Not restarted\. .*answer\.bpfasm:1:1/);
  await client.evaluate('ctx->reply');
  assert.equal(client.log.at(-1), 'ctx->reply => 9', 'the session stands where it stood');
});

test('without debugging the handshake is printed and the session ends', async () => {
  const client = new Client();
  await client.get('initialize', { adapterID: 'sockscope' });
  const initialized = client.once('initialized');
  await client.get('launch', { ...RWND, noDebug: true });
  await initialized;
  const ended = client.once('terminated');
  await client.get('setFunctionBreakpoints', { breakpoints: [{ name: 'RWND_INIT' }] });
  await client.get('configurationDone');
  await ended;
  assert.equal(sent(client).includes('event stopped'), false);
  assert.match(client.console.join('\n'), /RWND_INIT/);
});

test('the protocol is written to the console of who asks for it', async () => {
  const client = new Client();
  await client.launch({ ...RWND, trace: true, stopOnEntry: true });
  assert.ok(client.console.some((line) => line.startsWith('<-- {') && line.includes('"threads"')));
  assert.ok(client.console.some((line) => line.startsWith('--> {') && line.includes('"stopped"')));
});
