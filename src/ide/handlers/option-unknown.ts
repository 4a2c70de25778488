// A level and option that no kernel takes from a sock_ops program.

import { optionLevelNumber, SOCKOPTS, type SockoptRow, viewFor } from '../../kernel/index.ts';
import { optionCalls } from '../option-calls.ts';
import type { Rule } from '../rule.ts';
import { isLiteral, textOf } from '../source-analysis.ts';
import { nearest } from '../words.ts';

export const optionUnknown: Rule = {
  code: 'option-unknown',
  severity: 'warning',
  title: 'An option that BPF cannot set or read',
  doc:
    'bpf_setsockopt() and bpf_getsockopt() know a list of options that is much shorter than that of setsockopt(2); everything else gives -EINVAL. The level must fit the option too: ' +
    'TCP_CONGESTION belongs to SOL_TCP, SO_SNDBUF to SOL_SOCKET. SO_RCVTIMEO, SO_SNDTIMEO and SO_LINGER have never been there.',
  example: {
    wrong: `SEC("sockops")
int nodelay(struct bpf_sock_ops *skops)
{
	int bytes = 150000;

	if (skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_setsockopt(skops, SOL_TCP, SO_SNDBUF, &bytes, sizeof(bytes));
	return 1;
}`,
    right: `SEC("sockops")
int nodelay(struct bpf_sock_ops *skops)
{
	int bytes = 150000;

	if (skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_setsockopt(skops, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	return 1;
}`,
  },
  check: (analysis, report) => {
    const newest = viewFor('upstream');
    for (const call of optionCalls(analysis)) {
      const { level, option, named, optionNode, levelNode } = call;
      const spelled = optionNode === undefined ? '' : textOf(analysis, optionNode);
      if (
        optionNode !== undefined &&
        option === undefined &&
        named === undefined &&
        /^(SO|TCP|IP|IPV6)_[A-Z0-9_]+$/.test(spelled) &&
        !analysis.file.macros.has(spelled)
      ) {
        // An option of user space whose number no table needs.
        const better = nearest(
          spelled,
          (SOCKOPTS as readonly SockoptRow[]).map((row) => row.name),
        );
        report({
          span: optionNode,
          message: `no kernel lets BPF ${call.mode === 'set' ? 'set' : 'read'} ${spelled}: the call fails with -EINVAL${better === undefined ? '' : `; did you mean ${better}?`}`,
        });
        continue;
      }
      if (optionNode === undefined || levelNode === undefined) continue;
      if (level === undefined || option === undefined) {
        const lost = call.pairs.filter((pair) => newest.sockopt(pair.level, pair.option) === undefined);
        if (lost.length > 0)
          report({
            span: optionNode,
            message: `no kernel lets BPF ${call.mode === 'set' ? 'set' : 'read'} ${lost.map((pair) => `option ${pair.option} of level ${pair.level}`).join(' or ')}, which ${lost.length === 1 ? 'is' : 'are'} among those given here: the call fails with -EINVAL`,
          });
        continue;
      }
      const known = newest.sockopt(level, option);
      const wrongLevel = named !== undefined && optionLevelNumber(named.level) !== level;
      if (wrongLevel) {
        report({
          span: levelNode,
          message: `${named.name} belongs to ${named.level}: with this level the call ${known === undefined ? 'fails with -EINVAL' : `means ${known.row.name}`}`,
          fixes: isLiteral(analysis, levelNode)
            ? [
                {
                  title: `Change the level to ${named.level}`,
                  edits: [{ start: levelNode.start, end: levelNode.end, newText: named.level }],
                  preferred: true,
                },
              ]
            : [],
        });
        continue;
      }
      if (known !== undefined) {
        const side = call.mode === 'set' ? known.row.set : known.row.get;
        if (side === undefined)
          report({
            span: optionNode,
            message: `${known.row.name} can be ${call.mode === 'set' ? 'read but not set' : 'set but not read'} by BPF`,
          });
        continue;
      }
      const better = /^[A-Z_0-9]+$/.test(spelled)
        ? nearest(
            spelled,
            (SOCKOPTS as readonly SockoptRow[]).map((row) => row.name),
          )
        : undefined;
      report({
        span: optionNode,
        message: `no kernel lets BPF ${call.mode === 'set' ? 'set' : 'read'} this option: the call fails with -EINVAL${better === undefined || better === spelled ? '' : `; did you mean ${better}?`}`,
      });
    }
  },
};
