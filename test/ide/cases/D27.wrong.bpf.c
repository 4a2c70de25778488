// A flag that was set before is lost.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int watch(struct bpf_sock_ops *skops)
{
	int op = (int)skops->op;

	if (op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_RTT_CB_FLAG);
	else if (op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_STATE_CB_FLAG); //~ warning[flags-replaced]: BPF_SOCK_OPS_RTT_CB_FLAG
	return 1;
}

char _license[] SEC("license") = "GPL";
