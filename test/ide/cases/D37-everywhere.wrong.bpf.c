// Return 0 everywhere is one mistake, told once and mended in all places.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("sockops")
int watch(struct bpf_sock_ops *skops)
{
	if (skops->family != 2)
		return 0; //~ information[return-zero]: drop the reply of every program
	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB) {
		bpf_printk("active");
		return 0;
	}
	return 0;
}

char _license[] SEC("license") = "GPL";
