// Raw fields are printed: the port comes out in network order. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int print(struct bpf_sock_ops *skops)
{
	bpf_printk("OP:%d, PORT:%d", skops->op, bpf_ntohl(skops->remote_port));
	return 1;
}

char _license[] SEC("license") = "GPL";
