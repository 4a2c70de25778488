// Sockets for redirection: every connection to or from the proxied port goes into a sockhash, from which an sk_msg or
// stream verdict program can redirect. Filtering comes first: a socket in a sockmap pays for it with every byte. The key
// has no padding and all its ports are in network order, as the other program will compute them.

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define AF_INET 2

struct flow {
	__u32 local_ip;
	__u32 remote_ip;
	__u16 local_port;
	__u16 remote_port;
};

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 65536);
	__type(key, struct flow);
	__type(value, __u64);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} refused SEC(".maps");

const volatile __u16 proxied_port = 443;

SEC("sockops")
int collect_sockets(struct bpf_sock_ops *skops)
{
	struct flow key = {};
	__u32 zero = 0;
	__u64 *count;

	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB && skops->op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		return 1;
	if (skops->family != AF_INET)
		return 1;
	key.local_port = bpf_htons(skops->local_port);
	key.remote_port = bpf_htons(bpf_ntohl(skops->remote_port));
	if (key.local_port != bpf_htons(proxied_port) && key.remote_port != bpf_htons(proxied_port))
		return 1;
	key.local_ip = *(volatile __u32 *)&skops->local_ip4;
	key.remote_ip = *(volatile __u32 *)&skops->remote_ip4;
	if (bpf_sock_hash_update(skops, &sockets, &key, BPF_NOEXIST)) {
		count = bpf_map_lookup_elem(&refused, &zero);
		if (count)
			__sync_fetch_and_add(count, 1);
	}
	return 1;
}

char _license[] SEC("license") = "GPL";
