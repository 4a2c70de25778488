// Comparing a type of the program with types of the kernel, for CO-RE: which are the candidates, whether a field or a type
// corresponds, whether two types match in shape. The rules are those of the kernel's and libbpf's common relocation code
// (tools/lib/bpf/relo_core.c): names without flavours, integers of any size, structures by the members that are used.

import type { Btf } from './btf.ts';
import { type CType, strip } from './c-types.ts';
import { essentialName } from './core-names.ts';

/** Steps that one comparison may take; only hostile type graphs need more. */
const MAX_STEPS = 20_000;
const MAX_LEVELS = 32;

export interface TypePair {
  readonly local: Btf;
  readonly localId: number;
  readonly target: Btf;
  readonly targetId: number;
}

/** Whether kinds correspond: the same, or both enums of whatever width. */
function sameKind(a: CType, b: CType): boolean {
  return a.kind === b.kind;
}

function nameOf(type: CType): string {
  switch (type.kind) {
    case 'int':
    case 'float':
    case 'struct':
    case 'union':
    case 'enum':
    case 'incomplete':
    case 'typedef':
      return type.name;
    default:
      return '';
  }
}

/** Types of the kernel that could be meant by a type of the program: same kind, same name without flavour. */
export function candidates(local: Btf, localId: number, target: Btf): readonly number[] {
  const type = local.cType(localId);
  if (type === undefined) return [];
  const name = essentialName(nameOf(type));
  if (name === '') return [];
  return target.idsNamed(name).filter((id) => {
    const other = target.cType(id);
    return other !== undefined && sameKind(type, other);
  });
}

/** Whether a field of one type can stand for a field of the other when its value is read. */
export function fieldsCompatible(pair: TypePair): boolean {
  let { localId, targetId } = pair;
  for (let level = 0; level < MAX_LEVELS; level++) {
    const a = strip(pair.local, localId)?.type;
    const b = strip(pair.target, targetId)?.type;
    if (a === undefined || b === undefined) return false;
    if (isRecord(a) && isRecord(b)) return true;
    if (!sameKind(a, b)) return false;
    switch (a.kind) {
      case 'pointer':
      case 'float':
        return true;
      case 'enum':
      case 'incomplete': {
        const nameA = essentialName(a.name);
        const nameB = essentialName(nameOf(b));
        return nameA === '' || nameB === '' || nameA === nameB;
      }
      case 'int':
        return a.offsetBits === 0 && b.kind === 'int' && b.offsetBits === 0;
      case 'array':
        if (b.kind !== 'array') return false;
        localId = a.element;
        targetId = b.element;
        break;
      default:
        return false;
    }
  }
  return false;
}

function isRecord(type: CType): boolean {
  return type.kind === 'struct' || type.kind === 'union';
}

/** Whether a type of that name in the kernel is the one meant, for the type relocations other than "matches". */
export function typesCompatible(pair: TypePair): boolean {
  return compatible(pair, { left: MAX_STEPS }, MAX_LEVELS);
}

interface Budget {
  left: number;
}

function compatible(pair: TypePair, budget: Budget, levels: number): boolean {
  let { localId, targetId } = pair;
  for (let level = levels; level > 0 && budget.left-- > 0; level--) {
    const a = strip(pair.local, localId)?.type;
    const b = strip(pair.target, targetId)?.type;
    if (a === undefined || b === undefined || !sameKind(a, b)) return false;
    switch (a.kind) {
      case 'void':
      case 'struct':
      case 'union':
      case 'enum':
      case 'incomplete':
        return true;
      case 'int':
        return a.offsetBits === 0 && b.kind === 'int' && b.offsetBits === 0;
      case 'pointer':
        if (b.kind !== 'pointer') return false;
        localId = a.target;
        targetId = b.target;
        break;
      case 'array':
        if (b.kind !== 'array') return false;
        localId = a.element;
        targetId = b.element;
        break;
      case 'function': {
        if (b.kind !== 'function' || a.parameters.length !== b.parameters.length) return false;
        const same = a.parameters.every((parameter, i) =>
          compatible({ ...pair, localId: parameter.type, targetId: b.parameters[i]!.type }, budget, level - 1),
        );
        if (!same) return false;
        localId = a.result;
        targetId = b.result;
        break;
      }
      default:
        return false;
    }
  }
  return false;
}

/** Whether the kernel's type has everything that the program's has, in shape and by name (bpf_core_type_matches). */
export function typesMatch(pair: TypePair): boolean {
  return matches(pair, 'direct', { left: MAX_STEPS }, MAX_LEVELS);
}

type Reach = 'direct' | 'behind-pointer';

function namesMatch(local: string, target: string): boolean {
  return target === '' ? local === '' : essentialName(local) === essentialName(target);
}

function matches(pair: TypePair, from: Reach, budget: Budget, levels: number): boolean {
  let { localId, targetId } = pair;
  let reach = from;
  for (let level = levels; level > 0 && budget.left-- > 0; level--) {
    const a = strip(pair.local, localId)?.type;
    const b = strip(pair.target, targetId)?.type;
    if (a === undefined || b === undefined || !namesMatch(nameOf(a), nameOf(b))) return false;
    switch (a.kind) {
      case 'void':
        return b.kind === 'void';
      case 'incomplete':
        if (b.kind === 'incomplete') return a.keyword === b.keyword;
        return reach === 'behind-pointer' && b.kind === a.keyword;
      case 'enum':
        return (
          b.kind === 'enum' &&
          a.members.length <= b.members.length &&
          a.members.every((member) =>
            b.members.some((other) => essentialName(other.name) === essentialName(member.name)),
          )
        );
      case 'struct':
      case 'union': {
        if (reach === 'behind-pointer') {
          return b.kind === a.kind || (b.kind === 'incomplete' && b.keyword === a.kind);
        }
        if (b.kind !== 'struct' && b.kind !== 'union') return false;
        if (b.kind !== a.kind || a.members.length > b.members.length) return false;
        return a.members.every((member) =>
          b.members.some(
            (other) =>
              namesMatch(member.name, other.name) &&
              matches({ ...pair, localId: member.type, targetId: other.type }, 'direct', budget, level - 1),
          ),
        );
      }
      case 'int':
        return b.kind === 'int' && a.sizeBytes === b.sizeBytes && a.signed === b.signed;
      case 'pointer':
        if (b.kind !== 'pointer') return false;
        reach = 'behind-pointer';
        localId = a.target;
        targetId = b.target;
        break;
      case 'array':
        if (b.kind !== 'array' || a.count !== b.count) return false;
        localId = a.element;
        targetId = b.element;
        break;
      case 'function': {
        if (b.kind !== 'function' || a.parameters.length !== b.parameters.length) return false;
        const same = a.parameters.every((parameter, i) =>
          matches({ ...pair, localId: parameter.type, targetId: b.parameters[i]!.type }, 'direct', budget, level - 1),
        );
        if (!same) return false;
        localId = a.result;
        targetId = b.result;
        break;
      }
      default:
        return false;
    }
  }
  return false;
}
