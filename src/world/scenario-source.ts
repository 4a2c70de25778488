// The text of a scenario file: places of its values for messages, and what is wrong with its syntax.

import { findNodeAtLocation, type JSONPath, type Node, type ParseError, printParseErrorCode } from 'jsonc-parser';
import { LineIndex, type Problem, type SourcePlace, type TextSpan } from '../base/index.ts';

/** The text of a scenario file, for pointing into it. */
export interface ScenarioSource {
  readonly file: string;
  /** Place of the value at a path (["expect", "callbacks", 0, "reply"]), or of the nearest enclosing one that is written there. */
  place(path: JSONPath): SourcePlace;
  /** Place of the key of the member at a path, else as `place`. */
  keyPlace(path: JSONPath): SourcePlace;
}

export function sourceOf(text: string, file: string, tree: Node | undefined): ScenarioSource {
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

export function syntaxProblem(error: ParseError, text: string, file: string): Problem {
  const range = new LineIndex(text).range({ start: error.offset, end: error.offset + Math.max(1, error.length) });
  const [message, remedy] = SYNTAX_WORDS[printParseErrorCode(error.error)] ?? [
    'this is not valid JSON',
    'correct the syntax',
  ];
  return { code: 'scenario-syntax', severity: 'error', message, at: { file, range }, remedy };
}

/** Brackets nested deeper than any scenario: refused before a recursive parser sees them. */
const DEEPEST = 100;

export function tooDeep(text: string, file: string): Problem | undefined {
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
export function duplicateKeys(tree: Node, text: string, file: string): Problem[] {
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
