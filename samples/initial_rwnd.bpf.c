// Initial receive window: lets a far peer send more before it has to wait. The reply counts segments of the MSS, not bytes,
// and the first window field cannot exceed 65535 whatever the reply says.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} segments SEC(".maps");

SEC("sockops")
int initial_rwnd(struct bpf_sock_ops *skops)
{
	__u32 zero = 0;
	__u32 *wanted;

	if (skops->op != BPF_SOCK_OPS_RWND_INIT)
		return 1;
	wanted = bpf_map_lookup_elem(&segments, &zero);
	if (wanted && *wanted)
		skops->reply = *wanted;
	return 1;
}

char _license[] SEC("license") = "GPL";
