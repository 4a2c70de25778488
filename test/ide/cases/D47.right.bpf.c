// Macros that vmlinux.h does not have. Corrected.

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define AF_INET 2
#define SOL_SOCKET 1
#define SO_MARK 36

SEC("sockops")
int mark(struct bpf_sock_ops *skops)
{
	int mark = 7;

	if (skops->family != AF_INET || skops->op != BPF_SOCK_OPS_TCP_CONNECT_CB)
		return 1;
	bpf_setsockopt(skops, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
	return 1;
}

char _license[] SEC("license") = "GPL";
