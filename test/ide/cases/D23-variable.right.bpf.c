// The same through a variable and a static function. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

static int is_http(__u32 port)
{
	return port == 80;
}

SEC("sockops")
int ports(struct bpf_sock_ops *sk_ops)
{
	__u32 remote = bpf_ntohl(sk_ops->remote_port);

	if (is_http(remote))
		bpf_printk("http");
	return 1;
}

char _license[] SEC("license") = "GPL";
