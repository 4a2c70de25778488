// What each operation does, in words for a person who hovers over an instruction. One entry for all widths of an operation;
// describe.ts adds what a particular instruction does with its operands. Source: RFC 9669 sections 4 and 5, and for what came
// later the kernel's Documentation/bpf/standardization and interpreter (kernel/bpf/core.c).

export interface InsnDoc {
  readonly title: string;
  /** One or more sentences. */
  readonly text: string;
  /** A line or two of assembly as it is found in real programs. */
  readonly example: string;
}

const BELOW = 'Both operands count as unsigned numbers.';
const SIGNED = 'Both operands count as signed numbers.';
const DIVISION_BY_ZERO =
  'Nothing traps: dividing by zero gives 0. The immediate 0 as divisor is refused by the verifier.';

export const INSN_DOCS = {
  add: { title: 'Addition', text: 'Adds the second operand to the first. Overflow wraps around.', example: 'r2 += -8' },
  sub: {
    title: 'Subtraction',
    text: 'Takes the second operand from the first. Overflow wraps around.',
    example: 'r0 -= r6',
  },
  mul: { title: 'Multiplication', text: 'Keeps the low bits of the product.', example: 'r0 *= 12' },
  div: {
    title: 'Unsigned division',
    text: `Divides unsigned numbers and drops the remainder. ${DIVISION_BY_ZERO} An immediate divisor is sign-extended first, so that -1 is the largest number.`,
    example: 'r0 /= 1000',
  },
  sdiv: {
    title: 'Signed division',
    text: `Divides signed numbers, rounding towards zero. ${DIVISION_BY_ZERO} The smallest number divided by -1 gives itself.`,
    example: 'r0 s/= -3',
  },
  mod: {
    title: 'Unsigned remainder',
    text: 'Remainder of an unsigned division. With a divisor of zero the first operand stays as it is; in 32 bits its upper half is cleared all the same.',
    example: 'w0 %= 10',
  },
  smod: {
    title: 'Signed remainder',
    text: 'Remainder of a signed division that rounds towards zero; it has the sign of the first operand. With a divisor of zero the first operand stays as it is.',
    example: 'w0 s%= 10',
  },
  or: { title: 'Bitwise or', text: 'Sets every bit that is set in either operand.', example: 'w1 |= 0x10' },
  and: { title: 'Bitwise and', text: 'Keeps the bits that are set in both operands.', example: 'r1 &= 0xff' },
  xor: { title: 'Bitwise exclusive or', text: 'Keeps the bits in which the operands differ.', example: 'r0 ^= r1' },
  lsh: {
    title: 'Shift left',
    text: 'Shifts towards the high bits and fills with zeros. Only the low 6 bits of the distance count, the low 5 in 32-bit form.',
    example: 'r1 <<= 32',
  },
  rsh: {
    title: 'Shift right, unsigned',
    text: 'Shifts towards the low bits and fills with zeros. Only the low 6 bits of the distance count, the low 5 in 32-bit form.',
    example: 'r1 >>= 16',
  },
  arsh: {
    title: 'Shift right, signed',
    text: 'Shifts towards the low bits and fills with copies of the sign bit. Only the low 6 bits of the distance count, the low 5 in 32-bit form.',
    example: 'r1 s>>= 32',
  },
  mov: {
    title: 'Move',
    text: 'Copies the second operand. A 64-bit move of a number sign-extends it; the 32-bit form clears the upper half of the register, which is how a number is zero-extended.',
    example: 'r6 = r1',
  },
  movsx: {
    title: 'Move with sign extension',
    text: 'Takes the low 8, 16 or 32 bits of the source as a signed number and fills the register with copies of its sign bit. In the 32-bit form the upper half is cleared.',
    example: 'r1 = (s32)r0',
  },
  neg: { title: 'Negation', text: 'Takes the register from zero.', example: 'r0 = -r0' },
  be: {
    title: 'Convert to or from big endian',
    text: 'Turns the low 16, 32 or 64 bits from the byte order of the machine to network byte order or back, and clears the bits above. On a little-endian machine that swaps bytes. It is what bpf_ntohl and bpf_htons compile to where the argument is no constant.',
    example: 'r1 = be16 r1',
  },
  le: {
    title: 'Convert to or from little endian',
    text: 'Turns the low 16, 32 or 64 bits from the byte order of the machine to little endian. On a little-endian machine that only clears the bits above.',
    example: 'r1 = le32 r1',
  },
  bswap: {
    title: 'Swap bytes',
    text: 'Reverses the bytes of the low 16, 32 or 64 bits, whatever the machine, and clears the bits above.',
    example: 'r1 = bswap32 r1',
  },
  'addr-space-cast': {
    title: 'Cast between address spaces',
    text: 'Turns an address in a BPF arena, as user space knows it, into one that the program can use, or back. Of no use without an arena map.',
    example: 'r1 = addr_space_cast(r1, 0x0, 0x1)',
  },
  'ld-imm64-value': {
    title: 'Load a 64-bit number',
    text: 'Puts a full 64-bit number into a register. It is the only instruction of 16 bytes and takes two slots, and a jump may not land on the second.',
    example: 'r1 = 0x123456789abcdef0 ll',
  },
  'ld-imm64-map-fd': {
    title: 'Load the address of a map',
    text: 'Puts the address of a map into a register, as the first argument of map helpers. The loader writes the map\u2019s file descriptor into the instruction; the kernel replaces it by the address.',
    example: 'r1 = counts ll',
  },
  'ld-imm64-map-value': {
    title: 'Load an address inside a map value',
    text: 'Puts the address of a place in the value of a one-element array map into a register. Global variables are reached this way: the sections .data, .rodata and .bss are such maps.',
    example: 'r1 = settings[0] + 8 ll',
  },
  'ld-imm64-btf-id': {
    title: 'Load the address of a kernel variable',
    text: 'Puts the address of a kernel variable, named by its BTF id, into a register. It comes from an `extern ... __ksym` declaration.',
    example: 'ld_pseudo r1, 3, 0x1234',
  },
  'ld-imm64-function': {
    title: 'Load the address of a function',
    text: 'Puts the address of a BPF function into a register, to be handed to a helper that calls back, such as bpf_for_each_map_elem or bpf_loop.',
    example: 'r2 = callback ll',
  },
  'ld-imm64-map-idx': {
    title: 'Load the address of a map by index',
    text: 'Like the load of a map\u2019s address, with the map named by its index in the array of descriptors that the loader passes along. Loaders without libbpf use it.',
    example: 'ld_pseudo r1, 5, 0',
  },
  'ld-imm64-map-idx-value': {
    title: 'Load an address inside a map value by index',
    text: 'Like the load of an address inside a map value, with the map named by its index in the array of descriptors that the loader passes along.',
    example: 'ld_pseudo r1, 6, 0',
  },
  load: {
    title: 'Load',
    text: 'Reads 1, 2, 4 or 8 bytes from memory in the byte order of the machine and clears the bits above. From the context, the kernel allows certain offsets and widths only.',
    example: 'w1 = *(u32 *)(r6 + 0x44)',
  },
  'load-signed': {
    title: 'Load with sign extension',
    text: 'Reads 1, 2 or 4 bytes from memory as a signed number and fills the register with copies of its sign bit. The context of a sock_ops program cannot be read this way.',
    example: 'r1 = *(s32 *)(r10 - 0x8)',
  },
  store: {
    title: 'Store',
    text: 'Writes the low 1, 2, 4 or 8 bytes of a register, or a number, to memory in the byte order of the machine.',
    example: '*(u32 *)(r6 + 0x4) = w1',
  },
  atomic: {
    title: 'Atomic update',
    text: 'Reads memory, combines it with the register and writes it back, in one step that no other processor can get between. The old value is not returned.',
    example: 'lock *(u64 *)(r0 + 0x0) += r1',
  },
  'atomic-fetch': {
    title: 'Atomic update that returns the old value',
    text: 'Reads memory, combines it with the register and writes it back, in one step that no other processor can get between. What memory held before ends up in the register. It also orders the accesses around it.',
    example: 'r1 = atomic_fetch_add((u64 *)(r0 + 0x0), r1)',
  },
  xchg: {
    title: 'Atomic exchange',
    text: 'Swaps register and memory in one step.',
    example: 'r1 = xchg_64(r0 + 0x0, r1)',
  },
  cmpxchg: {
    title: 'Atomic compare and exchange',
    text: 'If memory holds what r0 holds, writes the source register there. Either way r0 receives what memory held, so that comparing it with the expected value tells whether it went through.',
    example: 'r0 = cmpxchg_64(r6 + 0x0, r0, r1)',
  },
  'load-acquire': {
    title: 'Load with acquire ordering',
    text: 'Reads memory; no access that comes later in the program is carried out before it. Pairs with a store-release.',
    example: 'r1 = load_acquire((u64 *)(r2 + 0x0))',
  },
  'store-release': {
    title: 'Store with release ordering',
    text: 'Writes memory; every access that comes earlier in the program is carried out before it. Pairs with a load-acquire.',
    example: 'store_release((u64 *)(r1 + 0x0), r2)',
  },
  goto: {
    title: 'Jump',
    text: 'Goes on at the target. The distance counts 8-byte slots from the next instruction, in 16 bits.',
    example: 'goto +0x3',
  },
  gotol: {
    title: 'Long jump',
    text: 'Goes on at the target. The distance counts 8-byte slots from the next instruction, in 32 bits.',
    example: 'gotol +0x12345',
  },
  gotox: {
    title: 'Indirect jump',
    text: 'Goes on at the address in the register, which has to come from a map of instruction addresses: the jump table of a switch.',
    example: 'gotox r1',
  },
  'may-goto': {
    title: 'Bounded jump',
    text: 'Falls through at most about eight million times, or for a quarter of a second, and then takes the jump. It lets a loop whose end the verifier cannot see pass: `can_loop` and `cond_break` use it.',
    example: 'may_goto +0x2',
  },
  jeq: { title: 'Jump if equal', text: 'Jumps when both operands are the same.', example: 'if r0 == 0x0 goto +0x4' },
  jne: { title: 'Jump if not equal', text: 'Jumps when the operands differ.', example: 'if w1 != 0x2 goto +0x4' },
  jgt: {
    title: 'Jump if above',
    text: `Jumps when the first operand is greater. ${BELOW}`,
    example: 'if r2 > r3 goto +0x8',
  },
  jge: {
    title: 'Jump if above or equal',
    text: `Jumps when the first operand is not less. ${BELOW}`,
    example: 'if w1 >= 0x5 goto +0x1',
  },
  jlt: {
    title: 'Jump if below',
    text: `Jumps when the first operand is less. ${BELOW}`,
    example: 'if w1 < 0x5 goto +0x1',
  },
  jle: {
    title: 'Jump if below or equal',
    text: `Jumps when the first operand is not greater. ${BELOW}`,
    example: 'if r1 <= 0x5 goto +0x1',
  },
  jsgt: {
    title: 'Jump if greater, signed',
    text: `Jumps when the first operand is greater. ${SIGNED}`,
    example: 'if w0 s> -0x1 goto +0x2',
  },
  jsge: {
    title: 'Jump if greater or equal, signed',
    text: `Jumps when the first operand is not less. ${SIGNED}`,
    example: 'if w0 s>= 0x0 goto +0x2',
  },
  jslt: {
    title: 'Jump if less, signed',
    text: `Jumps when the first operand is less. ${SIGNED}`,
    example: 'if w0 s< 0x0 goto +0x2',
  },
  jsle: {
    title: 'Jump if less or equal, signed',
    text: `Jumps when the first operand is not greater. ${SIGNED}`,
    example: 'if w0 s<= 0x0 goto +0x2',
  },
  jset: {
    title: 'Jump if bits are set',
    text: 'Jumps when the operands have a set bit in common.',
    example: 'if w1 & 0x10 goto +0x2',
  },
  call: {
    title: 'Call a helper',
    text: 'Calls a function of the kernel by its number. Arguments are in r1 to r5, the result comes in r0; r1 to r5 hold nothing usable afterwards, r6 to r9 keep their values.',
    example: 'call 1',
  },
  'call-local': {
    title: 'Call a function of the program',
    text: 'Calls another BPF function, which gets a stack frame of its own. Arguments are in r1 to r5, the result comes in r0; r6 to r9 are saved and restored. Calls nest eight deep at most.',
    example: 'call count',
  },
  'call-kfunc': {
    title: 'Call a kernel function',
    text: 'Calls a function of the kernel by its BTF id. Arguments and result are as for helpers. Kernel functions are no stable interface: they come, go and change with kernel versions.',
    example: 'call bpf_sock_ops_enable_tx_tstamp',
  },
  callx: {
    title: 'Call through a register',
    text: 'Calls the function whose address the register holds. No kernel accepts it; clang emits it for a call through a function pointer that it could not resolve.',
    example: 'callx r1',
  },
  exit: {
    title: 'Return',
    text: 'Returns from the function; r0 is the result. At the end of a sock_ops program it has to be 0 or 1, and with 0 the kernel ignores the reply.',
    example: 'r0 = 1\nexit',
  },
  'packet-abs': {
    title: 'Legacy packet load',
    text: 'Reads 1, 2 or 4 bytes of the packet at a fixed offset, in network byte order, into r0; past the end of the packet the program ends with 0. Socket filters and traffic control programs only: a sock_ops program reads the header through skb_data or bpf_load_hdr_opt.',
    example: 'r0 = *(u16 *)skb[0xc]',
  },
  'packet-ind': {
    title: 'Legacy packet load, indexed',
    text: 'Reads 1, 2 or 4 bytes of the packet at an offset in a register plus a number, in network byte order, into r0; past the end of the packet the program ends with 0. Socket filters and traffic control programs only.',
    example: 'r0 = *(u16 *)skb[r7]',
  },
} as const satisfies Record<string, InsnDoc>;

export type DocKey = keyof typeof INSN_DOCS;
