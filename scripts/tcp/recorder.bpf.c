// The program that `npm run fuzz:tcp` attaches: writes every field of every call into a ring buffer, then does what the one entry
// of `settings` says: callback flags, replies, options, header options, a return value of 0.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MOST_ACTIONS 12
#define MOST_BYTES 40
#define EVERY_OP 99
#define TCP_CONNECT_CB 3
#define TCP_LISTEN_CB 11

enum kind { SET_OPTION, GET_OPTION, SET_FLAGS, LOAD_HEADER, STORE_HEADER, RESERVE_HEADER };

struct action {
  int op, kind, level, option, length, unused;
  unsigned char value[MOST_BYTES];
};

struct settings {
  unsigned int reply_mask;
  int sets_flags, flags, zero_mask;
  int reply[24];
  int action_count, unused[3];
  unsigned char unused_bytes[MOST_BYTES];
  struct action actions[MOST_ACTIONS];
};

struct record {
  unsigned long long time;
  unsigned int op, args[4], fields[32];
  unsigned int remote_ip6[4], local_ip6[4];
  unsigned long long bytes_received, bytes_acked, unused_long;
  unsigned int unused, has_data, has_end, header_length;
  unsigned int has_sk, sk[8];
  int result_count, results[20];
  unsigned char buffers[MOST_ACTIONS][MOST_BYTES];
  unsigned char header[64];
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, int);
  __type(value, struct settings);
} settings SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 23);
} records SEC(".maps");

SEC("sockops")
int recorder(struct bpf_sock_ops *ctx)
{
  int zero = 0, count = 0;
  unsigned int op = ctx->op;
  struct settings *s = bpf_map_lookup_elem(&settings, &zero);
  struct record *r;

  if (!s)
    return 1;
  r = bpf_ringbuf_reserve(&records, sizeof(*r), 0);
  if (!r)
    return 1;
  r->time = bpf_ktime_get_ns();
  r->op = op;
  r->args[0] = ctx->args[0];
  r->args[1] = ctx->args[1];
  r->args[2] = ctx->args[2];
  r->args[3] = ctx->args[3];
  r->fields[0] = ctx->family;
  r->fields[1] = ctx->remote_ip4;
  r->fields[2] = ctx->local_ip4;
  r->fields[3] = ctx->remote_port;
  r->fields[4] = ctx->local_port;
  r->fields[5] = ctx->is_fullsock;
  r->fields[6] = ctx->snd_cwnd;
  r->fields[7] = ctx->srtt_us;
  r->fields[8] = ctx->bpf_sock_ops_cb_flags;
  r->fields[9] = ctx->state;
  r->fields[10] = ctx->rtt_min;
  r->fields[11] = ctx->snd_ssthresh;
  r->fields[12] = ctx->rcv_nxt;
  r->fields[13] = ctx->snd_nxt;
  r->fields[14] = ctx->snd_una;
  r->fields[15] = ctx->mss_cache;
  r->fields[16] = ctx->ecn_flags;
  r->fields[17] = ctx->rate_delivered;
  r->fields[18] = ctx->rate_interval_us;
  r->fields[19] = ctx->packets_out;
  r->fields[20] = ctx->retrans_out;
  r->fields[21] = ctx->total_retrans;
  r->fields[22] = ctx->segs_in;
  r->fields[23] = ctx->data_segs_in;
  r->fields[24] = ctx->segs_out;
  r->fields[25] = ctx->data_segs_out;
  r->fields[26] = ctx->lost_out;
  r->fields[27] = ctx->sacked_out;
  r->fields[28] = ctx->sk_txhash;
  r->fields[29] = ctx->skb_len;
  r->fields[30] = ctx->skb_tcp_flags;
  r->remote_ip6[0] = ctx->remote_ip6[0];
  r->remote_ip6[1] = ctx->remote_ip6[1];
  r->remote_ip6[2] = ctx->remote_ip6[2];
  r->remote_ip6[3] = ctx->remote_ip6[3];
  r->local_ip6[0] = ctx->local_ip6[0];
  r->local_ip6[1] = ctx->local_ip6[1];
  r->local_ip6[2] = ctx->local_ip6[2];
  r->local_ip6[3] = ctx->local_ip6[3];
  r->bytes_received = ctx->bytes_received;
  r->bytes_acked = ctx->bytes_acked;

  struct bpf_sock *sk = ctx->sk;
  r->has_sk = 0;
  if (sk) {
    r->has_sk = 1;
    r->sk[0] = sk->state;
    r->sk[1] = sk->family;
    r->sk[2] = sk->type;
    r->sk[3] = sk->protocol;
    r->sk[4] = sk->src_port;
    r->sk[5] = sk->src_ip4;
    r->sk[6] = sk->dst_ip4;
    r->sk[7] = sk->dst_port;
  }

  unsigned char *data = ctx->skb_data, *end = ctx->skb_data_end;
  r->has_data = data != 0;
  r->has_end = end != 0;
  r->header_length = 0;
  if (data && end) {
    for (int i = 0; i < 60; i++) {
      if (data + i + 1 > end)
        break;
      r->header[i] = data[i];
      r->header_length = i + 1;
    }
  }

  if (s->sets_flags && (op == TCP_LISTEN_CB || op == TCP_CONNECT_CB)) {
    r->results[0] = bpf_sock_ops_cb_flags_set(ctx, s->flags);
    count = 1;
  }
  for (int i = 0; i < MOST_ACTIONS; i++) {
    if (i >= s->action_count)
      break;
    struct action *a = &s->actions[i];
    unsigned int length = a->length;
    int result = 0;

    if (a->op != (int)op && a->op != EVERY_OP)
      continue;
    if (length > MOST_BYTES)
      length = MOST_BYTES;
    if (length < 1)
      length = 1;
    switch (a->kind) {
    case SET_OPTION:
      result = bpf_setsockopt(ctx, a->level, a->option, a->value, length);
      break;
    case GET_OPTION:
      result = bpf_getsockopt(ctx, a->level, a->option, r->buffers[i], length);
      break;
    case SET_FLAGS:
      result = bpf_sock_ops_cb_flags_set(ctx, a->option);
      break;
    case LOAD_HEADER:
      __builtin_memcpy(r->buffers[i], a->value, MOST_BYTES);
      if (length < 2)
        length = 2;
      result = bpf_load_hdr_opt(ctx, r->buffers[i], length, a->option);
      break;
    case STORE_HEADER:
      if (length < 2)
        length = 2;
      result = bpf_store_hdr_opt(ctx, a->value, length, a->option);
      break;
    case RESERVE_HEADER:
      result = bpf_reserve_hdr_opt(ctx, a->level, a->option);
      break;
    }
    if (count >= 0 && count < 20) {
      r->results[count] = result;
      count++;
    }
  }
  r->result_count = count;
  bpf_ringbuf_submit(r, 0);
  if (op < 24) {
    if (s->reply_mask >> op & 1)
      ctx->reply = s->reply[op];
    if (s->zero_mask >> op & 1)
      return 0;
  }
  return 1;
}

char _license[] SEC("license") = "GPL";
