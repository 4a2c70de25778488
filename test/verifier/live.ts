// A program of the tests as the running kernel wants it: real maps in place of the numbers that the program uses for them.

import type { MapDefinition } from '../../src/object/index.ts';
import type { VerifyInput } from '../../src/verifier/index.ts';
import type { Kernel, OracleLoad } from '../support/kernel-oracle.ts';

const SK_STORAGE = 24;
const known = new WeakMap<Kernel, Map<string, number>>();

/** BTF with one type, int, as number 1: storage maps must say what their keys and values are. */
function intBtf(): Uint8Array {
  const strings = Uint8Array.of(0, 0x69, 0x6e, 0x74, 0);
  const bytes = new Uint8Array(24 + 16 + strings.length);
  const header = new DataView(bytes.buffer);
  header.setUint16(0, 0xeb9f, true);
  header.setUint8(2, 1);
  header.setUint32(4, 24, true);
  header.setUint32(12, 16, true);
  header.setUint32(16, 16, true);
  header.setUint32(20, strings.length, true);
  header.setUint32(24, 1, true);
  header.setUint32(28, 1 << 24, true);
  header.setUint32(32, 4, true);
  header.setUint32(36, (1 << 24) | 32, true);
  bytes.set(strings, 40);
  return bytes;
}

/** The descriptor of a map of that shape; each shape is created once. */
function mapFd(kernel: Kernel, { typeId, keySize, valueSize, maxEntries, flags }: MapDefinition): number {
  let fds = known.get(kernel);
  if (fds === undefined) known.set(kernel, (fds = new Map()));
  const key = [typeId, keySize, valueSize, maxEntries, flags].join();
  let fd = fds.get(key);
  if (fd === undefined) {
    const types = typeId === SK_STORAGE ? { btfFd: kernel.loadBtf(intBtf()), keyTypeId: 1, valueTypeId: 1 } : {};
    fd = kernel.createMap({ typeId, keySize, valueSize, maxEntries, flags, ...types });
    if (fd < 0) throw new Error(`map of type ${typeId}: errno ${-fd}`);
    fds.set(key, fd);
  }
  return fd;
}

export function loadable(kernel: Kernel, input: VerifyInput): OracleLoad {
  const bytes = Uint8Array.from(input.bytes);
  const words = new DataView(bytes.buffer);
  for (let at = 0; at + 16 <= bytes.length; at += 8) {
    if (bytes[at] !== 0x18) continue;
    const source = bytes[at + 1]! >> 4;
    if (source === 1 || source === 2) {
      const map = input.maps.find(({ fd }) => fd === words.getInt32(at + 4, true));
      if (map !== undefined) words.setInt32(at + 4, mapFd(kernel, map), true);
    }
    at += 8;
  }
  return { bytes, license: input.license, logLevel: 4 };
}
