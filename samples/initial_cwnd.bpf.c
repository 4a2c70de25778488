// Initial congestion window: a server that knows its clients to be on fast paths may send more than ten segments before
// the first acknowledgement. It must be set in the ESTABLISHED callbacks: the kernel writes its own initial window just
// before it makes them, so that an earlier value would be lost.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef SOL_TCP
#define SOL_TCP 6
#endif

const volatile int initial_window = 40;

SEC("sockops")
int initial_cwnd(struct bpf_sock_ops *skops)
{
	int window = initial_window;

	switch (skops->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		skops->reply = bpf_setsockopt(skops, SOL_TCP, TCP_BPF_IW, &window, sizeof(window));
		break;
	}
	return 1;
}

char _license[] SEC("license") = "GPL";
