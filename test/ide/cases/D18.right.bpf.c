// The program that redirects builds the key otherwise than the one that stores. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct flow {
	__u32 sport;
	__u32 dport;
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
	struct flow key = {};

	if (skops->op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB || skops->local_port != 443)
		return 1;
	key.sport = bpf_htons(skops->local_port);
	key.dport = skops->remote_port;
	if (bpf_sock_hash_update(skops, &sockets, &key, BPF_NOEXIST))
		bpf_printk("not added");
	return 1;
}

SEC("sk_msg")
int redirect(struct sk_msg_md *msg)
{
	struct flow key = {};

	key.sport = bpf_htons(msg->local_port);
	key.dport = msg->remote_port;
	return bpf_msg_redirect_hash(msg, &sockets, &key, BPF_F_INGRESS);
}

char _license[] SEC("license") = "GPL";
