// One store answers all questions, and one of the answers is wrong.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("sockops")
int answers(struct bpf_sock_ops *skops)
{
	int rv;

	switch (skops->op) {
	case BPF_SOCK_OPS_NEEDS_ECN:
		rv = 1;
		break;
	case BPF_SOCK_OPS_RWND_INIT:
		rv = 20;
		break;
	default:
		rv = -1;
	}
	skops->reply = rv;
	return 1;
}

char _license[] SEC("license") = "GPL";
