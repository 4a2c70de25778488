// A helper of another program type. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} sockmap SEC(".maps");

SEC("sockops")
int redirect(struct bpf_sock_ops *skops)
{
	__u32 key = 0;

	if (skops->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB && skops->local_port == 443)
		return bpf_sock_map_update(skops, &sockmap, &key, BPF_ANY) == 0;
	return 1;
}

char _license[] SEC("license") = "GPL";
