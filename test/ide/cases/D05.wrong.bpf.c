// The second word of the reply is written.
//- fix: none

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int stamp(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_RWND_INIT)
		skops->replylong[1] = 7; //~ error[ctx-read-only]: 'replylong[1]' is read-only
	return 1;
}

char _license[] SEC("license") = "GPL";
