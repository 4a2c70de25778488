// Diagnostics, hover, completion, quick fixes and lenses as the editor gets them from our server.

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { codeOf, diagnosticsOf, eventually, open, workspaceFile } from './support.ts';

describe('language', () => {
  it('activates quickly on a sock_ops program', async () => {
    const editor = await open('initial_rwnd.bpf.c');
    const extension = vscode.extensions.getExtension<{ readonly activationMs: number }>('sockscope.sockscope');
    assert.ok(extension, 'the extension is installed');
    const { activationMs } = await extension.activate();
    console.log(`timing: activation ${activationMs.toFixed(1)} ms`);
    assert.equal(editor.document.languageId, 'c');
  });

  it('says nothing about a correct sample', async () => {
    const uri = workspaceFile('initial_rwnd.bpf.c');
    await open('initial_rwnd.bpf.c');
    await eventually('a hover, which shows that the server is up', async () => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        uri,
        new vscode.Position(0, 0),
      );
      return hovers === undefined ? undefined : true;
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.deepEqual(
      diagnosticsOf(uri)
        .filter((row) => row.severity === vscode.DiagnosticSeverity.Error)
        .map((row) => row.message),
      [],
    );
  });

  it('marks a mistake and mends it', async () => {
    const name = 'mistakes/null_check.bpf.c';
    const editor = await open(name);
    const uri = workspaceFile(name);
    const found = await eventually('a diagnostic', () => diagnosticsOf(uri)[0]);
    assert.ok(codeOf(found).length > 0, 'it has a code');
    const actions = await eventually('a quick fix', async () => {
      const list = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        uri,
        found.range,
      );
      return list?.find((action) => action.edit !== undefined);
    });
    await vscode.workspace.applyEdit(actions.edit!);
    await eventually('the diagnostic to go away', () =>
      diagnosticsOf(uri).some((row) => codeOf(row) === codeOf(found)) ? undefined : true,
    );
    await vscode.commands.executeCommand('workbench.action.files.revert');
    void editor;
  });

  it('explains an op on hover', async () => {
    const uri = workspaceFile('initial_rwnd.bpf.c');
    const { document } = await open('initial_rwnd.bpf.c');
    const at = document.positionAt(document.getText().indexOf('BPF_SOCK_OPS_RWND_INIT') + 3);
    const text = await eventually('a hover on the op', async () => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, at);
      const words = (hovers ?? [])
        .flatMap((hover) => hover.contents.map((part) => (typeof part === 'string' ? part : part.value)))
        .join('\n');
      return words.includes('RWND_INIT') ? words : undefined;
    });
    assert.match(text, /window/i);
  });

  it('completes context fields', async () => {
    const uri = workspaceFile('initial_rwnd.bpf.c');
    const { document } = await open('initial_rwnd.bpf.c');
    const at = document.positionAt(document.getText().indexOf('skops->op') + 'skops->'.length);
    const labels = await eventually('completions', async () => {
      const list = await vscode.commands.executeCommand<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        uri,
        at,
      );
      const names = (list?.items ?? []).map((item) => (typeof item.label === 'string' ? item.label : item.label.label));
      return names.some((label) => label.includes('snd_cwnd')) ? names : undefined;
    });
    assert.ok(labels.some((label) => label.includes('remote_port')));
  });

  it('shows verdicts and actions above the program', async () => {
    const uri = workspaceFile('initial_rwnd.bpf.c');
    const titles = await eventually('code lenses', async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 20);
      const texts = (lenses ?? []).flatMap((lens) => (lens.command === undefined ? [] : [lens.command.title]));
      return texts.some((text) => /debug/i.test(text)) ? texts : undefined;
    });
    assert.ok(titles.some((title) => /run/i.test(title)));
  });
});
