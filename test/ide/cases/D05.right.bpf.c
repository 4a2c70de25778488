// The second word of the reply is written. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int stamp(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_RWND_INIT)
		skops->replylong[0] = 7;
	return 1;
}

char _license[] SEC("license") = "GPL";
