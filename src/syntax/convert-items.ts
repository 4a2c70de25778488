// Top-level items of a file: functions, variables, types.

import type { FunctionItem, Item, Variable } from './ast.ts';
import type { Converter } from './convert.ts';
import { applyDeclarator, parametersOf, specifiersType, variablesOf } from './convert-types.ts';
import type { Annotation } from './mask.ts';
import { childOf, childrenOf, type RawNode } from './tree-reader.ts';

/** A top-level node; undefined for punctuation. */
export function convertItem(converter: Converter, node: RawNode): Item | undefined {
  const annotations = converter.annotationsIn(node);
  const span = { start: node.start, end: node.end };
  switch (node.type) {
    case 'function_definition':
      return convertFunction(converter, node, annotations);
    case 'declaration': {
      const variables = variablesOf(converter, node);
      const only = variables[0];
      const first = childOf(node, 'declarator');
      if (variables.length === 1 && first !== undefined && only!.type.isFunction && only!.init === undefined) {
        const declared = applyDeclarator(converter, first, specifiersType(converter, node));
        return {
          kind: 'function',
          ...span,
          name: declared.name,
          nameSpan: declared.nameSpan,
          returns: { ...declared.type, isFunction: false },
          parameters: parametersOf(converter, declared.parameters),
          body: undefined,
          isStatic: only!.isStatic,
          annotations,
          broken: node.broken,
        };
      }
      return { kind: 'variables', ...span, type: specifiersType(converter, node), variables, annotations };
    }
    case 'type_definition': {
      const type = specifiersType(converter, node);
      const names: Variable[] = childrenOf(node, 'declarator').map((declarator) => {
        const declared = applyDeclarator(converter, declarator, type);
        return {
          ...declared,
          init: undefined,
          isStatic: false,
          isExtern: false,
          start: declarator.start,
          end: declarator.end,
        };
      });
      return { kind: 'typedef', ...span, type, names, annotations };
    }
    case 'struct_specifier':
    case 'union_specifier':
    case 'enum_specifier':
      return {
        kind: 'type',
        ...span,
        type: specifiersType(converter, { ...node, children: [{ ...node, field: 'type' }] }),
        annotations,
      };
    case 'ERROR':
      return { kind: 'broken', ...span };
    default:
      return node.named && node.broken ? { kind: 'broken', ...span } : undefined;
  }
}

function convertFunction(converter: Converter, node: RawNode, annotations: readonly Annotation[]): FunctionItem {
  const declarator = childOf(node, 'declarator');
  const type = specifiersType(converter, node);
  const declared =
    declarator === undefined
      ? { name: '', nameSpan: { start: node.start, end: node.start }, type, parameters: undefined }
      : applyDeclarator(converter, declarator, type);
  const body = childOf(node, 'body');
  return {
    kind: 'function',
    start: node.start,
    end: node.end,
    name: declared.name,
    nameSpan: declared.nameSpan,
    returns: { ...declared.type, isFunction: false },
    parameters: parametersOf(converter, declared.parameters),
    body: body === undefined ? undefined : converter.block(body),
    isStatic: node.children.some(
      (child) => child.type === 'storage_class_specifier' && converter.text.slice(child.start, child.end) === 'static',
    ),
    annotations,
    broken: node.broken,
  };
}
