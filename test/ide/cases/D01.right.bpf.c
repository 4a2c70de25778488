// Two neighbouring 4-byte fields copied to neighbouring places, which some compilers read in one load. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct key {
	__u32 remote_ip4;
	__u32 local_ip4;
	__u32 remote_port;
	__u32 local_port;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct key);
	__type(value, __u64);
} connections SEC(".maps");

SEC("sockops")
int remember(struct bpf_sock_ops *skops)
{
	__u64 one = 1;
	struct key k = {
		.remote_ip4 = *(volatile __u32 *)&skops->remote_ip4,
		.local_ip4 = *(volatile __u32 *)&skops->local_ip4,
		.remote_port = bpf_ntohl(skops->remote_port),
		.local_port = skops->local_port,
	};

	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_map_update_elem(&connections, &k, &one, BPF_ANY);
	return 1;
}

char _license[] SEC("license") = "GPL";
