// Half of a pointer field is read. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int low(struct bpf_sock_ops *skops)
{
	void *data = skops->skb_data;

	return data != 0;
}

char _license[] SEC("license") = "GPL";
