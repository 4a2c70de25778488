// Two programs in one section.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int first(struct bpf_sock_ops *skops)
{
	return 1;
}

SEC("sockops") //~ information[section-shared]: another program stands in section
int second(struct bpf_sock_ops *skops)
{
	return 1;
}

char _license[] SEC("license") = "GPL";
