// More is stored than was reserved.
//- fix: none

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("sockops")
int stamp(struct bpf_sock_ops *skops)
{
	__u8 option[] = { 200, 8, 1, 2, 3, 4, 5, 6 };

	switch (skops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		bpf_sock_ops_cb_flags_set(skops, skops->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG);
		break;
	case BPF_SOCK_OPS_HDR_OPT_LEN_CB:
		bpf_reserve_hdr_opt(skops, 4, 0);
		break;
	case BPF_SOCK_OPS_WRITE_HDR_OPT_CB:
		bpf_store_hdr_opt(skops, option, sizeof(option), 0); //~ warning[hdr-opt-format]: has reserved 4: the call gives -ENOSPC
		break;
	}
	return 1;
}

char _license[] SEC("license") = "GPL";
