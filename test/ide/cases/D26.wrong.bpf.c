// Ops that come only after a flag was set, and nothing sets it.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int retransmits(struct bpf_sock_ops *skops)
{
	switch (skops->op) {
	case BPF_SOCK_OPS_RETRANS_CB: //~ warning[op-needs-flag]: BPF_SOCK_OPS_RETRANS_CB_FLAG
		bpf_printk("retransmit");
		break;
	}
	return 1;
}

char _license[] SEC("license") = "GPL";
