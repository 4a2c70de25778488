// MISTAKE: the program counts closed connections in STATE_CB and never asks for that callback. The state, retransmit, RTO, RTT
// and header option callbacks come only to sockets whose flag is set with bpf_sock_ops_cb_flags_set(), for instance
// in the ESTABLISHED callbacks.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} closed SEC(".maps");

SEC("sockops")
int count_closed(struct bpf_sock_ops *skops)
{
	__u32 zero = 0;
	__u64 *count;

	switch (skops->op) {
	case BPF_SOCK_OPS_STATE_CB:
		if (skops->args[1] != BPF_TCP_CLOSE)
			break;
		count = bpf_map_lookup_elem(&closed, &zero);
		if (count)
			__sync_fetch_and_add(count, 1);
		break;
	}
	return 1;
}

char _license[] SEC("license") = "GPL";
