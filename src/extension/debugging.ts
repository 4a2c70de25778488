// Debugging in the editor: which process is the adapter, what F5 means without a launch.json, and the commands that only
// our adapter understands.

import path from 'node:path';
import * as vscode from 'vscode';
import type { Engine } from './engine.ts';
import { type HandshakePanels, modelOf, type TimelineReply } from './handshake-view.ts';
import { smellsOfSockOps } from './language-service.ts';
import { compilerSettings } from './settings.ts';

export const DEBUG_TYPE = 'sockscope';

/** Name of a session, as short as the lists that show it are narrow. */
const nameOf = (file: string): string => `${path.basename(file).replace(/\.handshake\.json$/, '')}: handshake`;

/** Starts a session for a file, optionally one of its programs and a scenario. */
export async function startDebugging(options: {
  readonly program?: string;
  readonly programName?: string;
  readonly scenario?: string;
  readonly noDebug?: boolean;
  readonly name?: string;
}): Promise<boolean> {
  const about = options.scenario ?? options.program ?? '';
  const folder = about === '' ? undefined : vscode.workspace.getWorkspaceFolder(vscode.Uri.file(about));
  return vscode.debug.startDebugging(folder, {
    type: DEBUG_TYPE,
    request: 'launch',
    name: options.name ?? nameOf(about),
    ...(options.program === undefined ? {} : { program: options.program }),
    ...(options.programName === undefined ? {} : { programName: options.programName }),
    ...(options.scenario === undefined ? {} : { scenario: options.scenario }),
  });
}

function isProgramDocument(document: vscode.TextDocument | undefined): document is vscode.TextDocument {
  if (document === undefined || document.uri.scheme !== 'file') return false;
  if (document.languageId === 'bpfasm' || document.fileName.endsWith('.o')) return true;
  return document.languageId === 'c' && smellsOfSockOps(document.getText());
}

/** A path of a launch configuration counts from the workspace folder. */
const absolute = (file: string, home: string | undefined): string =>
  home === undefined || path.isAbsolute(file) ? file : path.join(home, file);

/** Kernel types by path, one or one for each kernel; undefined where none are named. */
function absoluteBtf(value: unknown, home: string | undefined): string | Record<string, string> | undefined {
  if (typeof value === 'string') return value === '' ? undefined : absolute(value, home);
  if (typeof value !== 'object' || value === null) return undefined;
  const rows = Object.entries(value).filter((row): row is [string, string] => typeof row[1] === 'string');
  return rows.length === 0
    ? undefined
    : Object.fromEntries(rows.map(([kernel, file]) => [kernel, absolute(file, home)]));
}

/** Whether a breakpoint stands in a file that has nothing to do with the program that is debugged. */
function isElsewhere(breakpoint: vscode.Breakpoint, { program }: vscode.DebugConfiguration): boolean {
  if (!(breakpoint instanceof vscode.SourceBreakpoint) || typeof program !== 'string' || program.endsWith('.o'))
    return false;
  const { fsPath } = breakpoint.location.uri;
  return fsPath !== program && !/\.h$/.test(fsPath);
}

/** Makes F5 work without a launch.json and turns unusable configurations into one clear message. */
class ConfigurationProvider implements vscode.DebugConfigurationProvider {
  provideDebugConfigurations(): vscode.DebugConfiguration[] {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.fileName.endsWith('.handshake.json')) {
      return [
        {
          type: DEBUG_TYPE,
          request: 'launch',
          name: nameOf(document.fileName),
          scenario: document.fileName,
        },
      ];
    }
    if (!isProgramDocument(document)) return [];
    const base = { type: DEBUG_TYPE, request: 'launch', program: document.fileName };
    const name = path.basename(document.fileName);
    return [
      { ...base, name: nameOf(document.fileName), scenario: 'active-open' },
      { ...base, name: `${name}: a SYN is lost`, scenario: 'syn-loss' },
      { ...base, name: `${name}: data is retransmitted`, scenario: 'retransmit' },
    ];
  }

  resolveDebugConfiguration(
    _folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): vscode.DebugConfiguration | undefined {
    const resolved: vscode.DebugConfiguration = { ...configuration };
    if (!resolved.type && !resolved.request && !resolved.name) {
      const [first] = this.provideDebugConfigurations();
      if (first === undefined) {
        void vscode.window.showErrorMessage(
          'Sockscope: open a sock_ops program (C, object or BPF assembly) or a .handshake.json file, then press F5.',
        );
        return undefined;
      }
      Object.assign(resolved, first);
    }
    if (resolved['program'] === undefined && resolved['scenario'] === undefined) {
      const document = vscode.window.activeTextEditor?.document;
      if (document?.fileName.endsWith('.handshake.json')) resolved['scenario'] = document.fileName;
      else if (isProgramDocument(document)) resolved['program'] = document.fileName;
      else {
        void vscode.window.showErrorMessage(
          'Sockscope: the launch configuration names neither "program" nor "scenario"; add one of them.',
        );
        return undefined;
      }
    }
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showErrorMessage(
        'Sockscope: this workspace is not trusted, so no debugger is started. Trust it first.',
      );
      return undefined;
    }
    return resolved;
  }

  /** With variables such as ${file} replaced: paths made absolute, what is edited saved, settings added. */
  async resolveDebugConfigurationWithSubstitutedVariables(
    folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration> {
    const resolved: vscode.DebugConfiguration = { ...configuration };
    const home = (folder ?? vscode.workspace.workspaceFolders?.[0])?.uri.fsPath;
    const { program, scenario } = resolved as { readonly program?: unknown; readonly scenario?: unknown };
    if (typeof program === 'string' && program !== '') resolved['program'] = absolute(program, home);
    if (typeof scenario === 'string' && /\.jsonc?$/i.test(scenario)) resolved['scenario'] = absolute(scenario, home);
    const programs = (scenario as { readonly programs?: unknown } | undefined)?.programs;
    if (typeof scenario === 'object' && Array.isArray(programs))
      resolved['scenario'] = {
        ...scenario,
        programs: programs.map((row: { readonly file?: unknown } | null) =>
          typeof row?.file === 'string' ? { ...row, file: absolute(row.file, home) } : row,
        ),
      };
    for (const document of vscode.workspace.textDocuments)
      if (document.isDirty && [resolved['program'], resolved['scenario']].includes(document.fileName))
        await document.save();
    // Who debugs without a breakpoint wants to see the program, not the end of its run.
    if (resolved['stopOnEntry'] === undefined && resolved.noDebug !== true)
      resolved['stopOnEntry'] = !vscode.debug.breakpoints.some(
        (breakpoint) => breakpoint.enabled && !isElsewhere(breakpoint, resolved),
      );
    const settings = vscode.workspace.getConfiguration('sockscope');
    const { clangPath, clangArguments } = compilerSettings();
    resolved['clangPath'] ??= clangPath || undefined;
    resolved['kernelBtf'] = absoluteBtf(
      resolved['kernelBtf'] ?? settings.get<string | Record<string, string>>('kernelBtf'),
      home,
    );
    resolved['args'] ??= clangArguments;
    return resolved;
  }
}

class AdapterFactory implements vscode.DebugAdapterDescriptorFactory {
  readonly #bundle: string;

  constructor(context: vscode.ExtensionContext) {
    this.#bundle = context.asAbsolutePath(path.join('dist', 'adapter.cjs'));
  }

  createDebugAdapterDescriptor(): vscode.DebugAdapterDescriptor {
    return new vscode.DebugAdapterExecutable(process.execPath, [this.#bundle, '--stdio'], {
      env: { ELECTRON_RUN_AS_NODE: '1' },
    });
  }
}

/** The active session if it is ours. */
export function activeSession(): vscode.DebugSession | undefined {
  const session = vscode.debug.activeDebugSession;
  return session?.type === DEBUG_TYPE ? session : undefined;
}

/** Sends one of our custom requests; an error answer is shown to the user and gives undefined. */
export async function customRequest<Result>(
  session: vscode.DebugSession,
  command: string,
  args: unknown = {},
): Promise<Result | undefined> {
  try {
    return (await session.customRequest(command, args)) as Result;
  } catch (error) {
    void vscode.window.showWarningMessage(`Sockscope: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** What runs is no longer what the editor shows. */
async function sayChanged(change: { readonly kind: 'changed' | 'gone'; readonly message: string }): Promise<void> {
  const choices = change.kind === 'changed' ? ['Restart'] : [];
  const choice = await vscode.window.showInformationMessage(`Sockscope: ${change.message}`, ...choices);
  if (choice !== undefined) await vscode.commands.executeCommand('workbench.action.debug.restart');
}

export function registerDebugging(
  context: vscode.ExtensionContext,
  _engine: Engine,
  panels: HandshakePanels,
  output: vscode.LogOutputChannel,
): void {
  const provider = new ConfigurationProvider();
  const showTimeline = async (session: vscode.DebugSession, reveal: 'reveal' | 'quiet') => {
    const panel = panels.forSession(session, reveal);
    if (panel === undefined) return;
    const reply = await customRequest<TimelineReply>(session, 'sockscope/timeline', { axis: panel.axis });
    if (reply !== undefined) panel.show(modelOf(session.name, reply, 'debugging'));
  };
  panels.onGo((session, position) => void customRequest(session, 'sockscope/goToPosition', position));
  panels.onAxis((session) => void showTimeline(session, 'quiet'));

  const callbackCommand = (command: string) => async () => {
    const session = activeSession();
    const threadId = vscode.debug.activeStackItem?.threadId;
    if (session !== undefined) await customRequest(session, command, threadId === undefined ? {} : { threadId });
  };
  context.subscriptions.push(
    vscode.debug.registerDebugConfigurationProvider(DEBUG_TYPE, provider),
    vscode.debug.registerDebugConfigurationProvider(
      DEBUG_TYPE,
      provider,
      vscode.DebugConfigurationProviderTriggerKind.Dynamic,
    ),
    vscode.debug.registerDebugAdapterDescriptorFactory(DEBUG_TYPE, new AdapterFactory(context)),
    vscode.commands.registerCommand('sockscope.nextCallback', callbackCommand('sockscope/nextCallback')),
    vscode.commands.registerCommand('sockscope.previousCallback', callbackCommand('sockscope/previousCallback')),
    vscode.commands.registerCommand('sockscope.showHandshake', async () => {
      const session = activeSession();
      if (session !== undefined) await showTimeline(session, 'reveal');
      else panels.revealLast();
    }),
    vscode.commands.registerCommand(
      'sockscope.whereFrom',
      async (
        item:
          | {
              readonly variable?: { readonly name: string; readonly evaluateName?: string };
              readonly container?: { readonly variablesReference?: number };
            }
          | undefined,
      ) => {
        const session = activeSession();
        const stack = vscode.debug.activeStackItem;
        const name =
          item?.variable?.evaluateName ??
          item?.variable?.name ??
          (await vscode.window.showInputBox({
            prompt: 'Register, local, context field or map entry',
            placeHolder: 'skops->reply',
          }));
        if (session === undefined || name === undefined) return;
        const frameId = stack instanceof vscode.DebugStackFrame ? stack.frameId : undefined;
        const reply = await customRequest<{
          readonly steps: readonly {
            readonly text: string;
            readonly position: { readonly event: number; readonly insn: number };
          }[];
        }>(session, 'sockscope/whereFrom', { expression: name, frameId });
        if (reply === undefined) return;
        const chosen = await vscode.window.showQuickPick(
          reply.steps.map((step) => ({
            label: step.text,
            description: `event ${step.position.event}, instruction ${step.position.insn}`,
            position: step.position,
          })),
          { title: `Where ${name} comes from, newest first`, placeHolder: 'Choose a step to go there' },
        );
        if (chosen !== undefined) await customRequest(session, 'sockscope/goToPosition', chosen.position);
      },
    ),
    vscode.debug.onDidReceiveDebugSessionCustomEvent((event) => {
      if (event.session.type !== DEBUG_TYPE) return;
      if (event.event === 'sockscope/timelineChanged') void showTimeline(event.session, 'quiet');
      if (event.event === 'sockscope/sourceChanged')
        void sayChanged(event.body as { readonly kind: 'changed' | 'gone'; readonly message: string });
    }),
    vscode.debug.onDidTerminateDebugSession((session) => {
      if (session.type === DEBUG_TYPE) panels.sessionEnded(session);
    }),
    vscode.debug.registerDebugAdapterTrackerFactory(DEBUG_TYPE, {
      createDebugAdapterTracker: (session) => ({
        onDidSendMessage: (message: { readonly type?: string; readonly event?: string }) => {
          if (message.type === 'event' && message.event === 'stopped') void showTimeline(session, 'quiet');
        },
        onError: (error) => output.error(`debug adapter: ${error.message}`),
      }),
    }),
  );
}
