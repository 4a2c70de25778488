// Two spellings of one order are the same key, and a third is not.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct flow {
	__u32 from;
	__u32 to;
};

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 64);
	__type(key, struct flow);
	__type(value, __u64);
} sockets SEC(".maps");

SEC("sockops")
int add(struct bpf_sock_ops *skops)
{
	struct flow key = { .from = bpf_htonl(skops->local_port) >> 16, .to = bpf_htons(skops->local_port) };

	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB || skops->local_port < 1024)
		return 1;
	return bpf_sock_hash_update(skops, &sockets, &key, BPF_ANY) == 0;
}

SEC("sk_msg")
int redirect(struct sk_msg_md *msg)
{
	struct flow key = {};

	key.from = bpf_htons(msg->local_port);
	key.to = msg->local_port; //~ warning[key-byte-order]: never match
	return bpf_msg_redirect_hash(msg, &sockets, &key, BPF_F_INGRESS);
}

char _license[] SEC("license") = "GPL";
