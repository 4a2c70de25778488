// Reads a scenario file: JSON with comments -> a scenario with every default in its place, or problems that point into the
// file. The tree of the file is kept, because a failed expectation is reported at the line that states it.

import {
  findNodeAtLocation,
  getNodeValue,
  type JSONPath,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import type { z } from 'zod';
import { LineIndex, type Outcome, type Problem, type SourcePlace, type TextSpan } from '../base/index.ts';
import { addressBytes } from './addresses.ts';
import { nearest } from './edit-distance.ts';
import { DEFAULT_SCRIPT, PRESETS } from './presets.ts';
import {
  type ParsedScenario,
  SCENARIO,
  type ScenarioInput,
  type ScriptStep,
  scenarioJsonSchema,
} from './scenario-schema.ts';

/** A scenario ready to run: nothing is left to default. */
export interface Scenario extends Omit<ParsedScenario, 'script' | 'client' | 'server' | 'programs'> {
  readonly script: readonly ScriptStep[];
  readonly client: ParsedScenario['client'] & { readonly address: string };
  readonly server: ParsedScenario['server'] & { readonly address: string };
  readonly programs: readonly (ParsedScenario['programs'][number] & { readonly cgroup: string })[];
}

/** The text of a scenario file, for pointing into it. */
export interface ScenarioSource {
  readonly file: string;
  /** Place of the value at a path (["expect", "callbacks", 0, "reply"]), or of the nearest enclosing one that is written there. */
  place(path: JSONPath): SourcePlace;
  /** Place of the key of the member at a path, else as `place`. */
  keyPlace(path: JSONPath): SourcePlace;
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

// ---- messages ----

type Issue = z.core.$ZodIssue;

/** Turns one complaint of the schema into problems that say what to write instead. */
function issueProblems(issue: Issue, prefix: JSONPath, source: ScenarioSource): Problem[] {
  const path = [...prefix, ...(issue.path as JSONPath)];
  const problem = (code: string, message: string, remedy: string, at = source.place(path)): Problem => ({
    code,
    severity: 'error',
    message,
    at,
    remedy,
  });
  const name = path.length === 0 ? 'scenario' : pathText(path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(path);
      return issue.keys.map((key) => {
        const meant = nearest(key, known);
        return problem(
          'scenario-unknown-key',
          `${path.length === 0 ? 'a scenario' : `"${name}"`} has no member "${key}"`,
          meant === undefined ? `its members are ${listed(known)}` : `did you mean "${meant}"?`,
          source.keyPlace([...path, key]),
        );
      });
    }
    case 'invalid_value': {
      const values = issue.values.map(String);
      const meant = typeof issue.input === 'string' ? nearest(issue.input, values) : undefined;
      return [
        problem(
          'scenario-value',
          `"${name}" cannot be ${shown(issue.input)}`,
          meant === undefined
            ? `write ${values.length === 1 ? '' : 'one of '}${listed(values)}`
            : `did you mean "${meant}"?`,
        ),
      ];
    }
    case 'invalid_type': {
      if (issue.input === undefined) {
        return [problem('scenario-missing', `"${name}" is missing`, `add it: ${typeWords(issue.expected)} is needed`)];
      }
      const own = issue.message.startsWith('Invalid input') ? undefined : issue.message;
      if (own !== undefined)
        return [problem('scenario-unit', `"${name}" is ${shown(issue.input)}: ${own}`, unitAdvice(issue.input))];
      return [
        problem(
          'scenario-value',
          `"${name}" must be ${typeWords(issue.expected)}, not ${shown(issue.input)}`,
          `write ${typeWords(issue.expected)}`,
        ),
      ];
    }
    case 'too_big':
    case 'too_small': {
      const limit = issue.code === 'too_big' ? issue.maximum : issue.minimum;
      const sized = issue.origin === 'array' || issue.origin === 'string';
      const message = sized
        ? `"${name}" has too ${issue.code === 'too_big' ? 'many' : 'few'} elements`
        : `"${name}" is ${shown(issue.input)}, which is out of range`;
      return [
        problem('scenario-range', message, `${issue.code === 'too_big' ? 'at most' : 'at least'} ${limit} is possible`),
      ];
    }
    case 'invalid_union':
      return unionProblems(issue, path, source, problem, name);
    case 'custom': {
      const [what, remedy] = splitOnce(issue.message, '; ');
      return [problem('scenario-unit', `"${name}": ${what}`, remedy ?? 'correct it')];
    }
    case 'invalid_format': {
      const own = issue.message.startsWith('Invalid') ? 'the text has the wrong form' : issue.message;
      return [problem('scenario-value', `"${name}" cannot be ${shown(issue.input)}`, own)];
    }
    default:
      return [problem('scenario-value', `"${name}": ${issue.message}`, 'see docs/scenarios.md for what is possible')];
  }
}

function unionProblems(
  issue: Issue & { code: 'invalid_union' },
  path: JSONPath,
  source: ScenarioSource,
  problem: (code: string, message: string, remedy: string) => Problem,
  name: string,
): Problem[] {
  const discriminator = 'discriminator' in issue ? issue.discriminator : undefined;
  if (typeof discriminator === 'string' && 'options' in issue && Array.isArray(issue.options)) {
    const options = issue.options.map(String);
    const input =
      typeof issue.input === 'object' && issue.input !== null ? Reflect.get(issue.input, discriminator) : undefined;
    if (input === undefined) {
      return [problem('scenario-missing', `"${name}" is missing`, `write one of ${listed(options)}`)];
    }
    const meant = typeof input === 'string' ? nearest(input, options) : undefined;
    return [
      problem(
        'scenario-value',
        `"${name}" cannot be ${shown(input)}`,
        meant === undefined ? `write one of ${listed(options)}` : `did you mean "${meant}"?`,
      ),
    ];
  }
  if (issue.input === undefined) return [problem('scenario-missing', `"${name}" is missing`, 'add it')];
  // Of the alternatives, the one whose complaint lies deepest (or is not about the type as a whole) is what was meant.
  const ranked = issue.errors
    .map((issues) => ({ issues, depth: Math.max(...issues.map((one) => depthOf(one))) }))
    .sort((a, b) => b.depth - a.depth);
  const best = ranked[0];
  if (best !== undefined && best.depth > 0) return best.issues.flatMap((one) => issueProblems(one, path, source));
  const kinds = [...new Set(issue.errors.flat().flatMap((one) => alternatives(one)))];
  return [problem('scenario-value', `"${name}" cannot be ${shown(issue.input)}`, `write ${kinds.join(', or ')}`)];
}

const depthOf = (issue: Issue): number => {
  if (issue.code === 'invalid_union') return issue.path.length + Math.max(0, ...issue.errors.flat().map(depthOf));
  const wrongKind = issue.code === 'invalid_type' || issue.code === 'invalid_value';
  return issue.path.length + (wrongKind ? 0 : 1);
};

const alternatives = (issue: Issue): string[] =>
  issue.code === 'invalid_type'
    ? [typeWords(issue.expected)]
    : issue.code === 'invalid_value'
      ? [listed(issue.values.map(String))]
      : issue.code === 'invalid_union'
        ? issue.errors.flat().flatMap(alternatives)
        : [];

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object { ... }',
  array: 'a list [ ... ]',
  tuple: 'a list of three numbers',
  record: 'an object { ... }',
  null: 'null',
};
const typeWords = (kind: string): string => TYPE_WORDS[kind] ?? kind;

const unitAdvice = (input: unknown): string =>
  typeof input === 'number' ? `write "${input}ms" if milliseconds are meant` : 'write it as in "40ms"';

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

const listed = (names: readonly string[]): string => {
  const quoted = names.map((name) => `"${name}"`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
};

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** "expect.callbacks[0].reply". */
export function pathText(path: JSONPath): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${part}`))
    .join('');
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode | readonly SchemaNode[];
  readonly additionalProperties?: SchemaNode | boolean;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** Names that the schema knows at a path, over all alternatives. */
function knownKeys(path: JSONPath): string[] {
  let nodes: SchemaNode[] = [scenarioJsonSchema() as SchemaNode];
  const spread = (node: SchemaNode): SchemaNode[] => [
    node,
    ...[...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap(spread),
  ];
  for (const part of path) {
    nodes = nodes.flatMap(spread).flatMap((node) => {
      if (typeof part === 'number') return node.items === undefined ? [] : [node.items].flat();
      const property = node.properties?.[part];
      if (property !== undefined) return [property];
      return typeof node.additionalProperties === 'object' ? [node.additionalProperties] : [];
    });
  }
  return [...new Set(nodes.flatMap(spread).flatMap((node) => Object.keys(node.properties ?? {})))];
}

// ---- text and places ----

function sourceOf(text: string, file: string, tree: Node | undefined): ScenarioSource {
  const lines = new LineIndex(text);
  const placeOf = (span: TextSpan): SourcePlace => ({ file, range: lines.range(span) });
  const nodePlace = (node: Node): SourcePlace => placeOf({ start: node.offset, end: node.offset + node.length });
  const place = (path: JSONPath): SourcePlace => {
    for (let length = path.length; tree !== undefined && length >= 0; length--) {
      const node = findNodeAtLocation(tree, path.slice(0, length));
      if (node === undefined) continue;
      // A whole object is pointed at by its opening brace: squiggles over many lines help nobody.
      if (length === path.length && node.type !== 'object' && node.type !== 'array') return nodePlace(node);
      const key = node.parent?.type === 'property' ? node.parent.children?.[0] : undefined;
      return key !== undefined ? nodePlace(key) : placeOf({ start: node.offset, end: node.offset + 1 });
    }
    return { file };
  };
  const keyPlace = (path: JSONPath): SourcePlace => {
    const node = tree === undefined ? undefined : findNodeAtLocation(tree, [...path]);
    const key = node?.parent?.type === 'property' ? node.parent.children?.[0] : undefined;
    return key === undefined ? place(path) : nodePlace(key);
  };
  return { file, place, keyPlace };
}

const SYNTAX_WORDS: Readonly<Record<string, readonly [string, string]>> = {
  InvalidSymbol: ['this is no JSON value', 'texts are written in double quotes'],
  InvalidNumberFormat: ['this is not a number', 'write it in digits'],
  PropertyNameExpected: ['the name of a member is expected here', 'names are written in double quotes'],
  ValueExpected: ['a value is expected here', 'write a text, a number, a list or an object'],
  ColonExpected: ['a colon is expected here', 'write "name": value'],
  CommaExpected: ['a comma is expected before this', 'members and list elements are parted by commas'],
  CloseBraceExpected: ['a closing brace "}" is missing', 'close the object'],
  CloseBracketExpected: ['a closing bracket "]" is missing', 'close the list'],
  EndOfFileExpected: ['there is something after the end of the scenario', 'a file holds one object'],
  UnexpectedEndOfComment: ['a comment is not closed', 'close it with */'],
  UnexpectedEndOfString: ['a text is not closed', 'close it with a double quote on the same line'],
  UnexpectedEndOfNumber: ['a number is cut off', 'write it in full'],
  InvalidCharacter: ['a control character stands in a text', 'write it as an escape, such as \\n'],
  InvalidEscapeCharacter: ['this escape is unknown in JSON', 'a backslash itself is written twice'],
};

function syntaxProblem(error: ParseError, text: string, file: string): Problem {
  const range = new LineIndex(text).range({ start: error.offset, end: error.offset + Math.max(1, error.length) });
  const [message, remedy] = SYNTAX_WORDS[printParseErrorCode(error.error)] ?? [
    'this is not valid JSON',
    'correct the syntax',
  ];
  return { code: 'scenario-syntax', severity: 'error', message, at: { file, range }, remedy };
}

/** Brackets nested deeper than any scenario: refused before a recursive parser sees them. */
const DEEPEST = 100;

function tooDeep(text: string, file: string): Problem | undefined {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"' || character === '\n') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > DEEPEST) {
      const range = new LineIndex(text).range({ start: at, end: at + 1 });
      const message = `the file is nested more than ${DEEPEST} levels deep`;
      return {
        code: 'scenario-syntax',
        severity: 'error',
        message,
        at: { file, range },
        remedy: 'this is not a scenario',
      };
    }
  }
  return undefined;
}

/** JSON lets the last of two equal keys win silently; in a hand-written file that is always a mistake. */
function duplicateKeys(tree: Node, text: string, file: string): Problem[] {
  const lines = new LineIndex(text);
  const problems: Problem[] = [];
  const visit = (node: Node): void => {
    if (node.type === 'object') {
      const seen = new Set<unknown>();
      for (const property of node.children ?? []) {
        const key = property.children?.[0];
        if (key === undefined) continue;
        if (seen.has(key.value)) {
          problems.push({
            code: 'scenario-duplicate-key',
            severity: 'error',
            message: `"${String(key.value)}" is written twice in one object`,
            at: { file, range: lines.range({ start: key.offset, end: key.offset + key.length }) },
            remedy: 'remove one of them',
          });
        }
        seen.add(key.value);
      }
    }
    for (const child of node.children ?? []) visit(child);
  };
  visit(tree);
  return problems;
}
