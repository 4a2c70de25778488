// An experiment on 10 % of the flows: a random tenth of all connections gets another congestion control and is marked, so
// that its packets can be told apart on the way; per-CPU counters say how many went which way.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef SOL_SOCKET
#define SOL_SOCKET 1
#endif
#ifndef SOL_TCP
#define SOL_TCP 6
#endif
#define SO_MARK 36
#define TCP_CONGESTION 13

const volatile __u32 share_percent = 10;

enum group { CONTROL, EXPERIMENT, GROUPS };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, GROUPS);
	__type(key, __u32);
	__type(value, __u64);
} flows SEC(".maps");

static void count(enum group group)
{
	__u32 key = group;
	__u64 *value = bpf_map_lookup_elem(&flows, &key);

	if (value)
		(*value)++;
}

SEC("sockops")
int experiment(struct bpf_sock_ops *skops)
{
	char reno[] = "reno";
	int mark = 0xe1;

	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB && skops->op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		return 1;
	if (bpf_get_prandom_u32() % 100 >= share_percent) {
		count(CONTROL);
		return 1;
	}
	count(EXPERIMENT);
	bpf_setsockopt(skops, SOL_TCP, TCP_CONGESTION, reno, sizeof(reno));
	bpf_setsockopt(skops, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
	return 1;
}

char _license[] SEC("license") = "GPL";
