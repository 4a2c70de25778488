// An address is overwritten to refuse a connection, through a macro.
//- fix: none

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define MARK_REJECTED(ctx) ((ctx)->remote_ip4 = 0)

SEC("sockops")
int reject(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB && ctx->local_port == 23)
		MARK_REJECTED(ctx); //~ error[ctx-read-only]: 'remote_ip4' is read-only
	return 1;
}

char _license[] SEC("license") = "GPL";
