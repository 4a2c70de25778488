// C spellings of types: names for variables views and messages, declarations and definitions for hovers.

import { assertNever } from '../base/index.ts';
import { type CType, isTransparent, MAX_TYPE_DEPTH, type RecordType, type TypeTable } from './c-types.ts';

/** The type as a cast would write it: "const char *", "struct hdr[4]", "int (*)(void *, long)". */
export function typeName(table: TypeTable, id: number): string {
  return declaration(table, id, '');
}

/** A declaration of `name` with this type: "__u32 ports[4]". With an empty name this is the type's own spelling. */
export function declaration(table: TypeTable, id: number, name: string): string {
  return declare(table, id, name, 0);
}

/** Puts the declarator `inner` ("*p", "a[3]") behind, or inside, the spelling of a type. */
function declare(table: TypeTable, id: number, inner: string, depth: number): string {
  const type = table.cType(id);
  if (type === undefined || depth > MAX_TYPE_DEPTH) return withDeclarator('<unknown type>', inner);
  switch (type.kind) {
    case 'void':
      return withDeclarator('void', inner);
    case 'int':
    case 'float':
    case 'typedef':
      return withDeclarator(type.name === '' ? '<unnamed>' : type.name, inner);
    case 'struct':
    case 'union':
    case 'enum':
      return withDeclarator(type.name === '' ? `${type.kind} {...}` : `${type.kind} ${type.name}`, inner);
    case 'incomplete':
      return withDeclarator(`${type.keyword} ${type.name}`, inner);
    case 'const':
    case 'volatile':
    case 'restrict':
    case 'atomic':
      return declareQualified(table, type.kind === 'atomic' ? '_Atomic' : type.kind, type.target, inner, depth);
    case 'type-tag':
      return declare(table, type.target, inner, depth + 1);
    case 'pointer': {
      const target = table.cType(type.target);
      const wrap = target?.kind === 'array' || target?.kind === 'function';
      return declare(table, type.target, wrap ? `(*${inner})` : `*${inner}`, depth + 1);
    }
    case 'array':
      return declare(table, type.element, `${inner}[${type.count === 0 ? '' : type.count}]`, depth + 1);
    case 'function': {
      const parameters = type.parameters.map((parameter) => declare(table, parameter.type, parameter.name, depth + 1));
      if (type.variadic) parameters.push('...');
      return declare(
        table,
        type.result,
        `${inner}(${parameters.length === 0 ? 'void' : parameters.join(', ')})`,
        depth + 1,
      );
    }
    default:
      return assertNever(type, 'declare');
  }
}

/** A qualifier of a pointer stands behind its star, any other in front of the type. */
function declareQualified(table: TypeTable, word: string, target: number, inner: string, depth: number): string {
  const below = table.cType(target);
  if (below?.kind === 'pointer')
    return declare(table, target, inner === '' ? ` ${word}` : ` ${word} ${inner}`, depth + 1);
  return `${word} ${declare(table, target, inner, depth + 1)}`;
}

function withDeclarator(base: string, inner: string): string {
  if (inner === '') return base;
  return inner.startsWith('[') ? `${base}${inner}` : `${base} ${inner.trimStart()}`;
}

/** The definition of a struct, union, enum or typedef, laid out as in a header; other types give their name. */
export function typeDefinition(table: TypeTable, id: number): string {
  const type = table.cType(id);
  if (type === undefined) return '<unknown type>';
  switch (type.kind) {
    case 'struct':
    case 'union':
      return `${recordText(table, type, '', 0)};`;
    case 'enum':
      return `${enumText(type)};`;
    case 'typedef': {
      const target = table.cType(type.target);
      if ((target?.kind === 'struct' || target?.kind === 'union') && target.name === '') {
        return `typedef ${recordText(table, target, '', 0)} ${type.name};`;
      }
      if (target?.kind === 'enum' && target.name === '') return `typedef ${enumText(target)} ${type.name};`;
      return `typedef ${declaration(table, type.target, type.name)};`;
    }
    default:
      return typeName(table, id);
  }
}

function enumText(type: Extract<CType, { kind: 'enum' }>): string {
  const rows = type.members.map((member) => `  ${member.name} = ${member.value},`);
  return [`enum ${type.name === '' ? '' : `${type.name} `}{`, ...rows, '}'].join('\n');
}

function recordText(table: TypeTable, record: RecordType, indent: string, depth: number): string {
  const head = `${record.kind} ${record.name === '' ? '' : `${record.name} `}{`;
  const rows = record.members.map((member) => {
    const nested = anonymousRecord(table, member.type);
    const width = member.bitFieldBits === undefined ? '' : ` : ${member.bitFieldBits}`;
    const text =
      nested !== undefined && depth < 8
        ? `${recordText(table, nested, `${indent}  `, depth + 1)}${member.name === '' ? '' : ` ${member.name}`}`
        : declaration(table, member.type, member.name);
    return `${indent}  ${text}${width};`;
  });
  return [head, ...rows, `${indent}}`].join('\n');
}

/** The unnamed record that a member is declared with in place, when it is one. */
function anonymousRecord(table: TypeTable, id: number): RecordType | undefined {
  const type = table.cType(id);
  if (type === undefined || isTransparent(type)) return undefined;
  return (type.kind === 'struct' || type.kind === 'union') && type.name === '' ? type : undefined;
}
