// The reply is in milliseconds. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define SYN_TIMEOUT_MS 100

extern unsigned long CONFIG_HZ __kconfig;

SEC("sockops")
int timeout(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_TIMEOUT_INIT)
		skops->reply = SYN_TIMEOUT_MS * CONFIG_HZ / 1000;
	return 1;
}

char _license[] SEC("license") = "GPL";
