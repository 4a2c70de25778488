// Makes a C program its own witness: behind every declaration with a value, every assignment to a local and at the start of every function,
// a store of the variable's value into a global array. Lines stay where they are.

import { loadCParser } from '../../src/host/tree-sitter.ts';

export interface Instrumented {
  readonly text: string;
  /** Variable by number of the store. */
  readonly names: ReadonlyMap<number, string>;
}

export const WITNESS = '__witness';
export const WITNESS_SLOTS = 512;

interface Node {
  readonly type: string;
  readonly field: string | null;
  readonly start: number;
  readonly end: number;
  readonly children: Node[];
}

/** Adds the stores. Only plain scalar and pointer variables are watched. */
export async function instrument(source: string): Promise<Instrumented> {
  // The grammar does not know section macros; blanks of the same length keep all offsets.
  const masked = source.replace(/SEC\("[^"]*"\)|\b__(noinline|always_inline|hidden|weak)\b/g, (text) =>
    ' '.repeat(text.length),
  );
  const tree = (await loadCParser()).parse(masked);
  const root = toNode(tree);
  tree.delete();
  const inserts: { at: number; text: string }[] = [];
  const names = new Map<number, string>();
  const text = (node: Node): string => masked.slice(node.start, node.end);
  const see = (name: string): string => {
    names.set(names.size, name);
    return ` ${WITNESS}[${names.size - 1}] = (__u64)(${name});`;
  };
  for (const fn of root.children.filter((node) => node.type === 'function_definition')) {
    const body = child(fn, 'body');
    const declarator = find(fn, 'function_declarator');
    if (body === undefined || declarator === undefined) continue;
    const parameters = all(declarator, 'parameter_declaration').map((node) =>
      plainName(child(node, 'declarator'), text),
    );
    const known = new Set(parameters.filter((name) => name !== undefined));
    inserts.push({ at: body.start + 1, text: [...known].map(see).join('') });
    visit(body, known, text, see, inserts);
  }
  let out = source;
  for (const { at, text: added } of inserts.sort((a, b) => b.at - a.at)) out = out.slice(0, at) + added + out.slice(at);
  return { text: `volatile unsigned long long ${WITNESS}[${WITNESS_SLOTS}]; ${out}`, names };
}

function visit(
  node: Node,
  outer: Set<string>,
  text: (node: Node) => string,
  see: (name: string) => string,
  inserts: { at: number; text: string }[],
): void {
  const known = node.type === 'compound_statement' || node.type === 'for_statement' ? new Set(outer) : outer;
  const isBlock = node.type === 'compound_statement' || node.type === 'case_statement';
  for (const one of node.children) {
    if (one.type === 'declaration' && isBlock) {
      const isRecord = one.children.some((part) => part.type === 'struct_specifier' || part.type === 'union_specifier');
      const isStatic = one.children.some((part) => part.type === 'storage_class_specifier');
      const added: string[] = [];
      for (const part of one.children) {
        const declarator =
          part.type === 'init_declarator' ? child(part, 'declarator') : part.field === 'declarator' ? part : undefined;
        const name = plainName(declarator, text);
        if (name === undefined) continue;
        const watched = !isStatic && (!isRecord || declarator?.type === 'pointer_declarator');
        if (!watched) known.delete(name);
        else known.add(name);
        if (watched && part.type === 'init_declarator') added.push(see(name));
      }
      inserts.push({ at: one.end, text: added.join('') });
      continue;
    }
    if (one.type === 'expression_statement') {
      const name = changed(one.children[0], text);
      if (name !== undefined && known.has(name)) {
        if (isBlock) inserts.push({ at: one.end, text: see(name) });
        else inserts.push({ at: one.end, text: `${see(name)} }` }, { at: one.start, text: '{ ' });
      }
      continue;
    }
    visit(one, known, text, see, inserts);
  }
}

/** The variable that a statement changes as a whole. */
function changed(node: Node | undefined, text: (node: Node) => string): string | undefined {
  const target =
    node?.type === 'assignment_expression'
      ? child(node, 'left')
      : node?.type === 'update_expression'
        ? child(node, 'argument')
        : undefined;
  return target?.type === 'identifier' ? text(target) : undefined;
}

/** `x` and `*x`, but no arrays and no functions. */
function plainName(node: Node | undefined, text: (node: Node) => string): string | undefined {
  if (node?.type === 'identifier') return text(node);
  return node?.type === 'pointer_declarator' ? plainName(child(node, 'declarator'), text) : undefined;
}

const child = (node: Node, field: string): Node | undefined => node.children.find((one) => one.field === field);

function find(node: Node, type: string): Node | undefined {
  if (node.type === type) return node;
  for (const one of node.children) {
    const found = one.field === 'body' ? undefined : find(one, type);
    if (found !== undefined) return found;
  }
  return undefined;
}

function all(node: Node, type: string): Node[] {
  return node.children.flatMap((one) => (one.type === type ? [one] : all(one, type)));
}

type Tree = ReturnType<Awaited<ReturnType<typeof loadCParser>>['parse']>;

function toNode(tree: Tree): Node {
  const cursor = tree.walk();
  const build = (): Node => {
    const { nodeType: type, currentFieldName: field, startIndex: start, endIndex: end } = cursor;
    const children: Node[] = [];
    if (cursor.gotoFirstChild()) {
      do if (cursor.nodeIsNamed) children.push(build());
      while (cursor.gotoNextSibling());
      cursor.gotoParent();
    }
    return { type, field, start, end, children };
  };
  const root = build();
  cursor.delete();
  return root;
}
