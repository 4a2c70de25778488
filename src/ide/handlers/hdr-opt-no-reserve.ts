// Header options are stored and no room is ever reserved for them.

import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';

export const hdrOptNoReserve: Rule = {
  code: 'hdr-opt-no-reserve',
  severity: 'warning',
  title: 'A header option is stored but never reserved',
  doc: 'WRITE_HDR_OPT_CB is called only for a packet for which bpf_reserve_hdr_opt() has reserved room in HDR_OPT_LEN_CB just before. A program that only stores is never asked to.',
  example: {
    wrong: `SEC("sockops")
int option(struct bpf_sock_ops *skops)
{
	__u8 option[4] = { 254, 4, 0xeb, 0x9f };

	switch (skops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG);
		break;
	case BPF_SOCK_OPS_WRITE_HDR_OPT_CB:
		bpf_store_hdr_opt(skops, option, sizeof(option), 0);
		break;
	}
	return 1;
}`,
    right: `SEC("sockops")
int option(struct bpf_sock_ops *skops)
{
	__u8 option[4] = { 254, 4, 0xeb, 0x9f };

	switch (skops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG);
		break;
	case BPF_SOCK_OPS_HDR_OPT_LEN_CB:
		bpf_reserve_hdr_opt(skops, sizeof(option), 0);
		break;
	case BPF_SOCK_OPS_WRITE_HDR_OPT_CB:
		bpf_store_hdr_opt(skops, option, sizeof(option), 0);
		break;
	}
	return 1;
}`,
  },
  check: ({ flow, file }, report) => {
    if (flow.incomplete || flow.opaqueContext || /\bbpf_reserve_hdr_opt\b/.test(file.maskedText)) return;
    const store = byNode(flow.of('call')).find((group) => group.all[0]!.name === 'bpf_store_hdr_opt');
    if (store === undefined) return;
    report({
      span: store.node,
      message:
        'nothing in this file reserves room with bpf_reserve_hdr_opt() in HDR_OPT_LEN_CB, so the kernel never asks for the option',
    });
  },
};
