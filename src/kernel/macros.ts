// Macros of libbpf that sock_ops programs use, and section names. Facts for people; headers/ defines the macros.
// Source: the public interface of libbpf (bpf_helpers.h, bpf_endian.h, bpf_core_read.h) and its table of section names.

export interface MacroRow {
  readonly name: string;
  readonly group: 'byte-order' | 'definition' | 'printing' | 'compiler' | 'type-information' | 'loop' | 'call';
  readonly header: string;
  /** How it is written. */
  readonly form: string;
  readonly doc: string;
  readonly pitfalls?: readonly string[];
  readonly example?: string;
}

const defineMacros = <const Rows extends readonly MacroRow[]>(rows: Rows): Rows => rows;

export const MACROS = defineMacros([
  {
    name: 'bpf_htons',
    group: 'byte-order',
    header: 'bpf/bpf_endian.h',
    form: '__be16 bpf_htons(__u16 host)',
    doc: 'Turns a 16-bit number from host into network byte order: for 16-bit ports in headers and keys.',
    pitfalls: [
      'local_port is a 32-bit host number: bpf_htons(skops->local_port) gives the port as it stands in a TCP header.',
      'remote_port is already in network order: do not convert it with this.',
    ],
    example: 'key.sport = bpf_htons(skops->local_port);',
  },
  {
    name: 'bpf_ntohs',
    group: 'byte-order',
    header: 'bpf/bpf_endian.h',
    form: '__u16 bpf_ntohs(__be16 network)',
    doc: 'Turns a 16-bit number from network into host byte order: for th->dest, or dst_port of struct bpf_sock.',
    pitfalls: ['bpf_ntohs(skops->remote_port) is always 0 on a little-endian machine: use bpf_ntohl().'],
    example: '__u16 port = bpf_ntohs(sk->dst_port);',
  },
  {
    name: 'bpf_htonl',
    group: 'byte-order',
    header: 'bpf/bpf_endian.h',
    form: '__be32 bpf_htonl(__u32 host)',
    doc: 'Turns a 32-bit number from host into network byte order: for comparing an IPv4 address, or remote_port, with a constant.',
    example: 'if (skops->remote_port == bpf_htonl(443)) { }',
  },
  {
    name: 'bpf_ntohl',
    group: 'byte-order',
    header: 'bpf/bpf_endian.h',
    form: '__u32 bpf_ntohl(__be32 network)',
    doc: 'Turns a 32-bit number from network into host byte order. bpf_ntohl(skops->remote_port) is the port of the peer.',
    example: '__u32 port = bpf_ntohl(skops->remote_port);',
  },
  {
    name: 'bpf_cpu_to_be64',
    group: 'byte-order',
    header: 'bpf/bpf_endian.h',
    form: '__be64 bpf_cpu_to_be64(__u64 host)',
    doc: 'Turns a 64-bit number from host into network byte order.',
  },
  {
    name: 'bpf_be64_to_cpu',
    group: 'byte-order',
    header: 'bpf/bpf_endian.h',
    form: '__u64 bpf_be64_to_cpu(__be64 network)',
    doc: 'Turns a 64-bit number from network into host byte order.',
  },
  {
    name: 'SEC',
    group: 'definition',
    header: 'bpf/bpf_helpers.h',
    form: 'SEC("name")',
    doc: 'Places a function or variable into a section of the object file. SEC("sockops") makes a function a sock_ops program, SEC(".maps") a variable a map, SEC("license") holds the licence.',
    example: 'SEC("sockops") int prog(struct bpf_sock_ops *skops)',
  },
  {
    name: '__uint',
    group: 'definition',
    header: 'bpf/bpf_helpers.h',
    form: '__uint(member, number)',
    doc: 'Gives a number in a map definition: type, max_entries, map_flags, key_size, value_size.',
    example: '__uint(type, BPF_MAP_TYPE_HASH);',
  },
  {
    name: '__type',
    group: 'definition',
    header: 'bpf/bpf_helpers.h',
    form: '__type(member, type)',
    doc: 'Gives a type in a map definition: key, value.',
    example: '__type(key, struct flow_key);',
  },
  {
    name: '__array',
    group: 'definition',
    header: 'bpf/bpf_helpers.h',
    form: '__array(member, type)',
    doc: 'Gives the inner map or the programs of a map definition: values.',
    example: '__array(values, int (void *));',
  },
  {
    name: 'bpf_printk',
    group: 'printing',
    header: 'bpf/bpf_helpers.h',
    form: 'bpf_printk("format", ...)',
    doc: 'Prints a line to /sys/kernel/tracing/trace_pipe: with up to three values by bpf_trace_printk(), with more by bpf_trace_vprintk() (5.16).',
    pitfalls: [
      'The program needs a GPL-compatible licence.',
      '%pI4 wants the address of the value: bpf_printk("%pI4", &ip).',
    ],
    example: 'bpf_printk("op %d", skops->op);',
  },
  {
    name: 'BPF_SNPRINTF',
    group: 'printing',
    header: 'bpf/bpf_helpers.h',
    form: 'BPF_SNPRINTF(out, out_size, "format", ...)',
    doc: 'Prints text into a buffer by bpf_snprintf() (5.13).',
  },
  {
    name: 'barrier_var',
    group: 'compiler',
    header: 'bpf/bpf_helpers.h',
    form: 'barrier_var(variable)',
    doc: "Hides a variable's value from the optimiser. Keeps clang from merging two neighbouring 32-bit reads of the context into a 64-bit one, which the verifier refuses.",
    example: '__u32 ip = skops->remote_ip4; barrier_var(ip);',
  },
  {
    name: 'barrier',
    group: 'compiler',
    header: 'bpf/bpf_helpers.h',
    form: 'barrier()',
    doc: 'Keeps the compiler from moving loads and stores across this place.',
  },
  {
    name: 'READ_ONCE',
    group: 'compiler',
    header: 'vmlinux.h or your own definition',
    form: 'READ_ONCE(variable)',
    doc: 'Reads exactly once and with the declared size. READ_ONCE(skops->remote_port) >> 16 stays a 32-bit load, where a plain read may become a 16-bit one.',
    example: '#define READ_ONCE(x) (*(volatile typeof(x) *)&(x))',
  },
  {
    name: 'BPF_CORE_READ',
    group: 'type-information',
    header: 'bpf/bpf_core_read.h',
    form: 'BPF_CORE_READ(pointer, field, ...)',
    doc: 'Reads a field of a kernel structure through any number of pointers, at offsets that the loader fills in. Uses bpf_probe_read_kernel() (5.8 in sock_ops, GPL).',
    example: '__u32 mark = BPF_CORE_READ(tp, inet_conn.icsk_inet.sk.sk_mark);',
  },
  {
    name: 'bpf_core_field_exists',
    group: 'type-information',
    header: 'bpf/bpf_core_read.h',
    form: 'bpf_core_field_exists(pointer->field)',
    doc: "1 when the running kernel's structure has the field, else 0; decided when the program is loaded.",
  },
  {
    name: 'bpf_core_type_exists',
    group: 'type-information',
    header: 'bpf/bpf_core_read.h',
    form: 'bpf_core_type_exists(type)',
    doc: '1 when the running kernel has the type, else 0; decided when the program is loaded.',
  },
  {
    name: 'bpf_core_enum_value',
    group: 'type-information',
    header: 'bpf/bpf_core_read.h',
    form: 'bpf_core_enum_value(type, name)',
    doc: 'The number of an enumerator on the running kernel.',
  },
  {
    name: 'bpf_core_cast',
    group: 'type-information',
    header: 'bpf/bpf_core_read.h',
    form: 'bpf_core_cast(pointer, type)',
    doc: 'Gives a pointer the type of a kernel structure, to be read without helper calls (bpf_rdonly_cast(), 6.2).',
    example: 'struct tcp_sock *tp = bpf_core_cast(sk, struct tcp_sock);',
  },
  {
    name: 'bpf_for',
    group: 'loop',
    header: 'bpf/bpf_helpers.h',
    form: 'bpf_for(i, start, end)',
    doc: 'A loop over numbers that the verifier checks once, whatever the bounds (6.4).',
    pitfalls: ['The counter must be an int declared before the loop.'],
    example: 'int i; bpf_for(i, 0, 100) { }',
  },
  {
    name: 'bpf_repeat',
    group: 'loop',
    header: 'bpf/bpf_helpers.h',
    form: 'bpf_repeat(count)',
    doc: 'Repeats a block a number of times (6.4).',
  },
  {
    name: 'bpf_tail_call_static',
    group: 'call',
    header: 'bpf/bpf_helpers.h',
    form: 'bpf_tail_call_static(ctx, &map, index)',
    doc: 'A tail call with a constant index, which the kernel can turn into a direct jump.',
    example: 'bpf_tail_call_static(skops, &handlers, 1);',
  },
  {
    name: '__always_inline',
    group: 'compiler',
    header: 'bpf/bpf_helpers.h',
    form: 'static __always_inline',
    doc: 'Makes a function part of its callers. Before 4.16, which brought BPF-to-BPF calls, every function had to be so.',
  },
  {
    name: '__noinline',
    group: 'compiler',
    header: 'bpf/bpf_helpers.h',
    form: 'static __noinline',
    doc: 'Keeps a function apart, as a BPF-to-BPF call (4.16).',
  },
  {
    name: '__kconfig',
    group: 'definition',
    header: 'bpf/bpf_helpers.h',
    form: 'extern int CONFIG_HZ __kconfig',
    doc: "A variable that the loader fills with the kernel's configuration, CONFIG_HZ for one, which turns milliseconds into jiffies.",
    example: 'extern int CONFIG_HZ __kconfig;',
  },
  {
    name: '__ksym',
    group: 'definition',
    header: 'bpf/bpf_helpers.h',
    form: 'extern int bpf_x(...) __ksym',
    doc: 'Declares a kernel function or variable that the loader resolves. With __weak it may be missing.',
    example: 'extern int bpf_sock_ops_enable_tx_tstamp(struct bpf_sock_ops_kern *, u64) __ksym;',
  },
]);

export type MacroName = (typeof MACROS)[number]['name'];

/** The rows under their common type, for loops. */
export const MACRO_ROWS: readonly MacroRow[] = MACROS;

export interface SectionRow {
  /** As written in SEC(); a name ending in "/" stands for everything that begins so. */
  readonly name: string;
  readonly kind: 'program' | 'maps' | 'license' | 'version' | 'data' | 'external';
  readonly doc: string;
  readonly source: string;
}

/** Section names that matter in an object file with sock_ops programs. */
export const SECTIONS: readonly SectionRow[] = [
  {
    name: 'sockops',
    kind: 'program',
    doc: 'A sock_ops program, to be attached to a cgroup. The only name for it since libbpf 1.0.',
    source: 'libbpf section_defs',
  },
  {
    name: 'sockops/',
    kind: 'program',
    doc: 'A sock_ops program with a name of its own behind the slash, for several in one file. libbpf before 1.0 and other loaders take it; libbpf 1.0 and later ask for "sockops", which may hold several programs, or for a type set by the loader.',
    source: 'libbpf sec_def_matches',
  },
  {
    name: '.maps',
    kind: 'maps',
    doc: 'Map definitions as structures whose types carry the numbers.',
    source: 'libbpf',
  },
  {
    name: 'maps',
    kind: 'maps',
    doc: 'Map definitions as struct bpf_map_def, which libbpf 1.0 dropped.',
    source: 'libbpf',
  },
  {
    name: 'license',
    kind: 'license',
    doc: 'The licence as a string. GPL-compatible: "GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL".',
    source: 'include/linux/license.h license_is_gpl_compatible',
  },
  {
    name: 'version',
    kind: 'version',
    doc: 'A kernel version number; not looked at for sock_ops programs.',
    source: 'libbpf',
  },
  { name: '.rodata', kind: 'data', doc: 'Constants, loaded as a frozen array map (5.2).', source: 'libbpf' },
  {
    name: '.data',
    kind: 'data',
    doc: 'Variables with an initial value, loaded as an array map (5.2).',
    source: 'libbpf',
  },
  { name: '.bss', kind: 'data', doc: 'Variables that begin as zero, loaded as an array map (5.2).', source: 'libbpf' },
  {
    name: '.kconfig',
    kind: 'external',
    doc: 'Variables that the loader fills with the kernel configuration.',
    source: 'libbpf',
  },
  {
    name: '.ksyms',
    kind: 'external',
    doc: 'Kernel functions and variables that the loader resolves.',
    source: 'libbpf',
  },
];

/** Whether the kernel takes a licence for GPL-compatible. Source: include/linux/license.h license_is_gpl_compatible. */
export function isGplCompatible(license: string): boolean {
  return GPL_COMPATIBLE.has(license);
}

const GPL_COMPATIBLE: ReadonlySet<string> = new Set([
  'GPL',
  'GPL v2',
  'GPL and additional rights',
  'Dual BSD/GPL',
  'Dual MIT/GPL',
  'Dual MPL/GPL',
]);
