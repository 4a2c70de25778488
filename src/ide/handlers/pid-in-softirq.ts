// The current process in an op that runs in whatever process the softirq happened to interrupt.

import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';
import { opNames } from '../words.ts';

const CURRENT = new Set([
  'bpf_get_current_pid_tgid',
  'bpf_get_current_uid_gid',
  'bpf_get_current_comm',
  'bpf_get_current_task',
  'bpf_get_current_task_btf',
  'bpf_get_current_cgroup_id',
  'bpf_get_ns_current_pid_tgid',
]);
/** Ops that come from a system call of the socket's owner: connect(), listen(), sendmsg(). */
const IN_SYSTEM_CALL = new Set([
  'BPF_SOCK_OPS_TCP_CONNECT_CB',
  'BPF_SOCK_OPS_TCP_LISTEN_CB',
  'BPF_SOCK_OPS_TSTAMP_SENDMSG_CB',
  'BPF_SOCK_OPS_TIMEOUT_INIT',
  'BPF_SOCK_OPS_RWND_INIT',
  'BPF_SOCK_OPS_NEEDS_ECN',
  'BPF_SOCK_OPS_BASE_RTT',
  'BPF_SOCK_OPS_HDR_OPT_LEN_CB',
  'BPF_SOCK_OPS_WRITE_HDR_OPT_CB',
  'BPF_SOCK_OPS_STATE_CB',
]);

export const pidInSoftirq: Rule = {
  code: 'pid-in-softirq',
  severity: 'warning',
  title: 'The current process is not the owner of the socket here',
  doc:
    'Callbacks that a packet triggers run in softirq context, in whatever process the interrupt met: the pid is 0, that of the swapper, or of some bystander. Only TCP_CONNECT_CB, TCP_LISTEN_CB and TSTAMP_SENDMSG_CB come from a system call of the owner. ' +
    'Remember the process there (or in cgroup/connect4) by the socket cookie and look it up later.',
  example: {
    wrong: `/* sockscope-test kernels: 6.12 6.18 */
SEC("sockops")
int who(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_printk("pid %d", bpf_get_current_pid_tgid() >> 32);
	return 1;
}`,
    right: `/* sockscope-test kernels: 6.12 6.18 */
SEC("sockops")
int who(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_printk("pid %d", bpf_get_current_pid_tgid() >> 32);
	return 1;
}`,
  },
  check: ({ flow }, report) => {
    for (const group of byNode(flow.of('call'))) {
      const { name, node } = group.all[0]!;
      if (!CURRENT.has(name) || group.all.some((call) => IN_SYSTEM_CALL.has(call.op.name))) continue;
      report({
        span: node,
        message: `${opNames(group.ops)} run${group.all.every((call) => call.op === group.all[0]!.op) ? 's' : ''} in softirq context: the current process is not the one that owns the socket`,
      });
    }
  },
};
