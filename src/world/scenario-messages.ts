// What the schema has to say against a scenario, in the words of somebody who wants to help: which member, what is wrong with
// it, what to write instead.

import type { JSONPath } from 'jsonc-parser';
import type { z } from 'zod';
import type { Problem } from '../base/index.ts';
import { nearest } from './edit-distance.ts';
import { scenarioJsonSchema } from './scenario-schema.ts';
import type { ScenarioSource } from './scenario-source.ts';

type Issue = z.core.$ZodIssue;

/** Turns one complaint of the schema into problems that say what to write instead. */
export function issueProblems(issue: Issue, prefix: JSONPath, source: ScenarioSource): Problem[] {
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

let schema: SchemaNode | undefined;

/** Names that the schema knows at a path, over all alternatives. */
function knownKeys(path: JSONPath): string[] {
  schema ??= scenarioJsonSchema() as SchemaNode;
  let nodes: SchemaNode[] = [schema];
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
