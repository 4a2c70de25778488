// Structures inside the kernel, and members of them, that not every kernel has, so that bpf_core_field_exists() answers for the simulated one.
// Measured on the BTF of 5.10, 6.1, 6.12, 6.16, 6.17, 6.18, 6.19, 7.1 and 7.2; where nothing lies between, the range says so.

import { between, type Lifetime, maybeSince, since } from './lifetime.ts';

/** By "structure.member". What is not listed is in every kernel from 5.10 on. */
export const MEMBER_LIFETIMES: Readonly<Record<string, readonly Lifetime[]>> = {
  'ns_common.count': [maybeSince('5.11', '6.1', undefined, '6.18')],
  'tcphdr.ae': [maybeSince('6.13', '6.16')],
  'skb_shared_info.flags': [maybeSince('5.11', '6.1')],
  'sock_cgroup_data.cgroup': [maybeSince('5.11', '6.1')],
  'sock.sk_rx_dst_ifindex': [maybeSince('5.11', '6.1')],
  'sock.sk_rx_dst_cookie': [maybeSince('5.11', '6.1')],
  'sock.sk_reserved_mem': [maybeSince('5.11', '6.1')],
  'sock.sk_txrehash': [maybeSince('5.11', '6.1')],
  'sock.sk_gso_disabled': [maybeSince('5.11', '6.1')],
  'sock.sk_bpf_cb_flags': [maybeSince('6.13', '6.16')],
  'inet_sock.inet_flags': [maybeSince('6.2', '6.12')],
  'inet_connection_sock.icsk_retransmit_timer': [between('2.6', '6.19')],
  'inet_connection_sock.icsk_timeout': [between('2.6', '6.16')],
  'inet_connection_sock.icsk_rto_max': [maybeSince('6.13', '6.16')],
  'tcp_sock.scaling_ratio': [maybeSince('6.2', '6.12')],
  'tcp_sock.tcp_usec_ts': [maybeSince('6.2', '6.12')],
  'tcp_sock.plb_rehash': [maybeSince('6.2', '6.12')],
  'tcp_sock.rto_stamp': [maybeSince('6.2', '6.12')],
  'tcp_sock.total_rto': [maybeSince('6.2', '6.12')],
  'tcp_sock.total_rto_recoveries': [maybeSince('6.2', '6.12')],
  'tcp_sock.total_rto_time': [maybeSince('6.2', '6.12')],
  'tcp_sock.bpf_chg_cc_inprogress': [maybeSince('5.11', '6.1')],
  'request_sock.timeout': [maybeSince('5.11', '6.1')],
  'task_struct.__state': [since('5.14')],
  'bpf_sock_ops_kern.is_locked_tcp_sock': [maybeSince('6.13', '6.16')],
  'mm_struct__safe_rcu_or_null.owner': [since('6.19')],
};

/** By name of the structure. */
export const STRUCTURE_LIFETIMES: Readonly<Record<string, readonly Lifetime[]>> = {
  task_struct__safe_rcu: [maybeSince('6.2', '6.12')],
  cgroup__safe_rcu: [maybeSince('6.2', '6.12')],
  css_set__safe_rcu: [maybeSince('6.2', '6.12')],
  cgroup_subsys_state__safe_rcu: [since('6.17')],
  mm_struct__safe_rcu_or_null: [maybeSince('6.2', '6.12')],
  sk_buff__safe_rcu_or_null: [maybeSince('6.2', '6.12')],
  request_sock__safe_rcu_or_null: [maybeSince('6.2', '6.12')],
  file__safe_trusted: [maybeSince('6.2', '6.12')],
  socket__safe_trusted_or_null: [maybeSince('6.2', '6.12')],
};
