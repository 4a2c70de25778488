// MISTAKE: skops->sk is used without asking whether there is a socket. In the callbacks that run on a request sock (the passive
// side before the connection is established) sk is NULL, so every kernel refuses to load this. The mend is to read sk once
// and test it: `struct bpf_sock *sk = skops->sk; if (!sk) return 1;`.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} callbacks SEC(".maps");

SEC("sockops")
int count_callbacks(struct bpf_sock_ops *skops)
{
	__u64 *count;

	count = bpf_sk_storage_get(&callbacks, skops->sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (count)
		(*count)++;
	return 1;
}

char _license[] SEC("license") = "GPL";
