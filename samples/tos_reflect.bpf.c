// TOS reflection: a server answers with the type of service (IPv4) or traffic class (IPv6) that the client's SYN carried. The
// SYN is at hand without TCP_SAVE_SYN while its answer is being made; for the connection itself the listener has to
// keep it, so the program switches that on when the socket starts to listen.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef SOL_TCP
#define SOL_TCP 6
#endif
#define SOL_IP 0
#define SOL_IPV6 41
#define IP_TOS 1
#define IPV6_TCLASS 67
#define TCP_SAVE_SYN 27
#define IPV6_HEADER 40

SEC("sockops")
int tos_reflect(struct bpf_sock_ops *skops)
{
	__u8 header[IPV6_HEADER] = {};
	int one = 1;
	int class;
	int err;

	switch (skops->op) {
	case BPF_SOCK_OPS_TCP_LISTEN_CB:
		bpf_setsockopt(skops, SOL_TCP, TCP_SAVE_SYN, &one, sizeof(one));
		break;
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		// The headers are longer than this buffer: -ENOSPC comes with the first bytes copied, which is all we need.
		err = bpf_getsockopt(skops, SOL_TCP, TCP_BPF_SYN_IP, header, sizeof(header));
		if (err < 0 && err != -28)
			break;
		if (header[0] >> 4 == 4) {
			class = header[1];
			bpf_setsockopt(skops, SOL_IP, IP_TOS, &class, sizeof(class));
		} else if (header[0] >> 4 == 6) {
			class = (header[0] & 0x0f) << 4 | header[1] >> 4;
			bpf_setsockopt(skops, SOL_IPV6, IPV6_TCLASS, &class, sizeof(class));
		}
		break;
	}
	return 1;
}

char _license[] SEC("license") = "GPL";
