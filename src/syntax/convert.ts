// From copied tree nodes to the plain nodes of ast.ts. Uses of the file's own macros are expanded here, once, so that everybody
// behind sees through them; positions of an expansion are those of the arguments where they come from one, else of the use.

import type { TextSpan } from '../base/index.ts';
import type { BlockStmt, CaseStmt, Expr, InitEntry, Stmt, UnaryExpr } from './ast.ts';
import { descriptorType, type TypeContext, variablesOf } from './convert-types.ts';
import { integerLiteral, literalUnits } from './lexer.ts';
import type { Annotation } from './mask.ts';
import { childOf, childrenOf, namedChildren, type RawNode } from './tree-reader.ts';

/** What a use of a macro stands for. */
export interface Expansion {
  readonly expr: Expr | undefined;
  readonly statements: BlockStmt | undefined;
}

export interface ConvertEnvironment {
  /** The masked text. */
  readonly text: string;
  /** Annotations inside a span, in order. */
  annotationsIn(span: TextSpan): readonly Annotation[];
  /** An annotation that starts exactly there. */
  annotationAt(offset: number): Annotation | undefined;
  /** Expansion of a use of one of the file's macros; undefined when the name is none. */
  expand(use: TextSpan, name: string, isCall: boolean): Expansion | undefined;
  /** A block that was cut out of the text and converted by itself. */
  blockAt?(node: TextSpan): BlockStmt | undefined;
}

export class Converter implements TypeContext {
  readonly #env: ConvertEnvironment;

  constructor(env: ConvertEnvironment) {
    this.#env = env;
  }

  get text(): string {
    return this.#env.text;
  }

  #slice(node: TextSpan): string {
    return this.#env.text.slice(node.start, node.end);
  }

  /** Annotations inside a span, in order. */
  annotationsIn(span: TextSpan): readonly Annotation[] {
    return this.#env.annotationsIn(span);
  }

  block(node: RawNode): BlockStmt {
    return { kind: 'block', start: node.start, end: node.end, body: this.statements(node) };
  }

  /** What stands between the braces of a block. */
  statements(node: RawNode): readonly Stmt[] {
    return this.#env.blockAt?.(node)?.body ?? this.#stmts(node.children);
  }

  #stmts(nodes: readonly RawNode[]): Stmt[] {
    const out: Stmt[] = [];
    for (const node of nodes) if (node.named) out.push(this.stmt(node));
    return out;
  }

  stmt(node: RawNode): Stmt {
    const span = { start: node.start, end: node.end };
    const expr = (field: string): Expr => this.#field(node, field);
    const optional = (field: string): Expr | undefined => {
      const child = childOf(node, field);
      return child === undefined ? undefined : this.expr(child);
    };
    const inner = (field: string): Stmt => {
      const child = childOf(node, field);
      return child === undefined ? { kind: 'block', start: node.end, end: node.end, body: [] } : this.stmt(child);
    };
    switch (node.type) {
      case 'compound_statement':
        return this.block(node);
      case 'expression_statement': {
        const child = namedChildren(node)[0];
        if (child !== undefined) return { kind: 'expression', ...span, expr: this.expr(child) };
        const macro = this.#env.annotationAt(node.start);
        return macro?.role === 'statement' ? this.#macroStatement(macro) : { kind: 'block', ...span, body: [] };
      }
      case 'declaration':
        return { kind: 'declaration', ...span, variables: variablesOf(this, node) };
      case 'if_statement': {
        const alternative = childOf(node, 'alternative');
        const otherwise = alternative === undefined ? undefined : namedChildren(alternative)[0];
        return {
          kind: 'if',
          ...span,
          condition: expr('condition'),
          whenTrue: inner('consequence'),
          whenFalse: otherwise === undefined ? undefined : this.stmt(otherwise),
        };
      }
      case 'switch_statement': {
        const body = childOf(node, 'body');
        return {
          kind: 'switch',
          ...span,
          value: expr('condition'),
          body: body === undefined ? [] : this.statements(body),
        };
      }
      case 'case_statement':
        return this.#case(node);
      case 'while_statement':
        return {
          kind: 'loop',
          form: 'while',
          ...span,
          init: undefined,
          condition: expr('condition'),
          update: undefined,
          body: inner('body'),
        };
      case 'do_statement':
        return {
          kind: 'loop',
          form: 'do',
          ...span,
          init: undefined,
          condition: expr('condition'),
          update: undefined,
          body: inner('body'),
        };
      case 'for_statement': {
        const init = childOf(node, 'initializer');
        return {
          kind: 'loop',
          form: this.#env.annotationAt(node.start)?.role === 'loop' ? 'macro' : 'for',
          ...span,
          init:
            init === undefined
              ? undefined
              : init.type === 'declaration'
                ? this.stmt(init)
                : { kind: 'expression', start: init.start, end: init.end, expr: this.expr(init) },
          condition: optional('condition'),
          update: optional('update'),
          body: inner('body'),
        };
      }
      case 'return_statement': {
        const child = namedChildren(node)[0];
        return { kind: 'return', ...span, value: child === undefined ? undefined : this.expr(child) };
      }
      case 'break_statement':
        return { kind: 'break', ...span };
      case 'continue_statement':
        return { kind: 'continue', ...span };
      case 'goto_statement': {
        const label = childOf(node, 'label');
        return { kind: 'goto', ...span, label: label === undefined ? '' : this.#slice(label) };
      }
      case 'labeled_statement': {
        const label = childOf(node, 'label');
        const rest = node.children.filter((child) => child.named && child !== label);
        return { kind: 'label', ...span, name: label === undefined ? '' : this.#slice(label), body: this.#stmts(rest) };
      }
      default:
        return { kind: 'other', ...span, parts: this.#looseParts(node), broken: node.broken };
    }
  }

  #case(node: RawNode): CaseStmt {
    const value = childOf(node, 'value');
    const colon = node.children.find((child) => child.type === ':');
    const labelEnd = colon?.end ?? node.end;
    const range = this.#env.annotationsIn({ start: node.start, end: labelEnd }).find((note) => note.name === '...');
    const lastText = range === undefined ? '' : this.#slice({ start: range.start, end: labelEnd });
    return {
      kind: 'case',
      start: node.start,
      end: node.end,
      value: value === undefined ? undefined : this.expr(value),
      // The masked upper end is gone from the tree; the flow analysis treats such a label as able to match anything.
      last:
        range === undefined
          ? undefined
          : { kind: 'opaque', start: range.start, end: range.start + lastText.length, parts: [], broken: false },
      labelSpan: { start: node.start, end: labelEnd },
      body: this.#stmts(node.children.filter((child) => child !== value && child.start >= labelEnd)),
    };
  }

  #macroStatement(macro: Annotation): Stmt {
    const span = { start: macro.start, end: macro.end };
    const expansion = this.#env.expand(span, macro.name, true);
    return {
      kind: 'expression',
      ...span,
      expr: {
        kind: 'macro',
        ...span,
        name: macro.name,
        nameSpan: { start: macro.start, end: macro.start + macro.name.length },
        args: [],
        expansion: expansion?.expr,
        statements: expansion?.statements,
      },
    };
  }

  #field(node: RawNode, field: string): Expr {
    const child = childOf(node, field);
    return child === undefined
      ? { kind: 'opaque', start: node.end, end: node.end, parts: [], broken: true }
      : this.expr(child);
  }

  /** Expressions found anywhere below a node that is none of the known kinds. */
  #looseParts(node: RawNode): Expr[] {
    const parts: Expr[] = [];
    for (const child of node.children) {
      if (!child.named) continue;
      if (/_expression$|^identifier$|_literal$/.test(child.type)) parts.push(this.expr(child));
      else parts.push(...this.#looseParts(child));
    }
    return parts;
  }

  expr(node: RawNode): Expr {
    const span = { start: node.start, end: node.end };
    switch (node.type) {
      case 'parenthesized_expression': {
        const inner = namedChildren(node)[0];
        if (inner === undefined) return { kind: 'opaque', ...span, parts: [], broken: node.broken };
        return inner.type === 'compound_statement'
          ? { kind: 'statement-expr', ...span, body: this.block(inner) }
          : this.expr(inner);
      }
      case 'compound_statement':
        return { kind: 'statement-expr', ...span, body: this.block(node) };
      case 'identifier':
      case 'type_identifier':
      case 'field_identifier':
        return this.#name(node);
      case 'null':
      case 'true':
      case 'false':
        return { kind: 'name', ...span, name: this.#slice(node) };
      case 'number_literal': {
        const text = this.#slice(node);
        return { kind: 'number', ...span, text, value: integerLiteral(text) };
      }
      case 'char_literal': {
        const text = this.#slice(node);
        return { kind: 'number', ...span, text, value: BigInt(literalUnits(text)[0] ?? 0) };
      }
      case 'string_literal':
        return { kind: 'string', ...span, units: literalUnits(this.#slice(node)) };
      case 'concatenated_string':
        return {
          kind: 'string',
          ...span,
          units: namedChildren(node).flatMap((part) =>
            part.type === 'string_literal' ? literalUnits(this.#slice(part)) : [],
          ),
        };
      case 'call_expression':
        return this.#call(node);
      case 'field_expression': {
        const name = childOf(node, 'field');
        return {
          kind: 'field',
          ...span,
          object: this.#field(node, 'argument'),
          name: name === undefined ? '' : this.#slice(name),
          nameSpan: name === undefined ? { start: node.end, end: node.end } : { start: name.start, end: name.end },
          arrow: node.children.some((child) => child.type === '->'),
        };
      }
      case 'subscript_expression':
        return { kind: 'index', ...span, object: this.#field(node, 'argument'), index: this.#field(node, 'index') };
      case 'pointer_expression':
      case 'unary_expression': {
        const op = childOf(node, 'operator')?.type ?? node.children[0]?.type ?? '';
        return { kind: 'unary', ...span, op: op as UnaryExpr['op'], operand: this.#field(node, 'argument') };
      }
      case 'update_expression':
        return {
          kind: 'update',
          ...span,
          op: node.children.some((child) => child.type === '++') ? '++' : '--',
          operand: this.#field(node, 'argument'),
        };
      case 'binary_expression':
        return {
          kind: 'binary',
          ...span,
          op: childOf(node, 'operator')?.type ?? '',
          left: this.#field(node, 'left'),
          right: this.#field(node, 'right'),
        };
      case 'assignment_expression': {
        const op = childOf(node, 'operator')?.type ?? '=';
        return {
          kind: 'assign',
          ...span,
          op: op === '=' ? '=' : op.slice(0, -1),
          target: this.#field(node, 'left'),
          value: this.#field(node, 'right'),
        };
      }
      case 'conditional_expression': {
        const then = childOf(node, 'consequence');
        return {
          kind: 'conditional',
          ...span,
          condition: this.#field(node, 'condition'),
          whenTrue: then === undefined ? undefined : this.expr(then),
          whenFalse: this.#field(node, 'alternative'),
        };
      }
      case 'cast_expression': {
        const type = childOf(node, 'type');
        if (type === undefined) break;
        return { kind: 'cast', ...span, type: descriptorType(this, type), operand: this.#field(node, 'value') };
      }
      case 'sizeof_expression': {
        const type = childOf(node, 'type');
        const value = childOf(node, 'value');
        return {
          kind: 'sizeof',
          ...span,
          type: type === undefined ? undefined : descriptorType(this, type),
          operand: value === undefined ? undefined : this.expr(value),
        };
      }
      case 'comma_expression':
        return { kind: 'comma', ...span, left: this.#field(node, 'left'), right: this.#field(node, 'right') };
      case 'initializer_list':
        return { kind: 'init-list', ...span, entries: namedChildren(node).map((child) => this.#initEntry(child)) };
      case 'compound_literal_expression': {
        const type = childOf(node, 'type');
        const value = childOf(node, 'value');
        if (type === undefined || value === undefined) break;
        return { kind: 'compound-literal', ...span, type: descriptorType(this, type), init: this.expr(value) };
      }
    }
    return { kind: 'opaque', ...span, parts: this.#looseParts(node), broken: node.broken };
  }

  #initEntry(node: RawNode): InitEntry {
    const span = { start: node.start, end: node.end };
    if (node.type !== 'initializer_pair') return { ...span, designators: [], value: this.expr(node) };
    const designators = childrenOf(node, 'designator').map((child): string | Expr => {
      const inner = namedChildren(child)[0];
      if (child.type === 'field_designator' && inner !== undefined) return this.#slice(inner);
      return inner === undefined ? '' : this.expr(inner);
    });
    return { ...span, designators, value: this.#field(node, 'value') };
  }

  #name(node: RawNode): Expr {
    const span = { start: node.start, end: node.end };
    const name = this.#slice(node);
    const expansion = this.#env.expand(span, name, false);
    if (expansion === undefined) return { kind: 'name', ...span, name };
    return {
      kind: 'macro',
      ...span,
      name,
      nameSpan: span,
      args: [],
      expansion: expansion.expr,
      statements: expansion.statements,
    };
  }

  #call(node: RawNode): Expr {
    const span = { start: node.start, end: node.end };
    const callee = childOf(node, 'function');
    const list = childOf(node, 'arguments');
    const args = list === undefined ? [] : namedChildren(list).map((child) => this.expr(child));
    if (callee !== undefined && callee.type === 'identifier') {
      const name = this.#slice(callee);
      const expansion = this.#env.expand(span, name, true);
      if (expansion !== undefined)
        return {
          kind: 'macro',
          ...span,
          name,
          nameSpan: { start: callee.start, end: callee.end },
          args,
          expansion: expansion.expr,
          statements: expansion.statements,
        };
    }
    return { kind: 'call', ...span, callee: this.#field(node, 'function'), args };
  }
}
