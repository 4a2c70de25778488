// How attribute values are encoded: one form each. Values that go through a table of their unit stay indexes here.

import { ByteReader } from '../../base/index.ts';
import { FORM } from './constants.ts';
import type { DebugAddress, DebugSections } from './sections.ts';

export type AttributeValue =
  | { readonly kind: 'address'; readonly address: DebugAddress }
  | { readonly kind: 'address-index'; readonly index: number }
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'string-index'; readonly index: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Offset in .debug_info. */
  | { readonly kind: 'entry'; readonly offset: number }
  | { readonly kind: 'section-offset'; readonly offset: number }
  | { readonly kind: 'list-index'; readonly index: number }
  | { readonly kind: 'signature'; readonly value: bigint };

/** What of its unit a form depends on. */
export interface FormContext {
  readonly sections: DebugSections;
  readonly offset: number;
  readonly version: number;
  readonly addressSize: number;
  readonly offsetSize: number;
}

const MAX_STRING = 4096;

/** The NUL-terminated string at an offset, cut at a bound; '' outside. */
export function boundedString(bytes: Uint8Array, offset: number): string {
  if (offset >= bytes.length) return '';
  const window = bytes.subarray(offset, offset + MAX_STRING);
  const nul = window.indexOf(0);
  const padded = new Uint8Array((nul < 0 ? window.length : nul) + 1);
  padded.set(window.subarray(0, padded.length - 1));
  return new ByteReader(padded).cstring();
}

const number = (value: bigint | number): AttributeValue => ({ kind: 'number', value: BigInt(value) });

/** Reads one attribute; undefined for an unknown form, after which nothing in the unit can be read. */
export function readForm(
  reader: ByteReader,
  form: number,
  implicit: bigint,
  unit: FormContext,
): AttributeValue | undefined {
  const { sections } = unit;
  const sectionOffset = (): number => (unit.offsetSize === 8 ? reader.size64() : reader.u32());
  const index = (): number => Number(BigInt.asUintN(32, reader.uleb128()));
  const entry = (offset: number): AttributeValue => ({ kind: 'entry', offset: unit.offset + offset });
  const u24 = (): number => reader.u16() | (reader.u8() << 16);
  switch (form) {
    case FORM.addr:
      return { kind: 'address', address: unit.addressSize === 8 ? reader.size64() : reader.u32() };
    case FORM.data1:
    case FORM.flag:
      return number(reader.u8());
    case FORM.data2:
      return number(reader.u16());
    case FORM.data4:
      return number(reader.u32());
    case FORM.data8:
      return number(reader.u64());
    case FORM.udata:
      return number(reader.uleb128());
    case FORM.sdata:
      return number(reader.sleb128());
    case FORM.implicitConst:
      return number(implicit);
    case FORM.flagPresent:
      return number(1);
    case FORM.string:
      return { kind: 'string', text: reader.cstring() };
    case FORM.strp:
      return { kind: 'string', text: boundedString(sections.str, sectionOffset()) };
    case FORM.lineStrp:
      return { kind: 'string', text: boundedString(sections.lineStr, sectionOffset()) };
    case FORM.strx:
      return { kind: 'string-index', index: index() };
    case FORM.strx1:
      return { kind: 'string-index', index: reader.u8() };
    case FORM.strx2:
      return { kind: 'string-index', index: reader.u16() };
    case FORM.strx3:
      return { kind: 'string-index', index: u24() };
    case FORM.strx4:
      return { kind: 'string-index', index: reader.u32() };
    case FORM.addrx:
      return { kind: 'address-index', index: index() };
    case FORM.addrx1:
      return { kind: 'address-index', index: reader.u8() };
    case FORM.addrx2:
      return { kind: 'address-index', index: reader.u16() };
    case FORM.addrx3:
      return { kind: 'address-index', index: u24() };
    case FORM.addrx4:
      return { kind: 'address-index', index: reader.u32() };
    case FORM.block1:
      return { kind: 'bytes', bytes: reader.slice(reader.u8()) };
    case FORM.block2:
      return { kind: 'bytes', bytes: reader.slice(reader.u16()) };
    case FORM.block4:
      return { kind: 'bytes', bytes: reader.slice(reader.u32()) };
    case FORM.block:
    case FORM.exprloc:
      return { kind: 'bytes', bytes: reader.slice(Number(reader.uleb128())) };
    case FORM.data16:
      return { kind: 'bytes', bytes: reader.slice(16) };
    case FORM.ref1:
      return entry(reader.u8());
    case FORM.ref2:
      return entry(reader.u16());
    case FORM.ref4:
      return entry(reader.u32());
    case FORM.ref8:
      return entry(reader.size64());
    case FORM.refUdata:
      return entry(Number(reader.uleb128()));
    case FORM.refAddr:
      return {
        kind: 'entry',
        offset: unit.version <= 2 ? (unit.addressSize === 8 ? reader.size64() : reader.u32()) : sectionOffset(),
      };
    case FORM.refSig8:
      return { kind: 'signature', value: reader.u64() };
    case FORM.secOffset:
      return { kind: 'section-offset', offset: sectionOffset() };
    case FORM.loclistx:
    case FORM.rnglistx:
      return { kind: 'list-index', index: index() };
    case FORM.indirect: {
      const actual = Number(reader.uleb128());
      return actual === FORM.indirect || actual === FORM.implicitConst ? undefined : readForm(reader, actual, 0n, unit);
    }
    // Supplementary files are not at hand; the value is skipped.
    case FORM.refSup4:
      return number(reader.u32());
    case FORM.refSup8:
      return number(reader.u64());
    case FORM.strpSup:
    case FORM.gnuRefAlt:
    case FORM.gnuStrpAlt:
      return number(sectionOffset());
    default:
      return undefined;
  }
}
