// An option that BPF has never been able to set.
//- fix: none

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int receive(struct bpf_sock_ops *skops)
{
	int seconds = 5;

	if (skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_setsockopt(skops, SOL_SOCKET, SO_RCVTIMEO, &seconds, sizeof(seconds)); //~ warning[option-unknown]: no kernel lets BPF set SO_RCVTIMEO
	return 1;
}

char _license[] SEC("license") = "GPL";
