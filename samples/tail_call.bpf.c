// One program per op: the entry program jumps through a program array indexed by the op. An op without a program of its own
// falls through to the entry program's last line. Each program can be replaced while the others stay.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define OPS 21

int on_rwnd_init(struct bpf_sock_ops *skops);
int on_timeout_init(struct bpf_sock_ops *skops);
int on_established(struct bpf_sock_ops *skops);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, OPS);
	__uint(key_size, sizeof(__u32));
	__array(values, int(struct bpf_sock_ops *));
} handlers SEC(".maps") = {
	.values = {
		[BPF_SOCK_OPS_TIMEOUT_INIT] = (void *)&on_timeout_init,
		[BPF_SOCK_OPS_RWND_INIT] = (void *)&on_rwnd_init,
		[BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB] = (void *)&on_established,
		[BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB] = (void *)&on_established,
	},
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, OPS);
	__type(key, __u32);
	__type(value, __u64);
} unhandled SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} established SEC(".maps");

SEC("sockops")
int on_rwnd_init(struct bpf_sock_ops *skops)
{
	skops->reply = 20;
	return 1;
}

SEC("sockops")
int on_timeout_init(struct bpf_sock_ops *skops)
{
	skops->reply = 50;
	return 1;
}

SEC("sockops")
int on_established(struct bpf_sock_ops *skops)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&established, &zero);

	if (count)
		__sync_fetch_and_add(count, 1);
	return 1;
}

SEC("sockops")
int dispatch(struct bpf_sock_ops *skops)
{
	__u32 op = skops->op;
	__u64 *count;

	bpf_tail_call(skops, &handlers, op);
	count = bpf_map_lookup_elem(&unhandled, &op);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 1;
}

char _license[] SEC("license") = "GPL";
