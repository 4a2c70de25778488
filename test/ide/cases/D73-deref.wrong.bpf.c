// sk is followed without a test.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int mark(struct bpf_sock_ops *skops)
{
	struct bpf_sock *sk = skops->sk;

	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		return 1;
	bpf_printk("mark %u", sk->mark); //~ error[sk-null-check]: 'sk' may be NULL
	return 1;
}

char _license[] SEC("license") = "GPL";
