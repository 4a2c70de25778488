// Base RTT: the NV congestion control asks once per connection how long an empty path takes. Only tcp_nv makes this
// call; with any other algorithm the program is loaded in vain. The reply is in microseconds.

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#ifndef SOL_TCP
#define SOL_TCP 6
#endif
#define TCP_CONGESTION 13
#define AF_INET 2

SEC("sockops")
int base_rtt(struct bpf_sock_ops *skops)
{
	char nv[] = "nv";

	switch (skops->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		bpf_setsockopt(skops, SOL_TCP, TCP_CONGESTION, nv, sizeof(nv));
		break;
	case BPF_SOCK_OPS_BASE_RTT:
		if (skops->family == AF_INET && (bpf_ntohl(skops->remote_ip4) >> 24) == 10)
			skops->reply = 80;
		break;
	}
	return 1;
}

char _license[] SEC("license") = "GPL";
