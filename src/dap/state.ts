// What a session remembers between requests: the debugger, the numbers handed out at this stop, and how the client counts lines.

import path from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Debugger, ScopeNode, StackFrame, StopReason, VariableNode, WatchTarget } from '../debugger/index.ts';
import { stopText } from '../debugger/index.ts';
import { ladderText } from '../world/index.ts';
import { breakpointForClient } from './breakpoint-text.ts';
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
  /** `parent`: the reference that it is a child of, where it was listed and not evaluated. */
  | {
      readonly kind: 'node';
      readonly node: VariableNode;
      readonly frame: StackFrame | undefined;
      readonly parent?: number;
    };

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
  configured = false;
  readonly frames = new Handles<StackFrame>(1000);
  readonly containers = new Handles<Container>(1);
  readonly targets = new Handles<Target>(1);
  #pause = false;
  #moving = false;
  #terminated = false;
  /** A file that was said to have changed since the program was built. */
  #saidChanged: string | undefined;
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
    this.#sayChanged();
    if (reason.kind === 'end') {
      // The end of the scenario is a place to look around and to go back from, so the session stays.
      this.client.send('stopped', {
        reason: 'pause',
        description: this.#stopLabel(reason),
        text: 'The scenario is over; step back or restart',
        threadId: this.debugger.currentThread,
        allThreadsStopped: true,
      } satisfies DebugProtocol.StoppedEvent['body']);
      return;
    }
    this.client.send('stopped', {
      reason: stopName(reason),
      description: this.#stopLabel(reason),
      text: stopText(reason, this.debugger.moment?.callback.opName),
      threadId: this.debugger.currentThread,
      allThreadsStopped: true,
      ...(reason.kind === 'breakpoint' ? { hitBreakpointIds: [...reason.ids] } : {}),
    } satisfies DebugProtocol.StoppedEvent['body']);
  }

  /** A few words for the narrow place beside the host's name: the callback; what a breakpoint or fault has to say is the text. */
  #stopLabel(reason: StopReason): string {
    const op = this.debugger.moment?.callback.opName.replace(/^BPF_SOCK_OPS_/, '');
    if (reason.kind === 'exception') return reason.exception.title;
    return op ?? (reason.kind === 'end' ? 'End of run' : stopText(reason, undefined));
  }

  /** Runs without stopping anywhere, prints the handshake and ends: "Run Without Debugging". */
  async runThrough(): Promise<void> {
    const { debugger: target } = this;
    target.exceptions.enable([]);
    for (const kind of ['function', 'instruction', 'data'] as const) target.setBreakpoints(kind, undefined, []);
    for (const file of target.sources.files) target.setBreakpoints('source', file, []);
    this.#pause = false;
    let reason = target.start('run');
    while (reason === 'slice-over' && !this.#pause) {
      await new Promise((resolve) => setImmediate(resolve));
      reason = target.proceed();
    }
    this.output(ladderText(target.world.ladder('folded')).join('\n'), 'stdout');
    for (const { fault } of target.world.faults) this.output(fault.message, 'stderr');
    this.terminated();
  }

  /** Says once that the session is over. */
  terminated(): void {
    if (!this.#terminated) this.client.send('terminated', {});
    this.#terminated = true;
  }

  /** The session goes on with a program that was built anew: breakpoints move over, numbers of the old stop are stale. */
  replaceRun(next: LaunchedRun): void {
    const { debugger: old } = this;
    next.debugger.takeOver(old);
    this.run = next;
    this.#saidChanged = undefined;
    this.forget();
  }

  /** Sends every breakpoint as it stands now. */
  tellBreakpoints(): void {
    for (const breakpoint of this.debugger.breakpoints.all)
      this.client.send('breakpoint', { reason: 'changed', breakpoint: breakpointForClient(this, breakpoint) });
  }

  /** Says why a restart came to nothing; that a file has changed need not be said any more. */
  restartRefused(why: string): void {
    this.#saidChanged = this.run?.changedFile()?.file;
    this.output(`Not restarted. ${why}`, 'important');
  }

  /** What is debugged is the program as it was compiled, whatever the file says now: said once for each change. */
  #sayChanged(): void {
    const changed = this.run?.changedFile();
    if (changed === undefined || changed.file === this.#saidChanged) return;
    const { kind, file } = changed;
    this.#saidChanged = file;
    const name = path.basename(file);
    const message =
      kind === 'gone'
        ? `${name} is gone. The session goes on with what was in it.`
        : `${name} has changed. What runs is what it was when the session began; restart to debug what it is now.`;
    this.output(message, 'console');
    this.client.send('sockscope/sourceChanged', { path: file, kind, message });
  }

  /** After an edit: what the client still has numbers of shows the new values. */
  renew(): void {
    const fresh = this.debugger.frames(this.debugger.currentThread);
    const again = (old: StackFrame): StackFrame | undefined =>
      fresh.find(
        (frame) => frame.kind === old.kind && frame.scope === old.scope && frame.vmFrame?.depth === old.vmFrame?.depth,
      );
    this.frames.renew(again);
    this.containers.renew((container) => {
      const frame = container.frame === undefined ? undefined : again(container.frame);
      if (container.kind === 'scope') {
        const scope = frame && this.debugger.scopes(frame).find((candidate) => candidate.name === container.scope.name);
        return frame && scope && { kind: 'scope', frame, scope };
      }
      const { parent, node } = container;
      const now = parent === undefined ? undefined : this.childNamed(parent, node.name);
      return now && { ...container, node: now, frame };
    });
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
