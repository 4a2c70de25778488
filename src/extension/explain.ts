// "Explain": the reference page of an op, field, helper, option or flag, from the same tables as hover, beside the editor.

import * as vscode from 'vscode';
import { CATALOGUE, explain, pageMarkdown } from '../kernel/index.ts';

const SCHEME = 'sockscope-explain';

export function registerExplain(context: vscode.ExtensionContext): void {
  const provider: vscode.TextDocumentContentProvider = {
    provideTextDocumentContent: (uri) => {
      const name = decodeURIComponent(uri.path).replace(/^\//, '').replace(/\.md$/, '');
      const { pages } = explain(name);
      return pages.length > 0
        ? pages.map((page) => pageMarkdown(page, { headingLevel: 1 })).join('\n\n')
        : `Nothing is known under the name \`${name}\`.`;
    },
  };
  context.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider),
    vscode.commands.registerCommand('sockscope.explain', async (argument: unknown) => {
      const editor = vscode.window.activeTextEditor;
      const word = editor === undefined ? undefined : editor.document.getWordRangeAtPosition(editor.selection.active);
      let name =
        typeof argument === 'string' ? argument : word === undefined ? '' : (editor?.document.getText(word) ?? '');
      if (name === '' || explain(name).pages.length === 0) {
        const chosen = await vscode.window.showQuickPick(
          CATALOGUE.map((entry) => ({ label: entry.name, description: entry.kind })),
          {
            title: 'Explain',
            placeHolder: 'An op, context field, helper, socket option, flag or map type',
            matchOnDescription: true,
          },
        );
        if (chosen === undefined) return;
        name = chosen.label;
      }
      const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${encodeURIComponent(name)}.md` });
      await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
    }),
  );
}
