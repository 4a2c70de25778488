// How the TCP stack of a kernel differs where a sock_ops program, or somebody who watches the wire, can see it. Stable series
// carry backported fixes; where one is known, the series has a range of its own.

import { defineFeatures } from './feature.ts';
import { between, since } from './lifetime.ts';

export const TCP_FEATURES = defineFeatures([
  {
    name: 'needs-ecn-per-synack',
    doc: 'NEEDS_ECN is called once for every SYN-ACK sent by a listener.',
    lifetimes: [since('5.10', 'net/ipv4/tcp_ipv4.c tcp_v4_send_synack')],
  },
  {
    name: 'initial-rmem-128k',
    doc: 'Receive buffers start at 128 KiB and the first window is about 64 KiB; before, 85 KiB and ten segments.',
    lifetimes: [since('4.20', 'net/ipv4/tcp.c tcp_init; tcp_output.c tcp_select_initial_window')],
  },
  {
    name: 'large-default-buffers',
    doc: 'tcp_rmem[2] is 32 MiB and net.core.{r,w}mem_max 4 MiB by default; before, 6 MiB and 208 KiB.',
    lifetimes: [since('6.16', 'measured on 6.18 and 7.2')],
  },
  {
    name: 'somaxconn-4096',
    doc: 'net.core.somaxconn is 4096 by default; before, 128.',
    lifetimes: [since('5.4', 'include/linux/socket.h SOMAXCONN')],
  },
  {
    name: 'timeout-init-capped',
    doc: 'A TIMEOUT_INIT reply is limited to the largest retransmission timeout.',
    lifetimes: [since('5.18', 'include/net/tcp.h tcp_timeout_init'), between('5.15.8', '5.16')],
  },
  {
    name: 'synack-backoff-from-reply',
    doc: 'Every wait of the SYN-ACK timer is the TIMEOUT_INIT reply doubled; before, only the first wait used the reply.',
    lifetimes: [since('5.18', 'net/ipv4/inet_connection_sock.c reqsk_timer_handler'), between('5.15.8', '5.16')],
  },
  {
    name: 'fastopen-child-timeout-init',
    doc: 'The child of a fast open SYN asks TIMEOUT_INIT.',
    lifetimes: [since('6.1', 'net/ipv4/tcp_fastopen.c tcp_fastopen_create_child')],
  },
  {
    name: 'syn-linear-timeouts',
    doc: 'The first tcp_syn_linear_timeouts waits for a SYN-ACK are not doubled and do not count as retries.',
    lifetimes: [since('6.5', 'net/ipv4/tcp_timer.c tcp_retransmit_timer')],
  },
  {
    name: 'give-up-asks-timeout-init',
    doc: 'Whether a SYN has been repeated long enough is computed from a fresh TIMEOUT_INIT reply.',
    lifetimes: [since('5.4', 'net/ipv4/tcp_timer.c retransmits_timed_out')],
  },
  {
    name: 'crossing-synack-establishes',
    doc: 'In a simultaneous open the SYN-ACK itself completes the connection; before, it was answered by an ACK and the ACK completed it.',
    lifetimes: [
      since('6.12', 'net/ipv4/tcp_input.c tcp_validate_incoming'),
      between('6.1.112', '6.2'),
      between('6.6.53', '6.7'),
      between('5.15.169', '5.16'),
      between('5.10.228', '5.11'),
    ],
  },
  {
    name: 'fin-waits-for-cwnd',
    doc: 'A FIN is subject to the congestion window; before, the last FIN was sent at once.',
    lifetimes: [since('6.10', 'net/ipv4/tcp_output.c tcp_cwnd_test')],
  },
  {
    name: 'receive-scaling-ratio',
    doc: 'The part of the receive buffer that counts as window is measured from arriving buffers; before, tcp_adv_win_scale.',
    lifetimes: [since('6.6', 'net/ipv4/tcp_input.c tcp_measure_rcv_mss')],
  },
  {
    name: 'scaling-ratio-starts-at-half',
    doc: 'The measured ratio starts at one half; before, at about a quarter.',
    lifetimes: [since('6.9', 'include/net/tcp.h TCP_DEFAULT_SCALING_RATIO')],
  },
  {
    name: 'scaling-ratio-moves-clamp',
    doc: 'A new scaling ratio moves the window clamp.',
    lifetimes: [since('6.7', 'net/ipv4/tcp_input.c tcp_measure_rcv_mss')],
  },
  {
    name: 'scaling-ratio-applies-clamp',
    doc: 'A new scaling ratio is applied like TCP_WINDOW_CLAMP, which also opens the window; before, only the clamp moved.',
    lifetimes: [
      between(
        '6.14',
        '7.0',
        'net/ipv4/tcp_input.c tcp_measure_rcv_mss; measured on 6.18, and that it is not so on 7.2',
      ),
    ],
  },
  {
    name: 'initial-window-above-64k',
    doc: 'The first window may be larger than the field of the SYN can say; before, it was cut to 65535.',
    lifetimes: [since('6.6', 'measured: 6.1 cuts, 6.12 does not')],
  },
  {
    name: 'grow-window-discounts-overhead',
    doc: 'Window growth does not count the buffer head of segments that can be joined.',
    lifetimes: [since('5.19', 'net/ipv4/tcp_input.c truesize_adjust')],
  },
  {
    name: 'small-buffer-heads',
    doc: 'Buffer heads come from a cache of their exact size; before, from the next power of two.',
    lifetimes: [since('6.3', 'net/core/skbuff.c skb_small_head_cache')],
  },
  {
    name: 'small-heads-have-receive-pad',
    doc: 'The exact size includes the headroom that receiving drivers want.',
    lifetimes: [since('6.14', 'net/core/skbuff.c SKB_SMALL_HEAD_SIZE'), between('6.12.17', '6.13')],
  },
  {
    name: 'first-buffer-has-linear-payload',
    doc: 'The first buffer of an empty send queue holds up to 1408 bytes in its head.',
    lifetimes: [between('4.13', '5.7', 'net/ipv4/tcp.c select_size; measured: not so on 5.10')],
  },
  {
    name: 'pingpong-after-three',
    doc: 'A socket becomes interactive (delayed ACKs) after three replies; otherwise after one.',
    lifetimes: [
      between('5.1', '5.10.135', 'include/net/inet_connection_sock.h TCP_PINGPONG_THRESH'),
      between('5.11', '5.15.59'),
      between('5.16', '5.18.16'),
    ],
  },
  {
    name: 'pingpong-threshold-sysctl',
    doc: 'net.ipv4.tcp_pingpong_thresh exists.',
    lifetimes: [since('6.2', 'net/ipv4/sysctl_net_ipv4.c')],
  },
  {
    name: 'quickack-counts-scheduled',
    doc: 'Only ACKs of new data use up quick ACKs; before, every segment sent did.',
    lifetimes: [
      since('6.6', 'include/net/tcp.h tcp_dec_quickack_mode'),
      between('6.5.6', '6.6'),
      between('6.1.57', '6.2'),
      between('5.15.135', '5.16'),
      between('5.10.198', '5.11'),
    ],
  },
  {
    name: 'backlog-defers-ack',
    doc: 'While a socket works off its backlog, ACKs are put off to the end.',
    lifetimes: [since('6.7', 'net/ipv4/tcp_input.c __tcp_ack_snd_check')],
  },
  {
    name: 'compressed-acks',
    doc: 'ACKs for out-of-order segments beyond the first three are compressed by a timer.',
    lifetimes: [since('4.18', 'net/ipv4/tcp_input.c __tcp_ack_snd_check')],
  },
  {
    name: 'rtt-callback-arguments',
    doc: 'RTT_CB has the measured and the new smoothed time as arguments.',
    lifetimes: [since('6.10', 'include/net/tcp.h tcp_bpf_rtt')],
  },
  {
    name: 'rtt-min-guarded',
    doc: 'rtt_min reads 0 on a request sock; otherwise memory behind it.',
    lifetimes: [
      since('7.0', 'net/core/filter.c sock_ops_convert_ctx_access'),
      between('6.1.176', '6.2'),
      between('6.12.111', '6.13'),
    ],
  },
  {
    name: 'v6-request-has-v4-loopback',
    doc: 'The IPv4 addresses of an IPv6 request sock read 127.0.0.6; before, 0.',
    lifetimes: [since('6.16', 'measured on 6.16.12, 6.18 and 7.2')],
  },
  {
    name: 'rto-min-sysctl',
    doc: 'net.ipv4.tcp_rto_min_us exists.',
    lifetimes: [since('6.11', 'net/ipv4/sysctl_net_ipv4.c')],
  },
  {
    name: 'rto-max-configurable',
    doc: 'net.ipv4.tcp_rto_max_ms and TCP_RTO_MAX_MS exist.',
    lifetimes: [since('6.15', 'net/ipv4/tcp.c do_tcp_setsockopt')],
  },
  {
    name: 'receive-space-counts-unread',
    doc: 'Buffer autotuning does not count what the application has not read.',
    lifetimes: [since('6.16', 'net/ipv4/tcp_input.c tcp_rcv_space_adjust')],
  },
  {
    name: 'receive-space-low-rtt',
    doc: 'Buffers grow slower while the round-trip time is below tcp_rcvbuf_low_rtt.',
    lifetimes: [since('6.19', 'net/ipv4/tcp_input.c tcp_rcvbuf_grow')],
  },
  {
    name: 'options-by-socket-code',
    doc: 'bpf_setsockopt and bpf_getsockopt go through the code of the system calls; before, they had rules of their own.',
    lifetimes: [since('6.1', 'net/core/filter.c sol_tcp_sockopt')],
  },
  {
    name: 'congestion-name-needs-nul',
    doc: 'The name given to TCP_CONGESTION must end in a zero byte inside the length.',
    lifetimes: [between('4.13', '5.12', 'measured on 5.10')],
  },
  {
    name: 'congestion-name-copied-raw',
    doc: 'TCP_CONGESTION changes the algorithm at once only in ops numbered above NEEDS_ECN.',
    lifetimes: [between('4.13', '5.9', 'net/core/filter.c bpf_setsockopt')],
  },
  {
    name: 'ecn-bits-of-tos-protected',
    doc: 'IP_TOS and IPV6_TCLASS keep the two ECN bits of the socket.',
    lifetimes: [since('6.1', 'net/ipv4/ip_sockglue.c __ip_sock_set_tos')],
  },
  {
    name: 'save-syn-with-mac',
    doc: 'TCP_SAVE_SYN 2 saves the MAC header too.',
    lifetimes: [since('5.10', 'net/ipv4/tcp_input.c tcp_reqsk_record_syn')],
  },
  {
    name: 'window-clamp-has-floor',
    doc: 'Small and negative TCP_WINDOW_CLAMP values become half the smallest receive buffer, negative ones too.',
    lifetimes: [since('6.13', 'measured: 6.12 keeps negative values, 6.18 does not')],
  },
  {
    name: 'option-reentry-refused',
    doc: 'TCP_NODELAY is refused inside the header option callbacks, which it would enter again.',
    lifetimes: [since('7.0', 'measured on 7.2')],
  },
  {
    name: 'bpf-iw-counts-data',
    doc: 'TCP_BPF_IW is refused once data beyond that of the SYN has been sent; before, once any data had been sent.',
    lifetimes: [since('4.14', 'net/core/filter.c bpf_setsockopt')],
  },
  {
    name: 'sockmap-checks-op',
    doc: 'sock_map_update is for sockets in the ESTABLISHED callbacks only; before, any op.',
    lifetimes: [since('4.18', 'net/core/sock_map.c sock_map_op_okay')],
  },
  {
    name: 'sockmap-takes-listeners',
    doc: 'sock_map_update also takes a socket in TCP_LISTEN_CB.',
    lifetimes: [since('5.7', 'net/core/sock_map.c sock_map_op_okay')],
  },
  {
    name: 'established-has-segment',
    doc: 'The ESTABLISHED callbacks show the segment that completed the handshake.',
    lifetimes: [since('5.10', 'net/ipv4/tcp_input.c bpf_skops_established')],
  },
  {
    name: 'pushed-full-segment-acked',
    doc: 'A full segment with PSH is acknowledged as soon as the application has read everything.',
    lifetimes: [
      since('6.7', 'net/ipv4/tcp_input.c tcp_measure_rcv_mss'),
      between('6.5.6', '6.6'),
      between('6.1.57', '6.2'),
      between('5.15.135', '5.16'),
      between('5.10.198', '5.11'),
    ],
  },
  {
    name: 'out-of-order-measured',
    doc: 'Segments that arrive out of order count for the measured segment size and scaling ratio.',
    lifetimes: [since('6.17', 'net/ipv4/tcp_input.c tcp_data_queue_ofo')],
  },
  {
    name: 'memory-kept-small',
    doc: 'A socket takes no more pages than it needs and gives whole ones back at once; before, it kept up to 2 MiB.',
    lifetimes: [since('6.0', 'include/net/sock.h sk_mem_uncharge, sk_rmem_schedule')],
  },
  {
    name: 'backlog-joins-segments',
    doc: 'Segments that wait for a socket in use are joined where one continues the other.',
    lifetimes: [since('5.0', 'net/ipv4/tcp_ipv4.c tcp_add_backlog')],
  },
  {
    name: 'rcvlowat-only-raises-clamp',
    doc: 'SO_RCVLOWAT beyond the buffer raises a window clamp that is lower; before, it set the clamp, also one that was not set.',
    lifetimes: [since('6.17', 'measured on 6.17.13, 6.18.44 and 7.2, and that it is not so on 6.16.12')],
  },
  {
    name: 'child-advmss-lowered-first',
    doc: 'The announced segment size of a child loses the length of the timestamps before PASSIVE_ESTABLISHED_CB; before, after it.',
    lifetimes: [
      since('6.16', 'net/ipv4/tcp_input.c tcp_rcv_state_process'),
      between('6.1.142', '6.2', 'measured on 6.1.176'),
      between('6.6.94', '6.7'),
      between('6.12.34', '6.13'),
    ],
  },
  {
    name: 'window-end-checked',
    doc: 'A segment that reaches beyond the window is refused unless the receive queue is empty.',
    lifetimes: [since('6.17', 'net/ipv4/tcp_input.c tcp_sequence')],
  },
  {
    name: 'fastopen-refusal-is-loss',
    doc: 'Data of a SYN that the server did not take is marked lost and sent again by the usual way; before, at once.',
    lifetimes: [since('5.11', 'net/ipv4/tcp_input.c tcp_rcv_fastopen_synack')],
  },
  {
    name: 'request-queue-above-backlog',
    doc: 'A listener takes one request more than its backlog before it counts as full.',
    lifetimes: [
      since('6.14', 'include/net/inet_connection_sock.h inet_csk_reqsk_queue_is_full'),
      between('6.1.130', '6.2', 'measured on 6.1.176, and that it is not so on 5.10.223'),
      between('6.6.80', '6.7'),
      between('6.12.17', '6.13', 'measured on 6.12.117'),
    ],
  },
  {
    name: 'send-grows-buffer',
    doc: 'A buffer that could be larger takes bytes from the next one just before it is sent.',
    lifetimes: [since('6.10', 'net/ipv4/tcp_output.c tcp_grow_skb')],
  },
]);
