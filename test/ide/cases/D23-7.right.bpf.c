// A port is compared in the wrong byte order. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int http(struct bpf_sock_ops *sk_ops)
{
	if (sk_ops->local_port == bpf_ntohl(sk_ops->remote_port))
		bpf_printk("http");
	return 1;
}

char _license[] SEC("license") = "GPL";
