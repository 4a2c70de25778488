// The tables are complete and consistent: every row has words and a source, names are unique, references lead somewhere, and
// the recorded facts agree row by row.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  allFeatures,
  CALLBACK_FLAGS,
  CATALOGUE,
  CTX_FIELDS,
  describe as describeEntry,
  HELPER_ROWS,
  lookup,
  OPS,
  SOCK_OPS_HELPERS,
  SOCKOPTS,
  sinceText,
  TCP_STATES,
  viewFor,
} from '../../src/kernel/index.ts';
import { readFacts } from './facts.ts';

describe('tables', () => {
  it('every row has words, a source and a page', () => {
    const wrong: string[] = [];
    for (const entry of CATALOGUE) {
      if (!/^\p{Lu}|^[a-z]\w+\(|^\d|^-?[a-z]/u.test(entry.row.doc) || !/[.!]$/.test(entry.row.doc)) {
        wrong.push(`${entry.kind} ${entry.name}: doc is not a sentence: ${entry.row.doc}`);
      }
      if (entry.kind !== 'macro' && entry.row.source.trim() === '')
        wrong.push(`${entry.kind} ${entry.name}: no source`);
      const page = describeEntry(entry);
      for (const text of [page.lead, ...page.pitfalls, ...page.facts.map((fact) => fact.text)]) {
        if (text.includes('undefined') || text.includes('  ') || text === '') wrong.push(`${entry.name}: "${text}"`);
      }
      for (const name of page.seeAlso) {
        const found = lookup(name).entries;
        if (found.length === 0) wrong.push(`${entry.name}: refers to ${name}, which is nothing`);
      }
    }
    assert.ok(CATALOGUE.length > 600, String(CATALOGUE.length));
    assert.deepEqual(wrong, []);
  });

  it('names are unique in their table', () => {
    const seen = new Set<string>();
    for (const entry of CATALOGUE) {
      const key = `${entry.kind} ${entry.name}`;
      assert.ok(!seen.has(key), key);
      seen.add(key);
    }
    const features = allFeatures().map((feature) => feature.name);
    assert.equal(new Set(features).size, features.length);
  });

  it('every feature has words and a lifetime with a source', () => {
    for (const feature of allFeatures()) {
      assert.match(feature.doc, /^\S.*\.$/, feature.name);
      assert.ok(feature.lifetimes.length > 0, feature.name);
      assert.ok(
        feature.lifetimes.some((lifetime) => lifetime.source !== undefined),
        feature.name,
      );
    }
  });

  it('an op and its flags name each other', () => {
    for (const op of OPS) {
      for (const flag of op.enabledBy) {
        const row = CALLBACK_FLAGS.find((candidate) => candidate.name === flag);
        assert.ok(
          row?.enables.some((name) => name === op.name),
          `${op.name} and ${flag}`,
        );
      }
    }
    for (const flag of CALLBACK_FLAGS) {
      for (const name of flag.enables) {
        const op = OPS.find((candidate) => candidate.name === name);
        assert.ok(
          op?.enabledBy.some((enabler) => enabler === flag.name),
          `${flag.name} and ${name}`,
        );
      }
    }
  });

  it('every example of an op is a case of that op that ends in break', () => {
    for (const op of OPS) {
      if (op.example === '') continue;
      assert.ok(op.example.startsWith(`case ${op.name}:\n`), op.name);
      assert.match(op.example, /\n\tbreak;$/);
    }
  });

  it('context fields lie side by side without gaps', () => {
    let at = 0;
    for (const field of CTX_FIELDS) {
      assert.equal(field.offset, at, field.name);
      at += field.size * field.count;
    }
    assert.equal(at, 224);
    assert.deepEqual(
      ['4.13', '4.15', '4.16', '5.2', '5.3', '5.9', '5.10', '6.1', '6.2', '7.2'].map(
        (kernel) => viewFor(kernel).ctxSize,
      ),
      [72, 72, 184, 184, 192, 192, 216, 216, 224, 224],
    );
  });
});

interface Facts {
  readonly fields: readonly {
    readonly name: string;
    readonly offset: number;
    readonly size: number;
    readonly since: string;
    readonly guard: string;
    readonly byte_order: string;
    readonly read_sizes: readonly number[];
    readonly write_sizes: readonly number[];
  }[];
  readonly ops: readonly {
    readonly value: number;
    readonly name: string;
    readonly since: string;
    readonly skb: string;
    readonly enabled_by: string | null;
  }[];
  readonly tcp_states: Readonly<Record<string, number>>;
  readonly cb_flags: readonly {
    readonly name: string;
    readonly bit: number;
    readonly value: number;
    readonly since: string;
  }[];
  readonly helper_sets_by_tree: Readonly<Record<string, readonly string[]>>;
  readonly sockopts: readonly {
    readonly level: string;
    readonly name: string;
    readonly optname: number;
    readonly set_since: string | null;
    readonly get_since: string | null;
  }[];
}

describe('the recorded facts', () => {
  const facts = readFacts<Facts>('sockops-facts.json');

  it('context fields', () => {
    for (const fact of facts.fields) {
      const answer = viewFor('6.18').ctxAccess({ offset: fact.offset, size: fact.size, mode: 'read' });
      assert.ok(answer.ok, fact.name);
      assert.equal(answer.name, fact.name);
      assert.equal(answer.field.guard, fact.guard.replace('sk_common', 'sock-common'), fact.name);
      const order = fact.byte_order.startsWith('network, as') ? 'network-high' : fact.byte_order;
      assert.equal(answer.field.order, order, fact.name);
      assert.deepEqual([...(answer.field.narrow ?? []), answer.field.size], fact.read_sizes, fact.name);
      const write = viewFor('6.18').ctxAccess({ offset: fact.offset, size: 4, mode: 'write' });
      assert.equal(write.ok, fact.write_sizes.length > 0, fact.name);
      const first = answer.field.name === 'args' ? '4.13' : fact.since;
      assert.ok(sinceText(answer.field.lifetimes).includes(first), fact.name);
    }
  });

  it('ops', () => {
    assert.equal(facts.ops.length, OPS.length);
    for (const fact of facts.ops) {
      const row = OPS.find((op) => op.number === fact.value);
      assert.equal(row?.name, fact.name);
      assert.equal(sinceText(row.lifetimes), `since ${fact.since.split('..')[0]}`, fact.name);
      assert.equal(row.packet.kind === 'none', fact.skb.startsWith('none'), fact.name);
      if (row.number === 15) continue; // the facts name its condition, the reservation, instead of the flag
      for (const flag of row.enabledBy)
        assert.ok(fact.enabled_by?.includes(flag.replace('BPF_SOCK_OPS_', '').replace(/_FLAG$/, '')), fact.name);
    }
  });

  it('TCP states and callback flags', () => {
    for (const [name, number] of Object.entries(facts.tcp_states)) {
      if (name === 'MAX_STATES') continue;
      assert.equal(TCP_STATES.find((row) => row.name === `BPF_TCP_${name}`)?.number, number, name);
    }
    for (const fact of facts.cb_flags) {
      const row = CALLBACK_FLAGS.find((flag) => flag.name === fact.name);
      assert.deepEqual(
        [row?.bit, row?.value, row && sinceText(row.lifetimes)],
        [fact.bit, fact.value, `since ${fact.since}`],
      );
    }
    const masks = ['4.15', '4.16', '5.2', '5.3', '5.9', '5.10', '7.2'].map(
      (kernel) => viewFor(kernel).allCallbackFlags,
    );
    assert.deepEqual(masks, [0, 7, 7, 15, 15, 127, 127]);
  });

  it('helpers, tree by tree', () => {
    const wrong: string[] = [];
    for (const [tree, names] of Object.entries(facts.helper_sets_by_tree)) {
      const view = viewFor(tree);
      const expected = new Set(
        names.filter((name) => name !== 'get_retval' && name !== 'set_retval').map((name) => `bpf_${name}`),
      );
      for (const row of HELPER_ROWS) {
        const answer = view.helper(row.id);
        const allowed = answer.ok || answer.why === 'may-sleep';
        if (answer.ok && !answer.certain) continue;
        if (allowed !== expected.has(row.name)) wrong.push(`${tree} ${row.name}: tree ${!allowed}, view ${allowed}`);
      }
    }
    assert.ok(Object.keys(facts.helper_sets_by_tree).length > 35);
    assert.deepEqual(wrong, []);
  });

  it('helper prototypes of 6.18', () => {
    const { helpers } = readFacts<{
      readonly helpers: readonly {
        readonly id: number;
        readonly name: string | null;
        readonly callable_from_sock_ops: boolean;
        readonly gpl_only?: boolean;
        readonly args?: readonly string[];
      }[];
    }>('helpers-6.18.json');
    for (const fact of helpers) {
      if (fact.name === null || fact.id === 0) continue;
      const row = HELPER_ROWS.find((helper) => helper.id === fact.id);
      assert.equal(row?.name, fact.name);
      assert.equal(row.sockOps !== undefined, fact.callable_from_sock_ops, fact.name);
      if (!row.sockOps) continue;
      assert.equal(row.sockOps.gplOnly, fact.gpl_only, fact.name);
      if (fact.args!.length > 0) assert.equal(row.sockOps.arguments.length, fact.args!.length, fact.name);
      assert.ok(row.prototype.includes(`${fact.name}(`), fact.name);
    }
    assert.equal(SOCK_OPS_HELPERS.length, 97);
  });

  it('socket options', () => {
    assert.equal(facts.sockopts.length, SOCKOPTS.length);
    for (const fact of facts.sockopts) {
      const row = SOCKOPTS.find((option) => option.name === fact.name);
      assert.deepEqual([row?.level, row?.number], [fact.level, fact.optname], fact.name);
      for (const [side, text] of [
        ['set', fact.set_since],
        ['get', fact.get_since],
      ] as const) {
        const lifetimes =
          row && side in row
            ? (row as { readonly [K in typeof side]?: { readonly lifetimes: Parameters<typeof sinceText>[0] } })[side]
                ?.lifetimes
            : undefined;
        assert.equal(lifetimes !== undefined, text !== null, `${fact.name} ${side}`);
        if (lifetimes)
          assert.ok(
            sinceText(lifetimes).includes(/\d+\.\d+/.exec(text ?? '')![0]),
            `${fact.name} ${side}: ${sinceText(lifetimes)}, ${text}`,
          );
      }
    }
  });
});
