// Lifetimes: ranges, gaps, backports, what nobody looked at, and the words for them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  availabilityText,
  type Lifetime,
  parseVersion,
  sinceText,
  versionText,
  viewFor,
} from '../../src/kernel/index.ts';

const v = (text: string) => parseVersion(text)!;
const range = (since: string, until?: string, unknownFrom?: string): Lifetime => ({
  since: v(since),
  ...(until === undefined ? {} : { until: v(until) }),
  ...(unknownFrom === undefined ? {} : { unknownFrom: v(unknownFrom) }),
});

describe('lifetimes', () => {
  it('are half open and may have gaps', () => {
    const lifetimes = [range('5.4', '5.10'), range('6.1')];
    const answers = ['5.3', '5.4', '5.9', '5.10', '5.19', '6.1', '7.2'].map((text) =>
      viewFor(text).presence('verifier', lifetimes),
    );
    assert.deepEqual(answers, ['no', 'yes', 'yes', 'no', 'no', 'yes', 'yes']);
  });

  it('leave open what nobody looked at', () => {
    const lifetimes = [range('6.17', undefined, '6.15')];
    const answers = ['6.14', '6.15', '6.16', '6.17'].map((text) => viewFor(text).presence('verifier', lifetimes));
    assert.deepEqual(answers, ['no', 'unknown', 'unknown', 'yes']);
  });

  it('are looked up by the release that a series stands for', () => {
    const backported = [range('6.1.150', '6.2'), range('6.12')];
    assert.equal(viewFor('6.1').presence('verifier', backported), 'yes');
    assert.equal(viewFor('6.1.20').presence('verifier', backported), 'no');
    assert.equal(viewFor('6.6').presence('verifier', backported), 'no');
  });

  it('differ by area on a kernel whose areas were rebased apart', () => {
    const lifetimes = [range('6.8')];
    const view = viewFor('rhel9.6');
    assert.equal(view.presence('helpers', lifetimes), 'yes');
    assert.equal(view.presence('tcp', lifetimes), 'unknown');
  });

  it('read well', () => {
    assert.equal(sinceText([range('4.13')]), 'since 4.13');
    assert.equal(sinceText([range('4.13', '4.16')]), 'before 4.16');
    assert.equal(sinceText([range('5.4', '5.10')]), 'since 5.4, gone in 5.10');
    assert.equal(sinceText([range('6.17', undefined, '6.15')]), 'since 6.17 at the latest, not before 6.15');
    assert.equal(sinceText([range('6.12.44', '6.13'), range('6.17')]), 'since 6.17, and 6.12.44 and later of 6.12');
    assert.equal(sinceText([]), 'on no described kernel');
    assert.equal(
      availabilityText('helpers', [range('6.8')], [viewFor('5.10'), viewFor('6.12'), viewFor('rhel9')]),
      'since 6.8; not on 5.10; unknown on rhel9',
    );
  });
});

describe('versions', () => {
  it('order as numbers do and print as people write them', () => {
    const texts = ['4.13', '4.19', '5.4', '5.10', '5.10.9', '5.10.223', '6.0', '6.12.111', '7.2'];
    assert.deepEqual(
      texts.map((text) => versionText(v(text))),
      texts,
    );
    assert.deepEqual(
      [...texts].sort((a, b) => v(a) - v(b)),
      texts,
    );
  });

  it('are read from release strings, and nothing else is', () => {
    assert.equal(versionText(parseVersion('6.12.111+deb12-amd64')!), '6.12.111');
    assert.equal(versionText(parseVersion(' v5.15.0-91-generic')!), '5.15');
    for (const text of ['', '6', 'linux', '6.', '.1', '6.99999', '1e3.2'])
      assert.equal(parseVersion(text), undefined, text);
  });
});
