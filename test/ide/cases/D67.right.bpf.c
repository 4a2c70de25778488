// Global data on a kernel before 5.2. Corrected.
//- kernels: 4.19 5.10

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define LIMIT 40

SEC("sockops")
int window(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_RWND_INIT)
		skops->reply = LIMIT;
	return 1;
}

char _license[] SEC("license") = "GPL";
