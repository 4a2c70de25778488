// The probe reads, with the address of a field.

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

SEC("sockops")
int established(struct bpf_sock_ops *skops)
{
	struct bpf_sock *sk = skops->sk;
	__u32 mark = 0;

	if (!sk || skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB || skops->family != 2)
		return 1;
	bpf_printk("%u %u", sk->mark, mark);
	return 1;
}

char _license[] SEC("license") = "GPL";
