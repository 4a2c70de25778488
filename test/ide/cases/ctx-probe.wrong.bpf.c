// The probe reads, with the address of a field.
//- fix: none

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

SEC("sockops")
int established(struct bpf_sock_ops *skops)
{
	__u32 op = 0, family = 0;

	if (bpf_core_read(&op, sizeof(op), &skops->op)) //~ warning[ctx-probe-read]: bpf_core_read() reads the kernel's own structure
		return 1;
	bpf_probe_read_kernel(&family, sizeof(family), (void *)&skops->family); //~ warning[ctx-probe-read]: bpf_probe_read_kernel() reads
	if (op == 4 && family == 2)
		bpf_printk("established");
	return 1;
}

char _license[] SEC("license") = "GPL";
