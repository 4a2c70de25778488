// Values of expressions as text: by their type, or as the format suffix asks.

import { decodeUtf8 } from '../base/index.ts';
import { CALLBACK_FLAGS, OPS } from '../kernel/index.ts';
import { decodeValue } from '../object/index.ts';
import { stateText } from '../world/index.ts';
import type { FormatSuffix } from './expression/ast.ts';
import { arithmeticOf, fromBytes, typeText, type Value } from './expression/value.ts';

/** One line for a person. */
export function valueText(value: Value, format?: FormatSuffix): string {
  if (format !== undefined) return formatted(value, format);
  if (value.type.kind === 'c') return decodeValue(value.type.ref, value.bytes).text;
  const raw = fromBytes(value.bytes);
  if (value.type.kind === 'pointer') return raw === 0n ? 'NULL' : `(${typeText(value.type)}) 0x${raw.toString(16)}`;
  return (value.type.signed ? BigInt.asIntN(8 * value.bytes.length, raw) : raw).toString();
}

function formatted(value: Value, format: FormatSuffix): string {
  const raw = fromBytes(value.bytes);
  const bits = 8 * value.bytes.length;
  const arithmetic = arithmeticOf(value.type);
  const number = arithmetic.kind === 'int' && arithmetic.signed ? BigInt.asIntN(bits, raw) : raw;
  switch (format) {
    case 'x':
      return `0x${raw.toString(16)}`;
    case 'd':
      return BigInt.asIntN(bits, raw).toString();
    case 'u':
      return raw.toString();
    case 'o':
      return `0${raw.toString(8)}`;
    case 'b':
      return `0b${raw.toString(2)}`;
    case 'c':
      return `'${String.fromCharCode(Number(raw & 0xffn))}'`;
    case 's': {
      const end = value.bytes.indexOf(0);
      return JSON.stringify(decodeUtf8(end < 0 ? value.bytes : value.bytes.subarray(0, end)));
    }
    case 'ip':
      return value.bytes.length === 16 ? ipv6Text(value.bytes) : [...value.bytes.subarray(0, 4)].join('.');
    case 'port':
      return portText(raw);
    case 'op':
      return OPS.find((row) => BigInt(row.number) === number)?.name ?? number.toString();
    case 'state':
      return stateText(Number(number));
    case 'flags': {
      const names = CALLBACK_FLAGS.filter((flag) => (raw & BigInt(flag.value)) !== 0n).map((flag) => flag.name);
      return names.length === 0 ? '0' : names.join(' | ');
    }
  }
}

/** A port in whichever of the three ways a program holds one: host order, __be16, or __be16 in the upper half (remote_port). */
function portText(raw: bigint): string {
  const swap = (number: bigint) => ((number & 0xffn) << 8n) | ((number >> 8n) & 0xffn);
  if (raw > 0xffffn) return (raw & 0xffffn) === 0n ? `${swap(raw >> 16n)}` : raw.toString();
  return `${raw} (byte-swapped ${swap(raw)})`;
}

function ipv6Text(bytes: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  return words.join(':').replace(/(?:^|:)0(?::0)+(?::|$)/, '::');
}
