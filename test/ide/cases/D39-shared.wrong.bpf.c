// One store answers all questions, and one of the answers is wrong.
//- fix: none

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("sockops")
int answers(struct bpf_sock_ops *skops)
{
	int rv;

	switch (skops->op) {
	case BPF_SOCK_OPS_NEEDS_ECN:
		rv = 3;
		break;
	case BPF_SOCK_OPS_RWND_INIT:
		rv = 20;
		break;
	default:
		rv = -1;
	}
	skops->reply = rv; //~ warning[reply-unit]: NEEDS_ECN takes exactly 1
	return 1;
}

char _license[] SEC("license") = "GPL";
