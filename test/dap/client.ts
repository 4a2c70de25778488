// A debug client for scripted sessions: speaks the protocol over an in-memory pipe and writes down what a person would see.

import { EventEmitter } from 'node:events';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { DapSession } from '../../src/dap/index.ts';

export const root = path.resolve(import.meta.dirname, '../..');

/** Commands that some script has sent, for the check that every capability is used. */
export const usedCommands = new Set<string>();

interface Answer<Body> {
  readonly success: boolean;
  readonly message: string | undefined;
  readonly body: Body;
}

export class Client {
  readonly #session = new DapSession();
  readonly #toSession = new PassThrough();
  readonly #fromSession = new PassThrough();
  readonly #events = new EventEmitter();
  readonly #waiting = new Map<number, (response: DebugProtocol.Response) => void>();
  readonly #stops: DebugProtocol.StoppedEvent['body'][] = [];
  #seq = 1;
  #buffer = Buffer.alloc(0);
  /** What a person would see, line by line. */
  readonly log: string[] = [];
  readonly console: string[] = [];
  /** Everything that the adapter sent, in order. */
  readonly messages: DebugProtocol.ProtocolMessage[] = [];

  constructor() {
    this.#events.setMaxListeners(50);
    this.#session.start(this.#toSession, this.#fromSession);
    this.#fromSession.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  #receive(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const end = this.#buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/.exec(this.#buffer.subarray(0, end).toString())?.[1]);
      if (this.#buffer.length < end + 4 + length) return;
      const message = JSON.parse(
        this.#buffer.subarray(end + 4, end + 4 + length).toString(),
      ) as DebugProtocol.ProtocolMessage;
      this.#buffer = this.#buffer.subarray(end + 4 + length);
      this.#take(message);
    }
  }

  #take(message: DebugProtocol.ProtocolMessage): void {
    this.messages.push(message);
    if (message.type === 'response') {
      const response = message as DebugProtocol.Response;
      this.#waiting.get(response.request_seq)?.(response);
      this.#waiting.delete(response.request_seq);
      return;
    }
    const event = message as DebugProtocol.Event;
    if (event.event === 'output') this.console.push(String(event.body.output).trimEnd());
    if (event.event === 'stopped') this.#stops.push(event.body);
    this.#events.emit(event.event, event.body);
  }

  /** Sends a request; a refusal is an answer too. */
  ask<Body = Record<string, never>>(command: string, args: unknown = {}): Promise<Answer<Body>> {
    usedCommands.add(command);
    const seq = this.#seq++;
    const text = JSON.stringify({ seq, type: 'request', command, arguments: args });
    const answered = new Promise<Answer<Body>>((resolve) => {
      this.#waiting.set(seq, (response) =>
        resolve({ success: response.success, message: response.message, body: response.body as Body }),
      );
    });
    this.#toSession.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    return answered;
  }

  /** Sends a request that must succeed. */
  async get<Body = Record<string, never>>(command: string, args: unknown = {}): Promise<Body> {
    const answer = await this.ask<Body>(command, args);
    if (!answer.success) throw new Error(`${command}: ${answer.message}`);
    return answer.body;
  }

  /** The next stop that has not been waited for. */
  async stop(): Promise<DebugProtocol.StoppedEvent['body']> {
    const known = this.#stops.shift();
    if (known !== undefined) return known;
    await new Promise((resolve) => this.#events.once('stopped', resolve));
    return this.#stops.shift()!;
  }

  once(event: string): Promise<unknown> {
    return new Promise((resolve) => this.#events.once(event, resolve));
  }

  /** Initialize and launch; breakpoints are set by `before`, then the run starts. Writes down the first stop. */
  async launch(args: Record<string, unknown>, before: () => Promise<void> = async () => {}): Promise<void> {
    await this.get('initialize', {
      adapterID: 'sockscope',
      linesStartAt1: true,
      columnsStartAt1: true,
      supportsInvalidatedEvent: true,
      supportsMemoryEvent: true,
    });
    const initialized = this.once('initialized');
    await this.get('launch', args);
    await initialized;
    await before();
    await this.get('configurationDone');
    await this.see('launch');
  }

  /** A request that moves the program, and where it stops. */
  async move(command: string, args: Record<string, unknown> = {}): Promise<void> {
    await this.get(command, { threadId: 1, ...args });
    await this.see(command);
  }

  /** Writes down a stop as an editor shows it: reason, thread, stack. */
  async see(what: string): Promise<void> {
    const stop = await this.stop();
    this.log.push(`${what}: ${stop.reason}: ${stop.text ?? ''}`);
    for (const frame of await this.frames()) {
      this.log.push(
        `    ${frame.name}${frame.source === undefined ? '' : frame.line === 0 ? ` ${frame.source.name}` : ` ${frame.source.name}:${frame.line}`}${frame.presentationHint === 'subtle' ? ' (dimmed)' : ''}`,
      );
    }
  }

  async frames(): Promise<DebugProtocol.StackFrame[]> {
    const { threads } = await this.get<DebugProtocol.ThreadsResponse['body']>('threads');
    for (const { id } of threads) {
      const { stackFrames } = await this.get<DebugProtocol.StackTraceResponse['body']>('stackTrace', { threadId: id });
      if (stackFrames.length > 0) return stackFrames;
    }
    return [];
  }

  async frameId(index = 0): Promise<number> {
    return (await this.frames())[index]?.id ?? 0;
  }

  async scope(name: string, frame = 0): Promise<number> {
    const { scopes } = await this.get<DebugProtocol.ScopesResponse['body']>('scopes', {
      frameId: await this.frameId(frame),
    });
    const found = scopes.find((scope) => scope.name === name);
    if (found === undefined) throw new Error(`no scope ${name} among ${scopes.map((scope) => scope.name).join(', ')}`);
    return found.variablesReference;
  }

  /** Writes down a scope as a tree, `depth` levels of it. */
  async seeScope(name: string, depth = 1, frame = 0): Promise<void> {
    this.log.push(`${name}:`);
    await this.#seeVariables(await this.scope(name, frame), depth, '    ');
  }

  async #seeVariables(variablesReference: number, depth: number, indent: string): Promise<void> {
    const { variables } = await this.get<DebugProtocol.VariablesResponse['body']>('variables', { variablesReference });
    for (const row of variables) {
      this.log.push(`${indent}${row.name} = ${row.value}${row.type === undefined ? '' : `  (${row.type})`}`);
      if (row.variablesReference > 0 && depth > 1)
        await this.#seeVariables(row.variablesReference, depth - 1, `${indent}    `);
    }
  }

  /** Evaluates and writes down the result or the refusal. */
  async evaluate(expression: string, context = 'watch', further: Record<string, unknown> = {}): Promise<void> {
    const answer = await this.ask<DebugProtocol.EvaluateResponse['body']>('evaluate', {
      expression,
      context,
      frameId: await this.frameId(),
      ...further,
    });
    this.log.push(`${expression} => ${answer.success ? answer.body.result : `(${answer.message})`}`);
  }

  note(text: string): void {
    this.log.push(text);
  }
}
