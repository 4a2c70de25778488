// A network is looked for at the wrong end of the word.
//- fix: none

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int inside(struct bpf_sock_ops *skops)
{
	if ((skops->remote_ip4 & 0xff000000) == 0x0a000000) //~ warning[address-byte-order]: at the other end
		bpf_printk("10.0.0.0/8");
	if ((skops->local_ip4 & 0xffff0000) == 0xc0a80000) //~ warning[address-byte-order]: at the other end
		bpf_printk("192.168.0.0/16");
	return 1;
}

char _license[] SEC("license") = "GPL";
