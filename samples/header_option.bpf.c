// A header option of one's own: the client tells the server in its SYN which zone it runs in, with the experimental option
// kind 253 and a magic number (RFC 6994). Space is reserved in HDR_OPT_LEN and filled in WRITE_HDR_OPT; both only
// happen for sockets that asked for it, before the SYN. The server finds the option in the SYN that it saved.

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#ifndef SOL_TCP
#define SOL_TCP 6
#endif
#define TCP_SAVE_SYN 27
#define TCPHDR_SYN 0x02
#define TCPHDR_ACK 0x10
#define OPTION_KIND 253
#define OPTION_MAGIC bpf_htons(0x50c5)

struct zone_option {
	__u8 kind;
	__u8 len;
	__u16 magic;
	__u32 zone;
} __attribute__((packed));

const volatile __u32 own_zone = 7;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32); /* zone */
	__type(value, __u64); /* connections */
} zones SEC(".maps");

static int is_syn(struct bpf_sock_ops *skops)
{
	return (skops->skb_tcp_flags & (TCPHDR_SYN | TCPHDR_ACK)) == TCPHDR_SYN;
}

static void count_zone(struct bpf_sock_ops *skops)
{
	struct zone_option found = { .kind = OPTION_KIND, .len = 4, .magic = OPTION_MAGIC };
	__u64 one = 1;
	__u64 *count;
	__u32 zone;

	if (bpf_load_hdr_opt(skops, &found, sizeof(found), BPF_LOAD_HDR_OPT_TCP_SYN) != sizeof(found))
		return;
	zone = bpf_ntohl(found.zone);
	count = bpf_map_lookup_elem(&zones, &zone);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&zones, &zone, &one, BPF_NOEXIST);
}

SEC("sockops")
int header_option(struct bpf_sock_ops *skops)
{
	struct zone_option option;
	int one = 1;

	switch (skops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		bpf_sock_ops_cb_flags_set(skops, skops->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG);
		break;
	case BPF_SOCK_OPS_TCP_LISTEN_CB:
		bpf_setsockopt(skops, SOL_TCP, TCP_SAVE_SYN, &one, sizeof(one));
		break;
	case BPF_SOCK_OPS_HDR_OPT_LEN_CB:
		if (is_syn(skops))
			bpf_reserve_hdr_opt(skops, sizeof(option), 0);
		break;
	case BPF_SOCK_OPS_WRITE_HDR_OPT_CB:
		option.kind = OPTION_KIND;
		option.len = sizeof(option);
		option.magic = OPTION_MAGIC;
		option.zone = bpf_htonl(own_zone);
		bpf_store_hdr_opt(skops, &option, sizeof(option), 0);
		break;
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
		// The peer has heard it; stop paying for the callbacks.
		bpf_sock_ops_cb_flags_set(skops, skops->bpf_sock_ops_cb_flags & ~BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG);
		break;
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		count_zone(skops);
		break;
	}
	return 1;
}

char _license[] SEC("license") = "GPL";
