// The container of BTF: header, type section, string section. Finds where each type starts; what the types say, btf.ts reads later.
// Source: Documentation/bpf/btf.rst.

import { ByteReader, type Outcome, type Problem } from '../base/index.ts';
import { BTF_KIND, Btf, TYPE_HEADER_BYTES } from './btf.ts';

const BTF_MAGIC = 0xeb9f;

/** Bytes that follow the header of a type, per element or fixed; undefined for a kind that no kernel knows. */
function tailBytes(kind: number, count: number): number | undefined {
  switch (kind) {
    case BTF_KIND.int:
    case BTF_KIND.var:
    case BTF_KIND.declTag:
      return 4;
    case BTF_KIND.array:
      return 12;
    case BTF_KIND.struct:
    case BTF_KIND.union:
    case BTF_KIND.datasec:
    case BTF_KIND.enum64:
      return 12 * count;
    case BTF_KIND.enum:
    case BTF_KIND.funcProto:
      return 8 * count;
    case BTF_KIND.ptr:
    case BTF_KIND.fwd:
    case BTF_KIND.typedef:
    case BTF_KIND.volatile:
    case BTF_KIND.const:
    case BTF_KIND.restrict:
    case BTF_KIND.func:
    case BTF_KIND.float:
    case BTF_KIND.typeTag:
      return 0;
    default:
      return undefined;
  }
}

export interface ReadBtfOptions {
  /** How problems name the data: a file, or a section of one. */
  readonly file: string;
  /** The kernel's BTF, when the bytes are a module's. */
  readonly base?: Btf;
}

/** Reads a .BTF section or /sys/kernel/btf file. The value is undefined when nothing can be made of the bytes. */
export function readBtf(bytes: Uint8Array, options: ReadBtfOptions): Outcome<Btf | undefined> {
  const fail = (message: string): Outcome<undefined> => ({
    value: undefined,
    problems: [btfProblem(options, message, 'error')],
  });
  const reader = new ByteReader(bytes);
  const magic = reader.u16();
  if (bytes.length < 24) return fail(`the BTF data is only ${bytes.length} bytes long, less than its header`);
  if (magic === 0x9feb) return fail('the BTF data is big-endian; Sockscope reads little-endian BPF only');
  if (magic !== BTF_MAGIC)
    return fail(`the data is no BTF: it starts with 0x${magic.toString(16)} and not with 0xeb9f`);
  const version = reader.u8();
  if (version !== 1) return fail(`BTF version ${version} is not known (1 is)`);
  reader.u8();
  const headerLength = reader.u32();
  const typeOffset = headerLength + reader.u32();
  const typeLength = reader.u32();
  const stringOffset = headerLength + reader.u32();
  const stringLength = reader.u32();
  if (typeOffset + typeLength > bytes.length) return fail('the type section of the BTF data reaches past its end');
  if (stringOffset + stringLength > bytes.length)
    return fail('the string section of the BTF data reaches past its end');
  const types = new DataView(bytes.buffer, bytes.byteOffset + typeOffset, typeLength);
  const strings = bytes.subarray(stringOffset, stringOffset + stringLength);
  const problems: Problem[] = [];
  const offsets: number[] = [];
  for (let at = 0; at < typeLength; ) {
    const id = (options.base?.endId ?? 1) + offsets.length;
    if (at + TYPE_HEADER_BYTES > typeLength) {
      problems.push(btfProblem(options, `BTF type ${id} is cut off`, 'warning'));
      break;
    }
    const info = types.getUint32(at + 4, true);
    const kind = (info >>> 24) & 0x1f;
    const tail = tailBytes(kind, info & 0xffff);
    if (tail === undefined) {
      problems.push(
        btfProblem(
          options,
          `BTF type ${id} has kind ${kind}, which is not known; types from here on are ignored`,
          'warning',
        ),
      );
      break;
    }
    if (at + TYPE_HEADER_BYTES + tail > typeLength) {
      problems.push(btfProblem(options, `BTF type ${id} is cut off`, 'warning'));
      break;
    }
    offsets.push(at);
    at += TYPE_HEADER_BYTES + tail;
  }
  return { value: new Btf({ types, strings, offsets: Uint32Array.from(offsets), base: options.base }), problems };
}

function btfProblem(options: ReadBtfOptions, message: string, severity: 'error' | 'warning'): Problem {
  return {
    code: 'object-bad-btf',
    severity,
    message,
    at: { file: options.file },
    remedy: 'Build the object again with `clang -target bpf -g`, or give an intact BTF file',
  };
}
