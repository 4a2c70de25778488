// Declarations and types of the tree: specifiers and declarators are folded into one TypeRef per declared name.

import type { TextSpan } from '../base/index.ts';
import type { Enumerator, Expr, Member, TypeRef, Variable } from './ast.ts';
import { childOf, childrenOf, namedChildren, type RawNode } from './tree-reader.ts';

/** What the type converter needs of the expression converter. */
export interface TypeContext {
  readonly text: string;
  expr(node: RawNode): Expr;
}

const slice = (context: TypeContext, node: TextSpan): string => context.text.slice(node.start, node.end);

/** The type that the specifiers of a declaration, parameter or type descriptor state. */
export function specifiersType(context: TypeContext, node: RawNode): TypeRef {
  const type = childOf(node, 'type');
  const qualifiers = node.children
    .filter((child) => child.type === 'type_qualifier')
    .map((child) => slice(context, child));
  const base = { start: node.start, end: node.start, pointers: 0, dims: [], isFunction: false };
  const quality = {
    isConst: qualifiers.includes('const'),
    isVolatile: qualifiers.includes('volatile'),
  };
  if (type === undefined)
    return { ...base, ...quality, tag: undefined, name: '', record: undefined, enumerators: undefined };
  const span = { start: type.start, end: type.end };
  const tagWord = /^(struct|union|enum)_specifier$/.exec(type.type)?.[1] as 'struct' | 'union' | 'enum' | undefined;
  if (tagWord !== undefined) {
    const name = childOf(type, 'name');
    const body = childOf(type, 'body');
    return {
      ...base,
      ...quality,
      ...span,
      tag: tagWord,
      name: name === undefined ? '' : slice(context, name),
      record:
        body !== undefined && tagWord !== 'enum'
          ? { start: body.start, end: body.end, members: membersOf(context, body) }
          : undefined,
      enumerators: body !== undefined && tagWord === 'enum' ? enumeratorsOf(context, body) : undefined,
    };
  }
  const name = slice(context, type).replace(/\s+/g, ' ');
  return { ...base, ...quality, ...span, tag: undefined, name, record: undefined, enumerators: undefined };
}

function membersOf(context: TypeContext, body: RawNode): Member[] {
  const members: Member[] = [];
  for (const field of body.children) {
    if (field.type !== 'field_declaration') continue;
    const type = specifiersType(context, field);
    const declarators = childrenOf(field, 'declarator');
    const bits = field.children.filter((child) => child.type === 'bitfield_clause');
    if (declarators.length === 0)
      members.push({
        name: '',
        nameSpan: { start: field.start, end: field.start },
        type,
        bits: undefined,
        start: field.start,
        end: field.end,
      });
    for (const declarator of declarators) {
      const declared = applyDeclarator(context, declarator, type);
      const clause = bits.find(
        (bit) =>
          bit.start >= declarator.end &&
          !declarators.some((other) => other.start > declarator.start && other.start < bit.start),
      );
      const width = clause === undefined ? undefined : namedChildren(clause)[0];
      members.push({
        name: declared.name,
        nameSpan: declared.nameSpan,
        type: declared.type,
        bits: width === undefined ? undefined : context.expr(width),
        start: field.start,
        end: field.end,
      });
    }
  }
  return members;
}

function enumeratorsOf(context: TypeContext, body: RawNode): Enumerator[] {
  return body.children
    .filter((child) => child.type === 'enumerator')
    .map((child) => {
      const name = childOf(child, 'name') ?? child;
      const value = childOf(child, 'value');
      return {
        name: slice(context, name),
        nameSpan: { start: name.start, end: name.end },
        value: value === undefined ? undefined : context.expr(value),
        start: child.start,
        end: child.end,
      };
    });
}

export interface Declared {
  readonly name: string;
  readonly nameSpan: TextSpan;
  readonly type: TypeRef;
  /** The parameter list when the name is a function's. */
  readonly parameters: RawNode | undefined;
}

/** Folds a declarator (pointers, arrays, function parameters around a name) into the type. */
export function applyDeclarator(context: TypeContext, declarator: RawNode, base: TypeRef): Declared {
  let pointers = base.pointers;
  const dims: (Expr | undefined)[] = [];
  let parameters: RawNode | undefined;
  let node: RawNode | undefined = declarator;
  let isFunction = false;
  for (let guard = 0; node !== undefined && guard < 64; guard++) {
    switch (node.type) {
      case 'pointer_declarator':
      case 'abstract_pointer_declarator':
        pointers++;
        node = childOf(node, 'declarator');
        continue;
      case 'array_declarator':
      case 'abstract_array_declarator': {
        const size = childOf(node, 'size');
        dims.unshift(size === undefined ? undefined : context.expr(size));
        node = childOf(node, 'declarator');
        continue;
      }
      case 'function_declarator':
      case 'abstract_function_declarator': {
        isFunction = true;
        parameters ??= childOf(node, 'parameters');
        node = childOf(node, 'declarator');
        continue;
      }
      case 'parenthesized_declarator':
      case 'abstract_parenthesized_declarator':
      case 'attributed_declarator':
        node = namedChildren(node).find((child) => /declarator|identifier/.test(child.type));
        continue;
      case 'init_declarator':
        node = childOf(node, 'declarator');
        continue;
    }
    break;
  }
  const named = node !== undefined && /identifier$/.test(node.type) ? node : undefined;
  const nameSpan =
    named === undefined ? { start: declarator.start, end: declarator.start } : { start: named.start, end: named.end };
  return {
    name: named === undefined ? '' : slice(context, named),
    nameSpan,
    type: { ...base, pointers, dims: [...base.dims, ...dims], isFunction },
    parameters,
  };
}

/** The variables that a `declaration` node declares. */
export function variablesOf(context: TypeContext, node: RawNode): Variable[] {
  const type = specifiersType(context, node);
  const storage = node.children
    .filter((child) => child.type === 'storage_class_specifier')
    .map((child) => slice(context, child));
  return childrenOf(node, 'declarator').map((declarator) => {
    const declared = applyDeclarator(context, declarator, type);
    const value = declarator.type === 'init_declarator' ? childOf(declarator, 'value') : undefined;
    return {
      name: declared.name,
      nameSpan: declared.nameSpan,
      type: declared.type,
      init: value === undefined ? undefined : context.expr(value),
      isStatic: storage.includes('static'),
      isExtern: storage.includes('extern'),
      start: declarator.start,
      end: declarator.end,
    };
  });
}

/** Parameters of a function declarator's list. */
export function parametersOf(context: TypeContext, list: RawNode | undefined): Variable[] {
  if (list === undefined) return [];
  return list.children
    .filter((child) => child.type === 'parameter_declaration')
    .map((child) => {
      const type = specifiersType(context, child);
      const declarator = childOf(child, 'declarator');
      const declared =
        declarator === undefined
          ? { name: '', nameSpan: { start: child.end, end: child.end }, type }
          : applyDeclarator(context, declarator, type);
      return {
        name: declared.name,
        nameSpan: declared.nameSpan,
        type: declared.type,
        init: undefined,
        isStatic: false,
        isExtern: false,
        start: child.start,
        end: child.end,
      };
    })
    .filter((parameter) => !(parameter.name === '' && parameter.type.name === 'void' && parameter.type.pointers === 0));
}

/** The type of a cast, sizeof or compound literal. */
export function descriptorType(context: TypeContext, node: RawNode): TypeRef {
  const type = specifiersType(context, node);
  const declarator = childOf(node, 'declarator');
  const full = declarator === undefined ? type : applyDeclarator(context, declarator, type).type;
  return { ...full, start: node.start, end: node.end };
}
