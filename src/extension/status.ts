// The status-bar item: the target kernels, and what they say of the file in view.

import * as vscode from 'vscode';
import { listedTargets } from '../kernel/index.ts';
import { type LanguageService, smellsOfSockOps } from './language-service.ts';

/** Answer of the server to `sockscope/verdicts` (docs/lsp.md). */
export interface VerdictsReply {
  readonly state: 'current' | 'running' | 'no-compiler' | 'compile-error' | 'not-compiled';
  readonly reason?: string;
  readonly programs: readonly {
    readonly name: string;
    readonly line: number;
    readonly verdicts: readonly { readonly kernel: string; readonly accepted: boolean; readonly message: string }[];
  }[];
}

const targetKernels = (): string[] => vscode.workspace.getConfiguration('sockscope').get<string[]>('kernels', []);

function render(item: vscode.StatusBarItem, reply: VerdictsReply | undefined): void {
  const kernels = targetKernels();
  item.backgroundColor = undefined;
  const list = kernels.join(' ');
  if (reply === undefined || reply.state === 'running') {
    item.text = `$(sync~spin) ${list}`;
    item.tooltip = `Sockscope is checking against ${kernels.join(', ')}`;
    return;
  }
  if (reply.state === 'not-compiled') {
    item.text = `$(circle-slash) ${list}`;
    item.tooltip = reply.reason ?? 'The program is not compiled.';
    return;
  }
  if (reply.state === 'no-compiler') {
    item.text = `$(circle-slash) ${list}`;
    item.tooltip =
      'No clang with a BPF target was found, so programs are checked by their text only. Install clang or set sockscope.clangPath.';
    return;
  }
  if (reply.state === 'compile-error') {
    item.text = `$(warning) ${list}`;
    item.tooltip = 'The program does not compile, so no verifier verdict is known.';
    return;
  }
  const refused = reply.programs.flatMap((program) =>
    program.verdicts.filter((verdict) => !verdict.accepted).map((verdict) => ({ program: program.name, ...verdict })),
  );
  const tooltip = new vscode.MarkdownString(undefined, true);
  for (const program of reply.programs) {
    tooltip.appendMarkdown(`**${program.name}**\n\n`);
    for (const verdict of program.verdicts)
      tooltip.appendMarkdown(
        `- ${verdict.accepted ? '$(pass)' : '$(error)'} ${verdict.kernel}${verdict.accepted ? '' : `: \`${verdict.message}\``}\n`,
      );
    tooltip.appendMarkdown('\n');
  }
  tooltip.appendMarkdown('Click to change the target kernels.');
  item.tooltip = tooltip;
  if (refused.length === 0) {
    item.text = `$(pass) ${list}`;
    return;
  }
  const refusing = [...new Set(refused.map((row) => row.kernel))];
  item.text = `$(error) ${refusing.length === kernels.length ? list : `refused by ${refusing.join(' ')}`}`;
  item.backgroundColor = new vscode.ThemeColor('statusBarItem.errorBackground');
}

async function selectKernels(): Promise<void> {
  const settings = vscode.workspace.getConfiguration('sockscope');
  const current = new Set(targetKernels());
  const chosen = await vscode.window.showQuickPick(
    listedTargets().map((target) => ({
      label: target.name,
      description: target.title,
      picked: current.has(target.name),
    })),
    {
      canPickMany: true,
      title: 'Kernels that the programs must run on',
      placeHolder: 'Upstream versions and distributions',
    },
  );
  if (chosen === undefined) return;
  const target =
    vscode.workspace.workspaceFolders === undefined
      ? vscode.ConfigurationTarget.Global
      : vscode.ConfigurationTarget.Workspace;
  await settings.update(
    'kernels',
    chosen.map((choice) => choice.label),
    target,
  );
}

export function registerStatus(context: vscode.ExtensionContext, language: LanguageService): void {
  const item = vscode.window.createStatusBarItem('sockscope.status', vscode.StatusBarAlignment.Right, 90);
  item.name = 'Sockscope target kernels';
  item.command = 'sockscope.selectKernels';

  const update = async () => {
    const document = vscode.window.activeTextEditor?.document;
    const ours =
      document !== undefined &&
      (document.languageId === 'bpfasm' || (document.languageId === 'c' && smellsOfSockOps(document.getText())));
    void vscode.commands.executeCommand('setContext', 'sockscope.isSockOpsFile', ours);
    if (!ours) {
      item.hide();
      return;
    }
    item.show();
    item.command = language.hasGivenUp ? 'sockscope.restartServer' : 'sockscope.selectKernels';
    if (language.hasGivenUp) {
      item.text = '$(warning) Sockscope stopped';
      item.tooltip = 'The language server stopped again and again. Click to start it.';
      item.backgroundColor = undefined;
      return;
    }
    const uri = document.uri.toString();
    const reply = await language.request<VerdictsReply>('sockscope/verdicts', { uri });
    if (vscode.window.activeTextEditor?.document.uri.toString() === uri) render(item, reply);
  };
  context.subscriptions.push(
    item,
    vscode.commands.registerCommand('sockscope.selectKernels', selectKernels),
    vscode.window.onDidChangeActiveTextEditor(() => void update()),
    vscode.workspace.onDidChangeConfiguration(
      (change) => change.affectsConfiguration('sockscope.kernels') && void update(),
    ),
    language.onState(() => void update()),
    language.onVerdicts((uri) => vscode.window.activeTextEditor?.document.uri.toString() === uri && void update()),
  );
  void update();
}
