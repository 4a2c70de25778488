// bpf_probe_read(), which sock_ops programs cannot call.
//- fix: none

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int peek(struct bpf_sock_ops *skops)
{
	__u32 word = 0;

	bpf_probe_read(&word, sizeof(word), 0); //~ error[helper-not-allowed]: no kernel lets a sock_ops program call bpf_probe_read()
	return 1;
}

char _license[] SEC("license") = "GPL";
