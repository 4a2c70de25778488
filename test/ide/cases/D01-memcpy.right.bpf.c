// A block copy of an address out of the context. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct address {
	__u32 words[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct address);
	__type(value, __u64);
} peers SEC(".maps");

SEC("sockops")
int remember(struct bpf_sock_ops *ctx)
{
	volatile __u32 *words = ctx->remote_ip6;
	struct address peer;
	__u64 one = 1;

	if (ctx->op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		return 1;
	peer.words[0] = words[0];
	peer.words[1] = words[1];
	peer.words[2] = words[2];
	peer.words[3] = words[3];
	bpf_map_update_elem(&peers, &peer, &one, BPF_ANY);
	return 1;
}

char _license[] SEC("license") = "GPL";
