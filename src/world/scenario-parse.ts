// Reads a scenario file: JSON with comments -> a scenario with every default in its place, or problems that point into the
// file. The tree of the file is kept, because a failed expectation is reported at the line that states it.

import { getNodeValue, type JSONPath, type ParseError, parseTree } from 'jsonc-parser';
import type { Outcome, Problem } from '../base/index.ts';
import { addressBytes } from './addresses.ts';
import { DEFAULT_SCRIPT, PRESETS } from './presets.ts';
import { issueProblems } from './scenario-messages.ts';
import { type ParsedScenario, SCENARIO, type ScenarioInput, type ScriptStep } from './scenario-schema.ts';
import { duplicateKeys, type ScenarioSource, sourceOf, syntaxProblem, tooDeep } from './scenario-source.ts';

/** A scenario ready to run: nothing is left to default. */
export interface Scenario extends Omit<ParsedScenario, 'script' | 'client' | 'server' | 'programs'> {
  readonly script: readonly ScriptStep[];
  readonly client: ParsedScenario['client'] & { readonly address: string };
  readonly server: ParsedScenario['server'] & { readonly address: string };
  readonly programs: readonly (ParsedScenario['programs'][number] & { readonly cgroup: string })[];
}

export interface LoadedScenario {
  /** Undefined when the file cannot be used. */
  readonly scenario: Scenario | undefined;
  readonly source: ScenarioSource;
}

const ADDRESSES = {
  ipv4: ['10.0.0.1', '10.0.1.2'],
  ipv6: ['fd00::1', 'fd00:1::2'],
  'v4-mapped': ['10.0.0.1', '10.0.1.2'],
} as const;

/** Reads the text of a scenario file; `file` is its name for messages. */
export function parseScenario(text: string, file: string): Outcome<LoadedScenario> {
  const deep = tooDeep(text, file);
  if (deep !== undefined)
    return { value: { scenario: undefined, source: sourceOf(text, file, undefined) }, problems: [deep] };
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: false });
  const source = sourceOf(text, file, tree);
  // What follows the first syntax error is mostly its echo.
  const problems = errors.slice(0, 1).map((error) => syntaxProblem(error, text, file));
  if (problems.length > 0 || tree === undefined) return { value: { scenario: undefined, source }, problems };
  problems.push(...duplicateKeys(tree, text, file));
  const { scenario, problems: found } = scenarioFrom(getNodeValue(tree), source);
  problems.push(...found);
  return { value: { scenario, source }, problems };
}

/** A scenario from a value made in memory (a preset, a command line); problems have paths but no places. */
export function scenarioFromValue(input: ScenarioInput, file = '(scenario)'): Outcome<LoadedScenario> {
  const source = sourceOf('', file, undefined);
  const { scenario, problems } = scenarioFrom(input, source);
  return { value: { scenario, source }, problems };
}

function scenarioFrom(
  written: unknown,
  source: ScenarioSource,
): { readonly scenario: Scenario | undefined; readonly problems: readonly Problem[] } {
  const preset = presetOf(written);
  const whole = preset === undefined ? written : overlay(preset.scenario, written);
  const result = SCENARIO.safeParse(whole, { reportInput: true });
  if (!result.success) {
    return { scenario: undefined, problems: result.error.issues.flatMap((issue) => issueProblems(issue, [], source)) };
  }
  const parsed = result.data;
  const [clientAddress, serverAddress] = ADDRESSES[parsed.network.family];
  const scenario: Scenario = {
    ...parsed,
    title: parsed.title !== '' ? parsed.title : (preset?.title ?? ''),
    script: parsed.script ?? SCENARIO.shape.script.unwrap().parse(DEFAULT_SCRIPT),
    client: { ...parsed.client, address: parsed.client.address ?? clientAddress },
    server: { ...parsed.server, address: parsed.server.address ?? serverAddress },
    programs: parsed.programs.map((program) => ({
      ...program,
      cgroup: program.cgroup ?? preset?.programCgroup ?? '/',
    })),
  };
  const problems = consistency(scenario, source);
  return { scenario: problems.length === 0 ? scenario : undefined, problems };
}

function presetOf(written: unknown) {
  if (typeof written !== 'object' || written === null || !('preset' in written)) return undefined;
  const name = written.preset;
  return typeof name === 'string' && Object.hasOwn(PRESETS, name) ? PRESETS[name as keyof typeof PRESETS] : undefined;
}

/** Objects are merged member by member; anything else written replaces what the preset has. */
function overlay(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  const isRecord = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isRecord(base) || !isRecord(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = overlay(base[key], value);
  return merged;
}

// ---- what the schema alone cannot say ----

function consistency(scenario: Scenario, source: ScenarioSource): readonly Problem[] {
  const problems: Problem[] = [];
  const complain = (path: JSONPath, message: string, remedy: string) =>
    problems.push({ code: 'scenario-value', severity: 'error', message, at: source.place(path), remedy });
  const wantsIpv6 = scenario.network.family === 'ipv6';
  for (const side of ['client', 'server'] as const) {
    const address = scenario[side].address;
    const kind = addressFamily(address);
    if (kind === undefined) {
      complain([side, 'address'], `"${address}" is not an IP address`, 'write it as in "10.0.0.1" or "fd00::1"');
    } else if ((kind === 'ipv6') !== wantsIpv6) {
      complain(
        [side, 'address'],
        `"${address}" is an ${kind === 'ipv6' ? 'IPv6' : 'IPv4'} address, but the network's family is ${scenario.network.family}`,
        wantsIpv6 ? 'give an IPv6 address' : 'give an IPv4 address, or set network.family to "ipv6"',
      );
    }
  }
  if (scenario.client.address === scenario.server.address && scenario.client.port === scenario.server.port) {
    complain(['client', 'port'], 'client and server have the same address and port', 'change one of them');
  }
  scenario.script.forEach((step, index) => {
    if (step.at !== undefined && (step.after !== undefined || step.delay !== undefined)) {
      complain(
        ['script', index, 'at'],
        `a step has either "at" or "${step.after !== undefined ? 'after' : 'delay'}", not both`,
        'remove one of them',
      );
    }
    if ((step.do === 'attach' || step.do === 'detach') && step.program >= scenario.programs.length) {
      // A preset may mention program 0 before anybody has named a program file.
      if (scenario.programs.length > 0 || scenario.preset === undefined) {
        complain(
          ['script', index, 'program'],
          `there is no program ${step.program}; "programs" has ${scenario.programs.length}`,
          'programs are numbered from 0',
        );
      }
    }
  });
  scenario.expect?.attach?.forEach((row, index) => {
    if (row.program >= scenario.programs.length) {
      complain(
        ['expect', 'attach', index, 'program'],
        `there is no program ${row.program}; "programs" has ${scenario.programs.length}`,
        'programs are numbered from 0',
      );
    }
  });
  return problems;
}

/** Which family a text is an address of; undefined for neither. */
function addressFamily(text: string): 'ipv4' | 'ipv6' | undefined {
  const bytes = addressBytes(text);
  return bytes === undefined ? undefined : bytes.length === 4 ? 'ipv4' : 'ipv6';
}
