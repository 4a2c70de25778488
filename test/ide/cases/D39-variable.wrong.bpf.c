// The answer goes through a variable that is -1 in every other op.
//- fix: none

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("sockops")
int syn_timeout(struct bpf_sock_ops *skops)
{
	int rv = -1;

	if (skops->op == BPF_SOCK_OPS_TIMEOUT_INIT && skops->local_port == 4000)
		rv = 10;
	skops->reply = rv; //~ information[reply-unit]: 10 is 100
	return 1;
}

char _license[] SEC("license") = "GPL";
