// Send-window clamp: inside the data centre a burst of a whole default window overruns shallow switch buffers, so
// connections to 10.0.0.0/16 may never have more than `clamp` packets in flight.

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#ifndef SOL_TCP
#define SOL_TCP 6
#endif
#define AF_INET 2

static const int clamp = 4;

SEC("sockops")
int send_clamp(struct bpf_sock_ops *skops)
{
	__u32 op = skops->op;
	int packets = clamp;

	if (op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB && op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		return 1;
	if (skops->family != AF_INET || (bpf_ntohl(skops->remote_ip4) >> 16) != 0x0a00)
		return 1;
	bpf_setsockopt(skops, SOL_TCP, TCP_BPF_SNDCWND_CLAMP, &packets, sizeof(packets));
	return 1;
}

char _license[] SEC("license") = "GPL";
