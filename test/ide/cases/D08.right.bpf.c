// A field that an older target kernel does not have. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int stamp(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_PARSE_HDR_OPT_CB && skops->skb_len)
		bpf_printk("received");
	if (skops->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_PARSE_ALL_HDR_OPT_CB_FLAG);
	return 1;
}

char _license[] SEC("license") = "GPL";
