// The upper half of remote_port, which some compilers read in a 2-byte load.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int port(struct bpf_sock_ops *ops)
{
	__u16 dport = ops->remote_port >> 16; //~ information[ctx-narrow-read]: only the upper half of 'remote_port'

	if (ops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB && dport == bpf_htons(443))
		bpf_printk("https");
	return 1;
}

char _license[] SEC("license") = "GPL";
