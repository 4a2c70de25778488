// Congestion control by service: user space writes server ports and algorithm names into a map; a connection to (or
// accepted on) such a port uses that algorithm, everything else keeps the system's default.

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#ifndef SOL_TCP
#define SOL_TCP 6
#endif
#define TCP_CONGESTION 13
#define TCP_CA_NAME_MAX 16

struct algorithm {
	char name[TCP_CA_NAME_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u16); /* server port, host order */
	__type(value, struct algorithm);
} algorithms SEC(".maps");

SEC("sockops")
int cc_by_port(struct bpf_sock_ops *skops)
{
	struct algorithm *chosen;
	__u16 port;

	switch (skops->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
		port = bpf_ntohl(skops->remote_port);
		break;
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		port = skops->local_port;
		break;
	default:
		return 1;
	}
	chosen = bpf_map_lookup_elem(&algorithms, &port);
	if (chosen)
		bpf_setsockopt(skops, SOL_TCP, TCP_CONGESTION, chosen->name, sizeof(chosen->name));
	return 1;
}

char _license[] SEC("license") = "GPL";
