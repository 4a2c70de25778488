// The kernel types that sock_ops programs reach, for machines where no kernel's BTF is at hand. THIS IS NOT A REAL KERNEL'S LAYOUT: names and
// types of the members are those of Linux 6.x, grouped and ordered here in our own way, many members are left out, and offsets
// follow from that order. A program that uses CO-RE runs against it; one with hard-wired offsets needs the BTF of its kernel.

import { type KernelView, type Lifetime, MEMBER_LIFETIMES, STRUCTURE_LIFETIMES } from '../kernel/index.ts';
import type { Btf } from './btf.ts';
import { BtfBuilder, type BtfParts } from './btf-builder.ts';
import { addUapi } from './builtin-uapi.ts';

let internal: Btf | undefined;
const complete = new Map<KernelView | undefined, Btf>();

/** Types of the kernel's inside only, without what linux/bpf.h defines; made once. */
export function builtinBtf(): Btf {
  internal ??= declareInternal().build();
  return internal;
}

/** All built-in types: the inside, and the interface of one kernel (or of the newest). Made once for each. */
export function builtinKernelBtf(view?: KernelView): Btf {
  let btf = complete.get(view);
  if (btf === undefined) {
    const b = declareInternal(view);
    addUapi(b, view);
    btf = b.build();
    complete.set(view, btf);
  }
  return btf;
}

/** What of the table a kernel has; all of it without a view. */
function partsOf(view: KernelView | undefined): BtfParts | undefined {
  if (view === undefined) return undefined;
  const exists = (lifetimes: readonly Lifetime[] | undefined): boolean =>
    lifetimes === undefined || view.presence('runtime', lifetimes) !== 'no';
  return {
    hasMember: (structure, member) => exists(MEMBER_LIFETIMES[`${structure}.${member}`]),
    hasStructure: (name) => exists(STRUCTURE_LIFETIMES[name]),
  };
}

function declareInternal(view?: KernelView): BtfBuilder {
  const b = new BtfBuilder(partsOf(view));
  addScalars(b);
  addEnums(b);
  addPlumbing(b);
  addRoutes(b);
  addPackets(b);
  addSockets(b);
  addTcp(b);
  addTasks(b);
  addContext(b);
  addSafeMembers(b);
  return b;
}

function addScalars(b: BtfBuilder): void {
  b.int('unsigned char', 1).int('char', 1, 'signed').int('signed char', 1, 'signed').int('_Bool', 1, 'bool');
  b.int('short', 2, 'signed').int('unsigned short', 2).int('int', 4, 'signed').int('unsigned int', 4);
  b.int('long', 8, 'signed').int('unsigned long', 8).int('long long', 8, 'signed').int('unsigned long long', 8);
  const names = [
    ['__u8', 'unsigned char'],
    ['__s8', 'signed char'],
    ['__u16', 'unsigned short'],
    ['__s16', 'short'],
    ['__u32', 'unsigned int'],
    ['__s32', 'int'],
    ['__u64', 'unsigned long long'],
    ['__s64', 'long long'],
    ['u8', '__u8'],
    ['s8', '__s8'],
    ['u16', '__u16'],
    ['s16', '__s16'],
    ['u32', '__u32'],
    ['s32', '__s32'],
    ['u64', '__u64'],
    ['s64', '__s64'],
    ['bool', '_Bool'],
    ['__be16', '__u16'],
    ['__be32', '__u32'],
    ['__be64', '__u64'],
    ['__sum16', '__u16'],
    ['__wsum', '__u32'],
    ['__addrpair', '__u64'],
    ['__portpair', '__u32'],
    ['ktime_t', 's64'],
    ['pid_t', 'int'],
    ['gfp_t', 'unsigned int'],
    ['sk_buff_data_t', 'unsigned int'],
    ['netdev_features_t', 'u64'],
    ['size_t', 'unsigned long'],
  ] as const;
  for (const [name, type] of names) b.typedef(name, type);
}

function addEnums(b: BtfBuilder): void {
  const numbered = (names: string, from = 0): (readonly [string, number])[] =>
    names.split(' ').map((name, i) => [name, from + i] as const);
  b.enum(
    '$tcp_states',
    numbered(
      'TCP_ESTABLISHED TCP_SYN_SENT TCP_SYN_RECV TCP_FIN_WAIT1 TCP_FIN_WAIT2 TCP_TIME_WAIT TCP_CLOSE TCP_CLOSE_WAIT TCP_LAST_ACK TCP_LISTEN TCP_CLOSING TCP_NEW_SYN_RECV TCP_BOUND_INACTIVE TCP_MAX_STATES',
      1,
    ),
  );
  b.enum('tcp_ca_state', numbered('TCP_CA_Open TCP_CA_Disorder TCP_CA_CWR TCP_CA_Recovery TCP_CA_Loss'));
  b.enum('sk_pacing', numbered('SK_PACING_NONE SK_PACING_NEEDED SK_PACING_FQ'));
}

/** Locks, lists, counters: what other records are made of. */
function addPlumbing(b: BtfBuilder): void {
  b.struct('$atomic', [['counter', 'int']]).typedef('atomic_t', 'struct $atomic');
  b.struct('$atomic64', [['counter', 's64']]).typedef('atomic64_t', 'struct $atomic64');
  b.struct('refcount_struct', [['refs', 'atomic_t']]).typedef('refcount_t', 'struct refcount_struct');
  b.struct('raw_spinlock', [['raw_lock', 'u32']]);
  b.struct('spinlock', [['rlock', 'struct raw_spinlock']]).typedef('spinlock_t', 'struct spinlock');
  b.struct('list_head', [
    ['next', 'struct list_head *'],
    ['prev', 'struct list_head *'],
  ]);
  b.struct('hlist_node', [
    ['next', 'struct hlist_node *'],
    ['pprev', 'struct hlist_node * *'],
  ]);
  b.struct('rb_node', [
    ['__rb_parent_color', 'unsigned long'],
    ['rb_right', 'struct rb_node *'],
    ['rb_left', 'struct rb_node *'],
  ]);
  b.struct('rb_root', [['rb_node', 'struct rb_node *']]);
  b.struct('callback_head', [
    ['next', 'struct callback_head *'],
    ['func', 'void *'],
  ]);
  b.struct('timer_list', [
    ['entry', 'struct hlist_node'],
    ['expires', 'unsigned long'],
    ['function', 'void *'],
    ['flags', 'u32'],
  ]);
  b.struct('minmax_sample', [
    ['t', 'u32'],
    ['v', 'u32'],
  ]);
  b.struct('minmax', [['s', 'struct minmax_sample[3]']]);
  b.struct('$socket_lock', [
    ['slock', 'spinlock_t'],
    ['owned', 'int'],
  ]).typedef('socket_lock_t', 'struct $socket_lock');
  b.struct('$kuid', [['val', 'unsigned int']]).typedef('kuid_t', 'struct $kuid');
  b.struct('$kgid', [['val', 'unsigned int']]).typedef('kgid_t', 'struct $kgid');
  b.union('$in6_u', [
    ['u6_addr8', '__u8[16]'],
    ['u6_addr16', '__be16[8]'],
    ['u6_addr32', '__be32[4]'],
  ]);
  b.struct('in6_addr', [['in6_u', 'union $in6_u']]);
  b.struct('in_addr', [['s_addr', '__be32']]);
  b.struct('ns_common', [
    ['stashed', 'void *'],
    ['ops', 'void *'],
    ['inum', 'unsigned int'],
    ['count', 'refcount_t'],
  ]);
  b.struct('net', [
    ['passive', 'refcount_t'],
    ['ifindex', 'int'],
    ['hash_mix', 'u32'],
    ['net_cookie', 'u64'],
    ['ns', 'struct ns_common'],
    ['loopback_dev', 'struct net_device *'],
  ]);
  b.struct('$possible_net', [['net', 'struct net *']]).typedef('possible_net_t', 'struct $possible_net');
  b.struct('net_device', [
    ['name', 'char[16]'],
    ['ifindex', 'int'],
    ['mtu', 'unsigned int'],
    ['type', 'unsigned short'],
    ['flags', 'unsigned int'],
    ['nd_net', 'possible_net_t'],
  ]);
  b.struct('dst_ops', [['family', 'unsigned short']]);
  b.struct('dst_entry', [
    ['dev', 'struct net_device *'],
    ['ops', 'struct dst_ops *'],
    ['_metrics', 'unsigned long'],
    ['expires', 'unsigned long'],
    ['flags', 'unsigned short'],
    ['obsolete', 'short'],
  ]);
}

/** Cached routes: what sk_dst_cache leads to. */
function addRoutes(b: BtfBuilder): void {
  b.union('$rt_gateway', [
    ['rt_gw4', '__be32'],
    ['rt_gw6', 'struct in6_addr'],
  ]);
  b.struct('rtable', [
    ['dst', 'struct dst_entry'],
    ['rt_genid', 'int'],
    ['rt_flags', 'unsigned int'],
    ['rt_type', '__u16'],
    ['rt_is_input', '__u8'],
    ['rt_uses_gateway', '__u8'],
    ['rt_iif', 'int'],
    ['rt_gw_family', 'u8'],
    ['', 'union $rt_gateway'],
    ['rt_mtu_locked', 'u32', 1],
    ['rt_pmtu', 'u32', 31],
  ]);
  b.struct('rt6key', [
    ['addr', 'struct in6_addr'],
    ['plen', 'int'],
  ]);
  b.struct('rt6_info', [
    ['dst', 'struct dst_entry'],
    ['rt6i_dst', 'struct rt6key'],
    ['rt6i_src', 'struct rt6key'],
    ['rt6i_gateway', 'struct in6_addr'],
    ['rt6i_flags', 'u32'],
  ]);
}

/** Headers and the packet buffer. */
function addPackets(b: BtfBuilder): void {
  b.struct('tcphdr', [
    ['source', '__be16'],
    ['dest', '__be16'],
    ['seq', '__be32'],
    ['ack_seq', '__be32'],
    ['ae', '__u16', 1],
    ['res1', '__u16', 3],
    ['doff', '__u16', 4],
    ['fin', '__u16', 1],
    ['syn', '__u16', 1],
    ['rst', '__u16', 1],
    ['psh', '__u16', 1],
    ['ack', '__u16', 1],
    ['urg', '__u16', 1],
    ['ece', '__u16', 1],
    ['cwr', '__u16', 1],
    ['window', '__be16'],
    ['check', '__sum16'],
    ['urg_ptr', '__be16'],
  ]);
  b.struct('iphdr', [
    ['ihl', '__u8', 4],
    ['version', '__u8', 4],
    ['tos', '__u8'],
    ['tot_len', '__be16'],
    ['id', '__be16'],
    ['frag_off', '__be16'],
    ['ttl', '__u8'],
    ['protocol', '__u8'],
    ['check', '__sum16'],
    ['saddr', '__be32'],
    ['daddr', '__be32'],
  ]);
  b.struct('ipv6hdr', [
    ['priority', '__u8', 4],
    ['version', '__u8', 4],
    ['flow_lbl', '__u8[3]'],
    ['payload_len', '__be16'],
    ['nexthdr', '__u8'],
    ['hop_limit', '__u8'],
    ['saddr', 'struct in6_addr'],
    ['daddr', 'struct in6_addr'],
  ]);
  b.struct('ethhdr', [
    ['h_dest', 'unsigned char[6]'],
    ['h_source', 'unsigned char[6]'],
    ['h_proto', '__be16'],
  ]);
  b.struct('sk_buff_head', [
    ['next', 'struct sk_buff *'],
    ['prev', 'struct sk_buff *'],
    ['qlen', '__u32'],
    ['lock', 'spinlock_t'],
  ]);
  b.union('$skb_time', [
    ['tstamp', 'ktime_t'],
    ['skb_mstamp_ns', 'u64'],
  ]);
  b.struct('sk_buff', [
    ['next', 'struct sk_buff *'],
    ['prev', 'struct sk_buff *'],
    ['dev', 'struct net_device *'],
    ['sk', 'struct sock *'],
    ['', 'union $skb_time'],
    ['cb', 'char[48]'],
    ['len', 'unsigned int'],
    ['data_len', 'unsigned int'],
    ['mac_len', '__u16'],
    ['hdr_len', '__u16'],
    ['queue_mapping', '__u16'],
    ['cloned', '__u8', 1],
    ['nohdr', '__u8', 1],
    ['fclone', '__u8', 2],
    ['peeked', '__u8', 1],
    ['pkt_type', '__u8', 3],
    ['ip_summed', '__u8', 2],
    ['csum', '__wsum'],
    ['priority', '__u32'],
    ['skb_iif', 'int'],
    ['hash', '__u32'],
    ['vlan_tci', '__u16'],
    ['vlan_proto', '__be16'],
    ['napi_id', 'unsigned int'],
    ['secmark', '__u32'],
    ['mark', '__u32'],
    ['protocol', '__be16'],
    ['transport_header', '__u16'],
    ['network_header', '__u16'],
    ['mac_header', '__u16'],
    ['tail', 'sk_buff_data_t'],
    ['end', 'sk_buff_data_t'],
    ['head', 'unsigned char *'],
    ['data', 'unsigned char *'],
    ['truesize', 'unsigned int'],
    ['users', 'refcount_t'],
  ]);
  b.struct('skb_shared_info', [
    ['flags', '__u8'],
    ['nr_frags', '__u8'],
    ['tx_flags', '__u8'],
    ['gso_size', 'unsigned short'],
    ['gso_segs', 'unsigned short'],
    ['gso_type', 'unsigned int'],
    ['tskey', 'u32'],
  ]);
  b.struct('tcp_skb_cb', [
    ['seq', '__u32'],
    ['end_seq', '__u32'],
    ['tcp_tw_isn', '__u32'],
    ['tcp_gso_segs', 'u16'],
    ['tcp_gso_size', 'u16'],
    ['tcp_flags', '__u16'],
    ['sacked', '__u8'],
    ['ip_dsfield', '__u8'],
    ['ack_seq', '__u32'],
  ]);
}

/** struct sock and what leads to it. */
function addSockets(b: BtfBuilder): void {
  b.struct('$skc_addrs', [
    ['skc_daddr', '__be32'],
    ['skc_rcv_saddr', '__be32'],
  ]).union('$skc_addr_union', [
    ['skc_addrpair', '__addrpair'],
    ['', 'struct $skc_addrs'],
  ]);
  b.union('$skc_hash_union', [
    ['skc_hash', 'unsigned int'],
    ['skc_u16hashes', '__u16[2]'],
  ]);
  b.struct('$skc_ports', [
    ['skc_dport', '__be16'],
    ['skc_num', '__u16'],
  ]).union('$skc_port_union', [
    ['skc_portpair', '__portpair'],
    ['', 'struct $skc_ports'],
  ]);
  b.union('$skc_flag_union', [
    ['skc_flags', 'unsigned long'],
    ['skc_listener', 'struct sock *'],
  ]);
  b.struct('proto', [
    ['close', 'void *'],
    ['connect', 'void *'],
    ['sendmsg', 'void *'],
    ['recvmsg', 'void *'],
    ['owner', 'struct module *'],
    ['name', 'char[32]'],
    ['obj_size', 'unsigned int'],
    ['max_header', 'int'],
    ['no_autobind', 'bool'],
  ]);
  b.struct('sock_common', [
    ['', 'union $skc_addr_union'],
    ['', 'union $skc_hash_union'],
    ['', 'union $skc_port_union'],
    ['skc_family', 'unsigned short'],
    ['skc_state', 'unsigned char'],
    ['skc_reuse', 'unsigned char', 4],
    ['skc_reuseport', 'unsigned char', 1],
    ['skc_ipv6only', 'unsigned char', 1],
    ['skc_net_refcnt', 'unsigned char', 1],
    ['skc_bound_dev_if', 'int'],
    ['skc_bind_node', 'struct hlist_node'],
    ['skc_prot', 'struct proto *'],
    ['skc_net', 'possible_net_t'],
    ['skc_v6_daddr', 'struct in6_addr'],
    ['skc_v6_rcv_saddr', 'struct in6_addr'],
    ['skc_cookie', 'atomic64_t'],
    ['', 'union $skc_flag_union'],
    ['skc_node', 'struct hlist_node'],
    ['skc_tx_queue_mapping', 'unsigned short'],
    ['skc_rx_queue_mapping', 'unsigned short'],
    ['skc_incoming_cpu', 'int'],
    ['skc_refcnt', 'refcount_t'],
    ['skc_rxhash', 'u32'],
  ]);
  b.struct('sock_cgroup_data', [
    ['cgroup', 'struct cgroup *'],
    ['classid', 'u32'],
    ['prioidx', 'u16'],
  ]);
  b.struct('$sk_backlog', [
    ['rmem_alloc', 'atomic_t'],
    ['len', 'int'],
    ['head', 'struct sk_buff *'],
    ['tail', 'struct sk_buff *'],
  ]);
  b.union('$sk_send_head', [
    ['sk_send_head', 'struct sk_buff *'],
    ['tcp_rtx_queue', 'struct rb_root'],
  ]);
  b.struct('sock', [
    ['__sk_common', 'struct sock_common'],
    ['sk_drops', 'atomic_t'],
    ['sk_peek_off', '__s32'],
    ['sk_error_queue', 'struct sk_buff_head'],
    ['sk_receive_queue', 'struct sk_buff_head'],
    ['sk_backlog', 'struct $sk_backlog'],
    ['sk_rx_dst', 'struct dst_entry *'],
    ['sk_rx_dst_ifindex', 'int'],
    ['sk_rx_dst_cookie', 'u32'],
    ['sk_ll_usec', 'unsigned int'],
    ['sk_napi_id', 'unsigned int'],
    ['sk_rcvbuf', 'int'],
    ['sk_userlocks', 'u8'],
    ['sk_filter', 'struct sk_filter *'],
    ['sk_wq', 'struct socket_wq *'],
    ['sk_data_ready', 'void *'],
    ['sk_rcvtimeo', 'long'],
    ['sk_rcvlowat', 'int'],
    ['sk_err', 'int'],
    ['sk_err_soft', 'int'],
    ['sk_socket', 'struct socket *'],
    ['sk_memcg', 'struct mem_cgroup *'],
    ['sk_lock', 'socket_lock_t'],
    ['sk_reserved_mem', 'u32'],
    ['sk_forward_alloc', 'int'],
    ['sk_tsflags', 'u32'],
    ['sk_write_pending', 'int'],
    ['sk_omem_alloc', 'atomic_t'],
    ['sk_wmem_queued', 'int'],
    ['sk_wmem_alloc', 'refcount_t'],
    ['sk_tsq_flags', 'unsigned long'],
    ['sk_write_queue', 'struct sk_buff_head'],
    ['', 'union $sk_send_head'],
    ['sk_dst_pending_confirm', 'u32'],
    ['sk_pacing_status', 'u32'],
    ['sk_timer', 'struct timer_list'],
    ['sk_pacing_rate', 'unsigned long'],
    ['sk_max_pacing_rate', 'unsigned long'],
    ['sk_sndtimeo', 'long'],
    ['sk_priority', 'u32'],
    ['sk_mark', 'u32'],
    ['sk_uid', 'kuid_t'],
    ['sk_protocol', 'u16'],
    ['sk_type', 'u16'],
    ['sk_dst_cache', 'struct dst_entry *'],
    ['sk_route_caps', 'netdev_features_t'],
    ['sk_gso_type', 'u16'],
    ['sk_gso_max_segs', 'u16'],
    ['sk_gso_max_size', 'unsigned int'],
    ['sk_allocation', 'gfp_t'],
    ['sk_txhash', 'u32'],
    ['sk_sndbuf', 'int'],
    ['sk_pacing_shift', 'u8'],
    ['sk_shutdown', 'u8'],
    ['sk_bpf_cb_flags', 'u8'],
    ['sk_txrehash', 'u8'],
    ['sk_gso_disabled', 'u8', 1],
    ['sk_kern_sock', 'u8', 1],
    ['sk_no_check_tx', 'u8', 1],
    ['sk_no_check_rx', 'u8', 1],
    ['sk_ack_backlog', 'u32'],
    ['sk_max_ack_backlog', 'u32'],
    ['sk_lingertime', 'unsigned long'],
    ['sk_prot_creator', 'struct proto *'],
    ['sk_peer_pid', 'struct pid *'],
    ['sk_peer_cred', 'struct cred *'],
    ['sk_stamp', 'ktime_t'],
    ['sk_zckey', 'atomic_t'],
    ['sk_tskey', 'atomic_t'],
    ['sk_security', 'void *'],
    ['sk_state_change', 'void *'],
    ['sk_write_space', 'void *'],
    ['sk_error_report', 'void *'],
    ['sk_bpf_storage', 'struct bpf_local_storage *'],
    ['sk_user_data', 'void *'],
    ['sk_cgrp_data', 'struct sock_cgroup_data'],
  ]);
  b.struct('inode', [
    ['i_mode', 'unsigned short'],
    ['i_ino', 'unsigned long'],
  ]);
  b.struct('file', [
    ['f_inode', 'struct inode *'],
    ['f_flags', 'unsigned int'],
    ['private_data', 'void *'],
  ]);
  b.struct('socket', [
    ['state', 'unsigned int'],
    ['type', 'short'],
    ['flags', 'unsigned long'],
    ['file', 'struct file *'],
    ['sk', 'struct sock *'],
    ['ops', 'struct proto_ops *'],
  ]);
  b.struct('sockaddr', [
    ['sa_family', 'unsigned short'],
    ['sa_data', 'char[14]'],
  ]);
  b.struct('sockaddr_in', [
    ['sin_family', 'unsigned short'],
    ['sin_port', '__be16'],
    ['sin_addr', 'struct in_addr'],
    ['__pad', 'unsigned char[8]'],
  ]);
  b.struct('sockaddr_in6', [
    ['sin6_family', 'unsigned short'],
    ['sin6_port', '__be16'],
    ['sin6_flowinfo', '__be32'],
    ['sin6_addr', 'struct in6_addr'],
    ['sin6_scope_id', '__u32'],
  ]);
  b.struct('ipv6_pinfo', [
    ['saddr', 'struct in6_addr'],
    ['flow_label', '__be32'],
    ['frag_size', '__u32'],
    ['hop_limit', 's16'],
    ['mcast_hops', 'u8'],
    ['tclass', '__u8'],
    ['min_hopcount', '__u8'],
  ]);
  b.struct('inet_sock', [
    ['sk', 'struct sock'],
    ['pinet6', 'struct ipv6_pinfo *'],
    ['inet_flags', 'unsigned long'],
    ['inet_saddr', '__be32'],
    ['uc_ttl', '__s16'],
    ['inet_sport', '__be16'],
    ['inet_id', 'atomic_t'],
    ['uc_index', 'int'],
    ['mc_index', 'int'],
    ['mc_addr', '__be32'],
    ['tos', '__u8'],
    ['min_ttl', '__u8'],
    ['mc_ttl', '__u8'],
    ['pmtudisc', '__u8'],
    ['rcv_tos', '__u8'],
  ]);
}

/** TCP sockets, full and in the making. */
function addTcp(b: BtfBuilder): void {
  b.struct('tcp_congestion_ops', [
    ['name', 'char[16]'],
    ['key', 'u32'],
    ['flags', 'u32'],
  ]);
  b.struct('fastopen_queue', [
    ['rskq_rst_head', 'struct request_sock *'],
    ['rskq_rst_tail', 'struct request_sock *'],
    ['lock', 'spinlock_t'],
    ['qlen', 'int'],
    ['max_qlen', 'int'],
  ]);
  b.struct('request_sock_queue', [
    ['rskq_lock', 'spinlock_t'],
    ['rskq_defer_accept', 'u8'],
    ['synflood_warned', 'u8'],
    ['qlen', 'atomic_t'],
    ['young', 'atomic_t'],
    ['rskq_accept_head', 'struct request_sock *'],
    ['rskq_accept_tail', 'struct request_sock *'],
    ['fastopenq', 'struct fastopen_queue'],
  ]);
  b.struct('$icsk_mtup', [
    ['search_high', 'int'],
    ['search_low', 'int'],
    ['probe_size', 'u32', 31],
    ['enabled', 'u32', 1],
    ['probe_timestamp', 'u32'],
  ]);
  b.struct('$icsk_ack', [
    ['pending', '__u8'],
    ['quick', '__u8'],
    ['pingpong', '__u8'],
    ['retry', '__u8'],
    ['ato', '__u32', 8],
    ['lrcv_flowlabel', '__u32', 20],
    ['unused', '__u32', 4],
    ['timeout', 'unsigned long'],
    ['lrcvtime', '__u32'],
    ['last_seg_size', '__u16'],
    ['rcv_mss', '__u16'],
  ]);
  b.struct('inet_connection_sock', [
    ['icsk_inet', 'struct inet_sock'],
    ['icsk_accept_queue', 'struct request_sock_queue'],
    ['icsk_retransmit_timer', 'struct timer_list'],
    ['icsk_delack_timer', 'struct timer_list'],
    ['icsk_timeout', 'unsigned long'],
    ['icsk_bind_hash', 'struct inet_bind_bucket *'],
    ['icsk_rto', '__u32'],
    ['icsk_rto_min', '__u32'],
    ['icsk_rto_max', 'u32'],
    ['icsk_delack_max', '__u32'],
    ['icsk_pmtu_cookie', '__u32'],
    ['icsk_ca_ops', 'struct tcp_congestion_ops *'],
    ['icsk_af_ops', 'struct inet_connection_sock_af_ops *'],
    ['icsk_ulp_ops', 'struct tcp_ulp_ops *'],
    ['icsk_ulp_data', 'void *'],
    ['icsk_ca_state', '__u8', 5],
    ['icsk_ca_initialized', '__u8', 1],
    ['icsk_ca_setsockopt', '__u8', 1],
    ['icsk_ca_dst_locked', '__u8', 1],
    ['icsk_retransmits', '__u8'],
    ['icsk_pending', '__u8'],
    ['icsk_backoff', '__u8'],
    ['icsk_syn_retries', '__u8'],
    ['icsk_probes_out', '__u8'],
    ['icsk_ext_hdr_len', '__u16'],
    ['icsk_ack', 'struct $icsk_ack'],
    ['icsk_mtup', 'struct $icsk_mtup'],
    ['icsk_probes_tstamp', 'u32'],
    ['icsk_user_timeout', 'u32'],
    ['icsk_ca_priv', 'u64[13]'],
  ]);
  b.struct('tcp_options_received', [
    ['ts_recent_stamp', 'int'],
    ['ts_recent', 'u32'],
    ['rcv_tsval', 'u32'],
    ['rcv_tsecr', 'u32'],
    ['saw_tstamp', 'u16', 1],
    ['tstamp_ok', 'u16', 1],
    ['dsack', 'u16', 1],
    ['wscale_ok', 'u16', 1],
    ['sack_ok', 'u16', 3],
    ['smc_ok', 'u16', 1],
    ['snd_wscale', 'u16', 4],
    ['rcv_wscale', 'u16', 4],
    ['saw_unknown', 'u8', 1],
    ['unused', 'u8', 7],
    ['num_sacks', 'u8'],
    ['user_mss', 'u16'],
    ['mss_clamp', 'u16'],
  ]);
  b.struct('$rcv_rtt_est', [
    ['rtt_us', 'u32'],
    ['seq', 'u32'],
    ['time', 'u64'],
  ]);
  b.struct('$rcvq_space', [
    ['space', 'u32'],
    ['seq', 'u32'],
    ['time', 'u64'],
  ]);
  b.struct('tcp_sack_block', [
    ['start_seq', 'u32'],
    ['end_seq', 'u32'],
  ]);
  b.struct('tcp_rack', [
    ['mstamp', 'u64'],
    ['rtt_us', 'u32'],
    ['end_seq', 'u32'],
    ['last_delivered', 'u32'],
    ['reo_wnd_steps', 'u8'],
    ['reo_wnd_persist', 'u8', 5],
    ['dsack_seen', 'u8', 1],
    ['advanced', 'u8', 1],
  ]);
  b.struct('$mtu_probe', [
    ['probe_seq_start', 'u32'],
    ['probe_seq_end', 'u32'],
  ]);
  b.struct('saved_syn', [
    ['mac_hdrlen', 'u32'],
    ['network_hdrlen', 'u32'],
    ['tcp_hdrlen', 'u32'],
    ['data', 'u8[]'],
  ]);
  const u32 = (names: string): (readonly [string, string])[] => names.split(' ').map((name) => [name, 'u32'] as const);
  b.struct('tcp_sock', [
    ['inet_conn', 'struct inet_connection_sock'],
    ['tcp_header_len', 'u16'],
    ['gso_segs', 'u16'],
    ['pred_flags', '__be32'],
    ['bytes_received', 'u64'],
    ...u32('segs_in data_segs_in rcv_nxt copied_seq rcv_wup snd_nxt segs_out data_segs_out'),
    ['bytes_sent', 'u64'],
    ['bytes_acked', 'u64'],
    ...u32('dsack_dups snd_una snd_sml rcv_tstamp lsndtime compressed_ack_rcv_nxt tsoffset'),
    ['tsq_node', 'struct list_head'],
    ['tsorted_sent_queue', 'struct list_head'],
    ...u32('snd_wl1 snd_wnd max_window mss_cache window_clamp rcv_ssthresh'),
    ['scaling_ratio', 'u8'],
    ['advmss', 'u16'],
    ['compressed_ack', 'u8'],
    ['dup_ack_counter', 'u8', 2],
    ['tlp_retrans', 'u8', 1],
    ['nonagle', 'u8', 4],
    ['thin_lto', 'u8', 1],
    ['repair', 'u8', 1],
    ['tcp_usec_ts', 'u8', 1],
    ['is_sack_reneg', 'u8', 1],
    ['recvmsg_inq', 'u8', 1],
    ['frto', 'u8', 1],
    ['is_cwnd_limited', 'u8', 1],
    ['repair_queue', 'u8'],
    ['save_syn', 'u8', 2],
    ['syn_data', 'u8', 1],
    ['syn_fastopen', 'u8', 1],
    ['syn_fastopen_exp', 'u8', 1],
    ['syn_data_acked', 'u8', 1],
    ['rate_app_limited', 'u8', 1],
    ['fastopen_connect', 'u8', 1],
    ['fastopen_no_cookie', 'u8', 1],
    ['fastopen_client_fail', 'u8', 2],
    ['chrono_type', 'u8'],
    ['chrono_start', 'u32'],
    ['chrono_stat', 'u32[3]'],
    ['rack', 'struct tcp_rack'],
    ['tlp_high_seq', 'u32'],
    ['tcp_tx_delay', 'u32'],
    ['tcp_wstamp_ns', 'u64'],
    ['tcp_clock_cache', 'u64'],
    ['tcp_mstamp', 'u64'],
    ...u32('srtt_us mdev_us mdev_max_us rttvar_us rtt_seq'),
    ['rtt_min', 'struct minmax'],
    ...u32('packets_out retrans_out max_packets_out cwnd_usage_seq'),
    ['urg_data', 'u16'],
    ['ecn_flags', 'u8'],
    ['keepalive_probes', 'u8'],
    ...u32('reordering reord_seen snd_up'),
    ['rx_opt', 'struct tcp_options_received'],
    ...u32(
      'snd_ssthresh snd_cwnd snd_cwnd_cnt snd_cwnd_clamp snd_cwnd_used snd_cwnd_stamp prior_cwnd prr_delivered prr_out',
    ),
    ...u32('delivered delivered_ce lost app_limited'),
    ['first_tx_mstamp', 'u64'],
    ['delivered_mstamp', 'u64'],
    ...u32('rate_delivered rate_interval_us rcv_wnd write_seq notsent_lowat pushed_seq lost_out sacked_out'),
    ['out_of_order_queue', 'struct rb_root'],
    ['duplicate_sack', 'struct tcp_sack_block[1]'],
    ['selective_acks', 'struct tcp_sack_block[4]'],
    ['recv_sack_cache', 'struct tcp_sack_block[4]'],
    ['highest_sack', 'struct sk_buff *'],
    ['retransmit_skb_hint', 'struct sk_buff *'],
    ...u32('last_oow_ack_time mtu_info plb_rehash total_rto_time'),
    ['mtu_probe', 'struct $mtu_probe'],
    ...u32('prior_ssthresh high_seq retrans_stamp undo_marker'),
    ['undo_retrans', 'int'],
    ['bytes_retrans', 'u64'],
    ...u32('total_retrans rto_stamp urg_seq'),
    ['total_rto', 'u16'],
    ['total_rto_recoveries', 'u16'],
    ['keepalive_time', 'unsigned int'],
    ['keepalive_intvl', 'unsigned int'],
    ['linger2', 'int'],
    ['bpf_sock_ops_cb_flags', 'u8'],
    ['bpf_chg_cc_inprogress', 'u8', 1],
    ['timeout_rehash', 'u16'],
    ...u32('rcv_ooopack rcv_rtt_last_tsecr'),
    ['rcv_rtt_est', 'struct $rcv_rtt_est'],
    ['rcvq_space', 'struct $rcvq_space'],
    ['is_mptcp', 'bool'],
    ['fastopen_rsk', 'struct request_sock *'],
    ['saved_syn', 'struct saved_syn *'],
  ]);
  b.struct('tcp6_sock', [
    ['tcp', 'struct tcp_sock'],
    ['inet6', 'struct ipv6_pinfo'],
  ]);
  b.struct('request_sock_ops', [
    ['family', 'int'],
    ['obj_size', 'unsigned int'],
  ]);
  b.struct('request_sock', [
    ['__req_common', 'struct sock_common'],
    ['rsk_ops', 'struct request_sock_ops *'],
    ['dl_next', 'struct request_sock *'],
    ['mss', 'u16'],
    ['num_retrans', 'u8'],
    ['syncookie', 'u8', 1],
    ['num_timeout', 'u8', 7],
    ['ts_recent', 'u32'],
    ['rsk_timer', 'struct timer_list'],
    ['sk', 'struct sock *'],
    ['saved_syn', 'struct saved_syn *'],
    ['secid', 'u32'],
    ['timeout', 'u32'],
  ]);
  b.struct('inet_request_sock', [
    ['req', 'struct request_sock'],
    ['snd_wscale', 'u16', 4],
    ['rcv_wscale', 'u16', 4],
    ['tstamp_ok', 'u16', 1],
    ['sack_ok', 'u16', 1],
    ['wscale_ok', 'u16', 1],
    ['ecn_ok', 'u16', 1],
    ['acked', 'u16', 1],
    ['no_srccheck', 'u16', 1],
    ['smc_ok', 'u16', 1],
    ['ir_mark', 'u32'],
  ]);
  b.struct('tcp_request_sock', [
    ['req', 'struct inet_request_sock'],
    ['snt_synack', 'u64'],
    ['tfo_listener', 'bool'],
    ['is_mptcp', 'bool'],
    ...u32('txhash rcv_isn snt_isn ts_off last_oow_ack_time rcv_nxt'),
    ['syn_tos', 'u8'],
  ]);
  b.struct('inet_timewait_sock', [
    ['__tw_common', 'struct sock_common'],
    ['tw_mark', '__u32'],
    ['tw_substate', 'unsigned char'],
    ['tw_rcv_wscale', 'unsigned char'],
    ['tw_sport', '__be16'],
  ]);
  b.struct('tcp_timewait_sock', [
    ['tw_sk', 'struct inet_timewait_sock'],
    ...u32('tw_rcv_wnd tw_ts_offset tw_ts_recent'),
  ]);
}

/** The task and cgroup side, for programs that ask who they run for. */
function addTasks(b: BtfBuilder): void {
  b.struct('kernfs_node', [
    ['count', 'atomic_t'],
    ['name', 'char *'],
    ['id', 'u64'],
    ['flags', 'unsigned short'],
  ]);
  b.struct('cgroup_subsys_state', [
    ['cgroup', 'struct cgroup *'],
    ['id', 'int'],
    ['serial_nr', 'u64'],
    ['parent', 'struct cgroup_subsys_state *'],
  ]);
  b.struct('cgroup', [
    ['self', 'struct cgroup_subsys_state'],
    ['flags', 'unsigned long'],
    ['level', 'int'],
    ['kn', 'struct kernfs_node *'],
  ]);
  b.struct('css_set', [
    ['subsys', 'struct cgroup_subsys_state *[14]'],
    ['refcount', 'refcount_t'],
    ['dfl_cgrp', 'struct cgroup *'],
  ]);
  b.struct('cred', [
    ['uid', 'kuid_t'],
    ['gid', 'kgid_t'],
    ['euid', 'kuid_t'],
    ['egid', 'kgid_t'],
  ]);
  b.struct('mm_struct', [
    ['start_code', 'unsigned long'],
    ['end_code', 'unsigned long'],
    ['start_stack', 'unsigned long'],
    ['arg_start', 'unsigned long'],
    ['arg_end', 'unsigned long'],
    ['env_start', 'unsigned long'],
    ['env_end', 'unsigned long'],
    ['exe_file', 'struct file *'],
    ['owner', 'struct task_struct *'],
  ]);
  b.struct('fdtable', [
    ['max_fds', 'unsigned int'],
    ['fd', 'struct file * *'],
  ]);
  b.struct('files_struct', [
    ['count', 'atomic_t'],
    ['fdt', 'struct fdtable *'],
  ]);
  b.struct('nsproxy', [
    ['count', 'refcount_t'],
    ['net_ns', 'struct net *'],
  ]);
  b.struct('task_struct', [
    ['__state', 'unsigned int'],
    ['flags', 'unsigned int'],
    ['prio', 'int'],
    ['pid', 'pid_t'],
    ['tgid', 'pid_t'],
    ['real_parent', 'struct task_struct *'],
    ['parent', 'struct task_struct *'],
    ['group_leader', 'struct task_struct *'],
    ['start_time', 'u64'],
    ['start_boottime', 'u64'],
    ['comm', 'char[16]'],
    ['mm', 'struct mm_struct *'],
    ['exit_code', 'int'],
    ['files', 'struct files_struct *'],
    ['real_cred', 'struct cred *'],
    ['cred', 'struct cred *'],
    ['nsproxy', 'struct nsproxy *'],
    ['cgroups', 'struct css_set *'],
  ]);
}

/** What struct bpf_sock_ops is inside the kernel. */
function addContext(b: BtfBuilder): void {
  b.union('$reply', [
    ['args', 'u32[4]'],
    ['reply', 'u32'],
    ['replylong', 'u32[4]'],
  ]);
  b.struct('bpf_sock_ops_kern', [
    ['sk', 'struct sock *'],
    ['', 'union $reply'],
    ['syn_skb', 'struct sk_buff *'],
    ['skb', 'struct sk_buff *'],
    ['skb_data_end', 'void *'],
    ['op', 'u8'],
    ['is_fullsock', 'u8'],
    ['is_locked_tcp_sock', 'u8'],
    ['remaining_opt_len', 'u8'],
    ['temp', 'u64'],
  ]);
}

/**
 * Members that the kernel's verifier may trust when it walks from one structure to another: it looks them up by the names of these structures
 * (kernel/bpf/verifier.c BTF_TYPE_SAFE_RCU and its relatives).
 */
function addSafeMembers(b: BtfBuilder): void {
  b.struct('task_struct__safe_rcu', [
    ['cpus_ptr', 'void *'],
    ['cgroups', 'struct css_set *'],
    ['real_parent', 'struct task_struct *'],
    ['group_leader', 'struct task_struct *'],
  ]);
  b.struct('cgroup__safe_rcu', [['kn', 'struct kernfs_node *']]);
  b.struct('css_set__safe_rcu', [['dfl_cgrp', 'struct cgroup *']]);
  b.struct('cgroup_subsys_state__safe_rcu', [['cgroup', 'struct cgroup *']]);
  b.struct('mm_struct__safe_rcu_or_null', [
    ['exe_file', 'struct file *'],
    ['owner', 'struct task_struct *'],
  ]);
  b.struct('sk_buff__safe_rcu_or_null', [['sk', 'struct sock *']]);
  b.struct('request_sock__safe_rcu_or_null', [['sk', 'struct sock *']]);
  b.struct('file__safe_trusted', [['f_inode', 'struct inode *']]);
  b.struct('socket__safe_trusted_or_null', [['sk', 'struct sock *']]);
}
