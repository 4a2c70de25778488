// What a session remembers between requests: the debugger, the numbers handed out at this stop, and how the client counts lines.

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Debugger, ScopeNode, StackFrame, StopReason, VariableNode, WatchTarget } from '../debugger/index.ts';
import { stopText } from '../debugger/index.ts';
import { notLaunched, notStopped, staleFrame, staleReference } from './errors.ts';
import { Handles } from './handles.ts';
import type { LaunchedRun } from './launch.ts';

/** What the session can do to its client. */
export interface ClientPort {
  send(event: string, body?: unknown): void;
  readonly runInTerminal: undefined;
  ended(): void;
}

/** Something with children: a scope or a structured value. */
export type Container =
  | { readonly kind: 'scope'; readonly scope: ScopeNode; readonly frame: StackFrame }
  | { readonly kind: 'node'; readonly node: VariableNode; readonly frame: StackFrame | undefined };

export interface Target {
  readonly run: () => StopReason | 'slice-over';
}

export class SessionState {
  readonly client: ClientPort;
  /** 1 when the client counts from 1 (the default), else 0. */
  lineBase: 0 | 1 = 1;
  columnBase: 0 | 1 = 1;
  supportsMemoryEvent = false;
  supportsInvalidatedEvent = false;
  supportsProgress = false;
  run: LaunchedRun | undefined;
  /** Breakpoints are taken, and kept, before there is a program to put them in. */
  readonly beforeLaunch: (() => void)[] = [];
  configured = false;
  readonly frames = new Handles<StackFrame>(1000);
  readonly containers = new Handles<Container>(1);
  readonly targets = new Handles<Target>(1);
  #pause = false;
  #moving = false;
  readonly #cancellable = new Map<number | string, AbortController>();

  constructor(client: ClientPort) {
    this.client = client;
  }

  get debugger(): Debugger {
    if (this.run === undefined) throw notLaunched();
    return this.run.debugger;
  }

  frame(id: number): StackFrame {
    const frame = this.frames.get(id);
    if (frame === undefined) throw staleFrame(id);
    return frame;
  }

  container(reference: number): Container {
    const container = this.containers.get(reference);
    if (container === undefined) throw staleReference(reference);
    return container;
  }

  /** Children of a scope or value. */
  children(reference: number): readonly VariableNode[] {
    const container = this.container(reference);
    return container.kind === 'scope' ? container.scope.children() : (container.node.children?.() ?? []);
  }

  /** A child by the name that the client was shown. */
  childNamed(reference: number, name: string): VariableNode | undefined {
    const plain = name.replace(/ \*$/, '');
    return this.children(reference).find((node) => node.name === plain);
  }

  /** What watching an expression would watch. */
  watchOf(expression: string, frameId: number | undefined): WatchTarget | undefined {
    const outcome = this.debugger.evaluate(
      expression,
      frameId === undefined ? undefined : this.frame(frameId),
      'read-only',
    );
    return outcome.kind === 'value' ? outcome.node.watch : undefined;
  }

  requireStopped(): void {
    if (this.#moving || this.debugger.moment === undefined) throw notStopped();
  }

  /** Makes everything of the last stop stale. */
  forget(): void {
    this.frames.reset();
    this.containers.reset();
    this.targets.reset();
  }

  // ---- moving ----------------------------------------------------------------------------------------------------

  /** Moves in slices, looking at messages in between, and reports where it ended. */
  async move(slice: () => StopReason | 'slice-over'): Promise<void> {
    this.forget();
    this.#pause = false;
    this.#moving = true;
    try {
      let reason = slice();
      while (reason === 'slice-over') {
        await new Promise((resolve) => setImmediate(resolve));
        reason = this.#pause ? this.debugger.pause() : this.debugger.proceed();
      }
      this.reportStop(reason);
    } finally {
      this.#moving = false;
    }
  }

  pause(): void {
    this.#pause = true;
  }

  get moving(): boolean {
    return this.#moving;
  }

  reportStop(reason: StopReason): void {
    this.forget();
    if (reason.kind === 'end') {
      // The end of the scenario is a place to look around and to go back from, so the session stays.
      this.client.send('stopped', {
        reason: 'pause',
        description: 'The scenario is over',
        text: 'The scenario is over; step back or restart',
        threadId: this.debugger.currentThread,
        allThreadsStopped: true,
      } satisfies DebugProtocol.StoppedEvent['body']);
      return;
    }
    this.client.send('stopped', {
      reason: stopName(reason),
      description: stopText(reason, this.debugger.moment?.callback.opName),
      text: stopText(reason, this.debugger.moment?.callback.opName),
      threadId: this.debugger.currentThread,
      allThreadsStopped: true,
      ...(reason.kind === 'breakpoint' ? { hitBreakpointIds: [...reason.ids] } : {}),
    } satisfies DebugProtocol.StoppedEvent['body']);
  }

  /** Tells the client that values changed although the program did not move. */
  valuesChanged(): void {
    if (this.supportsInvalidatedEvent) this.client.send('invalidated', { areas: ['variables', 'stacks'] });
  }

  output(
    text: string,
    category: 'console' | 'stdout' | 'stderr' | 'important',
    place?: { readonly file: string; readonly line0: number },
  ): void {
    this.client.send('output', {
      category,
      output: text.endsWith('\n') ? text : `${text}\n`,
      ...(place === undefined || this.run === undefined
        ? {}
        : { source: this.run.paths.source(place.file), line: place.line0 + this.lineBase }),
    });
  }

  // ---- cancelling ------------------------------------------------------------------------------------------------

  /** A signal that `cancel` with this request (or progress) id raises. */
  cancellable(id: number | string): AbortController {
    const controller = new AbortController();
    this.#cancellable.set(id, controller);
    return controller;
  }

  finished(id: number | string): void {
    this.#cancellable.delete(id);
  }

  cancel(id: number | string): void {
    this.#cancellable.get(id)?.abort();
  }

  cancelAll(): void {
    this.#pause = true;
    for (const controller of this.#cancellable.values()) controller.abort();
  }
}

function stopName(reason: StopReason): string {
  switch (reason.kind) {
    case 'entry':
      return 'entry';
    case 'step':
      return 'step';
    case 'breakpoint':
      return {
        source: 'breakpoint',
        function: 'function breakpoint',
        instruction: 'instruction breakpoint',
        data: 'data breakpoint',
      }[reason.breakpoint];
    case 'exception':
      return 'exception';
    case 'callback':
      return 'step';
    case 'goto':
      return 'goto';
    case 'paused':
      return 'pause';
    case 'history-start':
      return 'entry';
    case 'end':
      return 'pause';
  }
}
