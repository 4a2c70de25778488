// Macros that vmlinux.h does not have.

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("sockops")
int mark(struct bpf_sock_ops *skops)
{
	int mark = 7;

	if (skops->family != AF_INET || skops->op != BPF_SOCK_OPS_TCP_CONNECT_CB) //~ warning[constant-undeclared]: AF_INET
		return 1;
	bpf_setsockopt(skops, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)); //~ warning[constant-undeclared]: SOL_SOCKET
	//~| warning[constant-undeclared]: SO_MARK
	return 1;
}

char _license[] SEC("license") = "GPL";
