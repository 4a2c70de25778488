// An option that BPF cannot set, among those that a function is called with.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

static __always_inline int set(struct bpf_sock_ops *skops, int option, int value)
{
	return bpf_setsockopt(skops, SOL_SOCKET, option, &value, sizeof(value));
}

SEC("sockops")
int tune(struct bpf_sock_ops *skops)
{
	if (skops->op != BPF_SOCK_OPS_TCP_CONNECT_CB)
		return 1;
	set(skops, SO_MARK, 7);
	set(skops, SO_SNDBUF, 65536);
	return 1;
}

char _license[] SEC("license") = "GPL";
