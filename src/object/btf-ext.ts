// The .BTF.ext section: which functions start where, which source line each instruction belongs to, and the CO-RE relocations.
// Source: Documentation/bpf/btf.rst. Offsets are bytes within the named code section, as the compiler wrote them.

import { ByteReader, type Outcome } from '../base/index.ts';
import type { Btf } from './btf.ts';
import { ProblemList } from './problems.ts';

export interface FunctionInfo {
  readonly offset: number;
  /** Id of a FUNC. */
  readonly type: number;
}

export interface LineInfo {
  readonly offset: number;
  /** String offsets. */
  readonly fileName: number;
  readonly lineText: number;
  /** Counted from 1; 0 where the compiler made the code up. */
  readonly line: number;
  /** Counted from 1; 0 when unknown. */
  readonly column: number;
}

export interface CoreInfo {
  readonly offset: number;
  /** Local root type. */
  readonly type: number;
  /** "0:1:2": indexes of members, elements or enumerators. */
  readonly access: string;
  /** enum bpf_core_relo_kind. */
  readonly kind: number;
}

/** What is known of one code section. */
export interface BtfExtSection {
  readonly functions: readonly FunctionInfo[];
  readonly lines: readonly LineInfo[];
  readonly core: readonly CoreInfo[];
}

export type BtfExt = ReadonlyMap<string, BtfExtSection>;

type Part = 'functions' | 'lines' | 'core';

const MIN_RECORD_BYTES = { functions: 8, lines: 16, core: 16 } as const satisfies Record<Part, number>;

/** Reads .BTF.ext against the object's own BTF; what is damaged is left out and reported. */
export function readBtfExt(bytes: Uint8Array, btf: Btf, file: string): Outcome<BtfExt> {
  const problems = new ProblemList(file);
  const sections = new Map<string, { functions: FunctionInfo[]; lines: LineInfo[]; core: CoreInfo[] }>();
  const reader = new ByteReader(bytes);
  if (reader.u16() !== 0xeb9f || reader.u8() !== 1) {
    problems.add('object-bad-btf', 'the .BTF.ext section does not start with a header that is known');
    return { value: sections, problems: problems.all };
  }
  reader.u8();
  const headerLength = reader.u32();
  const ranges: { part: Part; start: number; length: number }[] = [];
  for (const part of ['functions', 'lines', 'core'] as const) {
    if (part === 'core' && headerLength < 32) break;
    const start = headerLength + reader.u32();
    ranges.push({ part, start, length: reader.u32() });
  }
  for (const { part, start, length } of ranges) {
    if (length === 0) continue;
    if (reader.overrun || start + length > bytes.length) {
      problems.add('object-bad-btf', `the ${part} part of the .BTF.ext section reaches past its end`);
      continue;
    }
    if (!readPart(bytes.subarray(start, start + length), part, btf, sections)) {
      problems.add('object-bad-btf', `the ${part} part of the .BTF.ext section is damaged; the rest of it is ignored`);
    }
  }
  return { value: sections, problems: problems.all };
}

function readPart(
  bytes: Uint8Array,
  part: Part,
  btf: Btf,
  sections: Map<string, { functions: FunctionInfo[]; lines: LineInfo[]; core: CoreInfo[] }>,
): boolean {
  const reader = new ByteReader(bytes);
  const recordBytes = reader.u32();
  if (recordBytes < MIN_RECORD_BYTES[part] || recordBytes % 4 !== 0) return false;
  while (reader.remaining > 0) {
    const name = btf.string(reader.u32());
    const count = reader.u32();
    if (reader.overrun || name === '' || count * recordBytes > reader.remaining) return false;
    let section = sections.get(name);
    if (section === undefined) sections.set(name, (section = { functions: [], lines: [], core: [] }));
    for (let i = 0; i < count; i++) {
      const next = reader.offset + recordBytes;
      const offset = reader.u32();
      if (part === 'functions') {
        section.functions.push({ offset, type: reader.u32() });
      } else if (part === 'lines') {
        const fileName = reader.u32();
        const lineText = reader.u32();
        const position = reader.u32();
        section.lines.push({ offset, fileName, lineText, line: position >>> 10, column: position & 0x3ff });
      } else {
        const type = reader.u32();
        const access = btf.string(reader.u32());
        section.core.push({ offset, type, access, kind: reader.u32() });
      }
      reader.offset = next;
    }
  }
  return true;
}
