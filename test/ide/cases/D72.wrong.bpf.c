// A helper of another program type.
//- fix: none

#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} sockmap SEC(".maps");

SEC("sockops")
int redirect(struct bpf_sock_ops *skops)
{
	return bpf_msg_redirect_map((void *)skops, &sockmap, 0, BPF_F_INGRESS) == SK_PASS; //~ error[helper-not-allowed]: no kernel lets a sock_ops program call bpf_msg_redirect_map()
}

char _license[] SEC("license") = "GPL";
