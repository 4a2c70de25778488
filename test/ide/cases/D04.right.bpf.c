// An address is overwritten to refuse a connection, through a macro. Corrected.

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("sockops")
int reject(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB && ctx->local_port == 23)
		ctx->sk_txhash = 0;
	return 1;
}

char _license[] SEC("license") = "GPL";
