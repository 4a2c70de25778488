// Fields of the context fetched as if they lay in memory.

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

static __u32 port(struct bpf_sock_ops *ops)
{
	return BPF_CORE_READ(ops, local_port); //~ warning[ctx-probe-read]: not the fields of struct bpf_sock_ops
}

SEC("sockops")
int established(struct bpf_sock_ops *skops)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (BPF_CORE_READ(skops, op) != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB) //~ warning[ctx-probe-read]: read them as 'skops->field'
		return 1;
	bpf_printk("%u %u", BPF_CORE_READ(task, tgid), port(skops));
	return 1;
}

char _license[] SEC("license") = "GPL";
