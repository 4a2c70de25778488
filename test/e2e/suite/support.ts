// What the suites share: opening files of the workspace and waiting for a condition with a reason.

import path from 'node:path';
import * as vscode from 'vscode';

export const workspaceFile = (name: string): vscode.Uri =>
  vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, name);

export async function open(name: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(workspaceFile(name));
  return vscode.window.showTextDocument(document);
}

/** Asks again and again until the answer is defined; fails with `what` after the time is over. */
export async function eventually<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 20_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`timed out waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const diagnosticsOf = (uri: vscode.Uri): vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(uri).filter((row) => row.source === 'sockscope');

export const codeOf = (row: vscode.Diagnostic): string =>
  String(typeof row.code === 'object' ? row.code.value : row.code);

export const baseName = (file: string): string => path.basename(file);
