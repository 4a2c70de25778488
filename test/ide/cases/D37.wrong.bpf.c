// The reply is set and thrown away.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int window(struct bpf_sock_ops *skops)
{
	int rv = -1;

	switch (skops->op) {
	case BPF_SOCK_OPS_RWND_INIT:
		rv = 40;
		break;
	}
	skops->reply = rv;
	return 0; //~ warning[reply-discarded]: throws the reply away in RWND_INIT
}

char _license[] SEC("license") = "GPL";
