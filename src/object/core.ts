// CO-RE: instructions that depend on the layout of kernel types are rewritten for the kernel at hand. What a relocation asks for is
// computed from both sides' types, and one that cannot be answered turns its instruction into a call of a helper that does not
// exist, so that a program may carry it in code that never runs. Source: enum bpf_core_relo_kind, relo_core.c's documented rules.

import { decodeOne, type Insn, SLOT_BYTES } from '../isa/index.ts';
import type { Btf } from './btf.ts';
import type { CoreInfo } from './btf-ext.ts';
import { typeName } from './c-print.ts';
import { type CType, type RecordType, sizeOf, strip } from './c-types.ts';
import { candidates, typesCompatible, typesMatch } from './core-match.ts';
import { type FieldSpec, findEnumerator, localFieldSpec, parseAccess, specText, targetFieldSpec } from './core-spec.ts';
import type { CoreRelocation } from './program.ts';
import { putInsn } from './put-insn.ts';

/** The helper number of the call that replaces an instruction whose relocation failed. */
export const POISONED_HELPER = 0xbad2310;

/** Kinds of relocation by number: what they ask for. */
const KINDS = [
  { group: 'field', what: 'field byte offset' },
  { group: 'field', what: 'field byte size' },
  { group: 'field', what: 'field exists' },
  { group: 'field', what: 'field is signed' },
  { group: 'field', what: 'field left shift' },
  { group: 'field', what: 'field right shift' },
  { group: 'type', what: 'local type id' },
  { group: 'type', what: 'target type id' },
  { group: 'type', what: 'type exists' },
  { group: 'type', what: 'type size' },
  { group: 'enumerator', what: 'enumerator exists' },
  { group: 'enumerator', what: 'enumerator value' },
  { group: 'type', what: 'type matches' },
] as const;

type Question = (typeof KINDS)[number]['what'];

export type CoreOutcome =
  | { readonly kind: 'done'; readonly relocation: CoreRelocation }
  /** The relocation itself is malformed. */
  | { readonly kind: 'invalid'; readonly reason: string };

/** An answer before it is written into the instruction. */
interface Answer {
  readonly value: bigint;
  /** Size and type of what a load or store moves; only for byte offsets of ordinary fields. */
  readonly access?: { readonly sizeBytes: number; readonly btf: Btf; readonly type: number };
  /** Whether the instruction must hold the local answer now; not so for bit-fields, where compilers differ. */
  readonly validate: boolean;
}

/** Applies one relocation to `code`, the bytes of its section. */
export function applyCore(code: Uint8Array, info: CoreInfo, local: Btf, target: Btf): CoreOutcome {
  const kind = KINDS[info.kind];
  if (kind === undefined) return { kind: 'invalid', reason: `its kind ${info.kind} is not known` };
  if (info.offset % SLOT_BYTES !== 0 || info.offset + SLOT_BYTES > code.length) {
    return { kind: 'invalid', reason: `byte ${info.offset} is no instruction of its section` };
  }
  const path = parseAccess(info.access);
  if (path === undefined)
    return { kind: 'invalid', reason: `its access string '${info.access.slice(0, 40)}' is malformed` };
  const root = local.cType(info.type);
  if (info.type === 0 || root === undefined) return { kind: 'invalid', reason: `the program has no type ${info.type}` };
  const solved = solve(kind.group, kind.what, info, path, local, target);
  if (solved.kind === 'invalid') return solved;
  const slot = info.offset / SLOT_BYTES;
  const base = { slot, what: kind.what, spec: solved.spec };
  if (solved.kind === 'missing') {
    poison(code, slot);
    return { kind: 'done', relocation: { ...base, outcome: { kind: 'poisoned', reason: solved.reason } } };
  }
  const refusal = patch(code, slot, solved.local, solved.target);
  if (refusal?.kind === 'invalid') return refusal;
  if (refusal !== undefined) {
    poison(code, slot);
    return { kind: 'done', relocation: { ...base, outcome: { kind: 'poisoned', reason: refusal.reason } } };
  }
  const oldValue = solved.local?.value ?? 0n;
  return {
    kind: 'done',
    relocation: { ...base, outcome: { kind: 'patched', oldValue, newValue: solved.target.value } },
  };
}

type Solved =
  | { readonly kind: 'answer'; readonly spec: string; readonly local: Answer | undefined; readonly target: Answer }
  | { readonly kind: 'missing'; readonly spec: string; readonly reason: string }
  | { readonly kind: 'invalid'; readonly reason: string };

function solve(
  group: (typeof KINDS)[number]['group'],
  what: Question,
  info: CoreInfo,
  path: readonly number[],
  local: Btf,
  target: Btf,
): Solved {
  switch (group) {
    case 'field':
      return solveField(what, info, path, local, target);
    case 'type':
      return solveType(what, info, path, local, target);
    case 'enumerator':
      return solveEnumerator(what, info, path, local, target);
  }
}

function solveField(what: Question, info: CoreInfo, path: readonly number[], local: Btf, target: Btf): Solved {
  const localSpec = localFieldSpec(local, info.type, path);
  if (localSpec === undefined) {
    return { kind: 'invalid', reason: `'${typeName(local, info.type)}' has no member at '${info.access}'` };
  }
  const spec = specText(localSpec);
  const roots = candidates(local, localSpec.root, target);
  const specs = roots.map((root) => targetFieldSpec(localSpec, target, root)).filter((found) => found !== undefined);
  if (what === 'field exists') {
    const answer = { value: specs.length > 0 ? 1n : 0n, validate: true };
    return { kind: 'answer', spec, local: { value: 1n, validate: true }, target: answer };
  }
  const localAnswer = fieldAnswer(what, localSpec);
  if (localAnswer === undefined) return { kind: 'invalid', reason: `'${spec}' has no ${what.replace('field ', '')}` };
  if (specs.length === 0) {
    const name = typeName(local, localSpec.root);
    const reason =
      roots.length === 0
        ? `the kernel has no type '${name}'`
        : `the kernel's '${name}' has no compatible '${spec.slice(name.length + 1)}'`;
    return { kind: 'missing', spec, reason };
  }
  const answers = specs.map((found) => fieldAnswer(what, found));
  const first = answers[0];
  if (first === undefined)
    return { kind: 'missing', spec, reason: `the kernel's '${spec}' has no ${what.replace('field ', '')}` };
  if (answers.some((answer) => answer === undefined || answer.value !== first.value)) {
    return {
      kind: 'invalid',
      reason: `the kernel has several types '${typeName(local, localSpec.root)}' that answer differently`,
    };
  }
  return { kind: 'answer', spec, local: localAnswer, target: first };
}

/** Where a field lies when it is read with a power-of-two load: for a bit-field the smallest one around it. */
function fieldAnswer(what: Question, spec: FieldSpec): Answer | undefined {
  const { btf } = spec;
  const last = spec.accessors.at(-1)!;
  if (last.name === undefined) {
    const size = sizeOf(btf, last.type);
    if (size === undefined) return undefined;
    if (what === 'field byte offset') {
      const access = { sizeBytes: size, btf, type: last.type };
      return { value: BigInt(Math.floor(spec.bitOffset / 8)), access, validate: true };
    }
    return what === 'field byte size' ? { value: BigInt(size), validate: true } : undefined;
  }
  const member = (btf.cType(last.type) as RecordType).members[last.index]!;
  const type = strip(btf, member.type)?.type;
  const typeBytes = sizeOf(btf, member.type);
  if (type === undefined || typeBytes === undefined) return undefined;
  let byteSize = typeBytes;
  let byteOffset = Math.floor(spec.bitOffset / 8);
  const bitSize = member.bitFieldBits ?? typeBytes * 8;
  if (member.bitFieldBits !== undefined) {
    if (byteSize < 1) return undefined;
    const aligned = (): number => Math.floor(spec.bitOffset / 8 / byteSize) * byteSize;
    byteOffset = aligned();
    while (spec.bitOffset + bitSize - byteOffset * 8 > byteSize * 8) {
      if (byteSize >= 8) return undefined;
      byteSize *= 2;
      byteOffset = aligned();
    }
  }
  const ordinary = member.bitFieldBits === undefined;
  switch (what) {
    case 'field byte offset':
      return ordinary
        ? { value: BigInt(byteOffset), access: { sizeBytes: byteSize, btf, type: member.type }, validate: true }
        : { value: BigInt(byteOffset), validate: false };
    case 'field byte size':
      return { value: BigInt(byteSize), validate: ordinary };
    case 'field is signed':
      return { value: (type.kind === 'enum' || type.kind === 'int') && type.signed ? 1n : 0n, validate: true };
    case 'field left shift':
      return { value: BigInt.asUintN(64, 64n - BigInt(spec.bitOffset + bitSize - byteOffset * 8)), validate: ordinary };
    case 'field right shift':
      return { value: BigInt.asUintN(64, 64n - BigInt(bitSize)), validate: true };
    default:
      return undefined;
  }
}

function solveType(what: Question, info: CoreInfo, path: readonly number[], local: Btf, target: Btf): Solved {
  if (path.length !== 1 || path[0] !== 0)
    return { kind: 'invalid', reason: `the access string of a type must be '0' and not '${info.access}'` };
  const spec = typeName(local, info.type);
  const exact = (value: bigint): Solved => ({
    kind: 'answer',
    spec,
    local: undefined,
    target: { value, validate: false },
  });
  if (what === 'local type id') return exact(BigInt(info.type));
  const found = candidates(local, info.type, target).filter((targetId) => {
    const pair = { local, localId: info.type, target, targetId };
    return what === 'type matches' ? typesMatch(pair) : typesCompatible(pair);
  });
  if (what === 'type exists' || what === 'type matches') return exact(found.length > 0 ? 1n : 0n);
  if (found.length === 0) return exact(0n);
  if (what === 'target type id') return exact(BigInt(found[0]!));
  const sizes = new Set(found.map((id) => sizeOf(target, id)));
  const [size] = sizes;
  if (sizes.size !== 1) return { kind: 'invalid', reason: `the kernel has several types '${spec}' of different size` };
  return size === undefined
    ? { kind: 'missing', spec, reason: `the kernel's '${spec}' has no size` }
    : exact(BigInt(size));
}

function solveEnumerator(what: Question, info: CoreInfo, path: readonly number[], local: Btf, target: Btf): Solved {
  const found = strip(local, info.type);
  const member = found?.type.kind === 'enum' && path.length === 1 ? found.type.members[path[0]!] : undefined;
  if (found === undefined || member === undefined) {
    return { kind: 'invalid', reason: `'${typeName(local, info.type)}' has no enumerator '${info.access}'` };
  }
  const spec = `${typeName(local, info.type)}::${member.name}`;
  const values = candidates(local, found.id, target)
    .map((id) => findEnumerator(target.cType(id) as CType, member.name))
    .filter((value) => value !== undefined);
  if (what === 'enumerator exists') {
    const answer = { value: values.length > 0 ? 1n : 0n, validate: true };
    return { kind: 'answer', spec, local: { value: 1n, validate: true }, target: answer };
  }
  const [first] = values;
  if (first === undefined) return { kind: 'missing', spec, reason: `the kernel has no enumerator '${member.name}'` };
  if (values.some((value) => value !== first))
    return { kind: 'invalid', reason: `the kernel has several '${member.name}' of different value` };
  return {
    kind: 'answer',
    spec,
    local: { value: member.value, validate: true },
    target: { value: first, validate: true },
  };
}

type Refusal =
  | { readonly kind: 'invalid'; readonly reason: string }
  | { readonly kind: 'poison'; readonly reason: string };

/** Writes the answer into the instruction; gives a reason when the instruction cannot hold it. */
function patch(code: Uint8Array, slot: number, local: Answer | undefined, target: Answer): Refusal | undefined {
  const insn = decodeOne(code, slot);
  // Whether the instruction must hold the local value: of a bit-field the compiler may have chosen another word than we.
  const expected = local?.validate === true ? local.value : undefined;
  const next = BigInt.asIntN(64, target.value);
  const invalid = (reason: string): Refusal => ({ kind: 'invalid', reason });
  switch (insn.kind) {
    case 'alu': {
      if (insn.src.kind !== 'imm') return invalid('its instruction takes a register and no number');
      if (expected !== undefined && BigInt.asIntN(32, expected) !== BigInt(insn.src.value)) {
        return invalid(`its instruction holds ${insn.src.value} instead of ${expected}`);
      }
      return write(code, { ...insn, src: { kind: 'imm', value: Number(BigInt.asIntN(32, next)) } });
    }
    case 'load':
    case 'store': {
      if (expected !== undefined && BigInt(insn.offset) !== expected) {
        return invalid(`its instruction holds offset ${insn.offset} instead of ${expected}`);
      }
      if (next > 0x7fffn) return invalid(`offset ${next} does not fit into an instruction`);
      const moved = { ...insn, offset: Number(next) };
      const from = local?.access;
      const to = target.access;
      if (from === undefined || to === undefined || from.sizeBytes === to.sizeBytes) return write(code, moved);
      if (!canResize(from, to))
        return { kind: 'poison', reason: 'the field has another size in the kernel and is signed or no number' };
      const size = to.sizeBytes;
      if (size !== 1 && size !== 2 && size !== 4 && size !== 8)
        return invalid(`a field of ${size} bytes cannot be loaded`);
      return write(code, { ...moved, size });
    }
    case 'load-imm64': {
      const held = (BigInt(insn.high) << 32n) | BigInt(insn.low);
      if (insn.source !== 'value') return invalid('its instruction loads an address and no number');
      if (expected !== undefined && held !== BigInt.asUintN(64, expected))
        return invalid(`its instruction holds ${held} instead of ${expected}`);
      const wide = BigInt.asUintN(64, target.value);
      return write(code, { ...insn, low: Number(wide & 0xffff_ffffn), high: Number(wide >> 32n) });
    }
    default:
      return invalid('its instruction is neither arithmetic with a number nor a load or store');
  }
}

function write(code: Uint8Array, insn: Insn): Refusal | undefined {
  if (putInsn(code, insn)) return undefined;
  return { kind: 'invalid', reason: 'the new value does not fit into its instruction' };
}

/** A load may change its size between two pointers or two unsigned integers; anything else would change the value's meaning. */
function canResize(from: NonNullable<Answer['access']>, to: NonNullable<Answer['access']>): boolean {
  const a = strip(from.btf, from.type)?.type;
  const b = strip(to.btf, to.type)?.type;
  if (a?.kind === 'pointer' && b?.kind === 'pointer') return true;
  return a?.kind === 'int' && b?.kind === 'int' && a.encoding !== 'signed' && b.encoding !== 'signed';
}

/** Replaces the instruction (both words of a 16-byte one) by a call of a helper that does not exist. */
function poison(code: Uint8Array, slot: number): void {
  const words = decodeOne(code, slot).kind === 'load-imm64' ? 2 : 1;
  for (let i = 0; i < words; i++) putInsn(code, { kind: 'call-helper', slot: slot + i, helper: POISONED_HELPER });
}
