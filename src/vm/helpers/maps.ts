// Helpers on maps, and the two that call back (bpf_loop, bpf_for_each_map_elem). Source: kernel/bpf/helpers.c, bpf_iter.c.

import type { Continuation } from '../continuation.ts';
import { E2BIG, EINVAL } from '../errno.ts';
import { BLOCK } from '../heap.ts';
import { type Machine, SIGNAL } from '../machine.ts';
import { type BpfMap, NO_ITERATION } from '../maps/map.ts';
import { ProgramArray } from '../maps/references.ts';
import { flagsArg, type HelperImpl } from './impl.ts';

function keyOf(m: Machine, map: BpfMap, n: number): number {
  return m.pointer(n, map.definition.keySize, 'read', 'key');
}

function valueAt(m: Machine, map: BpfMap, n: number, mode: 'read' | 'write'): number {
  return m.pointer(n, map.definition.valueSize, mode, 'value');
}

const BLOOM_FILTER = 30;
/** include/linux/bpf.h BPF_MAX_LOOPS */
const MAX_LOOPS = 1 << 23;

export const MAP_HELPERS = {
  bpf_map_lookup_elem(m) {
    const map = m.mapArg(1);
    const key = map === undefined ? -1 : keyOf(m, map, 2);
    if (map === undefined || key < 0) return undefined;
    return m.returnBlock(map.lookup(key));
  },
  bpf_map_update_elem(m) {
    const map = m.mapArg(1);
    const key = map === undefined ? -1 : keyOf(m, map, 2);
    if (map === undefined || key < 0) return undefined;
    const value = valueAt(m, map, 3, 'read');
    return value < 0 ? undefined : map.update(key, value, flagsArg(m, 4));
  },
  bpf_map_delete_elem(m) {
    const map = m.mapArg(1);
    const key = map === undefined ? -1 : keyOf(m, map, 2);
    return map === undefined || key < 0 ? undefined : map.delete(key);
  },
  bpf_map_lookup_percpu_elem(m) {
    const map = m.mapArg(1);
    const key = map === undefined ? -1 : keyOf(m, map, 2);
    if (map === undefined || key < 0) return undefined;
    const cpu = m.argU32(3);
    return m.returnBlock(cpu < m.cpuCount ? map.lookupOnCpu(key, cpu) : 0);
  },
  bpf_map_push_elem(m) {
    const map = m.mapArg(1);
    const value = map === undefined ? -1 : valueAt(m, map, 2, 'read');
    return map === undefined || value < 0 ? undefined : map.push(value, flagsArg(m, 3));
  },
  bpf_map_pop_elem(m) {
    const map = m.mapArg(1);
    const value = map === undefined ? -1 : valueAt(m, map, 2, 'write');
    return map === undefined || value < 0 ? undefined : map.pop(value);
  },
  bpf_map_peek_elem(m) {
    const map = m.mapArg(1);
    if (map === undefined) return undefined;
    const value = valueAt(m, map, 2, map.definition.typeId === BLOOM_FILTER ? 'read' : 'write');
    return value < 0 ? undefined : map.peek(value);
  },
  bpf_tail_call(m) {
    const map = m.mapArg(2);
    if (map === undefined) return undefined;
    if (!(map instanceof ProgramArray)) {
      m.badArgument(2, `map \`${map.definition.name}\` is no program array`);
      return undefined;
    }
    const reference = map.reference(m.argU32(3));
    // A failed tail call is no error: the program simply goes on. What r0 holds then is up to the JIT; x86 leaves it alone.
    if (reference === 0 || m.tailCalls >= m.tailCallLimit) return undefined;
    m.tailCalls++;
    const code = m.codes[reference - 1]!;
    m.port.event({ kind: 'tail-call', program: code.program.name });
    m.tailCall(code);
    return undefined;
  },
  bpf_loop(m) {
    const count = m.argU32(1);
    if (m.arg(4) !== 0n) return EINVAL;
    // Where the verifier puts the loop in place of the call, the error is a 32-bit move.
    if (count > MAX_LOOPS) return m.view.has('loop-inlined') ? BigInt.asUintN(32, BigInt(E2BIG)) : E2BIG;
    if (count === 0) return 0;
    const argument = m.arg(3);
    if (m.callBack(2, { kind: 'loop', count, index: 0, argument })) {
      m.regs64[1] = 0n;
      m.regs64[2] = argument;
    }
    return undefined;
  },
  bpf_for_each_map_elem(m) {
    const map = m.mapArg(1);
    if (map === undefined) return undefined;
    if (m.arg(4) !== 0n) return EINVAL;
    const first = map.visit(0);
    if (first === NO_ITERATION) return EINVAL;
    if (first === undefined) return 0;
    const argument = m.arg(3);
    const key = m.heap.allocate({
      kind: BLOCK.mapKey,
      mapped: map.definition.keySize,
      owner: map.index,
      readOnly: true,
    });
    if (key < 0) return m.unmodelled('bpf_for_each_map_elem()', 'memory is used up');
    const continuation: Continuation = {
      kind: 'for-each-element',
      map: map.index,
      cursor: first.next,
      done: 1,
      argument,
      key,
    };
    if (m.callBack(2, continuation)) showElement(m, map, key, first, argument);
    return undefined;
  },
} satisfies Record<string, HelperImpl>;

function showElement(
  m: Machine,
  map: BpfMap,
  key: number,
  visit: { readonly key: number; readonly index: number; readonly value: number },
  argument: bigint,
): void {
  if (visit.key === 0) m.memory.setU32(key, visit.index);
  else m.memory.copyWithin(key, visit.key, map.definition.keySize);
  m.setPointer(1, map.object);
  m.setPointer(2, key);
  m.setPointer(3, visit.value);
  m.regs64[4] = argument;
  m.regs64[5] = 0n;
}

/** The callback of bpf_loop() has returned. */
export function resumeLoop(m: Machine, c: Extract<Continuation, { kind: 'loop' }>): number | undefined {
  const rounds = c.index + 1;
  if (m.regs64[0] !== 0n || rounds === c.count) return rounds;
  m.again({ ...c, index: rounds });
  m.regs64[1] = BigInt(rounds);
  m.regs64[2] = c.argument;
  return undefined;
}

/** The callback of bpf_for_each_map_elem() has returned. */
export function resumeForEach(m: Machine, c: Extract<Continuation, { kind: 'for-each-element' }>): number | undefined {
  const map = m.maps[c.map]!;
  const next = m.regs64[0] === 0n ? map.visit(c.cursor) : undefined;
  if (next === undefined || next === NO_ITERATION || m.signal === SIGNAL.fault) {
    m.heap.free(c.key);
    return c.done;
  }
  m.again({ ...c, cursor: next.next, done: c.done + 1 });
  showElement(m, map, c.key, next, c.argument);
  return undefined;
}
