// Making scenario files: an empty one for a program, or one that records what a finished run did.

import path from 'node:path';
import * as vscode from 'vscode';
import type { Engine } from './engine.ts';
import type { RunJson } from './handshake-view.ts';

/** First name NAME.handshake.json, NAME-2.handshake.json ... that is not taken. */
async function freeName(folder: vscode.Uri, base: string): Promise<vscode.Uri> {
  for (let number = 1; ; number++) {
    const uri = vscode.Uri.joinPath(folder, `${base}${number === 1 ? '' : `-${number}`}.handshake.json`);
    const taken = await vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (!taken) return uri;
  }
}

async function programFile(argument: unknown): Promise<vscode.Uri | undefined> {
  const uri =
    argument instanceof vscode.Uri
      ? argument
      : typeof argument === 'string'
        ? vscode.Uri.parse(argument)
        : vscode.window.activeTextEditor?.document.uri;
  if (uri?.scheme === 'file' && /\.(c|o|bpfasm)$/.test(uri.fsPath)) return uri;
  void vscode.window.showInformationMessage('Sockscope: open the sock_ops program that the scenario is for.');
  return undefined;
}

/** A scenario that expects what a run did: its callbacks in order, the replies that had an effect, no faults. */
function scenarioOf(file: string, run: RunJson): object {
  return {
    title: `What ${file} did`,
    ...(run.kernel === undefined ? {} : { kernel: run.kernel }),
    programs: [{ file }],
    expect: {
      callbacks: run.callbacks.map(({ host, op, reply, effects }) => ({
        host,
        op,
        ...(effects.length > 0 && reply !== undefined ? { reply } : {}),
      })),
    },
  };
}

export function registerScenarios(context: vscode.ExtensionContext, engine: Engine): void {
  const create = async (argument: unknown, mode: 'empty' | 'recorded') => {
    const program = await programFile(argument);
    if (program === undefined) return;
    const file = path.basename(program.fsPath);
    const folder = vscode.Uri.joinPath(program, '..');
    const uri = await freeName(folder, file.replace(/(\.bpf)?\.(c|o|bpfasm)$/, ''));
    let text = `${JSON.stringify({ title: `What ${file} must do`, programs: [{ file }], expect: { callbacks: [] } }, null, 2)}\n`;
    if (mode === 'recorded') {
      const result = await engine.run(['run', program.fsPath, '--format', 'json']);
      if (result.stdout.trim() === '') {
        void vscode.window.showErrorMessage(`Sockscope: ${result.stderr.trim().split('\n')[0] ?? 'the run failed'}`);
        return;
      }
      text = `${JSON.stringify(scenarioOf(file, JSON.parse(result.stdout) as RunJson), null, 2)}\n`;
    }
    await vscode.workspace.fs.writeFile(uri, Buffer.from(text, 'utf8'));
    await vscode.window.showTextDocument(uri);
  };
  context.subscriptions.push(
    vscode.commands.registerCommand('sockscope.newScenario', (argument: unknown) => create(argument, 'empty')),
    vscode.commands.registerCommand('sockscope.scenarioFromRun', (argument: unknown) => create(argument, 'recorded')),
  );
}
