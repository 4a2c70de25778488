// What a program asks of the kernel at load time (LINUX_KERNEL_VERSION, CO-RE) is answered anew for every target kernel: the editor gives
// the verdicts that `sockscope verify` gives.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { buildAndVerify } from '../../src/host/index.ts';

const file = path.resolve(import.meta.dirname, '../../samples/by_version.bpf.c');

test('an object that links otherwise on another kernel is read again for each', async () => {
  const text = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
extern int LINUX_KERNEL_VERSION __kconfig;
SEC("sockops")
int by_version(struct bpf_sock_ops *ctx)
{
	if (LINUX_KERNEL_VERSION < 0x060000)
		return ((int *)0)[1];
	return 1;
}
char LICENSE[] SEC("license") = "GPL";
`;
  const build = await buildAndVerify({ file, text, kernels: ['5.10', '6.12', '6.1'], compiler: {} });
  assert.equal(build?.state, 'compiled', JSON.stringify(build));
  assert.deepEqual(
    build.verdicts.map(({ kernel, accepted }) => [kernel, accepted]),
    [
      ['5.10', false],
      ['6.12', true],
      ['6.1', true],
    ],
  );
});
