// remote_port is stored in 16 bits.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct key {
	__u16 sport;
	__u16 dport;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct key);
	__type(value, __u64);
} flows SEC(".maps");

SEC("sockops")
int remember(struct bpf_sock_ops *ops)
{
	struct key key = {};
	__u64 one = 1;

	if (ops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		return 1;
	key.sport = ops->local_port;
	key.dport = ops->remote_port; //~ warning[port-byte-order]: 16 bits of it are always 0
	bpf_map_update_elem(&flows, &key, &one, BPF_ANY);
	return 1;
}

char _license[] SEC("license") = "GPL";
