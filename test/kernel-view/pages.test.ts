// The pages that people read, for every row: text for several target kernels against committed files, and lookup by the
// spellings that people use. `UPDATE=1` writes the files anew.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  CATALOGUE,
  describe as describeEntry,
  describeKernel,
  explain,
  kernelChanges,
  lookup,
  type Page,
  pageMarkdown,
  pageText,
  parseTarget,
  versionText,
  viewFor,
} from '../../src/kernel/index.ts';

const folder = fileURLToPath(new URL('./golden/', import.meta.url));

function checkGolden(name: string, text: string): void {
  const file = `${folder}${name}`;
  if (process.env['UPDATE'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
    return;
  }
  assert.ok(existsSync(file), `${name} is missing; UPDATE=1 writes it`);
  if (readFileSync(file, 'utf8') !== text) writeFileSync(`${file}.actual`, text);
  else rmSync(`${file}.actual`, { force: true });
  assert.equal(text, readFileSync(file, 'utf8'));
}

const views = ['4.14', '5.4', '5.10', 'rhel8', '6.12', '7.2'].map((text) => viewFor(parseTarget(text).value!));

describe('pages', () => {
  for (const kind of new Set(CATALOGUE.map((entry) => entry.kind))) {
    it(`text of every ${kind}`, () => {
      const entries = CATALOGUE.filter((entry) => entry.kind === kind);
      checkGolden(
        `explain-${kind}.txt`,
        entries.map((entry) => pageText(describeEntry(entry, views))).join('\n----\n\n'),
      );
    });
  }

  it('hover markdown of one of each kind', () => {
    const names = [
      'remote_port',
      'BPF_SOCK_OPS_RTT_CB',
      'bpf_load_hdr_opt',
      'TCP_CONGESTION',
      'bpf_htonl',
      'SK_STORAGE',
      'sk_release',
    ];
    checkGolden('hover.md', names.map((name) => pageMarkdown(explain(name, views).pages[0]!)).join('\n---\n\n'));
  });

  it('lines of text stay within the width', () => {
    for (const entry of CATALOGUE) {
      const page = describeEntry(entry, views);
      const text = pageText({ ...page, declaration: '', example: '' }, 80);
      for (const line of text.split('\n')) assert.ok(line.length <= 80 || !line.trim().includes(' '), line);
    }
  });
});

describe('lookup', () => {
  const FOUND: readonly (readonly [text: string, name: string])[] = [
    ['BPF_SOCK_OPS_RWND_INIT', 'BPF_SOCK_OPS_RWND_INIT'],
    ['bpf_sock_ops_rwnd_init', 'BPF_SOCK_OPS_RWND_INIT'],
    ['RWND_INIT', 'BPF_SOCK_OPS_RWND_INIT'],
    ['tcp_connect', 'BPF_SOCK_OPS_TCP_CONNECT_CB'],
    ['3', 'BPF_SOCK_OPS_TCP_CONNECT_CB'],
    ['op 3', 'BPF_SOCK_OPS_TCP_CONNECT_CB'],
    ['op #12', 'BPF_SOCK_OPS_RTT_CB'],
    ['skops->remote_port', 'remote_port'],
    ['ctx->args[2]', 'args'],
    ['reply', 'reply'],
    ['replylong[1]', 'replylong'],
    ['map_lookup_elem', 'bpf_map_lookup_elem'],
    ['bpf_setsockopt()', 'bpf_setsockopt'],
    ['bpf_setsockopt(skops, SOL_TCP, TCP_BPF_IW, &x, 4)', 'bpf_setsockopt'],
    ['#49', 'bpf_setsockopt'],
    ['BPF_FUNC_getsockopt', 'bpf_getsockopt'],
    ['STATE_CB_FLAG', 'BPF_SOCK_OPS_STATE_CB'],
    ['BPF_SOCK_OPS_STATE_CB_FLAG', 'BPF_SOCK_OPS_STATE_CB_FLAG'],
    ['tcp_congestion', 'TCP_CONGESTION'],
    ['hash', 'BPF_MAP_TYPE_HASH'],
    ['lru-hash', 'BPF_MAP_TYPE_LRU_HASH'],
    ['BPF_MAP_TYPE_SOCKHASH', 'BPF_MAP_TYPE_SOCKHASH'],
    ['-22', 'EINVAL'],
    ['-EINVAL', 'EINVAL'],
    ['SEC("sockops")', 'sockops'],
    ['bpf_ntohl', 'bpf_ntohl'],
    ['rhel8', 'rhel8'],
    ['bookworm', 'debian12'],
    ['sk->dst_port', 'bpf_sock.dst_port'],
    ['bpf_sock.mark', 'bpf_sock.mark'],
  ];
  for (const [text, name] of FOUND) {
    it(`${text} is ${name}`, () => assert.equal(lookup(text).entries[0]?.name, name));
  }

  it('every entry is found by its own name', () => {
    for (const entry of CATALOGUE) assert.ok(lookup(entry.name).entries.includes(entry), entry.name);
  });

  it('a slip of the finger gives the right name first', () => {
    const slips: readonly (readonly [string, string])[] = [
      ['snd_cwmd', 'snd_cwnd'],
      ['bpf_setsockop', 'bpf_setsockopt'],
      ['TCP_BPF_IV', 'TCP_BPF_IW'],
      ['BPF_SOCK_OPS_PASIVE_ESTABLISHED_CB', 'BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB'],
      ['remtoe_port', 'remote_port'],
    ];
    for (const [text, name] of slips) {
      const { entries, suggestions } = lookup(text);
      assert.deepEqual(entries, []);
      assert.equal(suggestions[0], name, suggestions.join(', '));
    }
  });

  it('nonsense gives nothing and does not throw', () => {
    for (const text of ['', ' ', 'xyzzyplugh', '->', '[]', '((((', '\u{1f600}', '9'.repeat(500)]) {
      assert.deepEqual(lookup(text).entries, [], text);
    }
  });
});

/** The feature rows of other parts change often and have tests of their own. */
const withoutBehaviour = (page: Page): Page => ({
  ...page,
  facts: page.facts.filter((fact) => fact.label !== 'Behaviour'),
});

describe('what a kernel brought', () => {
  it('names behaviour too', () => {
    const page = describeKernel('5.16')!;
    assert.ok(page.facts.some((fact) => fact.label === 'Behaviour' && /tail-call/.test(fact.text)));
  });

  it('text of every kernel', () => {
    const versions = [...new Set(kernelChanges().map((change) => versionText(change.version)))];
    assert.ok(versions.length > 25);
    checkGolden(
      'explain-kernel.txt',
      versions.map((version) => pageText(withoutBehaviour(describeKernel(version)!))).join('\n----\n\n'),
    );
  });

  it('is explained by the name of the kernel', () => {
    assert.equal(explain('5.10').pages[0]?.title, 'Linux 5.10');
    assert.equal(explain('v4.16').pages[0]?.kind, 'kernel');
    assert.deepEqual(explain('3.2').pages, []);
  });

  it('a view has what the kernels up to it brought', () => {
    for (const text of ['4.16', '5.3', '5.10', '6.1', '7.2']) {
      const view = viewFor(text);
      const limit = parseTarget(text).value!.version;
      for (const { version, entry, what, kind, atTheLatest } of kernelChanges()) {
        if (kind === 'gone' || atTheLatest || what !== 'itself') continue;
        if (entry.kind === 'op')
          assert.equal(view.op(entry.row.number) !== undefined, version <= limit, `${text} ${entry.name}`);
        if (entry.kind === 'field')
          assert.equal(view.ctxFields.includes(entry.row), version <= limit, `${text} ${entry.name}`);
      }
    }
  });
});
