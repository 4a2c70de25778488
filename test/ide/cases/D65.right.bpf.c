// bpf_probe_read(), which sock_ops programs cannot call. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int peek(struct bpf_sock_ops *skops)
{
	__u32 word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), 0);
	return 1;
}

char _license[] SEC("license") = "GPL";
