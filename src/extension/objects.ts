// Read-only views made of text: the disassembly of an object or program, and the verifier's log.

import path from 'node:path';
import * as vscode from 'vscode';
import type { Engine } from './engine.ts';

const SCHEME = 'sockscope-text';

/** Serves texts made on demand; the URI's query says how to make it again. */
class TextProvider implements vscode.TextDocumentContentProvider {
  readonly #engine: Engine;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async provideTextDocumentContent(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    const args: unknown = JSON.parse(uri.query);
    if (!Array.isArray(args) || !args.every((arg) => typeof arg === 'string')) return '';
    const result = await this.#engine.run(args, { token });
    if (result.stdout.trim() !== '') return result.stdout;
    return `# ${result.stderr.trim().split('\n').join('\n# ')}\n`;
  }

  refresh(uri: vscode.Uri): void {
    this.#changed.fire(uri);
  }
}

async function show(provider: TextProvider, title: string, args: readonly string[]): Promise<void> {
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}`, query: JSON.stringify(args) });
  provider.refresh(uri);
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, {
    viewColumn: vscode.ViewColumn.Beside,
    preview: true,
    preserveFocus: true,
  });
}

function fileOf(argument: unknown): string | undefined {
  if (argument instanceof vscode.Uri) return argument.fsPath;
  if (typeof argument === 'string') return argument.startsWith('file:') ? vscode.Uri.parse(argument).fsPath : argument;
  return vscode.window.activeTextEditor?.document.uri.scheme === 'file'
    ? vscode.window.activeTextEditor.document.fileName
    : undefined;
}

export function registerObjects(context: vscode.ExtensionContext, engine: Engine): void {
  const provider = new TextProvider(engine);
  const needFile = (argument: unknown): string | undefined => {
    const file = fileOf(argument);
    if (file === undefined) void vscode.window.showInformationMessage('Sockscope: open a sock_ops program first.');
    return file;
  };
  context.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider),
    vscode.commands.registerCommand('sockscope.showDisassembly', async (argument: unknown) => {
      const file = needFile(argument);
      if (file !== undefined) await show(provider, `${path.basename(file)}.bpfasm`, ['disasm', file]);
    }),
    vscode.commands.registerCommand(
      'sockscope.showVerifierLog',
      async (argument: unknown, program: unknown, kernel: unknown) => {
        const file = needFile(argument);
        if (file === undefined) return;
        const target =
          typeof kernel === 'string'
            ? kernel
            : await vscode.window.showQuickPick(
                vscode.workspace.getConfiguration('sockscope').get<string[]>('kernels', []),
                { title: 'Log of which kernel?' },
              );
        if (target === undefined) return;
        const named = typeof program === 'string' ? ['--program', program] : [];
        await show(provider, `${path.basename(file)}.${target}.bpflog`, [
          'verify',
          file,
          '--kernel',
          target,
          '--log',
          '2',
          ...named,
        ]);
      },
    ),
  );
}
