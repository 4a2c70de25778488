// MISTAKE: the author wants a SYN timeout of 100 ms and replies 100. TIMEOUT_INIT counts jiffies: with CONFIG_HZ=250 the
// reply means 400 ms. The mend is to convert with CONFIG_HZ, as samples/syn_timeout.bpf.c does.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("sockops")
int fast_syn(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_TIMEOUT_INIT)
		skops->reply = 100;
	return 1;
}

char _license[] SEC("license") = "GPL";
