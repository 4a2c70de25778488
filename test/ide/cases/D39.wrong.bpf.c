// The reply is in milliseconds.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define SYN_TIMEOUT_MS 100

SEC("sockops")
int timeout(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_TIMEOUT_INIT)
		skops->reply = SYN_TIMEOUT_MS;
	//~^ warning[reply-unit]: this looks like milliseconds
	return 1;
}

char _license[] SEC("license") = "GPL";
