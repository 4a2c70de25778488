// An op of a research kernel.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#ifndef BPF_TCP_PARSE_OPTIONS
#endif

SEC("sockops")
int options(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_TCP_PARSE_OPTIONS) //~ error[op-unknown]: exists only in patched kernels
		bpf_printk("options");
	if (skops->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_PARSE_ALL_HDR_OPT_CB_FLAG);
	return 1;
}

char _license[] SEC("license") = "GPL";
