// Scenario files: defaults, presets, and what is said against a file that is wrong.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PRESET_NAMES } from '../../src/world/preset-names.ts';
import { parseScenario, scenarioFromValue } from '../../src/world/scenario-parse.ts';
import { parseBandwidth, parseDuration } from '../../src/world/units.ts';

/** "line:column message | remedy" for each problem. */
function complaints(text: string): string[] {
  return parseScenario(text, 'x.handshake.json').problems.map((problem) => {
    const start = problem.at?.range?.start;
    const place = start === undefined ? '-' : `${start.line0 + 1}:${start.column0 + 1}`;
    return `${place} ${problem.message} | ${problem.remedy ?? ''}`;
  });
}

test('a program file is a whole scenario', () => {
  const { value, problems } = parseScenario('{ "programs": [{ "file": "x.bpf.c" }] }', 'x');
  assert.deepEqual(problems, []);
  const { scenario } = value;
  assert.equal(scenario?.kernel, '6.12');
  assert.equal(scenario?.network.oneWayDelay, 10e6);
  assert.equal(scenario?.client.address, '10.0.0.1');
  assert.equal(scenario?.server.port, 443);
  assert.deepEqual(
    scenario?.script.map((step) => step.do),
    ['server.listen', 'client.connect', 'client.send', 'server.send', 'client.close', 'server.close'],
  );
  assert.equal(scenario?.programs[0]?.cgroup, '/');
});

test('comments and trailing commas are allowed', () => {
  assert.deepEqual(complaints('// a remark\n{ "kernel": "5.10", /* and */ "seed": 3, }'), []);
});

test('what is written goes over the preset', () => {
  const { value } = parseScenario('{ "preset": "syn-loss", "network": { "mtu": 9000 }, "title": "mine" }', 'x');
  assert.equal(value.scenario?.network.drop[0]?.segment, 'SYN');
  assert.equal(value.scenario?.network.mtu, 9000);
  assert.equal(value.scenario?.title, 'mine');
});

test('every preset is a scenario without problems', () => {
  for (const preset of PRESET_NAMES) {
    const { value, problems } = scenarioFromValue({ preset, programs: [{ file: 'x.o' }] });
    assert.deepEqual(problems, [], preset);
    assert.notEqual(value.scenario, undefined, preset);
    assert.notEqual(value.scenario?.title, '', preset);
  }
});

test('a preset for one side attaches programs there', () => {
  const groupOf = (preset: 'active-open' | 'passive-open') =>
    scenarioFromValue({ preset, programs: [{ file: 'x.o' }] }).value.scenario?.programs[0]?.cgroup;
  assert.equal(groupOf('active-open'), '/client');
  assert.equal(groupOf('passive-open'), '/server');
});

const WRONG: readonly (readonly [text: string, complaint: string])[] = [
  ['', '1:1 a value is expected here | write a text, a number, a list or an object'],
  ['{', '1:2 a closing brace "}" is missing | close the object'],
  ['[]', '1:1 "scenario" must be an object { ... }, not [] | write an object { ... }'],
  ['{ "kernl": "6.1" }', '1:3 a scenario has no member "kernl" | did you mean "kernel"?'],
  ['{ "network": { "famly": 1 } }', '1:16 "network" has no member "famly" | did you mean "family"?'],
  ['{ "network": { "family": "ipv5" } }', '1:26 "network.family" cannot be "ipv5" | did you mean "ipv4"?'],
  [
    '{ "network": { "oneWayDelay": 40 } }',
    '1:31 "network.oneWayDelay" is 40: a duration is a text with a unit, as in "40ms" | write "40ms" if milliseconds are meant',
  ],
  [
    '{ "network": { "oneWayDelay": "40" } }',
    '1:31 "network.oneWayDelay": "40" has no unit | write "40ms" or another of ns, us, ms, s, min, h',
  ],
  [
    '{ "network": { "oneWayDelay": "40 msec" } }',
    '1:31 "network.oneWayDelay": "msec" is not a unit of time | write "40ms"',
  ],
  [
    '{ "network": { "oneWayDelay": "10jiffies" } }',
    '1:31 "network.oneWayDelay": "jiffies" is not a unit of time | scenarios know no jiffies',
  ],
  ['{ "client": { "port": 70000 } }', '1:23 "client.port" is 70000, which is out of range | at most 65535 is possible'],
  ['{ "client": { "port": "80" } }', '1:23 "client.port" must be a number, not "80" | write a number'],
  [
    '{ "client": { "address": "10.0.0.300" } }',
    '1:26 "10.0.0.300" is not an IP address | write it as in "10.0.0.1" or "fd00::1"',
  ],
  [
    '{ "client": { "address": "fd00::1" } }',
    '1:26 "fd00::1" is an IPv6 address, but the network\'s family is ipv4 | give an IPv4 address, or set network.family to "ipv6"',
  ],
  ['{ "preset": "syn-los" }', '1:13 "preset" cannot be "syn-los" | did you mean "syn-loss"?'],
  [
    '{\n  "script": [\n    { "do": "client.conect" }\n  ]\n}',
    '3:13 "script[0].do" cannot be "client.conect" | did you mean "client.connect"?',
  ],
  [
    '{ "script": [{ "do": "client.send", "byts": 1 }] }',
    '1:37 "script[0]" has no member "byts" | did you mean "bytes"?',
  ],
  [
    '{ "script": [{ "at": "1s", "after": "client.established", "do": "client.send" }] }',
    '1:22 a step has either "at" or "after", not both | remove one of them',
  ],
  [
    '{ "script": [{ "do": "attach", "program": 3 }], "programs": [{ "file": "x" }] }',
    '1:43 there is no program 3; "programs" has 1 | programs are numbered from 0',
  ],
  ['{ "seed": 1, "seed": 2 }', '1:14 "seed" is written twice in one object | remove one of them'],
  [
    '{ "expect": { "callbacks": [{ "op": "RWND_INIT" }] } }',
    '1:37 "expect.callbacks[0].op" cannot be "RWND_INIT" | did you mean "BPF_SOCK_OPS_RWND_INIT"?',
  ],
  [
    '{ "expect": { "callbacks": [{ "reply": { "mn": 3 } }] } }',
    '1:42 "expect.callbacks[0].reply" has no member "mn" | did you mean "min"?',
  ],
  ['{ "programs": [{ }] }', '1:16 "programs[0].file" is missing | add it: a text is needed'],
  [
    '{ "programs": [{ "file": "x", "cgroup": "app" }] }',
    '1:41 "programs[0].cgroup" cannot be "app" | a cgroup is a path from the root, such as "/" or "/app/worker"',
  ],
];

for (const [text, complaint] of WRONG) {
  test(`told: ${complaint.split(' | ')[0]}`, () => {
    assert.deepEqual(complaints(text), [complaint]);
  });
}

test('a file nested without end is refused and not recursed into', () => {
  assert.match(complaints('['.repeat(100_000))[0] ?? '', /nested more than/);
});

test('durations and bandwidths', () => {
  const value = (text: string) => {
    const result = parseDuration(text);
    return result.kind === 'value' ? result.value : result.why;
  };
  assert.deepEqual(
    ['40ms', '1.5s', '100us', '7ns', '2min', '1h', ' 3 ms '].map(value),
    [40e6, 1.5e9, 100e3, 7, 120e9, 3600e9, 3e6],
  );
  assert.match(String(value('-1ms')), /negative/);
  assert.match(String(value('49h')), /too long/);
  assert.deepEqual(parseBandwidth('1gbit'), { kind: 'value', value: 1e9 });
  assert.equal(parseBandwidth('10').kind, 'wrong');
  assert.equal(parseBandwidth('10mb').kind, 'wrong');
});

test('random bytes and mutated scenarios never throw', () => {
  const seeds = [
    '{ "programs": [{ "file": "x.bpf.c" }], "script": [{ "do": "client.send" }], "expect": { "maps": { "m": [{ "key": 1, "value": 2 }] } } }',
  ];
  let state = 12345;
  const next = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0);
  for (let round = 0; round < 2000; round++) {
    const characters = [...seeds[0]!];
    for (let edit = 0; edit < 1 + (next() % 4); edit++) {
      characters[next() % characters.length] = String.fromCharCode(next() % 0x180);
    }
    parseScenario(characters.join(''), 'x');
  }
});
