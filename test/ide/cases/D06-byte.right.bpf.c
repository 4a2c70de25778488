// One byte of a field is read. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int low(struct bpf_sock_ops *skops)
{
	__u8 state = (__u8)skops->state;

	return state == BPF_TCP_LISTEN;
}

char _license[] SEC("license") = "GPL";
