// Which C headers define which of the constants that sock_ops programs use. Source: the kernel's uapi headers, glibc 2.36, and
// what vmlinux.h holds (types and enumerators of the kernel, no macros).

/** A set of headers that define the same names. */
export type HeaderGroup =
  | 'vmlinux'
  | 'bpf'
  | 'asm-socket'
  | 'socket'
  | 'netinet'
  | 'in'
  | 'tcp'
  | 'netinet-tcp'
  | 'nothing';

const GROUPS: Readonly<Record<string, HeaderGroup>> = {
  'vmlinux.h': 'vmlinux',
  'linux/bpf.h': 'bpf',
  'uapi/linux/bpf.h': 'bpf',
  'sys/socket.h': 'socket',
  'netinet/in.h': 'netinet',
  'arpa/inet.h': 'netinet',
  'asm/socket.h': 'asm-socket',
  'netinet/tcp.h': 'netinet-tcp',
  'linux/in.h': 'in',
  'linux/tcp.h': 'tcp',
};
/** Headers that define none of these constants. */
const EMPTY =
  /^(bpf\/bpf_(helpers|endian|core_read|tracing|helper_defs)\.h|bpf_(helpers|endian)\.h|linux\/(types|if_ether|stddef|ip|ipv6|version|swab|const|compiler|socket|errno)\.h|std(int|bool|def)\.h|asm\/types\.h|string\.h)$/;

/** The group of an included path; undefined for a header that is not known. */
export function headersOf(path: string): HeaderGroup | undefined {
  return GROUPS[path] ?? (EMPTY.test(path) ? 'nothing' : undefined);
}

/** Groups that define a constant; undefined for one that this table does not place. */
export function providedBy(name: string): readonly HeaderGroup[] | undefined {
  if (/^AF_/.test(name)) return ['socket', 'netinet', 'netinet-tcp'];
  if (name === 'SOL_TCP') return ['netinet-tcp'];
  if (name === 'SOL_IP' || name === 'SOL_IPV6') return ['netinet'];
  if (name === 'SOL_SOCKET' || /^SO_/.test(name)) return ['asm-socket', 'socket', 'netinet', 'netinet-tcp'];
  if (/^IPPROTO_/.test(name)) return ['vmlinux', 'netinet', 'in'];
  if (/^(IP|IPV6)_/.test(name)) return ['netinet', 'in'];
  if (/^TCP_BPF_/.test(name)) return ['vmlinux', 'bpf'];
  // States are enumerators of vmlinux.h and of netinet/tcp.h, and one name is both a state and an option.
  if (
    /^TCP_[A-Z_0-9]+$/.test(name) &&
    !/^TCP_(ESTABLISHED|SYN_SENT|SYN_RECV|FIN_WAIT|TIME_WAIT|CLOSE|LAST_ACK|LISTEN|CLOSING)/.test(name)
  )
    return ['tcp', 'netinet-tcp'];
  return undefined;
}
