// What the verifier of a kernel can and cannot do, and how it words what it refuses.

import { defineFeatures } from './feature.ts';
import { between, maybeSince, since } from './lifetime.ts';

export const VERIFIER_FEATURES = defineFeatures([
  // --- What a program may contain -------------------------------------------------------------------------------------
  {
    name: 'bounded-loops',
    doc: 'Back edges are allowed when the verifier can see the loop end.',
    lifetimes: [since('5.3', 'kernel/bpf/verifier.c is_state_visited')],
  },
  {
    name: 'global-data',
    doc: 'Direct access to map values (.data, .rodata, .bss) by BPF_PSEUDO_MAP_VALUE.',
    lifetimes: [since('5.2', 'kernel/bpf/verifier.c resolve_pseudo_ldimm64')],
  },
  {
    name: 'local-calls',
    doc: 'BPF-to-BPF calls.',
    lifetimes: [since('4.16', 'kernel/bpf/verifier.c check_func_call')],
  },
  {
    name: 'global-functions',
    doc: 'Functions with external linkage are verified once, by their signature.',
    lifetimes: [since('5.6', 'kernel/bpf/verifier.c do_check_subprogs')],
  },
  {
    name: 'callbacks',
    doc: 'Addresses of functions can be passed to helpers.',
    lifetimes: [since('5.13', 'kernel/bpf/verifier.c BPF_PSEUDO_FUNC')],
  },
  {
    name: 'kfunc-calls',
    doc: 'Calls of kernel functions by BTF id.',
    lifetimes: [since('5.13', 'kernel/bpf/verifier.c add_kfunc_call')],
  },
  {
    name: 'atomic-instructions',
    doc: 'Atomic operations beyond plain addition; the instruction class is called BPF_ATOMIC and no longer BPF_XADD.',
    lifetimes: [since('5.12', 'kernel/bpf/verifier.c check_atomic')],
  },
  {
    name: 'acquire-release',
    doc: 'Load-acquire and store-release.',
    lifetimes: [since('6.15', 'kernel/bpf/verifier.c check_atomic_load')],
  },
  {
    name: 'jmp32',
    doc: 'Jumps on 32-bit comparisons.',
    lifetimes: [since('5.1', 'kernel/bpf/verifier.c check_cond_jmp_op')],
  },
  {
    name: 'jump-less-than',
    doc: 'Jumps on less-than comparisons.',
    lifetimes: [since('4.14', 'kernel/bpf/verifier.c check_cond_jmp_op')],
  },
  {
    name: 'arithmetic-shift-32',
    doc: '32-bit arithmetic shift right.',
    lifetimes: [since('5.0', 'kernel/bpf/verifier.c check_alu_op')],
  },
  {
    name: 'cpu-v4',
    doc: 'Sign-extending loads and moves, byte swap, signed division, jumps with 32-bit offset.',
    lifetimes: [since('6.6', 'kernel/bpf/verifier.c check_alu_op')],
  },
  {
    name: 'may-goto',
    doc: 'Loops bounded at run time by may_goto.',
    lifetimes: [since('6.9', 'kernel/bpf/verifier.c check_cond_jmp_op')],
  },
  {
    name: 'map-by-index',
    doc: 'Maps referred to by their index in fd_array.',
    lifetimes: [since('5.14', 'kernel/bpf/verifier.c resolve_pseudo_ldimm64')],
  },
  {
    name: 'store-immediate-to-ctx',
    doc: 'Immediates can be stored into writable context fields.',
    lifetimes: [since('6.4', 'kernel/bpf/verifier.c do_check')],
  },
  {
    name: 'ctx-op-writable',
    doc: 'The op and all four reply words can be written.',
    lifetimes: [between('4.13', '4.16', 'net/core/filter.c sock_ops_is_valid_access')],
  },
  {
    name: 'instructions-resolved-first',
    doc: 'Reserved fields and register numbers of every instruction are checked before any path is followed.',
    lifetimes: [since('7.1', 'kernel/bpf/verifier.c check_and_resolve_insns; probe of 7.2.13')],
  },

  {
    name: 'tracing-multi',
    doc: 'There are attach types for many functions at once, which only tracing programs may be loaded with.',
    lifetimes: [since('7.2', 'kernel/bpf/syscall.c bpf_prog_load_check_attach; answers of 6.18.44 and 7.2.13')],
  },

  // --- What it knows of values ----------------------------------------------------------------------------------------
  {
    name: 'bounds-32',
    doc: 'Bounds of the lower half of a register are tracked on their own.',
    lifetimes: [since('5.7', 'kernel/bpf/verifier.c __reg_combine_32_into_64')],
  },
  {
    name: 'uninitialised-stack-readable',
    doc: 'A privileged program may read stack that it has not written.',
    // Backported to 5.10 and 6.1 at some point.
    lifetimes: [
      maybeSince('5.10.1', '5.10.200', 'verdicts of Debian 5.10', '5.11'),
      maybeSince('6.1.1', '6.1.176', 'verdicts of Debian 6.1.176', '6.2'),
      since('6.3', 'kernel/bpf/verifier.c allow_uninit_stack'),
    ],
  },
  {
    name: 'stack-below-frame-readable',
    doc: 'Stack below everything that the function has touched so far can be read as other stack that it has not written.',
    lifetimes: [since('6.8', 'refused by 5.10 and 6.1, accepted by 6.12.117; releases between were not asked')],
  },
  {
    name: 'helper-reads-keep-stack',
    doc: 'Stack that a helper only reads keeps what is known of it, and a read out of bounds is called a read.',
    lifetimes: [since('6.14', 'kernel/bpf/verifier.c check_stack_range_initialized; log of 6.18.44')],
  },
  {
    name: 'null-pointer-comparison-decided',
    doc: 'Comparing a pointer that cannot be NULL with 0 has one outcome.',
    lifetimes: [since('5.8', 'kernel/bpf/verifier.c is_branch_taken')],
  },
  {
    name: 'map-lookup-in-constant-map',
    doc: 'Loads from a frozen read-only map give constants.',
    lifetimes: [since('5.5', 'kernel/bpf/verifier.c bpf_map_direct_read')],
  },
  {
    name: 'processor-id-bounded',
    doc: 'The result of bpf_get_smp_processor_id() is known to be below the number of possible CPUs.',
    lifetimes: [since('6.3', 'kernel/bpf/verifier.c do_refine_retval_range')],
  },
  {
    name: 'constant-array-keys',
    doc: 'A lookup in an array with a constant key that lies in it cannot give NULL.',
    lifetimes: [since('6.14', 'kernel/bpf/verifier.c get_constant_map_key; log of 6.18.44')],
  },
  {
    name: 'self-comparison-decided',
    doc: 'Comparing a register with itself has one outcome.',
    lifetimes: [since('6.19', 'kernel/bpf/verifier.c is_scalar_branch_taken; not in the log of 6.18.44')],
  },
  {
    name: 'signed-products',
    doc: 'Products of possibly negative numbers keep bounds.',
    lifetimes: [since('6.14', 'kernel/bpf/verifier.c scalar_min_max_mul; not in 6.12.117')],
  },
  {
    name: 'wrapping-sums',
    doc: 'Sums and differences whose both ends wrap around keep bounds.',
    lifetimes: [since('6.17', 'kernel/bpf/verifier.c scalar_min_max_add; not in 6.12.117')],
  },
  {
    name: 'negation-tracked',
    doc: 'The result of a negation is computed.',
    lifetimes: [since('6.17', 'kernel/bpf/verifier.c adjust_scalar_min_max_vals')],
  },
  {
    name: 'quotients-tracked',
    doc: 'Quotients and remainders by a constant are bounded.',
    lifetimes: [since('7.0', 'verdicts of 7.1.13, not of 6.19.14')],
  },
  {
    name: 'unknown-operands-tracked',
    doc: 'Products, ORs and XORs with a number that is not known are bounded.',
    lifetimes: [
      since('6.11', 'kernel/bpf/verifier.c is_safe_to_compute_dst_reg_range; verdicts of 6.12.117, not of 6.1.176'),
    ],
  },
  {
    name: 'ranges-compared',
    doc: 'Comparing two numbers of which neither is known is decided by their ranges, and teaches about both.',
    lifetimes: [since('6.8', 'kernel/bpf/verifier.c is_scalar_branch_taken; verdicts of 6.12.117, not of 6.1.176')],
  },
  {
    name: 'equality-decided-by-range',
    doc: 'A number is unequal to one outside its range.',
    lifetimes: [since('6.4', 'kernel/bpf/verifier.c is_branch64_taken; verdicts of 6.12.117, not of 6.1.176')],
  },
  {
    name: 'loops-compared-exactly',
    doc: 'A loop is endless when it comes back with the very same state; before, with one that the earlier state covers.',
    lifetimes: [since('6.7', 'kernel/bpf/verifier.c is_state_visited; verdicts of 6.12.117, not of 6.1.176')],
  },
  {
    name: 'locks-span-functions',
    doc: 'Functions of the program may be called, and may return, while a lock is held.',
    lifetimes: [since('6.9', 'kernel/bpf/verifier.c do_check; verdicts of 6.12.117, not of 6.1.176')],
  },
  {
    name: 'bounds-across-widths',
    doc: 'What is known of a number in one width, signed or not, sharpens what is known of it in the others.',
    lifetimes: [since('6.8', 'kernel/bpf/verifier.c __reg_deduce_bounds; verdicts of 6.12.117, not of 6.1.176')],
  },
  {
    name: 'single-values-found',
    doc: 'A number whose range and known bits have one value in common is that value.',
    lifetimes: [
      between('6.18.16', '6.19', 'verdicts of 6.18.44, not of 6.18.15'),
      since('7.0', 'kernel/bpf/verifier.c __update_reg64_bounds; verdicts of 7.2.13, not of 6.19.14'),
    ],
  },
  {
    name: 'narrow-copies-linked',
    doc: 'A 32-bit copy of a number that fits into 32 bits stays linked to it.',
    lifetimes: [since('6.6', 'kernel/bpf/verifier.c check_alu_op; verdicts of 6.12.117, not of 6.1.176')],
  },
  {
    name: 'byte-swap-tracked',
    doc: 'The result of a byte order conversion is computed bit by bit.',
    lifetimes: [since('6.18', 'log of 6.18.44')],
  },
  {
    name: 'joined-products',
    doc: 'Known bits of a product are computed case by case.',
    lifetimes: [since('6.18', 'log of 6.18.44')],
  },
  {
    name: 'sign-mask-forks',
    doc: 'Masking a value that is 0 or -1 looks at the two cases one after the other.',
    lifetimes: [between('6.12.100', '6.13', 'tree of 6.12.117'), since('6.18', 'log of 6.18.44')],
  },
  {
    name: 'subtraction-links',
    doc: 'Subtracting a constant keeps the link to the register that was copied, as adding one does.',
    lifetimes: [since('6.18', 'log of 6.18.44')],
  },
  {
    name: 'lone-links-dropped',
    doc: 'At a checkpoint, a number that shares its identity with no other loses it.',
    lifetimes: [since('7.0', 'verdicts of 7.1.13, not of 6.19.14')],
  },
  {
    name: 'sum-links',
    doc: 'Adding a constant to a copied register keeps the link between the two.',
    lifetimes: [since('6.11', 'kernel/bpf/verifier.c BPF_ADD_CONST')],
  },

  {
    name: 'kernel-trust-tracked',
    doc: 'Pointers read out of kernel structures are trusted, protected by RCU or untrusted, by the member that they came from.',
    lifetimes: [since('6.2', 'kernel/bpf/verifier.c check_ptr_to_btf_access')],
  },
  {
    name: 'read-section-implied',
    doc: 'A program that cannot sleep counts as being inside a read-side section of RCU.',
    lifetimes: [since('6.4', 'kernel/bpf/verifier.c in_rcu_cs')],
  },
  {
    name: 'tree-nodes-counted',
    doc: 'Functions on nodes in a tree take counted references too, and name themselves in messages.',
    lifetimes: [since('6.17', 'log of 6.18.44, not in that of 6.12.117')],
  },
  {
    name: 'nested-rcu',
    doc: 'Read-side sections may be nested.',
    lifetimes: [since('6.19', 'kernel/bpf/verifier.c active_rcu_locks; refused by 6.18.44')],
  },
  {
    name: 'cast-to-void',
    doc: 'bpf_rdonly_cast() to type 0 gives memory that can be read without bounds.',
    lifetimes: [since('6.17', 'kernel/bpf/verifier.c check_special_kfunc')],
  },

  {
    name: 'signatures-compared-always',
    doc: 'Calls of static functions and the entry function are compared with their signatures too; what does not fit is said and no mistake.',
    lifetimes: [since('6.8', 'kernel/bpf/btf.c btf_prepare_func_args; logs of 6.18.44')],
  },

  // --- Calls ------------------------------------------------------------------------------------------------------------
  {
    name: 'resource-aware-exit',
    doc: 'Locks, regions and references are checked together at tail calls and exit.',
    lifetimes: [since('6.13', 'kernel/bpf/verifier.c check_resource_leak')],
  },
  {
    name: 'async-return-zero',
    doc: 'Asynchronous callbacks must return 0.',
    lifetimes: [since('5.15', 'kernel/bpf/verifier.c check_return_code')],
  },
  {
    name: 'return-range-checked',
    doc: 'R0 at exit must lie in 0..1.',
    lifetimes: [since('4.15', 'kernel/bpf/verifier.c check_return_code')],
  },
  {
    name: 'memory-argument-takes-ringbuf',
    doc: 'Memory arguments take ring buffer memory by name, and trusted kernel pointers for reading.',
    lifetimes: [since('6.2', 'kernel/bpf/verifier.c mem_types; probe of 6.12.111')],
  },
  {
    name: 'memory-argument-takes-map-key',
    doc: 'Memory arguments take map keys.',
    lifetimes: [since('5.13', 'kernel/bpf/verifier.c mem_types; probe of 6.1.0')],
  },
  {
    name: 'kptrs-counted',
    doc: 'The tag "kptr" means a counted pointer and "kptr_untrusted" one that is not; before, "kptr_ref" and "kptr".',
    lifetimes: [since('6.4', 'kernel/bpf/btf.c btf_find_kptr; verdicts of 6.1.176 and 6.12.117')],
  },
  {
    name: 'kptr-in-allocated',
    doc: 'bpf_kptr_xchg() takes fields of allocated objects too.',
    lifetimes: [since('6.12', 'probe of 6.12.111')],
  },
  {
    name: 'kptr-slot-takes-rcu',
    doc: 'bpf_kptr_xchg() takes fields of objects that are protected by RCU only.',
    lifetimes: [since('7.1', 'probe of 7.2.13')],
  },
  {
    name: 'loop-count-is-scalar',
    doc: 'The count of bpf_loop() must be a scalar.',
    lifetimes: [between('6.12', '6.13', 'probe of 6.12.111'), since('7.0', 'probe of 7.2.13')],
  },
  {
    name: 'jump-reads-target-first',
    doc: 'A conditional jump looks at its first operand first; before, at its second.',
    lifetimes: [since('6.8', 'kernel/bpf/verifier.c check_cond_jmp_op')],
  },
  {
    name: 'map-keys-in-any-memory',
    doc: 'Keys and values for map helpers may lie in all memory that helpers take.',
    lifetimes: [since('6.2', 'kernel/bpf/verifier.c compatible_reg_types; 6.1 lists four')],
  },
  {
    name: 'release-offset-named',
    doc: 'A moved pointer handed to a releasing helper is refused in words of its own.',
    lifetimes: [since('6.3', 'kernel/bpf/verifier.c check_func_arg_reg_off; log of 6.1.176')],
  },
  {
    name: 'constant-bits-plain',
    doc: 'Known bits of a constant are printed as a plain number and not as "(value; mask)".',
    lifetimes: [since('6.8', 'kernel/bpf/tnum.c tnum_strn; log of 6.1.176')],
  },
  {
    name: 'recursion-walked',
    doc: 'A function that calls itself is found by following calls, not as a back-edge.',
    lifetimes: [since('6.7', 'kernel/bpf/verifier.c push_insn; log of 6.1.176')],
  },
  {
    name: 'narrow-atomics-decoded',
    doc: 'Atomic operations of one and two bytes are known opcodes, of which only ordered loads and stores exist.',
    lifetimes: [since('6.15', 'kernel/bpf/core.c BPF_INSN_MAP; log of 6.1.176')],
  },
  {
    name: 'dynptr-has-identity',
    doc: 'Every dynptr has an id of its own besides that of what it reserved.',
    lifetimes: [since('6.3', 'kernel/bpf/verifier.c mark_dynptr_stack_regs; log of 6.1.176')],
  },
  {
    name: 'dynptr-arguments-from-zero',
    doc: 'Messages about dynptr arguments count them from 0.',
    lifetimes: [since('6.4', 'kernel/bpf/verifier.c process_dynptr_func; log of 6.1.176')],
  },
  {
    name: 'recursion-refused-first',
    doc: 'Functions that call each other in a circle are refused before any path is followed.',
    lifetimes: [since('7.1', 'kernel/bpf/verifier.c sort_subprogs_topo; log of 7.2.13')],
  },
  {
    name: 'packet-checked-as-region',
    doc: 'A packet access out of range is refused in the words of other memory.',
    lifetimes: [since('7.1', 'kernel/bpf/verifier.c check_packet_access; log of 7.2.13')],
  },
  {
    name: 'pointer-offsets-joined',
    doc: 'The fixed offset of a pointer is part of its variable one, in messages too.',
    lifetimes: [since('7.1', 'kernel/bpf/verifier.c check_generic_ptr_alignment; log of 7.2.13')],
  },
  {
    name: 'arguments-named-by-register',
    doc: 'Messages about arguments of dynptr helpers and kernel functions name the register.',
    lifetimes: [since('7.2', 'logs of 7.1.13 and 7.2.13')],
  },
  {
    name: 'imm64-halves-refused-first',
    doc: 'A jump into the second half of a 16-byte instruction is found with the control flow, not where a path meets it.',
    lifetimes: [
      maybeSince('6.1.1', '6.1.176', 'log of Debian 6.1.176', '6.2'),
      since('6.7', 'kernel/bpf/verifier.c check_cfg; log of 5.10'),
    ],
  },
  {
    name: 'released-memory-unmoved',
    doc: 'Memory given back to a ring buffer must be the pointer that was received.',
    lifetimes: [maybeSince('5.11', '6.1', 'kernel/bpf/verifier.c check_func_arg_reg_off; verdicts of 5.10 and 6.1')],
  },
  {
    name: 'global-functions-may-sleep',
    doc: 'Whether a global function may sleep is known before it is called; calls of others are allowed in every region but under a lock.',
    lifetimes: [since('6.15', 'kernel/bpf/verifier.c check_func_call; log of 6.18.44, not in that of 6.12.117')],
  },
  {
    name: 'global-functions-may-be-void',
    doc: 'Functions that are verified by themselves may return nothing.',
    lifetimes: [since('7.1', 'kernel/bpf/btf.c btf_prepare_func_args; refused by 6.18')],
  },
  {
    name: 'memory-argument-takes-context',
    doc: 'Memory arguments of helpers may be the context by type; whether it is used as memory is decided later.',
    lifetimes: [since('7.1', 'kernel/bpf/verifier.c mem_types; probe of 7.2.13')],
  },

  {
    name: 'stack-rounded-to-16',
    doc: 'Frames count with their size rounded up to 16 bytes; before, to 32.',
    lifetimes: [since('6.8', 'kernel/bpf/verifier.c round_up_stack_depth')],
  },

  // --- Words ------------------------------------------------------------------------------------------------------------
  {
    name: 'scalar-named',
    doc: 'Numbers are called "scalar"; before, "inv".',
    lifetimes: [since('5.18', 'kernel/bpf/verifier.c reg_type_str')],
  },
  {
    name: 'return-range-as-tnum',
    doc: 'A wrong return value is shown beside the tnum it should have been in.',
    lifetimes: [between('5.2', '6.8', 'kernel/bpf/verifier.c verbose_invalid_scalar')],
  },
  {
    name: 'return-range-as-numbers',
    doc: 'A wrong return value is shown by its signed bounds beside the interval it should have been in.',
    lifetimes: [since('6.8', 'kernel/bpf/verifier.c verbose_invalid_scalar')],
  },
  {
    name: 'map-limit-named',
    doc: 'Too many maps are refused with a message.',
    lifetimes: [since('6.8', 'kernel/bpf/verifier.c add_used_map')],
  },
  {
    name: 'stack-bounds-named',
    doc: 'A stack access out of bounds names register and kind of access.',
    lifetimes: [
      maybeSince('5.10.1', '5.10.200', 'log of Debian 5.10', '5.11'),
      since('5.12', 'kernel/bpf/verifier.c check_stack_access_within_bounds'),
    ],
  },
  {
    name: 'sleepable-uprobes-named',
    doc: 'A sleepable load of another type is refused with kprobes among those that could sleep.',
    lifetimes: [since('6.0', 'kernel/bpf/verifier.c check_attach_btf_id; logs of 5.10 and 6.1')],
  },
  {
    name: 'sleepable-struct-ops-named',
    doc: 'A sleepable load of another type is refused with iterators and struct_ops among those that could sleep.',
    lifetimes: [since('6.2', 'kernel/bpf/verifier.c check_attach_btf_id; logs of 6.1 and 6.12')],
  },
  {
    name: 'sleepable-types-not-listed',
    doc: 'A sleepable load of another type is refused without a list of those that could sleep.',
    lifetimes: [since('7.1', 'kernel/bpf/verifier.c check_attach_btf_id; logs of 6.18.44 and 7.2.13')],
  },
  {
    name: 'verifier-bugs-named',
    doc: 'What the verifier takes for a mistake of its own is called "verifier bug"; before, "verifier internal error".',
    lifetimes: [since('6.16', 'kernel/bpf/verifier.c verifier_bug; log of 6.18.44')],
  },
  {
    name: 'may-goto-fields-named',
    doc: 'A may_goto with something in a reserved field is refused by its immediate.',
    lifetimes: [since('7.1', 'kernel/bpf/verifier.c check_and_resolve_insns; log of 7.1.13')],
  },
  {
    name: 'variable-stack-offset-split',
    doc: 'A stack access at a variable offset is refused with the constant part of the offset beside the variable one.',
    lifetimes: [since('6.8', 'kernel/bpf/verifier.c check_stack_access_within_bounds; logs of 6.1.176 and 6.12.117')],
  },
  {
    name: 'zero-size-names-range',
    doc: 'A size that may be zero is shown with its range.',
    lifetimes: [since('6.8', 'kernel/bpf/verifier.c check_mem_size_reg')],
  },
  {
    name: 'leak-names-exit',
    doc: 'What is still held at exit is refused by naming BPF_EXIT.',
    lifetimes: [since('6.13', 'kernel/bpf/verifier.c check_resource_leak; kfunc probes of 6.18.44')],
  },
  {
    name: 'log-names-lines',
    doc: 'Source lines in the log carry file and line number.',
    lifetimes: [since('6.8', 'kernel/bpf/log.c verbose_linfo')],
  },
]);
