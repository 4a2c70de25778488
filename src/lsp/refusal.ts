// What a client must not ask: before `initialize`, after `shutdown`, or without the parameters that a request is about.

import { ErrorCodes, ResponseError } from 'vscode-languageserver';

/** What the protocol lets a client ask: nothing while `new` and nothing once it is `over`. */
export type Phase = 'new' | 'running' | 'over';

/** What a request is about besides a document. */
export type Needs = 'document' | 'position' | 'range';

/** Why a request is not answered at all; undefined when it is. */
export function requestRefusal(phase: Phase, needs: Needs, params: unknown): ResponseError | undefined {
  if (phase === 'new') return new ResponseError(ErrorCodes.ServerNotInitialized, 'send initialize first');
  if (phase === 'over') return new ResponseError(ErrorCodes.InvalidRequest, 'the server was shut down');
  const { textDocument, position, range } = (params ?? {}) as {
    readonly textDocument?: { readonly uri?: unknown };
    readonly position?: unknown;
    readonly range?: { readonly start?: unknown; readonly end?: unknown };
  };
  if (typeof textDocument?.uri !== 'string')
    return new ResponseError(ErrorCodes.InvalidParams, 'the request names no document (textDocument.uri)');
  if (needs === 'position' && !isPosition(position))
    return new ResponseError(ErrorCodes.InvalidParams, 'the request has no position { line, character }');
  if (needs === 'range' && !(isPosition(range?.start) && isPosition(range?.end)))
    return new ResponseError(ErrorCodes.InvalidParams, 'the request has no range { start, end }');
  return undefined;
}

function isPosition(value: unknown): boolean {
  const { line, character } = (value ?? {}) as { readonly line?: unknown; readonly character?: unknown };
  return Number.isInteger(line) && Number.isInteger(character);
}
