// Packet bytes are read without a bounds check.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct header {
	__u16 source;
	__u16 dest;
	__u32 seq;
	__u32 ack_seq;
	__u16 flags;
};

SEC("sockops")
int header(struct bpf_sock_ops *skops)
{
	struct header *th = skops->skb_data;

	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		return 1;
	bpf_printk("flags %x", th->flags); //~ error[packet-bounds]: nothing has compared the pointer with skb_data_end
	return 1;
}

char _license[] SEC("license") = "GPL";
