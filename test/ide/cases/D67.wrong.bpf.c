// Global data on a kernel before 5.2.
//- kernels: 4.19 5.10
//- fix: none

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

int limit = 40; //~ error[global-data] @4.19: global variables need kernel 5.2

SEC("sockops")
int window(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_RWND_INIT)
		skops->reply = limit;
	return 1;
}

char _license[] SEC("license") = "GPL";
