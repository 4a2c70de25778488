// A length other than 4 for an integer option.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int mark(struct bpf_sock_ops *skops)
{
	__u8 mark = 7;

	if (skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_setsockopt(skops, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)); //~ warning[option-length]: SO_MARK takes exactly 4 bytes
	return 1;
}

char _license[] SEC("license") = "GPL";
