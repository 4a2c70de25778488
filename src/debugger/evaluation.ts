// Text to value: parsing, evaluating in a frame, and the result as a node with everything that a view needs.

import type { TextSpan } from '../base/index.ts';
import type { Moment } from '../timeline/index.ts';
import type { Expression } from './expression/ast.ts';
import { evaluate } from './expression/evaluate.ts';
import { parseExpression } from './expression/parser.ts';
import { arithmeticOf, fromBytes, type Place, typeText, type Value } from './expression/value.ts';
import { valueText } from './format.ts';
import { kernelObjectNodes } from './kernel-nodes.ts';
import { mapNodes } from './map-nodes.ts';
import { isTypeName, scopeAt } from './scope.ts';
import { pointerText } from './scopes.ts';
import type { StackFrame } from './stack.ts';
import { memoryNode, type VariableNode } from './variables.ts';

export type EvaluationOutcome =
  | {
      readonly kind: 'value';
      readonly node: VariableNode;
      readonly truth: boolean;
      /** The value as a number, where it is one. */
      readonly scalar: bigint | undefined;
      /** What was assigned, when the expression assigned. */
      readonly wrote: { readonly place: Place; readonly value: bigint } | undefined;
    }
  | { readonly kind: 'error'; readonly message: string; readonly span: TextSpan };

/** Why a text is no expression, in words; undefined when it is one. Type names are taken on trust. */
export function syntaxError(text: string): string | undefined {
  const parsed = parseExpression(text, (name) => /^(?:__)?[us](?:8|16|32|64)$|_t$/.test(name));
  return parsed.kind === 'error' ? parsed.error.message : undefined;
}

const assigns = (expression: Expression): boolean => expression.kind === 'assign';

/** Evaluates a text in a frame. `read-only` refuses assignments. */
export function evaluateText(
  text: string,
  moment: Moment,
  frame: StackFrame,
  mode: 'read-only' | 'allow-writes',
): EvaluationOutcome {
  const parsed = parseExpression(text, (name) => isTypeName(frame, name));
  if (parsed.kind === 'error') return { kind: 'error', ...parsed.error };
  const { expression, format } = parsed.parsed;
  if (mode === 'read-only' && assigns(expression))
    return { kind: 'error', message: 'an assignment is not allowed here', span: expression.span };
  const result = evaluate(expression, scopeAt(moment, frame));
  const { vm, program } = moment.callback;
  if (result.kind === 'error') return { kind: 'error', ...result.error };
  if (result.kind === 'map') {
    const definition = program.object.maps.find((map) => map.name === result.map.name);
    const [node] =
      definition === undefined ? [] : mapNodes(vm, [definition], program.object.btf, { changed: () => false });
    return {
      kind: 'value',
      node: node ?? { name: text, value: '(this map has no contents)', type: '' },
      truth: true,
      scalar: undefined,
      wrote: undefined,
    };
  }
  const { value } = result;
  const arithmetic = arithmeticOf(value.type);
  const raw = fromBytes(value.bytes);
  const scalar =
    arithmetic.kind === 'int' && arithmetic.signed
      ? BigInt.asIntN(8 * value.bytes.length, raw)
      : arithmetic.kind === 'int' || arithmetic.kind === 'pointer'
        ? raw
        : undefined;
  const wrote =
    expression.kind === 'assign' && value.place !== undefined && scalar !== undefined
      ? { place: value.place, value: scalar }
      : undefined;
  return {
    kind: 'value',
    node: nodeOf(text, value, format === undefined ? undefined : valueText(value, format), moment),
    truth: raw !== 0n,
    scalar,
    wrote,
  };
}

function nodeOf(text: string, value: Value, formatted: string | undefined, moment: Moment): VariableNode {
  const { vm } = moment.callback;
  const address = value.place?.kind === 'memory' ? value.place.address : undefined;
  const evaluateName = text.replace(/,\s*\w+\s*$/, '').trim();
  const arithmetic = arithmeticOf(value.type);
  const pointer = arithmetic.kind === 'pointer' ? fromBytes(value.bytes) : undefined;
  const members = pointer === undefined ? undefined : kernelObjectNodes(moment.callback, pointer);
  if (value.type.kind === 'c') {
    const node = memoryNode(evaluateName, value.type.ref, value.bytes, address, evaluateName);
    const meaning = pointer === undefined ? undefined : pointerText(vm, pointer);
    return {
      ...node,
      value: formatted ?? (meaning === undefined ? node.value : `${node.value} (${meaning})`),
      ...(value.place === undefined || node.children !== undefined ? {} : { place: value.place }),
      ...(pointer === undefined ? {} : { address: pointer }),
      ...(members === undefined ? {} : { children: members }),
    };
  }
  const meaning = pointer === undefined ? undefined : pointerText(vm, pointer);
  const plain = valueText(value);
  return {
    name: evaluateName,
    value: formatted ?? (meaning === undefined ? plain : `${plain} (${meaning})`),
    type: typeText(value.type),
    evaluateName,
    ...(value.place === undefined ? {} : { place: value.place }),
    ...((pointer ?? address) === undefined ? {} : { address: (pointer ?? address)! }),
    ...(members === undefined ? {} : { children: members }),
  };
}
