// The port is printed as the context gives it, by other printers than bpf_printk().

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int watch(struct bpf_sock_ops *skops)
{
	char fmt[] = "to port %d";

	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		return 1;
	bpf_trace_printk(fmt, sizeof(fmt), bpf_ntohl(skops->remote_port));
	return 1;
}

char _license[] SEC("license") = "GPL";
