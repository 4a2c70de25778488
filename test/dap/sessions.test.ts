// Scripted debug sessions over the protocol: each uses a few capabilities and is compared, as a person sees it, with its golden
// text. The last test checks that no capability is reported that no script uses.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { capabilities } from '../../src/dap/requests/capabilities.ts';
import { assertGolden } from '../support/golden.ts';
import { Client, root, usedCommands } from './client.ts';

const object = (name: string): string => path.join(root, 'test/fixtures/samples', `${name}.o`);
const source = (name: string): string => path.join(root, 'samples', `${name}.bpf.c`);

/** A session on a committed object, so that no compiler is needed. */
const launchArguments = (name: string, further: Record<string, unknown> = {}): Record<string, unknown> => ({
  program: object(name),
  scenario: { seed: 1, ...(further['inline'] as Record<string, unknown> | undefined) },
  kernel: '6.12',
  ...Object.fromEntries(Object.entries(further).filter(([key]) => key !== 'inline')),
});

const lineOf = async (client: Client, name: string, line: number): Promise<void> => {
  const { breakpoints } = await client.get<DebugProtocol.SetBreakpointsResponse['body']>('setBreakpoints', {
    source: { path: source(name) },
    breakpoints: [{ line }],
  });
  client.note(
    `breakpoint: ${breakpoints.map((row) => `line ${row.line} ${row.verified ? 'verified' : row.message}`).join(', ')}`,
  );
};

function session(name: string, body: (client: Client) => Promise<void>): void {
  test(name, async () => {
    const client = new Client();
    await body(client);
    await client.ask('disconnect');
    const text = `${client.log
      .join('\n')
      .replaceAll(root, '<root>')
      .replaceAll(/0xffff[89c][0-9a-f]{11}/g, '<address>')}\n`;
    assertGolden(path.join(import.meta.dirname, 'golden', `${name.replaceAll(' ', '-')}.txt`), text);
  });
}

session('breakpoints by line function op and condition', async (client) => {
  await client.launch(
    launchArguments('subprograms', {
      inline: {
        maps: {
          policies: [
            {
              key: { length: 8, address: 10 },
              value: { receive_segments: 40, timeout_jiffies: 25, bytes_per_second: 1000 },
            },
          ],
        },
      },
    }),
    async () => {
      await lineOf(client, 'subprograms', 65);
      const { breakpoints } = await client.get<DebugProtocol.SetFunctionBreakpointsResponse['body']>(
        'setFunctionBreakpoints',
        {
          breakpoints: [
            { name: 'policy_of', condition: 'family == 2', hitCondition: '2' },
            { name: 'BPF_SOCK_OPS_NEEDS_ECN' },
            { name: 'nothing_here' },
            { name: 'pace', condition: '1 +' },
          ],
        },
      );
      for (const row of breakpoints) client.note(`function breakpoint: ${row.verified ? 'verified' : row.message}`);
    },
  );
  await client.move('continue');
  await client.move('continue');
  await client.move('reverseContinue');
  const { breakpoints } = await client.get<DebugProtocol.BreakpointLocationsResponse['body']>('breakpointLocations', {
    source: { path: source('subprograms') },
    line: 58,
    endLine: 70,
  });
  client.note(`lines with code: ${breakpoints.map((row) => row.line).join(' ')}`);
});

session('variables scopes and formats', async (client) => {
  await client.launch(launchArguments('initial_rwnd'), async () => lineOf(client, 'initial_rwnd', 22));
  await client.seeScope('Locals');
  await client.seeScope('Registers');
  await client.seeScope('Context', 2);
  await client.seeScope('Maps', 2);
  await client.seeScope('Stack');
  await client.evaluate('skops->op, op', 'watch');
  await client.evaluate('skops->local_port', 'hover');
  await client.evaluate('skops->local_port', 'watch', { format: { hex: true } });
  await client.evaluate('bpf_ntohl(skops->remote_port)');
  await client.evaluate('skops->remote_ip4, ip');
  await client.evaluate('segments[0]');
  await client.evaluate('sock.snd_cwnd + 1');
  await client.evaluate('*(__u32 *)(r10 - 4)');
  await client.evaluate('nothing');
  await client.evaluate('skops->');
  const { targets } = await client.get<DebugProtocol.CompletionsResponse['body']>('completions', {
    text: 'skops->snd_',
    column: 12,
    frameId: await client.frameId(),
  });
  client.note(`completions: ${targets.map((target) => target.label).join(' ')}`);
});

session('steps by line and instruction both ways', async (client) => {
  await client.launch(launchArguments('subprograms', { stopOnEntry: true }));
  await client.move('stepIn');
  await client.move('stepIn');
  await client.move('stepOut');
  await client.move('stepBack');
  await client.move('next', { granularity: 'instruction' });
  await client.move('stepBack', { granularity: 'instruction' });
  await client.move('restartFrame', { frameId: await client.frameId() });
  const { targets } = await client.get<DebugProtocol.StepInTargetsResponse['body']>('stepInTargets', {
    frameId: await client.frameId(),
  });
  client.note(`step-in targets: ${targets.map((target) => target.label).join(', ')}`);
  await client.move('sockscope/nextCallback');
  await client.move('sockscope/nextCallback');
  await client.move('sockscope/previousCallback');
  await client.move('sockscope/goToPosition', { event: 0, insn: 0 });
});

session('step into a chosen target and jump', async (client) => {
  await client.launch(launchArguments('subprograms'), async () => lineOf(client, 'subprograms', 63));
  const { targets } = await client.get<DebugProtocol.StepInTargetsResponse['body']>('stepInTargets', {
    frameId: await client.frameId(),
  });
  client.note(`step-in targets: ${targets.map((target) => target.label).join(', ')}`);
  await client.move('stepIn', { targetId: targets[0]?.id });
  await client.move('stepOut');
  const places = await client.get<DebugProtocol.GotoTargetsResponse['body']>('gotoTargets', {
    source: { path: source('subprograms') },
    line: 67,
  });
  client.note(`goto targets: ${places.targets.map((target) => target.label).join(', ')}`);
  await client.move('goto', { targetId: places.targets[0]?.id });
  await client.move('restart');
});

session('change values and see the handshake change', async (client) => {
  await client.launch(launchArguments('global_data'), async () => {
    await client.get('setFunctionBreakpoints', { breakpoints: [{ name: 'TIMEOUT_INIT' }] });
  });
  const windows = async (): Promise<string> => {
    const body = await client.get<{
      readonly run: { readonly segments: readonly { readonly time_ns: number }[] };
      readonly callbacks: readonly unknown[];
    }>('sockscope/timeline', { axis: 'compact' });
    return `${body.callbacks.length} callbacks, ${body.run.segments.length} segments`;
  };
  client.note(await windows());
  const context = await client.scope('Context');
  const { variables } = await client.get<DebugProtocol.VariablesResponse['body']>('variables', {
    variablesReference: context,
  });
  const event = variables.find((row) => row.name === 'event')!.variablesReference;
  const set = await client.ask<DebugProtocol.SetVariableResponse['body']>('setVariable', {
    variablesReference: event,
    name: 'args[0]',
    value: '50',
  });
  client.note(`setVariable: ${set.success ? set.body.value : set.message}`);
  const refused = await client.ask('setVariable', { variablesReference: event, name: 'op', value: '3' });
  client.note(`setVariable op: ${refused.message}`);
  const expression = await client.get<DebugProtocol.SetExpressionResponse['body']>('setExpression', {
    expression: 'ctx->reply',
    value: '25 * 2',
    frameId: await client.frameId(),
  });
  client.note(`setExpression: ${expression.value}`);
  await client.evaluate('r0 = 1', 'repl');
  await client.evaluate('r0 = 1', 'hover');
  await client.seeScope('Globals', 2);
});

session('data breakpoints on the context and on a map', async (client) => {
  await client.launch(launchArguments('conn_stats', { stopOnEntry: true }));
  const context = await client.scope('Context');
  const { variables } = await client.get<DebugProtocol.VariablesResponse['body']>('variables', {
    variablesReference: context,
  });
  const event = variables.find((row) => row.name === 'event')!.variablesReference;
  const info = await client.get<DebugProtocol.DataBreakpointInfoResponse['body']>('dataBreakpointInfo', {
    variablesReference: event,
    name: 'bpf_sock_ops_cb_flags',
  });
  client.note(`watch ${info.dataId}: ${info.description}; ${info.accessTypes?.join(', ')}`);
  const nothing = await client.get<DebugProtocol.DataBreakpointInfoResponse['body']>('dataBreakpointInfo', {
    name: '1 + 1',
    frameId: await client.frameId(),
  });
  client.note(`watch 1 + 1: ${nothing.description}`);
  await client.get('setDataBreakpoints', { breakpoints: [{ dataId: info.dataId, accessType: 'write' }] });
  await client.move('continue');
  await client.move('reverseContinue');
});

session('stops at faults and thrown away replies', async (client) => {
  await client.launch(launchArguments('return_zero'), async () => {
    await client.get('setExceptionBreakpoints', { filters: ['fault', 'reply-ignored'] });
  });
  const info = await client.get<DebugProtocol.ExceptionInfoResponse['body']>('exceptionInfo', { threadId: 1 });
  client.note(`${info.exceptionId}: ${info.description}`);
  await client.get('setExceptionBreakpoints', { filters: ['op:BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB'] });
  await client.move('continue');
  await client.move('continue');
  await client.move('reverseContinue');
});

session('log points print once', async (client) => {
  await client.launch(launchArguments('initial_rwnd'), async () => {
    await client.get('setBreakpoints', {
      source: { path: source('initial_rwnd') },
      breakpoints: [{ line: 22, logMessage: 'window asked for {skops->local_ip4, ip}' }],
    });
  });
  client.note(client.console.filter((line) => line.includes('window')).join('\n'));
});

session('disassembly memory and instruction breakpoints', async (client) => {
  await client.launch(launchArguments('initial_rwnd'), async () => lineOf(client, 'initial_rwnd', 22));
  const [frame] = await client.frames();
  const rows = await client.get<DebugProtocol.DisassembleResponse['body']>('disassemble', {
    memoryReference: frame?.instructionPointerReference,
    instructionOffset: -8,
    instructionCount: 24,
    resolveSymbols: true,
  });
  for (const row of rows!.instructions)
    client.note(
      `${row.address.slice(-4)} ${row.line === undefined ? '' : `[${row.line}] `}${row.symbol === undefined ? '' : `<${row.symbol}> `}${row.instruction}`,
    );
  const call = rows!.instructions.find((row) => row.instruction.includes('bpf_map_lookup_elem'));
  const set = await client.get<DebugProtocol.SetInstructionBreakpointsResponse['body']>('setInstructionBreakpoints', {
    breakpoints: [{ instructionReference: call?.address }, { instructionReference: '0x10' }],
  });
  client.note(set.breakpoints.map((row) => (row.verified ? 'verified' : row.message)).join(', '));
  await client.move('continue');
  const locals = await client.get<DebugProtocol.VariablesResponse['body']>('variables', {
    variablesReference: await client.scope('Locals'),
  });
  const memoryReference = locals.variables.find((row) => row.name === 'zero')?.memoryReference;
  const read = await client.get<DebugProtocol.ReadMemoryResponse['body']>('readMemory', { memoryReference, count: 4 });
  client.note(`zero is ${read?.data}`);
  const written = await client.get<DebugProtocol.WriteMemoryResponse['body']>('writeMemory', {
    memoryReference,
    data: Buffer.from([5, 0, 0, 0]).toString('base64'),
  });
  client.note(`wrote ${written?.bytesWritten}`);
  await client.evaluate('zero');
  const nothing = await client.get<DebugProtocol.ReadMemoryResponse['body']>('readMemory', {
    memoryReference: '0x10',
    count: 8,
  });
  client.note(`unreadable at 0x10: ${nothing?.unreadableBytes}`);
});

session('custom requests and sources', async (client) => {
  await client.launch(
    launchArguments('subprograms', {
      stopOnCallbacks: ['RWND_INIT'],
      inline: {
        maps: {
          policies: [
            {
              key: { length: 8, address: 10 },
              value: { receive_segments: 40, timeout_jiffies: 25, bytes_per_second: 1000 },
            },
          ],
        },
      },
    }),
    async () => {
      await client.get('setExceptionBreakpoints', { filters: [] });
    },
  );
  const { sources } = await client.get<DebugProtocol.LoadedSourcesResponse['body']>('loadedSources');
  client.note(`sources: ${sources.map((row) => row.name).join(', ')}`);
  await client.move('stepIn');
  await client.move('stepIn');
  const steps = await client.ask<{ readonly steps: readonly { readonly text: string; readonly line?: number }[] }>(
    'sockscope/whereFrom',
    { expression: 'r2', frameId: await client.frameId() },
  );
  client.note(
    steps.success
      ? steps.body.steps.map((step) => `r2 from ${step.text} (line ${step.line})`).join('\n')
      : `where-from: ${steps.message}`,
  );
  const { maps } = await client.get<{
    readonly maps: readonly {
      readonly name: string;
      readonly entries: readonly { readonly key: string; readonly value: string }[];
    }[];
  }>('sockscope/maps');
  for (const map of maps)
    client.note(`${map.name}: ${map.entries.map((entry) => `${entry.key} = ${entry.value}`).join('; ')}`);
  const [frame] = await client.frames();
  const { text } = await client.get<{ readonly text: string }>('sockscope/verifierState', {
    memoryReference: frame?.instructionPointerReference,
  });
  client.note(`verifier: ${text.split('\n').slice(0, 4).join(' ')}`);
});

session('errors have numbers and the session lives', async (client) => {
  const refusals: string[] = [];
  const ask = async (command: string, args: unknown = {}): Promise<void> => {
    const answer = await client.ask<{ readonly error?: { readonly id: number } }>(command, args);
    refusals.push(`${command}: ${answer.success ? 'accepted' : `${answer.body.error?.id} ${answer.message}`}`);
  };
  await ask('threads');
  await ask('continue', { threadId: 1 });
  await ask('toString');
  await ask('launch', { program: 7 });
  await ask('launch', {});
  await ask('launch', { program: path.join(root, 'no-such-file.o') });
  await ask('launch', { program: object('initial_rwnd'), kernel: 'banana' });
  await ask('launch', { program: object('initial_rwnd'), scenario: 'nonsense' });
  await ask('launch', { program: object('initial_rwnd'), stopOnCallbacks: ['NO_SUCH_OP'] });
  await ask('launch', { program: object('null_check') });
  await client.launch(launchArguments('initial_rwnd', { stopOnEntry: true }));
  await ask('launch', launchArguments('initial_rwnd'));
  await ask('scopes', { frameId: 1 });
  await ask('variables', { variablesReference: 9999 });
  await ask('evaluate', { expression: '1 +', context: 'watch' });
  await ask('setVariable', { variablesReference: await client.scope('Registers'), name: 'r99', value: '1' });
  await ask('gotoTargets', { source: {}, line: 1 });
  await ask('goto', { targetId: 77, threadId: 1 });
  await ask('disassemble', { memoryReference: 'x', instructionCount: 1 });
  await ask('source', { sourceReference: 5 });
  await ask('exceptionInfo', { threadId: 1 });
  await ask('setBreakpoints', { source: { path: path.join(root, 'elsewhere.c') }, breakpoints: [{ line: 3 }] });
  await ask('sockscope/goToPosition', { event: 'x' });
  await ask('cancel', { requestId: 12345 });
  await ask('pause', { threadId: 1 });
  await client.stop();
  for (const line of refusals) client.note(line);
  await client.move('next');
  await client.get('terminate');
});

session('a refused program runs when told so and meets its fault', async (client) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sockscope-'));
  const program = path.join(folder, 'past_the_stack.bpfasm');
  writeFileSync(
    program,
    '.section sockops\n.globl past_the_stack\npast_the_stack:\nr1 = *(u64 *)(r10 + 8)\nr0 = 1\nexit\n.license "GPL"\n',
  );
  const refused = await client.ask('launch', { program });
  client.note(`launch: ${refused.message?.replaceAll(`${folder}/`, '')}`);
  await client.launch({ program, skipVerifier: true }, async () => {
    await client.get('setExceptionBreakpoints', { filters: ['fault'] });
  });
  rmSync(folder, { recursive: true });
});

session('a map entry is watched', async (client) => {
  const scenario = path.join(root, 'samples/header_option.handshake.json');
  await client.launch({ ...launchArguments('header_option', { stopOnEntry: true }), scenario });
  await client.get('setDataBreakpoints', { breakpoints: [{ dataId: 'map:zones:09000000', accessType: 'write' }] });
  await client.move('continue');
  await client.seeScope('Maps', 2);
  await client.evaluate('zones[9]');
  await client.move('reverseContinue');
  await client.evaluate('zones[9]');
});

session('a tail call is stepped into', async (client) => {
  await client.launch(launchArguments('tail_call'), async () => {
    await client.get('setFunctionBreakpoints', { breakpoints: [{ name: 'BPF_SOCK_OPS_RWND_INIT' }] });
  });
  for (let step = 0; step < 6; step++) await client.move('stepIn');
  await client.move('stepBack');
});

session('a global is watched', async (client) => {
  await client.launch(launchArguments('global_data', { stopOnEntry: true }));
  const globals = await client.scope('Globals');
  const { variables } = await client.get<DebugProtocol.VariablesResponse['body']>('variables', {
    variablesReference: globals,
  });
  client.note(variables.map((row) => row.name).join(' '));
  const info = await client.get<DebugProtocol.DataBreakpointInfoResponse['body']>('dataBreakpointInfo', {
    variablesReference: globals,
    name: 'next_id',
  });
  await client.get('setDataBreakpoints', {
    breakpoints: [
      { dataId: info.dataId, accessType: 'write' },
      { dataId: 'map:no_such_map:00000000', accessType: 'write' },
      { dataId: 'nonsense' },
    ],
  });
  await client.move('continue');
  await client.evaluate('next_id');
  await client.move('reverseContinue');
  await client.evaluate('next_id');
});

/** The request that proves a capability; undefined where a property of other requests proves it. */
const PROOF: Readonly<Record<string, string | undefined>> = {
  supportsConfigurationDoneRequest: 'configurationDone',
  supportsFunctionBreakpoints: 'setFunctionBreakpoints',
  supportsConditionalBreakpoints: 'setFunctionBreakpoints',
  supportsHitConditionalBreakpoints: 'setFunctionBreakpoints',
  supportsLogPoints: 'setBreakpoints',
  supportsInstructionBreakpoints: 'setInstructionBreakpoints',
  supportsDataBreakpoints: 'setDataBreakpoints',
  supportsBreakpointLocationsRequest: 'breakpointLocations',
  supportsExceptionInfoRequest: 'exceptionInfo',
  exceptionBreakpointFilters: 'setExceptionBreakpoints',
  supportsStepBack: 'stepBack',
  supportsSteppingGranularity: 'next',
  supportsStepInTargetsRequest: 'stepInTargets',
  supportsGotoTargetsRequest: 'gotoTargets',
  supportsRestartRequest: 'restart',
  supportsRestartFrame: 'restartFrame',
  supportsSetVariable: 'setVariable',
  supportsSetExpression: 'setExpression',
  supportsEvaluateForHovers: 'evaluate',
  supportsCompletionsRequest: 'completions',
  completionTriggerCharacters: 'completions',
  supportsDisassembleRequest: 'disassemble',
  supportsReadMemoryRequest: 'readMemory',
  supportsWriteMemoryRequest: 'writeMemory',
  supportsLoadedSourcesRequest: 'loadedSources',
  supportsValueFormattingOptions: 'evaluate',
  supportsClipboardContext: 'evaluate',
  supportsCancelRequest: 'cancel',
  supportsTerminateRequest: 'terminate',
};

test('no capability is reported that no session uses', () => {
  const unproved = Object.keys(capabilities()).filter((name) => {
    const command = PROOF[name];
    return command === undefined || !usedCommands.has(command);
  });
  assert.deepEqual(unproved, []);
});
