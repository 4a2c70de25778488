// Two programs in one section. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops/first")
int first(struct bpf_sock_ops *skops)
{
	return 1;
}

SEC("sockops/second")
int second(struct bpf_sock_ops *skops)
{
	return 1;
}

char _license[] SEC("license") = "GPL";
