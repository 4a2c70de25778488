// MISTAKE: the program sets its reply and returns 0. For this program type the return value says whether the reply counts:
// 0 makes the kernel drop it, so the window stays at its default and nothing complains. The mend is `return 1`.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("sockops")
int larger_window(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_RWND_INIT)
		skops->reply = 40;
	return 0;
}

char _license[] SEC("license") = "GPL";
