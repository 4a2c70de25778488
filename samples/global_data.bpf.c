// Global data: limits that a loader sets before loading (.rodata), totals that user space reads at any time (.bss), and
// state with an initial value (.data).

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 receive_segments = 30;
const volatile __u32 most_connections = 1;

__u64 connections;
__u64 declined;
__u32 next_id = 100;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64); /* socket cookie */
	__type(value, __u32); /* id */
} ids SEC(".maps");

SEC("sockops")
int global_data(struct bpf_sock_ops *skops)
{
	__u64 cookie;
	__u32 id;

	switch (skops->op) {
	case BPF_SOCK_OPS_RWND_INIT:
		skops->reply = receive_segments;
		break;
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		if (connections >= most_connections) {
			__sync_fetch_and_add(&declined, 1);
			break;
		}
		__sync_fetch_and_add(&connections, 1);
		id = next_id++;
		cookie = bpf_get_socket_cookie(skops);
		bpf_map_update_elem(&ids, &cookie, &id, BPF_ANY);
		bpf_printk("connection %u has id %u", (__u32)connections, id);
		break;
	}
	return 1;
}

char _license[] SEC("license") = "GPL";
