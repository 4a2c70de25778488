// A length that is not that of the name. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int algorithm(struct bpf_sock_ops *skops)
{
	char name[] = "bbr";

	if (skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_setsockopt(skops, SOL_TCP, TCP_CONGESTION, name, sizeof(name));
	return 1;
}

char _license[] SEC("license") = "GPL";
