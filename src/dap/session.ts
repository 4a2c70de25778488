// One debug session: reads requests, calls the handler of each, answers, and then sends the events that follow from it. Knows the
// order rules of the protocol and nothing about programs.

import { ProtocolServer } from '@vscode/debugadapter/lib/protocol';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { Bug } from '../base/index.ts';
import { checkArguments } from './arguments.ts';
import { DapError, internal, unknownRequest } from './errors.ts';
import { HANDLERS } from './requests/index.ts';
import { SessionState } from './state.ts';

export class DapSession extends ProtocolServer {
  readonly #state: SessionState;
  #queue: Promise<void> = Promise.resolve();
  /** Called once the client asked to end or went away. */
  onEnd: (() => void) | undefined;

  constructor() {
    super();
    this.#state = new SessionState({
      send: (event, body) => this.#event(event, body),
      runInTerminal: undefined,
      ended: () => this.onEnd?.(),
    });
    this.on('close', () => this.#end());
    this.on('error', () => this.#end());
  }

  #end(): void {
    this.#state.cancelAll();
    this.onEnd?.();
  }

  /** Requests run one after the other; only those that interrupt are looked at while another one is running. */
  protected override dispatchRequest(request: DebugProtocol.Request): void {
    this.#trace('<--', request);
    if (request.command === 'cancel' || request.command === 'pause') {
      void this.#handle(request);
      return;
    }
    if (request.command === 'disconnect' || request.command === 'terminate') this.#state.cancelAll();
    this.#queue = this.#queue.then(() => this.#handle(request));
  }

  async #handle(request: DebugProtocol.Request): Promise<void> {
    const response: DebugProtocol.Response = {
      seq: 0,
      type: 'response',
      request_seq: request.seq,
      success: true,
      command: request.command,
    };
    let after: (() => void | Promise<void>) | undefined;
    try {
      const handler = HANDLERS[request.command as keyof typeof HANDLERS] as
        | ((state: SessionState, args: unknown, request: DebugProtocol.Request) => unknown)
        | undefined;
      if (handler === undefined || !Object.hasOwn(HANDLERS, request.command)) throw unknownRequest(request.command);
      const args: unknown = request.arguments ?? {};
      checkArguments(request.command, args);
      const answer = (await handler(this.#state, args, request)) as
        | { readonly body?: unknown; readonly after?: () => void | Promise<void> }
        | undefined;
      if (answer?.body !== undefined) response.body = answer.body;
      after = answer?.after;
    } catch (error) {
      this.#fail(response, error);
    }
    this.#trace('-->', response);
    this.sendResponse(response);
    // The answer goes out before the events that it causes.
    if (after === undefined) return;
    try {
      await after();
    } catch (error) {
      this.#event('output', { category: 'stderr', output: `${describe(error).message}\n` });
    }
  }

  /** Writes a message of the protocol to the console of the client that asked for it with "trace". */
  #trace(arrow: '<--' | '-->', message: object): void {
    if (this.#state.run?.trace === true) this.#state.output(`${arrow} ${JSON.stringify(message)}`, 'console');
  }

  #fail(response: DebugProtocol.Response, error: unknown): void {
    const known = describe(error);
    response.success = false;
    response.message = known.message;
    response.body = {
      error: {
        id: known.id,
        format: known.message.replaceAll('{', '(').replaceAll('}', ')'),
        showUser: known.showUser,
      },
    };
  }

  #event(event: string, body: unknown): void {
    const message: DebugProtocol.Event = { seq: 0, type: 'event', event };
    if (body !== undefined) message.body = body;
    if (event !== 'output') this.#trace('-->', message);
    this.sendEvent(message);
  }
}

function describe(error: unknown): DapError {
  if (error instanceof DapError) return error;
  if (error instanceof Bug || error instanceof Error) return internal(error.message);
  return internal(String(error));
}
