// Values at the end of source lines while a program is stopped: its variables, and the context fields that a line reads.

import * as vscode from 'vscode';
import { DEBUG_TYPE } from './debugging.ts';

const KEYWORDS = new Set([
  'if',
  'else',
  'for',
  'while',
  'do',
  'switch',
  'case',
  'default',
  'return',
  'break',
  'continue',
  'goto',
  'sizeof',
  'struct',
  'union',
  'enum',
  'static',
  'const',
  'volatile',
  'int',
  'char',
  'long',
  'short',
  'unsigned',
  'signed',
  'void',
]);

/** Text of a line without comments and strings, with blanks in their place so that columns stay. */
function codeOf(line: string): string {
  return line.replace(/\/\/.*$|\/\*.*?\*\/|"(?:[^"\\]|\\.)*"/g, (match) => ' '.repeat(match.length));
}

const provider: vscode.InlineValuesProvider = {
  provideInlineValues(document, viewPort, context) {
    if (vscode.debug.activeDebugSession?.type !== DEBUG_TYPE) return [];
    const values: vscode.InlineValue[] = [];
    const last = Math.min(viewPort.end.line, context.stoppedLocation.end.line);
    for (let number = viewPort.start.line; number <= last; number++) {
      const line = codeOf(document.lineAt(number).text);
      // Macros, types and function definitions are no values.
      if (/^\s*(?:#|SEC\b|__uint|__type)/.test(line) || /^\S/.test(line)) continue;
      for (const match of line.matchAll(/\b([A-Za-z_]\w*)(\s*->\s*([A-Za-z_]\w*)(\[\d+\])?)?(?!\w*\s*\()/g)) {
        const [whole, name] = match;
        if (name === undefined || KEYWORDS.has(name) || match.index === undefined) continue;
        // A constant of the kernel has its number beside it already.
        if (/^(?:BPF|TCP|SOL|SO|IPPROTO|IP|IPV6|AF|SK)_[A-Z0-9_]+$/.test(name)) continue;
        const before = line.slice(0, match.index).trimEnd();
        if (before.endsWith('->') || before.endsWith('.')) continue;
        const range = new vscode.Range(number, match.index, number, match.index + whole.length);
        // Evaluated and not looked up: what has no value here, a function's name or an optimised-out variable, then shows nothing.
        values.push(new vscode.InlineValueEvaluatableExpression(range, whole.replaceAll(/\s+/g, '')));
      }
    }
    return values;
  },
};

export function registerInlineValues(context: vscode.ExtensionContext): void {
  context.subscriptions.push(vscode.languages.registerInlineValuesProvider({ language: 'c' }, provider));
}
