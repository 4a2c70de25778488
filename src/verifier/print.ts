// Registers, stack slots and whole states as the kernel's log prints them.
// Source of truth: the running kernel's log; kernel/bpf/log.c print_reg_state, by behaviour.

import { baseOf, Flag, groupOf, isMapPointer, Kind, LINKED_SUM, type Reg, typeText } from './reg.ts';
import { S32_MAX, S32_MIN, S64_MAX, S64_MIN, type Scalar, U32_MAX } from './scalar.ts';
import { BYTE_CHARS, Byte, byteType } from './stack-slot.ts';
import { type Frame, REGISTERS, type State } from './state.ts';
import { isUnknown, tnumText, U64_MAX } from './tnum.ts';

const unsignedText = (x: bigint): string => (x <= 0xffffn ? x.toString() : `0x${x.toString(16)}`);

/** Small numbers in decimal, others as 64-bit hexadecimal. */
export const signedText = (x: bigint): string =>
  -0x8000n <= x && x <= 0x7fffn ? x.toString() : `0x${BigInt.asUintN(64, x).toString(16)}`;

interface Bound {
  readonly name: string;
  /** As the kernel holds it: 64 bits, 32-bit negatives only sign-extended when they print as decimals. */
  readonly value: bigint;
  readonly signed: boolean;
  omit: boolean;
}

const small32 = (x: number): bigint => (-0x8000 <= x && x <= 0x7fff ? BigInt(x) : BigInt(x >>> 0));

function rangesText(s: Scalar): string[] {
  const bounds: Bound[] = [
    { name: 'smin', value: s.smin, signed: true, omit: s.smin === S64_MIN },
    { name: 'smax', value: s.smax, signed: true, omit: s.smax === S64_MAX },
    { name: 'umin', value: s.umin, signed: false, omit: s.umin === 0n },
    { name: 'umax', value: s.umax, signed: false, omit: s.umax === U64_MAX },
    { name: 'smin32', value: small32(s.s32min), signed: true, omit: s.s32min === S32_MIN },
    { name: 'smax32', value: small32(s.s32max), signed: true, omit: s.s32max === S32_MAX },
    { name: 'umin32', value: BigInt(s.u32min), signed: false, omit: s.u32min === 0 },
    { name: 'umax32', value: BigInt(s.u32max), signed: false, omit: s.u32max === U32_MAX },
  ];
  const texts: string[] = [];
  for (let i = 0; i < bounds.length; i++) {
    const bound = bounds[i]!;
    if (bound.omit) continue;
    let text = `${bound.name}=`;
    const negative = bound.signed && bound.value < 0n;
    // Equal minima (and equal maxima) of different widths share one number.
    for (let j = i + 2; j < bounds.length; j += 2) {
      const other = bounds[j]!;
      if (other.omit || other.value !== bound.value || (other.signed && other.value < 0n) !== negative) continue;
      other.omit = true;
      text += `${other.name}=`;
    }
    texts.push(text + (bound.signed ? signedText(bound.value) : unsignedText(bound.value)));
  }
  return texts;
}

/** "ctx()", "P5", "scalar(id=1,umax=255,...)", "fp-8". */
export function regText(reg: Reg, frame: number): string {
  const precise = reg.isScalar && reg.precise ? 'P' : '';
  const { scalar, type } = reg;
  const base = baseOf(type);
  if (reg.isScalar && scalar.isConst) return precise + signedText(scalar.smin);
  let text = precise + typeText(type);
  if (type === Kind.arena) return text;
  if (type === Kind.stack) {
    if (reg.extent !== frame) text += `[${reg.extent}]`;
    if (scalar.isConst) return text + signedText(scalar.smin + BigInt(reg.off));
  }
  if (base === Kind.btfId) text += reg.btf?.name ?? '';
  const parts: string[] = [];
  if (reg.id !== 0) {
    const distance = (reg.id & LINKED_SUM) !== 0 ? (reg.off < 0 ? `${reg.off}` : `+${reg.off}`) : '';
    parts.push(`id=${groupOf(reg.id)}${distance}`);
  }
  if (reg.refId !== 0) parts.push(`ref_obj_id=${reg.refId}`);
  if ((type & Flag.nonOwning) !== 0) parts.push('non_own_ref');
  if (isMapPointer(type) && reg.map !== undefined) {
    if (reg.map.name !== '') parts.push(`map=${reg.map.name}`);
    parts.push(`ks=${reg.map.keySize},vs=${reg.map.valueSize}`);
  }
  if (!reg.isScalar && reg.off !== 0) parts.push(`off=${signedText(BigInt(reg.off))}`);
  if (type === Kind.packet) parts.push(`r=${unsignedText(BigInt.asUintN(64, BigInt(reg.extent)))}`);
  if (base === Kind.mem) parts.push(`sz=${unsignedText(BigInt(reg.extent))}`);
  if (type === Kind.dynptr && reg.special?.kind === 'dynptr') parts.push(`type=${reg.special.sort}`);
  if (scalar.isConst) {
    if (scalar.tnum.value !== 0n) parts.push(`imm=${signedText(scalar.smin)}`);
  } else {
    parts.push(...rangesText(scalar));
    if (!isUnknown(scalar.tnum)) parts.push(`var_off=${tnumText(scalar.tnum)}`);
  }
  return `${text}(${parts.join(',')})`;
}

/** What is to be printed of a state: everything, or what the last instruction touched. */
export type Selection = 'all' | { readonly regs: number; readonly slots: (spi: number) => boolean };

/** " frame1: R0=5 fp-8=r... refs=2 cb", with a blank in front of each part. */
export function stateText(state: State, number: number, selection: Selection): string {
  const frame = state.frames[number]!;
  let text = number === 0 ? '' : ` frame${number}:`;
  for (const { place, text: value } of placesOf(frame, selection)) text += ` ${place}=${value}`;
  const held = state.held.filter((one) => one.id !== 0 && (one.kind === 'pointer' || one.kind === 'irq'));
  if (held.length > 0) text += ` refs=${held.map((one) => one.id).join(',')}`;
  if (frame.role === 'callback') text += ' cb';
  if (frame.role === 'async-callback') text += ' async_cb';
  return text;
}

/** The registers and stack slots of a frame, one by one. */
export function placesOf(frame: Frame, selection: Selection): { place: string; text: string; reg: Reg | undefined }[] {
  const places: { place: string; text: string; reg: Reg | undefined }[] = [];
  for (let i = 0; i < REGISTERS; i++) {
    const reg = frame.regs[i]!;
    if (reg.type === Kind.notInit) continue;
    if (selection !== 'all' && (selection.regs & (1 << i)) === 0) continue;
    places.push({ place: `R${i}`, text: regText(reg, frame.number), reg });
  }
  for (let spi = 0; spi < frame.stack.length; spi++) {
    if (selection !== 'all' && !selection.slots(spi)) continue;
    const slot = frame.stack[spi]!;
    if (slot.types === 0) continue;
    let chars = '';
    for (let byte = 0; byte < 8; byte++) chars += BYTE_CHARS[byteType(slot.types, byte)];
    const place = `fp${-(spi + 1) * 8}`;
    switch (slot.top) {
      case Byte.spill:
        places.push({
          place,
          text: chars.slice(0, chars.indexOf('r')) + regText(slot.reg, frame.number),
          reg: slot.reg,
        });
        break;
      case Byte.dynptr: {
        spi++;
        const first = frame.slotAt(spi).reg;
        const sort = first.special?.kind === 'dynptr' ? first.special.sort : '<invalid>';
        const parts: string[] = [];
        if (first.id !== 0) parts.push(`id=${first.id}`);
        if (first.refId !== 0) parts.push(`ref_id=${first.refId}`);
        if (first.dynptrId !== 0) parts.push(`dynptr_id=${first.dynptrId}`);
        places.push({ place: `fp${-(spi + 1) * 8}`, text: `dynptr_${sort}(${parts.join(',')})`, reg: undefined });
        break;
      }
      case Byte.iter: {
        const { special, refId } = slot.reg;
        if (refId === 0 || special?.kind !== 'iter') break;
        places.push({
          place,
          text: `iter_${special.type}(ref_id=${refId},state=${special.state},depth=${special.depth})`,
          reg: undefined,
        });
        break;
      }
      default:
        places.push({ place, text: chars, reg: undefined });
    }
  }
  return places;
}
