// Statistics per connection: every socket carries its own counters (socket storage), filled by the RTT and retransmit
// callbacks; when it closes, one record goes to user space through a ring buffer. The flags have to be set while the
// socket is a full one: in the ESTABLISHED callbacks.

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct stats {
	__u32 rtt_samples;
	__u32 rtt_max_us;
	__u32 retransmits;
	__u32 active;
};

struct record {
	__u64 cookie;
	__u64 bytes_acked;
	__u64 bytes_received;
	__u32 srtt_us;
	__u16 local_port;
	__u16 remote_port;
	struct stats stats;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct stats);
} per_connection SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} finished SEC(".maps");

static void start(struct bpf_sock_ops *skops, struct bpf_sock *sk)
{
	struct stats *stats = bpf_sk_storage_get(&per_connection, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (!stats)
		return;
	stats->active = skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB;
	bpf_sock_ops_cb_flags_set(skops, skops->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_RTT_CB_FLAG |
						 BPF_SOCK_OPS_RETRANS_CB_FLAG | BPF_SOCK_OPS_STATE_CB_FLAG);
}

static void finish(struct bpf_sock_ops *skops, const struct stats *stats)
{
	struct record *record = bpf_ringbuf_reserve(&records, sizeof(*record), 0);
	__u32 zero = 0;
	__u64 *count;

	if (!record)
		return;
	record->cookie = bpf_get_socket_cookie(skops);
	record->bytes_acked = skops->bytes_acked;
	record->bytes_received = skops->bytes_received;
	record->srtt_us = skops->srtt_us >> 3;
	record->local_port = skops->local_port;
	record->remote_port = bpf_ntohl(skops->remote_port);
	record->stats = *stats;
	bpf_ringbuf_submit(record, 0);

	count = bpf_map_lookup_elem(&finished, &zero);
	if (count)
		(*count)++;
}

SEC("sockops")
int conn_stats(struct bpf_sock_ops *skops)
{
	struct bpf_sock *sk = skops->sk;
	struct stats *stats;
	__u32 rtt;

	if (!sk)
		return 1;
	switch (skops->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		start(skops, sk);
		return 1;
	}
	stats = bpf_sk_storage_get(&per_connection, sk, 0, 0);
	if (!stats)
		return 1;
	switch (skops->op) {
	case BPF_SOCK_OPS_RTT_CB:
		// Since 6.10 args[0] is the sample itself; srtt_us works on every kernel.
		rtt = skops->srtt_us >> 3;
		stats->rtt_samples++;
		if (rtt > stats->rtt_max_us)
			stats->rtt_max_us = rtt;
		break;
	case BPF_SOCK_OPS_RETRANS_CB:
		stats->retransmits += skops->args[1];
		break;
	case BPF_SOCK_OPS_STATE_CB:
		if (skops->args[1] == BPF_TCP_CLOSE)
			finish(skops, stats);
		break;
	}
	return 1;
}

char _license[] SEC("license") = "GPL";
