// A policy in functions of its own: the class of a peer is found by longest prefix match and decides about window, timeout
// and pacing. The functions are real BPF subprograms (noinline), so the debugger shows them as frames.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef SOL_SOCKET
#define SOL_SOCKET 1
#endif
#define SO_MAX_PACING_RATE 47
#define AF_INET 2

struct prefix {
	__u32 length;
	__u32 address; /* network order */
};

struct policy {
	__u32 receive_segments;
	__u32 timeout_jiffies;
	__u32 bytes_per_second;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, struct prefix);
	__type(value, struct policy);
} policies SEC(".maps");

static __noinline struct policy *policy_of(__u32 family, __u32 address)
{
	struct prefix key = { .length = 32, .address = address };

	if (family != AF_INET)
		return 0;
	return bpf_map_lookup_elem(&policies, &key);
}

static __noinline int pace(struct bpf_sock_ops *skops, __u32 rate)
{
	return bpf_setsockopt(skops, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate));
}

static __noinline int answer(struct bpf_sock_ops *skops, const struct policy *policy)
{
	switch (skops->op) {
	case BPF_SOCK_OPS_RWND_INIT:
		return policy->receive_segments;
	case BPF_SOCK_OPS_TIMEOUT_INIT:
		return policy->timeout_jiffies;
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		return pace(skops, policy->bytes_per_second);
	}
	return -1;
}

SEC("sockops")
int apply_policy(struct bpf_sock_ops *skops)
{
	struct policy *policy = policy_of(skops->family, skops->remote_ip4);

	if (policy)
		skops->reply = answer(skops, policy);
	return 1;
}

char _license[] SEC("license") = "GPL";
