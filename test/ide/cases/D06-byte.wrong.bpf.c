// One byte of a field is read.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int low(struct bpf_sock_ops *skops)
{
	__u8 state = *(__u8 *)&skops->state; //~ error[ctx-width]: 'state' is accessed with 4 bytes

	return state == BPF_TCP_LISTEN;
}

char _license[] SEC("license") = "GPL";
