// A sockmap is updated by the generic helper. Corrected.

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
int add(struct bpf_sock_ops *skops)
{
	__u32 key = 0;

	if (skops->op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB || skops->local_port != 443)
		return 1;
	if (bpf_sock_map_update(skops, &sockmap, &key, BPF_ANY))
		bpf_printk("not added");
	return 1;
}

char _license[] SEC("license") = "GPL";
