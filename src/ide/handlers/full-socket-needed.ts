// A helper that works on full sockets only, in an op that also runs on request socks.

import { beforeStatement, contextNameAt } from '../mend.ts';
import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';
import { opNames } from '../words.ts';

const NEEDS_FULL_SOCKET = new Set(['bpf_sock_ops_cb_flags_set', 'bpf_setsockopt', 'bpf_getsockopt']);
/** TCP_BPF_SYN, TCP_BPF_SYN_IP and TCP_BPF_SYN_MAC read the SYN that is being answered. */
const SYN_OPTIONS = new Set([1005n, 1006n, 1007n]);

export const fullSocketNeeded: Rule = {
  code: 'full-socket-needed',
  severity: 'warning',
  title: 'A helper that fails on the passive side of the handshake',
  doc:
    'On the passive side TIMEOUT_INIT, RWND_INIT, NEEDS_ECN and the header-option ops for a SYN-ACK run on a request sock: there is no full socket yet. ' +
    'bpf_sock_ops_cb_flags_set(), bpf_setsockopt() and bpf_getsockopt() give -EINVAL there. Set flags and options in PASSIVE_ESTABLISHED_CB, or in TCP_LISTEN_CB (children ' +
    'inherit the callback flags), or ask `skops->is_fullsock` first.',
  example: {
    wrong: `SEC("sockops")
int early(struct bpf_sock_ops *skops)
{
	switch (skops->op) {
	case BPF_SOCK_OPS_TIMEOUT_INIT:
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_RTO_CB_FLAG);
		break;
	}
	return 1;
}`,
    right: `SEC("sockops")
int early(struct bpf_sock_ops *skops)
{
	switch (skops->op) {
	case BPF_SOCK_OPS_TIMEOUT_INIT:
		if (skops->is_fullsock)
			bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_RTO_CB_FLAG);
		break;
	}
	return 1;
}`,
  },
  check: (analysis, report) => {
    for (const group of byNode(analysis.flow.of('call'))) {
      const first = group.all[0]!;
      if (!NEEDS_FULL_SOCKET.has(first.name) || group.all.length > 12) continue;
      const option = first.args[2];
      if (first.name === 'bpf_getsockopt' && option?.kind === 'ints' && SYN_OPTIONS.has(option.values[0]!)) continue;
      const failing = group.all.filter((call) => call.op.socket === 'full-or-request' && call.fullSocket !== true);
      if (failing.length === 0) continue;
      const mask = failing.reduce((ops, call) => ops | (1 << call.op.number), 0);
      const never = failing.every((call) => call.fullSocket === false);
      const headerOps = failing.every((call) => call.op.packet.kind !== 'none');
      const ctx = contextNameAt(analysis, group.node.start);
      const edit =
        ctx === undefined ? undefined : beforeStatement(analysis, group.node.start, [`if (${ctx}->is_fullsock)`]);
      report({
        span: group.node,
        severity: headerOps ? 'information' : 'warning',
        message: never
          ? `${first.name}() always fails with -EINVAL here: the socket is not a full one`
          : `in ${opNames(mask)} the socket may be a request sock, on which ${first.name}() fails with -EINVAL`,
        fixes:
          edit === undefined || never
            ? []
            : [
                {
                  title: `Only where '${ctx}->is_fullsock'`,
                  edits: [{ ...edit, newText: edit.newText.replace(/\n([ \t]*)$/, '\n$1\t') }],
                  preferred: true,
                },
              ],
      });
    }
  },
};
