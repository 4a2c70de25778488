// What the rules on registers, arithmetic and memory are in plain words, and what to write instead.

import { type CtxFieldRow, sinceText } from '../kernel/index.ts';
import type { AdviceOf } from './explain.ts';
import type { KptrProblem, ReasonOf, StackAccess } from './reason.ts';

type MemoryKind =
  | 'no-such-register'
  | 'not-readable'
  | 'frame-pointer-written'
  | 'divide-by-zero'
  | 'shift-amount'
  | 'two-pointers'
  | 'pointer-arithmetic-32'
  | 'pointer-arithmetic-nullable'
  | 'pointer-arithmetic'
  | 'pointer-subtracted'
  | 'stack-pointer-subtraction'
  | 'pointer-operator'
  | 'offset-not-allowed'
  | 'pointer-offset-not-allowed'
  | 'offset-unbounded'
  | 'offset-out-of-bounds'
  | 'address-space-cast'
  | 'misaligned'
  | 'bad-dereference'
  | 'ctx-access'
  | 'ctx-conversion'
  | 'modified-pointer'
  | 'negative-pointer'
  | 'variable-pointer'
  | 'min-negative'
  | 'outside-memory'
  | 'unbounded-access'
  | 'outside-packet'
  | 'packet-write'
  | 'read-only'
  | 'map-key-write'
  | 'map-access-forbidden'
  | 'map-write-forbidden'
  | 'special-field'
  | 'kptr'
  | 'sock-access'
  | 'btf-access'
  | 'stack-access'
  | 'stack-unbounded'
  | 'stack-variable-to-helper'
  | 'stack-uninitialised'
  | 'spill-size'
  | 'fill-size'
  | 'stack-pointer-to-caller'
  | 'different-pointers'
  | 'atomic-size'
  | 'atomic-operation'
  | 'atomic-target'
  | 'store-immediate-target'
  | 'packet-load'
  | 'buffer-access';

const POINTERS: Readonly<Record<string, string>> = {
  ctx: 'the context pointer',
  fp: 'a pointer to the stack',
  map_ptr: 'a pointer to a map',
  map_value: 'a pointer to a map value',
  map_key: 'a pointer to a map key',
  sock: 'a pointer to a socket',
  sock_common: 'a pointer to a socket',
  tcp_sock: 'a pointer to a TCP socket',
  pkt: 'a pointer into the packet',
  pkt_end: "the pointer to the packet's end",
  mem: 'a pointer to memory',
  ringbuf_mem: 'a pointer to ring buffer memory',
  func: 'a pointer to a function',
  pkt_meta: 'a pointer to packet metadata',
  xdp_sock: 'a pointer to an XDP socket',
  buf: 'a pointer to a buffer',
  scalar: 'a number',
  inv: 'a number',
  '?': 'nothing (it is not initialised)',
};

/** "map_value_or_null" as people say it. */
export function typeWords(type: string): string {
  if (type.startsWith('untrusted_')) return `${typeWords(type.slice(10))} that may be stale`;
  if (type.startsWith('trusted_') || type.startsWith('rcu_')) return typeWords(type.slice(type.indexOf('_') + 1));
  if (type.endsWith('_or_null')) return `${typeWords(type.slice(0, -8))} that may be NULL`;
  const struct = /^ptr_(.*)$/.exec(type);
  if (struct !== null) return `a pointer to a kernel's struct ${struct[1] || ''}`.trimEnd();
  return POINTERS[type] ?? `a ${type}`;
}

const name = (field: CtxFieldRow): string => `'${field.name}'`;
const bytes = (count: number): string => (count === 1 ? '1 byte' : `${count} bytes`);
const areRead = (size: number): string => (size === 1 ? 'is read' : 'are read');
const sizes = (list: readonly number[]): string =>
  list.length === 1 ? bytes(list[0]!) : `${list.slice(0, -1).join(', ')} or ${bytes(list[list.length - 1]!)}`;

export const CHECK_NULL = 'compare the pointer with NULL first and leave when it is NULL';

function context({ why, off, size, mode }: ReasonOf<'ctx-access'>): ReturnType<AdviceOf<'ctx-access'>> {
  switch (why.kind) {
    case 'outside':
      return {
        rule: `${bytes(size)} at offset ${off} are outside the context, which has ${bytes(why.ctxSize)} on this kernel`,
      };
    case 'not-yet':
      return {
        rule: `this kernel has no context field ${name(why.field)} yet (${sinceText(why.field.lifetimes)})`,
        remedy: 'leave the field out for older kernels, or build two programs and load the one that fits',
      };
    case 'misaligned':
      return {
        rule: `${bytes(size)} of the context can only be ${mode === 'read' ? 'read' : 'written'} at a multiple of ${size}, and ${off} is none`,
      };
    case 'wrong-size':
      return {
        rule: `context field ${name(why.field)} takes accesses of ${sizes(why.wanted)}, not of ${bytes(size)}`,
        remedy: `${mode === 'read' ? 'read' : 'write'} the whole field into a variable of its type and cut out the part there; make the variable volatile when the compiler narrows the access`,
      };
    case 'inside-field':
      return {
        rule: `context field ${name(why.field)} must be accessed at its start, as ${sizes(why.wanted)}`,
        remedy: 'read the whole field and shift',
      };
    case 'spans-fields':
      return {
        rule: `one access touches several context fields: ${why.fields.map(name).join(', ')}`,
        remedy:
          'access each field by itself; when the compiler merged two, make the variables volatile or put barrier_var() between them',
      };
    case 'read-only':
      return {
        rule: `context field ${name(why.field)} cannot be written`,
        remedy: "write 'reply', 'replylong' or 'sk_txhash', or set an option with bpf_setsockopt()",
      };
  }
}

const STACK_WORDS: Readonly<Record<StackAccess, string>> = {
  'read from': 'read',
  'write to': 'written',
  'indirect access to': 'handed to a helper',
};

function kptr(problem: KptrProblem): { rule: string; remedy?: string } {
  switch (problem.kind) {
    case 'store-referenced':
      return {
        rule: 'a kernel pointer that holds a reference cannot be stored directly',
        remedy: 'use bpf_kptr_xchg()',
      };
    case 'no-btf':
      return {
        rule: `map '${problem.map}' has no type information, so nothing is known of kernel pointers in its values`,
        remedy: 'define the map in .maps with __type(value, ...)',
      };
    case 'type':
      return { rule: `this field takes a pointer to ${problem.expected}, not ${typeWords(problem.type)}` };
    default:
      return { rule: 'a kernel pointer in a map value can only be read and written whole, at its own place' };
  }
}

export const MEMORY_ADVICE: { readonly [K in MemoryKind]: AdviceOf<K> } = {
  'no-such-register': ({ reg }) => ({ rule: `there is no register r${reg}; programs have r0 to r10` }),
  'not-readable': ({ reg }) =>
    reg === 0
      ? { rule: 'r0 is read, or the program ends, before r0 has a value', remedy: 'return a value on every path' }
      : reg <= 5
        ? {
            rule: `r${reg} is read without a value on this path; a call leaves nothing in r1 to r5`,
            remedy: 'give it a value first, and keep what must survive a call in a local variable',
          }
        : { rule: `r${reg} is read without a value on this path`, remedy: 'initialise the variable on every path' },
  'frame-pointer-written': () => ({
    rule: 'r10 always points to the end of the stack frame and cannot be changed',
    remedy: 'copy it and change the copy',
  }),
  'divide-by-zero': () => ({ rule: 'a division by the constant 0' }),
  'shift-amount': ({ amount }) => ({ rule: `a shift by ${amount}, which is not smaller than the width of the number` }),
  'two-pointers': () => ({
    rule: 'two pointers cannot be combined with this operator',
    remedy: 'keep offsets as numbers and add them to one pointer',
  }),
  'pointer-arithmetic-32': () => ({
    rule: 'a 32-bit operation would cut a pointer in half',
    remedy: 'do not store pointers in 32-bit variables; use unsigned long or the pointer type',
  }),
  'pointer-arithmetic-nullable': ({ type }) => ({ rule: `arithmetic on ${typeWords(type)}`, remedy: CHECK_NULL }),
  'pointer-arithmetic': ({ type }) => ({ rule: `no arithmetic is allowed on ${typeWords(type)}` }),
  'pointer-subtracted': () => ({
    rule: 'a pointer is subtracted from a number',
    remedy: 'subtract the number from the pointer',
  }),
  'stack-pointer-subtraction': () => ({
    rule: 'a number is subtracted from a pointer to the stack',
    remedy: 'add the negative number',
  }),
  'pointer-operator': ({ operator }) => ({
    rule: `only + and - work on pointers, not ${operator}`,
    remedy: 'compute with numbers and add the result to the pointer',
  }),
  'offset-not-allowed': ({ type, offset }) => ({ rule: `an offset of ${offset} is too far for ${typeWords(type)}` }),
  'pointer-offset-not-allowed': ({ type, offset }) => ({
    rule: `an offset of ${offset} is too far for ${typeWords(type)}`,
  }),
  'offset-unbounded': ({ type }) => ({
    rule: `the number added to ${typeWords(type)} may be negative without limit`,
    remedy: 'make it unsigned and compare it with its limit first',
  }),
  'offset-out-of-bounds': ({ type, offset }) => ({ rule: `adding ${offset} leads ${typeWords(type)} too far away` }),
  'address-space-cast': ({ problem }) => ({
    rule:
      problem === 'spaces'
        ? 'casts go between address spaces 0 and 1 only'
        : 'a cast of address spaces needs an arena map',
  }),
  misaligned: ({ size }) => ({
    rule: `an access of ${bytes(size)} at an address that is not a multiple of ${size}`,
    remedy: 'align the variable; in a packed structure, copy the bytes',
  }),
  'bad-dereference': ({ type }) =>
    type.includes('_or_null')
      ? { rule: `memory is accessed through ${typeWords(type)}`, remedy: CHECK_NULL }
      : type === 'pkt_end'
        ? { rule: "the packet's end is only there for comparison", remedy: 'read through the start pointer' }
        : type === 'scalar' || type === 'inv'
          ? {
              rule: 'memory is accessed through a number; a pointer was lost, or a kernel pointer was read from memory that holds plain bytes',
              remedy:
                'read kernel memory with bpf_probe_read_kernel(), or keep the pointer whole in a register or an aligned stack slot',
            }
          : { rule: `memory cannot be accessed through ${typeWords(type)}` },
  'ctx-access': (reason) => context({ kind: 'ctx-access', ...reason }),
  'ctx-conversion': ({ off, size }) => ({
    rule: `the kernel accepts ${bytes(size)} at offset ${off} of the context and then finds no way to do it, which fails the load`,
    remedy: 'read the whole field at its start',
  }),
  'modified-pointer': ({ type, off }) => ({
    rule: `${typeWords(type)} was moved by ${off} bytes before use; it must be used as the kernel gave it, with the offset in the access`,
    remedy:
      'access fields from the unchanged pointer; when the compiler moved it, put barrier_var(ptr) before the access',
  }),
  'negative-pointer': ({ type }) => ({ rule: `${typeWords(type)} was moved before its start` }),
  'variable-pointer': ({ type }) => ({
    rule: `the offset from ${typeWords(type)} must be a constant`,
    remedy: 'use a switch over the possible offsets',
  }),
  'min-negative': () => ({
    rule: 'the index may be negative',
    remedy: 'use an unsigned index, or check that it is not negative',
  }),
  'outside-memory': ({ region, regionSize, off, size, bound }) => ({
    rule: `${bytes(size)} at ${bound === 'max' ? 'an offset of up to' : 'offset'} ${off} are outside the ${region === 'map-value' ? 'map value' : region === 'map-key' ? 'map key' : 'memory'}, which has ${bytes(regionSize)}`,
    remedy: 'compare the index with the size before the access, in the same register width in which it is used',
  }),
  'unbounded-access': () => ({
    rule: 'the index has no upper limit that the verifier knows',
    remedy: 'compare it with a constant first, or mask it: index &= SIZE - 1',
  }),
  'outside-packet': ({ off, size, range }) => ({
    rule:
      range <= 0
        ? `${bytes(size)} at offset ${off} of the packet ${areRead(size)} without a check of its length`
        : `${bytes(size)} at offset ${off} of the packet ${areRead(size)}, and only ${bytes(range)} were checked`,
    remedy: `compare first: if (data + ${off + size} > data_end) return 1;`,
  }),
  'packet-write': () => ({
    rule: 'sock_ops programs cannot write into the packet',
    remedy: 'add header options with bpf_store_hdr_opt()',
  }),
  'read-only': ({ type }) => ({ rule: `${typeWords(type)} can only be read` }),
  'map-key-write': () => ({
    rule: 'a map key cannot be changed in place',
    remedy: 'delete the entry and insert a new one',
  }),
  'map-access-forbidden': ({ mode }) => ({ rule: `the map was created so that programs cannot ${mode} it` }),
  'map-write-forbidden': () => ({ rule: 'the map was created so that programs cannot write it' }),
  'special-field': ({ field }) => ({
    rule: `the ${field} in a map value can only be used through its own helpers`,
    remedy: 'access the fields beside it one by one, not the whole value',
  }),
  kptr: ({ problem }) => kptr(problem),
  'sock-access': ({ type, off, size }) => ({
    rule: `${typeWords(type)} has no field at offset ${off} that can be accessed as ${bytes(size)}`,
    remedy: 'read whole fields of struct bpf_sock or struct bpf_tcp_sock; nothing there can be written',
  }),
  'btf-access': ({ text }) => ({ rule: `a kernel structure cannot be accessed this way: ${text}` }),
  'stack-access': ({ access, off, size }) => ({
    rule: `${bytes(size)} at ${off} are ${STACK_WORDS[access]} outside the stack frame (512 bytes, from -512 to -1)`,
    remedy: 'check the index against the size of the array',
  }),
  'stack-unbounded': ({ access }) => ({
    rule: `the stack is ${STACK_WORDS[access]} at an offset without limits`,
    remedy: 'compare the index with the size of the array first',
  }),
  'stack-variable-to-helper': () => ({
    rule: 'a pointer to the stack at a variable offset cannot be handed to a helper',
    remedy: 'copy what the helper needs to a fixed place',
  }),
  'stack-uninitialised': ({ at, size }) => ({
    rule: `${size === 1 ? 'a byte' : `byte ${at} of ${size}`} on the stack is used before anything was written there; padding of a structure counts`,
    remedy: 'clear the whole variable first: struct key key = {}; __builtin_memset(&key, 0, sizeof(key));',
  }),
  'spill-size': () => ({ rule: 'a pointer can only be kept on the stack whole, as 8 bytes' }),
  'fill-size': () => ({ rule: 'a pointer on the stack can only be read back whole, as 8 bytes' }),
  'stack-pointer-to-caller': () => ({ rule: "a function cannot store a pointer to its own stack in its caller's" }),
  'different-pointers': () => ({
    rule: 'one instruction accesses the context on one path and other memory on another',
    remedy: 'do the access on each path by itself; barrier_var() keeps the compiler from merging them',
  }),
  'atomic-size': () => ({ rule: 'atomic operations work on 4 or 8 bytes', remedy: 'use __u32 or __u64' }),
  'atomic-operation': () => ({
    rule: 'the processor has no such atomic operation',
    remedy: 'compile with -mcpu=v3, or use __sync_fetch_and_add()',
  }),
  'atomic-target': ({ type, access }) => ({
    rule: `an atomic operation ${access} ${typeWords(type)}`,
    remedy: 'atomic operations work on map values and the stack',
  }),
  'store-immediate-target': ({ type }) => ({
    rule: `a constant is stored through ${typeWords(type)} in one instruction`,
    remedy: 'put the constant into a register first; compile with -mcpu=v3',
  }),
  'packet-load': () => ({
    rule: 'the old packet loads (LD_ABS, LD_IND) do not exist in sock_ops programs',
    remedy: 'read through skb_data or with bpf_load_hdr_opt()',
  }),
  'buffer-access': ({ text }) => ({ rule: `the buffer cannot be accessed this way: ${text}` }),
};
