// The language client: starts our server when the first file of ours is opened and restarts it on request.

import path from 'node:path';
import * as vscode from 'vscode';
import {
  CloseAction,
  type CloseHandlerResult,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
  State,
  TransportKind,
} from 'vscode-languageclient/node';
import { ServerDeaths } from './server-deaths.ts';
import { settingsForServer } from './settings.ts';

/** The extension that runs clangd on the same files. */
const CLANGD = 'llvm-vs-code-extensions.vscode-clangd';

const SELECTOR = [{ language: 'c' }, { language: 'bpfasm' }, { language: 'jsonc', pattern: '**/*.handshake.json' }];

/** Whether a C text is worth the server's attention: cheap, errs on the side of yes. */
export function smellsOfSockOps(text: string): boolean {
  return /\bbpf_sock_ops\b|SEC\(\s*"sockops/.test(text);
}

/** How long the start waits for clangd, which wakes for the same C file as we do, perhaps a moment later. */
const CLANGD_WAIT_MS = 2000;

/** Whether clangd shows the compiler's errors in this window already. */
async function clangdShowsErrors(): Promise<boolean> {
  const clangd = vscode.extensions.getExtension(CLANGD);
  if (clangd === undefined || vscode.workspace.getConfiguration('clangd').get<boolean>('enable') === false)
    return false;
  if (clangd.isActive) return true;
  if (!vscode.workspace.textDocuments.some((document) => document.languageId === 'c')) return false;
  const awake = clangd.activate().then(
    () => true,
    () => false,
  );
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, CLANGD_WAIT_MS, false));
  return Promise.race([awake, late]);
}

export class LanguageService implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #output: vscode.LogOutputChannel;
  readonly #disposables: vscode.Disposable[] = [];
  readonly #verdictsChanged = new vscode.EventEmitter<string>();
  readonly #stateChanged = new vscode.EventEmitter<void>();
  readonly #deaths = new ServerDeaths(() => Date.now());
  #client: LanguageClient | undefined;
  #starting = false;
  #gaveUp = false;
  #disposed = false;

  /** Fires with the URI of a document whose verdicts are new. */
  readonly onVerdicts = this.#verdictsChanged.event;
  /** Fires when `hasGivenUp` may have changed. */
  readonly onState = this.#stateChanged.event;

  constructor(context: vscode.ExtensionContext, output: vscode.LogOutputChannel) {
    this.#context = context;
    this.#output = output;
    this.#disposables.push(
      this.#verdictsChanged,
      this.#stateChanged,
      // The server was told at its start that it may start no process.
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#client !== undefined && void this.restart()),
    );
  }

  get client(): LanguageClient | undefined {
    return this.#client;
  }

  /** The server died again and again and is not started any more. */
  get hasGivenUp(): boolean {
    return this.#gaveUp;
  }

  /** Starts the server now if a document of ours is open, else as soon as one is opened. */
  startWhenNeeded(): void {
    if (vscode.workspace.textDocuments.some((document) => this.#isOurs(document))) {
      void this.#start();
      return;
    }
    const waiting = vscode.workspace.onDidOpenTextDocument((document) => {
      if (!this.#isOurs(document)) return;
      waiting.dispose();
      void this.#start();
    });
    const typed = vscode.workspace.onDidChangeTextDocument((change) => {
      if (this.#client !== undefined || !this.#isOurs(change.document)) return;
      typed.dispose();
      void this.#start();
    });
    this.#disposables.push(waiting, typed);
  }

  async restart(): Promise<void> {
    const old = this.#client;
    this.#client = undefined;
    this.#deaths.forget();
    // A client whose server is dead or about to start cannot be stopped in order, and need not be.
    await old?.dispose().catch(() => undefined);
    await this.#start();
    this.#setGivenUp(false);
  }

  /** Sends a request of docs/lsp.md; undefined when the server is not running. */
  async request<Result>(method: string, params: unknown): Promise<Result | undefined> {
    if (this.#client?.state !== State.Running) return undefined;
    return this.#client.sendRequest<Result>(method, params);
  }

  #isOurs(document: vscode.TextDocument): boolean {
    if (document.languageId === 'bpfasm') return true;
    if (document.fileName.endsWith('.handshake.json')) return true;
    return document.languageId === 'c' && smellsOfSockOps(document.getText());
  }

  async #start(): Promise<void> {
    if (this.#client !== undefined || this.#starting) return;
    this.#starting = true;
    const clangd = await clangdShowsErrors();
    this.#starting = false;
    if (this.#disposed) return;
    const module = this.#context.asAbsolutePath(path.join('dist', 'server.cjs'));
    const serverOptions: ServerOptions = { module, transport: TransportKind.stdio, args: ['--stdio'] };
    const clientOptions: LanguageClientOptions = {
      documentSelector: SELECTOR,
      outputChannel: this.#output,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => this.#closed(),
      },
      initializationOptions: { trusted: vscode.workspace.isTrusted, clangd },
      middleware: {
        workspace: {
          configuration: async (params, token, next) => {
            const answer = await next(params, token);
            return Array.isArray(answer)
              ? answer.map((section, index) =>
                  params.items[index]?.section === 'sockscope' ? settingsForServer(section) : section,
                )
              : answer;
          },
        },
      },
      synchronize: {
        configurationSection: 'sockscope',
        fileEvents: vscode.workspace.createFileSystemWatcher('**/{compile_commands.json,*.h,*.handshake.json}'),
      },
    };
    const client = new LanguageClient('sockscope', 'Sockscope', serverOptions, clientOptions);
    this.#client = client;
    client.onNotification('sockscope/verdicts', (params: { readonly uri: string }) =>
      this.#verdictsChanged.fire(params.uri),
    );
    try {
      await client.start();
    } catch (error) {
      this.#output.error(
        `the language server did not start: ${error instanceof Error ? error.message : String(error)}`,
      );
      void vscode.window
        .showErrorMessage('Sockscope: the language server did not start.', 'Show Output')
        .then((choice) => choice && this.#output.show());
    }
  }

  /** The server's process is gone without having been asked to. */
  #closed(): CloseHandlerResult {
    if (this.#deaths.died() === 'restart') {
      vscode.window.setStatusBarMessage('$(info) Sockscope: the language server stopped and was started again', 8000);
      const message = 'The language server stopped and is started again.';
      return { action: CloseAction.Restart, handled: true, message };
    }
    this.#setGivenUp(true);
    void vscode.window
      .showErrorMessage('Sockscope: the language server stopped again and again.', 'Start It', 'Show Output')
      .then((choice) => {
        if (choice === 'Start It') void this.restart();
        if (choice === 'Show Output') this.#output.show();
      });
    const message = 'The language server stopped again and again and is not started any more.';
    return { action: CloseAction.DoNotRestart, handled: true, message };
  }

  #setGivenUp(gaveUp: boolean): void {
    this.#gaveUp = gaveUp;
    this.#stateChanged.fire();
  }

  dispose(): void {
    this.#disposed = true;
    for (const disposable of this.#disposables) disposable.dispose();
    void this.#client?.dispose().catch(() => undefined);
  }
}
