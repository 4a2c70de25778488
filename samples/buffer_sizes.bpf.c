// Buffer sizes by distance: a connection that leaves the site gets large socket buffers, one inside the site keeps the
// kernel's defaults. Buffers are set before the SYN goes out (or before listen() returns), because the window scale
// that the SYN announces is computed from them and cannot change later.

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#ifndef SOL_SOCKET
#define SOL_SOCKET 1
#endif
#define SO_SNDBUF 7
#define SO_RCVBUF 8
#define AF_INET 2
#define AF_INET6 10

// One site is one IPv4 /24 or one IPv6 /48.
#define SITE_MASK bpf_htonl(0xffffff00)
#define SITE_MASK_WORD1 bpf_htonl(0xffff0000)

static const int far_buffer = 1500000;

static int same_site(struct bpf_sock_ops *skops)
{
	if (skops->family == AF_INET)
		return ((skops->local_ip4 ^ skops->remote_ip4) & SITE_MASK) == 0;
	if (skops->family == AF_INET6)
		return skops->local_ip6[0] == skops->remote_ip6[0] &&
		       ((skops->local_ip6[1] ^ skops->remote_ip6[1]) & SITE_MASK_WORD1) == 0;
	return 1;
}

static int enlarge(struct bpf_sock_ops *skops)
{
	int size = far_buffer;
	int err;

	err = bpf_setsockopt(skops, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (err)
		return err;
	return bpf_setsockopt(skops, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

SEC("sockops")
int buffer_sizes(struct bpf_sock_ops *skops)
{
	switch (skops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		if (!same_site(skops))
			skops->reply = enlarge(skops);
		break;
	case BPF_SOCK_OPS_TCP_LISTEN_CB:
		// Peers are unknown here. Children inherit the listener's buffers; near ones just do not fill them.
		skops->reply = enlarge(skops);
		break;
	}
	return 1;
}

char _license[] SEC("license") = "GPL";
