// The editor's times on a program of 1,000 lines: keystroke to source diagnostics, hover, completion, and compile + verify for four
// kernels. `node --import tsx bench/ide.ts`. The host is part of the figure, so the load average is printed with it.

import os from 'node:os';
import { buildAndVerify, compile, loadCParser } from '../src/host/index.ts';
import { analyseSource, completionsAt, hoverAt, sourceDiagnostics } from '../src/ide/index.ts';
import { viewFor } from '../src/kernel/index.ts';
import { CFile } from '../src/syntax/index.ts';

const KERNELS = ['5.10', '6.1', '6.12', '6.18'];

/** A program of about `lines` lines: one switch, a static function for each case, maps, comments and macros in proportion. */
export function longProgram(lines: number): string {
  const head = `#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define WINDOW 40

struct key {
	__u32 address;
	__u32 port;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct key);
	__type(value, __u64);
} counts SEC(".maps");
`;
  const ops = [
    'TCP_CONNECT_CB',
    'ACTIVE_ESTABLISHED_CB',
    'PASSIVE_ESTABLISHED_CB',
    'RWND_INIT',
    'NEEDS_ECN',
    'TCP_LISTEN_CB',
    'STATE_CB',
    'RTT_CB',
  ];
  const functions: string[] = [];
  const count = Math.max(1, Math.floor((lines - 60) / 34));
  for (let i = 0; i < count; i++)
    functions.push(`
/* What is done for rule ${i}: count the connection under its key, set the buffer and the clamp, and tell
 * who wants to know. */
static __always_inline int rule_${i}(struct bpf_sock_ops *skops, int want)
{
	struct key key = {};
	int size = ${1000 + i};
	__u64 one = 1;
	__u64 *seen;
	int rv = 0;

	key.address = skops->remote_ip4;
	key.port = bpf_ntohl(skops->remote_port);
	if (key.port == ${1024 + i} || skops->local_port == ${80 + i}) {
		seen = bpf_map_lookup_elem(&counts, &key);
		if (seen) {
			*seen += 1;
			if (*seen > ${i + 3})
				rv = 1;
		} else {
			bpf_map_update_elem(&counts, &key, &one, BPF_ANY);
		}
	}
	if (want > ${i} && skops->is_fullsock) {
		rv = bpf_setsockopt(skops, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
		if (rv)
			bpf_printk("rule ${i} failed: %d", rv);
	}
	for (int k = 0; k < 4; k++)
		rv += k * want;
	return rv == ${i} ? WINDOW : 0;
}
`);
  const cases = ops.map((op, i) => {
    const mine = functions.map((_, k) => k).filter((k) => k % ops.length === i);
    return `	case BPF_SOCK_OPS_${op}:\n${mine.map((k) => `\t\trv += rule_${k}(skops, ${k});`).join('\n')}\n\t\tbreak;`;
  });
  return `${head}${functions.join('')}
SEC("sockops")
int long_program(struct bpf_sock_ops *skops)
{
	int rv = 0;

	switch (skops->op) {
${cases.join('\n')}
	}
	if (skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_STATE_CB_FLAG | BPF_SOCK_OPS_RTT_CB_FLAG);
	skops->reply = rv;
	return 1;
}

char _license[] SEC("license") = "GPL";
`;
}

/** The same statements in one function, a case each. */
export function longFunction(lines: number): string {
  const text = longProgram(lines);
  const head = text.slice(0, text.indexOf('\n/* What is done for rule'));
  const cases = [...text.matchAll(/int want\)\n\{\n([\s\S]*?)\n\}\n/g)].map(
    ([, body], i) =>
      `\tcase ${i}: {\n\t\tint want = ${i};\n${body!.replace(/\treturn rv == .*;/, '\tsum += rv;')}\n\t\tbreak;\n\t}`,
  );
  return `${head}
SEC("sockops")
int long_function(struct bpf_sock_ops *skops)
{
	int sum = 0;

	switch (skops->op) {
${cases.join('\n')}
	}
	skops->reply = sum;
	return 1;
}

char _license[] SEC("license") = "GPL";
`;
}

function percentile(times: readonly number[], part: number): string {
  const sorted = [...times].sort((a, b) => a - b);
  return `${sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!.toFixed(1)} ms`;
}

/** Types two lines at six places of a file, asks for hover and completion in between, and prints what it took. */
function typing(file: CFile, text: string, what: string): void {
  const views = KERNELS.map((kernel) => viewFor(kernel));
  const keystroke: number[] = [];
  const hover: number[] = [];
  const completion: number[] = [];
  const typed = '\tif (skops->srtt_us > 1000 && skops->op == BPF_SOCK_OPS_RTT_CB)\n\t\tbpf_printk("slow");\n';
  let current = text;
  for (let round = 0; round < 6; round++) {
    const at = current.indexOf('\tfor (int k', Math.floor((current.length * round) / 8));
    for (let i = 0; i < typed.length; i++) {
      const next = current.slice(0, at + i) + typed[i] + current.slice(at + i);
      const start = performance.now();
      file.update(next);
      const analysis = analyseSource(file, views);
      sourceDiagnostics(analysis);
      const end = performance.now();
      // The first rounds warm the machine up.
      if (round > 1) keystroke.push(end - start);
      current = next;
      const afterHover = performance.now();
      hoverAt(analysis, current.indexOf('remote_port', at - 900) + 3);
      const afterCompletion = performance.now();
      completionsAt(analysis, at + i + 1);
      if (round > 1) {
        hover.push(afterCompletion - afterHover);
        completion.push(performance.now() - afterCompletion);
      }
    }
  }
  for (const [name, times] of [
    ['keystroke to source diagnostics', keystroke],
    ['hover', hover],
    ['completion', completion],
  ] as const)
    console.log(
      `${name}${what}: best ${percentile(times, 0)}, median ${percentile(times, 0.5)}, p95 ${percentile(times, 0.95)}, worst ${percentile(times, 1)} (${times.length} times)`,
    );
}

async function main(): Promise<void> {
  const parser = await loadCParser();
  const text = longProgram(1000);
  const file = new CFile(parser, text);
  console.log(
    `program: ${file.lines.lineCount} lines, ${text.length} characters; load average ${os.loadavg()[0]!.toFixed(2)}`,
  );

  typing(file, text, '');
  const long = longFunction(1200);
  typing(new CFile(parser, long), long, `, all ${long.split('\n').length} lines in one function`);

  // Alternating, so that a busy machine slows both alike: what the compiler takes alone, and the whole.
  const compiler: number[] = [];
  const builds: number[] = [];
  for (let i = 0; i < 16; i++) {
    const start = performance.now();
    await compile('/tmp/long.bpf.c', { text });
    const compiled = performance.now();
    const result = await buildAndVerify({ file: '/tmp/long.bpf.c', text, kernels: KERNELS, compiler: {} });
    if (result?.state !== 'compiled') {
      console.log(`compile + verify: not measured (${result?.compilerProblems[0]?.message ?? 'cancelled'})`);
      return;
    }
    // The first rounds warm the machine up.
    if (i < 6) continue;
    compiler.push(compiled - start);
    builds.push(performance.now() - compiled);
  }
  console.log(
    `compile + verify for ${KERNELS.length} kernels: median ${percentile(builds, 0.5)}, p95 ${percentile(builds, 0.95)}, best ${percentile(builds, 0)}`,
  );
  console.log(
    `the compiler alone: median ${percentile(compiler, 0.5)}, p95 ${percentile(compiler, 0.95)}, best ${percentile(compiler, 0)}`,
  );
}

if (/bench.ide\.ts$/.test(process.argv[1] ?? '')) await main();
