// Requests that look at the stopped program: threads, frames, variables, expressions, sources.

import type { DebugProtocol } from '@vscode/debugprotocol';
import {
  type CompletionTarget,
  completions,
  type EvaluationOutcome,
  type StackFrame,
  type VariableNode,
} from '../../debugger/index.ts';
import { badArguments, cannotEvaluate, cannotSet, noSuchSource, noSuchVariable } from '../errors.ts';
import type { SessionState } from '../state.ts';

const COMPLETION_TYPES: Readonly<Record<CompletionTarget['kind'], DebugProtocol.CompletionItemType>> = {
  variable: 'variable',
  map: 'class',
  register: 'value',
  constant: 'enum',
  field: 'field',
};

const memoryReference = (address: bigint): string => `0x${address.toString(16)}`;

/** A number as hexadecimal when the client asks for it; every other text stays as it is. */
function withFormat(text: string, format: DebugProtocol.ValueFormat | undefined): string {
  if (format?.hex !== true || !/^-?\d+$/.test(text)) return text;
  const number = BigInt(text);
  return `0x${BigInt.asUintN(64, number).toString(16)}`;
}

function variable(
  state: SessionState,
  node: VariableNode,
  frame: StackFrame | undefined,
  format: DebugProtocol.ValueFormat | undefined,
  parent?: number,
): DebugProtocol.Variable {
  const attributes = [
    ...(state.debugger.isWritable(node) ? [] : ['readOnly']),
    ...(node.watch === undefined ? [] : ['canHaveDataBreakpoint']),
  ];
  return {
    name: node.changed === true ? `${node.name} *` : node.name,
    value: withFormat(node.value, format),
    ...(node.type === '' ? {} : { type: node.type }),
    variablesReference:
      node.children === undefined
        ? 0
        : state.containers.create({ kind: 'node', node, frame, ...(parent === undefined ? {} : { parent }) }),
    ...(node.indexedCount === undefined ? {} : { indexedVariables: node.indexedCount }),
    ...(node.evaluateName === undefined ? {} : { evaluateName: node.evaluateName }),
    ...(node.address === undefined ? {} : { memoryReference: memoryReference(node.address) }),
    presentationHint: {
      ...(node.virtual === true ? { kind: 'virtual' } : {}),
      ...(attributes.length === 0 ? {} : { attributes }),
    },
  };
}

function sourceOf(state: SessionState, frame: StackFrame): { readonly source?: DebugProtocol.Source } {
  const { run } = state;
  if (run === undefined) return {};
  if (frame.location !== undefined) return { source: run.paths.source(frame.location.file) };
  if (frame.kind !== 'kernel') return {};
  return { source: { name: run.debugger.world.view.target.title, presentationHint: 'deemphasize' } };
}

function frameForClient(state: SessionState, frame: StackFrame): DebugProtocol.StackFrame {
  const { run } = state;
  const { location } = frame;
  return {
    id: state.frames.create(frame),
    name: frame.kind === 'inlined' ? `${frame.name} [inlined]` : frame.name,
    line: location === undefined ? 0 : location.line0 + state.lineBase,
    column: location === undefined ? 0 : location.column0 + state.columnBase,
    ...sourceOf(state, frame),
    ...(frame.program === undefined || frame.slot === undefined || run === undefined
      ? {}
      : { instructionPointerReference: run.addresses.textOf(frame.program, frame.slot) }),
    canRestart: frame.kind !== 'kernel',
    presentationHint: frame.kind === 'kernel' ? 'subtle' : 'normal',
  };
}

const result = (
  state: SessionState,
  outcome: EvaluationOutcome,
  frame: StackFrame | undefined,
  format: DebugProtocol.ValueFormat | undefined,
) => {
  if (outcome.kind === 'error') throw cannotEvaluate(outcome.message);
  const shown = variable(state, outcome.node, frame, format);
  return {
    result: shown.value,
    type: outcome.node.type,
    variablesReference: shown.variablesReference,
    ...(shown.indexedVariables === undefined ? {} : { indexedVariables: shown.indexedVariables }),
    ...(shown.memoryReference === undefined ? {} : { memoryReference: shown.memoryReference }),
    ...(shown.presentationHint === undefined ? {} : { presentationHint: shown.presentationHint }),
  };
};

export const inspection = {
  threads(state: SessionState) {
    return {
      body: { threads: state.run === undefined ? [] : state.debugger.threads.map(({ id, name }) => ({ id, name })) },
    };
  },

  stackTrace(state: SessionState, args: DebugProtocol.StackTraceArguments) {
    const frames = state.debugger.frames(args.threadId);
    const start = args.startFrame ?? 0;
    const end = args.levels ? start + args.levels : undefined;
    return {
      body: {
        stackFrames: frames.slice(start, end).map((frame) => frameForClient(state, frame)),
        totalFrames: frames.length,
      },
    };
  },

  scopes(state: SessionState, args: DebugProtocol.ScopesArguments) {
    const frame = state.frame(args.frameId);
    const hints: Readonly<Record<string, string>> = { Locals: 'locals', Registers: 'registers' };
    const scopes = state.debugger.scopes(frame).map((scope) => ({
      name: scope.name,
      expensive: scope.expensive,
      variablesReference: state.containers.create({ kind: 'scope', scope, frame }),
      ...(hints[scope.name] === undefined ? {} : { presentationHint: hints[scope.name] }),
    }));
    return { body: { scopes } };
  },

  variables(state: SessionState, args: DebugProtocol.VariablesArguments) {
    const { frame } = state.container(args.variablesReference);
    const nodes = state.children(args.variablesReference);
    const start = args.start ?? 0;
    const shown = args.count ? nodes.slice(start, start + args.count) : nodes.slice(start);
    return {
      body: { variables: shown.map((node) => variable(state, node, frame, args.format, args.variablesReference)) },
    };
  },

  setVariable(state: SessionState, args: DebugProtocol.SetVariableArguments) {
    const { frame } = state.container(args.variablesReference);
    const node = state.childNamed(args.variablesReference, args.name);
    if (node === undefined) throw noSuchVariable(args.name);
    const refused = state.debugger.assign(node, args.value, frame);
    if (refused !== undefined) throw cannotSet(refused);
    state.renew();
    const now = state.childNamed(args.variablesReference, args.name) ?? node;
    const { value, type, variablesReference } = variable(state, now, frame, args.format, args.variablesReference);
    return {
      body: { value, variablesReference, ...(type === undefined ? {} : { type }) },
      after: () => state.valuesChanged(),
    };
  },

  setExpression(state: SessionState, args: DebugProtocol.SetExpressionArguments) {
    const frame = args.frameId === undefined ? undefined : state.frame(args.frameId);
    const outcome = state.debugger.evaluate(`${args.expression} = ${args.value}`, frame, 'allow-writes');
    if (outcome.kind === 'error') throw cannotSet(outcome.message);
    state.renew();
    return {
      body: { value: withFormat(outcome.node.value, args.format), type: outcome.node.type },
      after: () => state.valuesChanged(),
    };
  },

  evaluate(state: SessionState, args: DebugProtocol.EvaluateArguments) {
    const frame = args.frameId === undefined ? undefined : state.frame(args.frameId);
    const mode = args.context === 'repl' ? 'allow-writes' : 'read-only';
    const outcome = state.debugger.evaluate(args.expression, frame, mode);
    const wrote = outcome.kind === 'value' && outcome.wrote !== undefined;
    if (wrote) state.renew();
    return {
      body: result(state, outcome, frame, args.format),
      ...(wrote ? { after: () => state.valuesChanged() } : {}),
    };
  },

  completions(state: SessionState, args: DebugProtocol.CompletionsArguments) {
    const frame = args.frameId === undefined ? undefined : state.frame(args.frameId);
    const before = args.text.slice(0, args.column - state.columnBase);
    return {
      body: {
        targets: completions(state.debugger, before, frame).map((target) => ({
          label: target.label,
          type: COMPLETION_TYPES[target.kind],
          start: target.start,
          length: target.length,
        })),
      },
    };
  },

  loadedSources(state: SessionState) {
    const { run } = state;
    return {
      body: { sources: run === undefined ? [] : state.debugger.sources.files.map((file) => run.paths.source(file)) },
    };
  },

  source(_state: SessionState, args: DebugProtocol.SourceArguments) {
    if (args.sourceReference === undefined) throw badArguments('source needs a sourceReference');
    throw noSuchSource(args.sourceReference);
  },
};
