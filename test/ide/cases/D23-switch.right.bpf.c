// A port goes into a switch in the wrong byte order. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int ports(struct bpf_sock_ops *sk_ops)
{
	switch (bpf_ntohl(sk_ops->remote_port)) {
	case 5000:
		bpf_printk("iperf");
		break;
	}
	return 1;
}

char _license[] SEC("license") = "GPL";
