// Fields of the context fetched as if they lay in memory.

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

static __u32 port(struct bpf_sock_ops *ops)
{
	return ops->local_port;
}

SEC("sockops")
int established(struct bpf_sock_ops *skops)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		return 1;
	bpf_printk("%u %u", BPF_CORE_READ(task, tgid), port(skops));
	return 1;
}

char _license[] SEC("license") = "GPL";
