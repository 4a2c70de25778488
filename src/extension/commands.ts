// Commands that run or check a program: each resolves what it is about (argument, editor in view), saves it, and calls the engine.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { startDebugging } from './debugging.ts';
import type { Engine } from './engine.ts';
import { type HandshakePanel, type HandshakePanels, modelOf, type RunJson } from './handshake-view.ts';
import type { LanguageService } from './language-service.ts';

interface Parts {
  readonly engine: Engine;
  readonly language: LanguageService;
  readonly panels: HandshakePanels;
  readonly output: vscode.LogOutputChannel;
}

/** The file that a command is about: a URI or path given by a lens or menu, else the editor in view. Saved when it is dirty. */
async function fileFor(argument: unknown): Promise<string | undefined> {
  const uri =
    argument instanceof vscode.Uri
      ? argument
      : typeof argument === 'string'
        ? vscode.Uri.parse(argument)
        : vscode.window.activeTextEditor?.document.uri;
  if (uri === undefined || uri.scheme !== 'file') {
    void vscode.window.showInformationMessage('Sockscope: open a sock_ops program that is a file on disk first.');
    return undefined;
  }
  const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
  if (document?.isDirty && !(await document.save())) return undefined;
  return uri.fsPath;
}

/** Runs `run FILE` and shows the ladder; a failure is shown with its first line and a way to the whole text. */
async function runAndShow(parts: Parts, file: string, programName: string | undefined): Promise<void> {
  const title = `${path.basename(file).replace(/\.handshake\.json$/, '')}: run`;
  let panel: HandshakePanel | undefined;
  const draw = async (axis: 'compact' | 'time', token?: vscode.CancellationToken): Promise<void> => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sockscope-'));
    try {
      const svgFile = path.join(folder, 'ladder.svg');
      const named = programName === undefined || file.endsWith('.json') ? [] : ['--program', programName];
      const result = await parts.engine.run(
        ['run', file, '--format', 'json', '--svg', svgFile, '--axis', axis, ...named],
        token === undefined ? {} : { token },
      );
      if (token?.isCancellationRequested) return;
      if (result.stdout.trim() === '') {
        void explainFailure(parts.output, `running ${path.basename(file)}`, result.stderr);
        return;
      }
      const run = JSON.parse(result.stdout) as RunJson;
      panel ??= parts.panels.forRun(title, (redrawn) => void draw(redrawn.axis));
      panel.show(modelOf(title, { svg: await readFile(svgFile, 'utf8'), run }, 'finished'));
      if (result.code !== 0)
        void explainFailure(parts.output, `${path.basename(file)} did not come out as expected`, result.stderr);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: `Running ${path.basename(file)} through a handshake`,
      cancellable: true,
    },
    (_progress, token) => draw('compact', token),
  );
}

async function explainFailure(output: vscode.LogOutputChannel, what: string, stderr: string): Promise<void> {
  const text = stderr.trim();
  output.error(`${what}:\n${text}`);
  const choice = await vscode.window.showErrorMessage(
    `Sockscope: ${what}: ${text.split('\n')[0] ?? 'no message'}`,
    'Show Output',
  );
  if (choice !== undefined) output.show();
}

async function verify(parts: Parts, file: string, programName: string | undefined): Promise<void> {
  const kernels = vscode.workspace.getConfiguration('sockscope').get<string[]>('kernels', []);
  const named = programName === undefined ? [] : ['--program', programName];
  const result = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `Verifying ${path.basename(file)}`, cancellable: true },
    async (_progress, token) => {
      const end = await parts.engine.run(['verify', file, '--kernel', kernels.join(','), ...named], { token });
      return token.isCancellationRequested ? undefined : end;
    },
  );
  if (result === undefined) return;
  const text = `${result.stdout}${result.stderr}`.trim();
  parts.output.info(`verify ${file}\n${text}`);
  const first = text.split('\n')[0] ?? '';
  const show = result.code === 0 ? vscode.window.showInformationMessage : vscode.window.showErrorMessage;
  const choice = await show(`Sockscope: ${first}`, 'Show Details', 'Verifier Log');
  if (choice === 'Show Details') parts.output.show();
  if (choice === 'Verifier Log')
    await vscode.commands.executeCommand('sockscope.showVerifierLog', vscode.Uri.file(file), programName);
}

async function openSample(context: vscode.ExtensionContext): Promise<void> {
  const folder = vscode.Uri.joinPath(context.extensionUri, 'samples');
  const entries = await vscode.workspace.fs.readDirectory(folder);
  const mistakes = await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(folder, 'mistakes')).then(
    (rows) => rows.map(([name]) => `mistakes/${name}`),
    () => [],
  );
  const names = [...entries.map(([name]) => name), ...mistakes].filter((name) => name.endsWith('.bpf.c')).sort();
  const picks = await Promise.all(
    names.map(async (name) => {
      const text = Buffer.from(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, name))).toString('utf8');
      const about = /^(?:\/\/|\/\*|\s\*)\s*(?!SPDX)(.+)$/m.exec(text)?.[1] ?? '';
      return { label: name, detail: about.replace(/\*\/\s*$/, '').trim() };
    }),
  );
  const chosen = await vscode.window.showQuickPick(picks, { title: 'Open a sample', matchOnDetail: true });
  if (chosen === undefined) return;
  const source = vscode.Uri.joinPath(folder, chosen.label);
  const home = vscode.workspace.workspaceFolders?.[0]?.uri;
  // A sample inside the installed extension must not be edited in place, so it is opened as a copy where there is a folder.
  if (home === undefined || source.fsPath.startsWith(home.fsPath)) {
    await vscode.window.showTextDocument(source);
    return;
  }
  const copy = vscode.Uri.joinPath(home, path.basename(chosen.label));
  const exists = await vscode.workspace.fs.stat(copy).then(
    () => true,
    () => false,
  );
  if (!exists) await vscode.workspace.fs.copy(source, copy);
  await vscode.window.showTextDocument(copy);
}

export function registerCommands(context: vscode.ExtensionContext, parts: Parts): void {
  const name = (argument: unknown): string | undefined => (typeof argument === 'string' ? argument : undefined);
  const command = (id: string, body: (file: string, programName: string | undefined) => Promise<unknown>) =>
    vscode.commands.registerCommand(`sockscope.${id}`, async (argument: unknown, programName: unknown) => {
      const file = await fileFor(argument);
      if (file !== undefined) await body(file, name(programName));
    });
  context.subscriptions.push(
    command('run', (file, programName) => runAndShow(parts, file, programName)),
    command('runScenario', (file) => runAndShow(parts, file, undefined)),
    command('debug', (file, programName) =>
      startDebugging({ program: file, ...(programName === undefined ? {} : { programName }) }),
    ),
    command('debugScenario', (file) => startDebugging({ scenario: file })),
    command('verify', (file, programName) => verify(parts, file, programName)),
    vscode.commands.registerCommand('sockscope.openSample', () => openSample(context)),
    vscode.commands.registerCommand('sockscope.restartServer', () => parts.language.restart()),
    vscode.commands.registerCommand('sockscope.showOutput', () => parts.output.show()),
  );
}
