// Settings with the variables that people write into them: VS Code replaces ${workspaceFolder} in launch configurations and tasks,
// and leaves settings as they are.

import os from 'node:os';
import * as vscode from 'vscode';

/** Replaces ${workspaceFolder} and ${userHome}. */
function expanded(text: string): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  return text.replace(/\$\{(workspaceFolder|userHome)\}/g, (whole, name: string) =>
    name === 'userHome' ? os.homedir() : (folder ?? whole),
  );
}

/** The compiler that the settings name ('' when none) and its further arguments. */
export function compilerSettings(): { readonly clangPath: string; readonly clangArguments: readonly string[] } {
  const settings = vscode.workspace.getConfiguration('sockscope');
  return {
    clangPath: expanded(settings.get<string>('clangPath', '').trim()),
    clangArguments: settings.get<string[]>('clangArguments', []).map(expanded),
  };
}

/** The section `sockscope` as the language server is to see it. */
export function settingsForServer(section: unknown): unknown {
  return typeof section === 'object' && section !== null ? { ...section, ...compilerSettings() } : section;
}
