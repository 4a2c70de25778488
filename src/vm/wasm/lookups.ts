// bpf_map_lookup_elem() without leaving compiled code, for the two types of map that make up nearly all lookups, where the map is
// named in the same block as the call. It finds what ArrayMap.lookup and HashMap.lookup find, and leaves to them what changes memory:
// an element of an array that nobody has asked for before.

import { HEADER } from '../heap.ts';
import { MAP_HELPERS } from '../helpers/maps.ts';
import { GRANULE_BYTES } from '../linear-memory.ts';
import type { Code } from '../lower.ts';
import type { MapLayout } from '../maps/layout.ts';
import { OP } from '../op.ts';
import { type Body, LOCAL } from './body.ts';
import { I } from './encoding.ts';

/** The map of a lookup that is done without the machine: its address must be loaded into r1 in the block of the call. */
export function mapAtCall(body: Body, call: number, blockStart: number): MapLayout | undefined {
  const { code } = body;
  if (code.op[call] !== OP.callHelper || code.calls[code.target[call]!] !== MAP_HELPERS.bpf_map_lookup_elem)
    return undefined;
  let at: number | undefined;
  for (let column = blockStart; column < call; column++) if (writes(code, column, 1)) at = column;
  if (at === undefined || code.op[at] !== OP.loadImm64) return undefined;
  const value = body.constantOf(code.src[at]!);
  return value === undefined ? undefined : body.mapOf(value);
}

/** Register, and number of bytes there, of the key of a lookup. */
export const keyAccess = (map: MapLayout) =>
  ({ base: 2, off: 0, size: map.kind === 'array' ? 4 : map.keySize, mode: 'read' }) as const;

/** Whether the operation may change a register: all that are no store and no jump are taken to change their `dst`. */
function writes(code: Code, column: number, register: number): boolean {
  const op = code.op[column]!;
  if (op === OP.store8 || op === OP.store16 || op === OP.store32 || op === OP.store64) return false;
  if (op === OP.atomic32 || op === OP.atomic64) return code.src[column] === register;
  return code.dst[column] === register;
}

/**
 * The lookup, with the address of the key in the local `address`: r0 is set and the label `done` taken, or the label `slow` where the
 * machine has to do it.
 */
export function emitLookup(body: Body, map: MapLayout, slow: number, done: number): void {
  if (map.kind === 'array') emitArray(body, map, slow, done);
  else emitHash(body, map, done);
}

/** r0 = pointer to the block whose data address is in the local `element`. */
function returnBlock(body: Body): void {
  body.get(LOCAL.element).op(I.i64ExtendI32U);
  body.get(LOCAL.element).i32(GRANULE_BYTES).op(I.i32Sub).memory(I.i64Load32U, 2, HEADER.colour);
  body.i64(32n).op(I.i64Shl, I.i64Or).setRegister(0);
}

function emitArray(body: Body, map: Extract<MapLayout, { kind: 'array' }>, slow: number, done: number): void {
  body.get(LOCAL.address).memory(I.i32Load, 0).tee(LOCAL.address);
  body
    .i32(map.maxEntries | 0)
    .op(I.i32GeU)
    .if()
    .i64(0n)
    .setRegister(0)
    .branch(done + 1, 'always')
    .close();
  body.get(LOCAL.address).i32(map.chunkShift).op(I.i32ShrU).i32(2).op(I.i32Shl);
  body.memory(I.i32Load, 2, map.directory).tee(LOCAL.element).op(I.i32Eqz).branch(slow, 'if');
  body
    .get(LOCAL.address)
    .i32((1 << map.chunkShift) - 1)
    .op(I.i32And)
    .i32(2)
    .op(I.i32Shl);
  body.get(LOCAL.element).op(I.i32Add).memory(I.i32Load, 2).tee(LOCAL.element).op(I.i32Eqz).branch(slow, 'if');
  returnBlock(body);
  body.branch(done, 'always');
}

function emitHash(body: Body, map: Extract<MapLayout, { kind: 'hash' }>, done: number): void {
  const { hash } = map;
  const mixed = (shift: number) => body.tee(LOCAL.hash).get(LOCAL.hash).i32(shift).op(I.i32ShrU, I.i32Xor);
  body.i32(hash.start);
  for (let at = 0; at < map.keySize; at += 4) {
    body.get(LOCAL.address).memory(I.i32Load, 0, at).op(I.i32Xor).i32(hash.factor).op(I.i32Mul);
    mixed(hash.wordShift);
  }
  mixed(hash.firstShift).i32(hash.factor).op(I.i32Mul);
  mixed(hash.lastShift).tee(LOCAL.hash);
  body.i32(map.control).memory(I.i32Load, 2, map.bucketCount).i32(1).op(I.i32Sub, I.i32And).i32(2).op(I.i32Shl);
  body.i32(map.control).memory(I.i32Load, 2, map.buckets).op(I.i32Add).memory(I.i32Load, 2).set(LOCAL.element);
  const field = (offset: number) =>
    body.get(LOCAL.element).i32(GRANULE_BYTES).op(I.i32Sub).memory(I.i32Load, 2, offset);
  // From here on labels count from inside of: loop, block.
  body.open('block').open('loop');
  body.get(LOCAL.element).op(I.i32Eqz).branch(1, 'if');
  body.open('block');
  field(map.hashField).get(LOCAL.hash).op(I.i32Ne).branch(0, 'if');
  for (let at = 0; at < map.keySize; at += 4) {
    field(map.keyField).memory(I.i32Load, 0, at).get(LOCAL.address).memory(I.i32Load, 0, at);
    body.op(I.i32Ne).branch(0, 'if');
  }
  returnBlock(body);
  body.branch(done + 3, 'always').close();
  field(map.nextField).set(LOCAL.element).branch(0, 'always');
  body.close().close();
  body.i64(0n).setRegister(0).branch(done, 'always');
}
