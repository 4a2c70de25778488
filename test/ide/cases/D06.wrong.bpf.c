// Half of a pointer field is read.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int low(struct bpf_sock_ops *skops)
{
	__u32 half = *(__u32 *)&skops->skb_data; //~ error[ctx-width]: 'skb_data' is accessed with 8 bytes

	return half != 0;
}

char _license[] SEC("license") = "GPL";
