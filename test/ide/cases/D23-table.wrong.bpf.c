// The port is compared with the numbers of a table.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

static const __u16 web[] = { 80, 443 };

SEC("sockops")
int known(struct bpf_sock_ops *skops)
{
	for (int i = 0; i < 2; i++)
		if (skops->remote_port == web[i]) //~ warning[port-byte-order]: is in host order
			bpf_printk("web");
	return 1;
}

char _license[] SEC("license") = "GPL";
