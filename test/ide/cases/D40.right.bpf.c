// An option that BPF has never been able to set. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int receive(struct bpf_sock_ops *skops)
{
	int seconds = 5;

	if (skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_setsockopt(skops, SOL_SOCKET, SO_RCVBUF, &seconds, sizeof(seconds));
	return 1;
}

char _license[] SEC("license") = "GPL";
