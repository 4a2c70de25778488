// SYN and SYN-ACK timeout: inside a data centre a lost SYN need not cost a second. The reply of TIMEOUT_INIT counts jiffies,
// and how long a jiffy is depends on the kernel's CONFIG_HZ, so the program asks for it instead of assuming it.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern unsigned int CONFIG_HZ __kconfig;

const volatile __u32 timeout_ms = 100;

SEC("sockops")
int syn_timeout(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_TIMEOUT_INIT)
		skops->reply = timeout_ms * CONFIG_HZ / 1000;
	return 1;
}

char _license[] SEC("license") = "GPL";
