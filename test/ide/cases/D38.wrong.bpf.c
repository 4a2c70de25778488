// A return value other than 0 and 1.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int window(struct bpf_sock_ops *skops)
{
	int rv = -1;

	if (skops->op == BPF_SOCK_OPS_RWND_INIT)
		rv = 40;
	return rv; //~ error[return-range]: this returns
}

char _license[] SEC("license") = "GPL";
