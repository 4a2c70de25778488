// A language client over the server's real standard input and output, for transcripts.

import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';

const root = path.resolve(import.meta.dirname, '../..');

export interface PublishedDiagnostics {
  readonly uri: string;
  readonly version?: number;
  readonly diagnostics: readonly {
    readonly range: { readonly start: Place; readonly end: Place };
    readonly severity: number;
    readonly code: string;
    readonly message: string;
    readonly relatedInformation?: readonly { readonly message: string }[];
  }[];
}
export interface Place {
  readonly line: number;
  readonly character: number;
}

export class TestClient {
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly published: PublishedDiagnostics[] = [];
  readonly messages: string[] = [];
  configuration: unknown = {};
  #waiting: (() => void)[] = [];

  constructor() {
    this.#child = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'src/lsp/main.ts'), '--stdio'], {
      cwd: root,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#connection = createMessageConnection(
      new StreamMessageReader(this.#child.stdout as Readable),
      new StreamMessageWriter(this.#child.stdin as Writable),
    );
    this.#connection.onNotification('textDocument/publishDiagnostics', (params: PublishedDiagnostics) => {
      this.published.push(params);
      this.#wake();
    });
    this.#connection.onNotification('window/showMessage', (params: { readonly message: string }) => {
      this.messages.push(params.message);
    });
    this.#connection.onNotification('window/logMessage', (params: { readonly message: string }) => {
      this.messages.push(params.message);
    });
    this.#connection.onRequest('workspace/configuration', (params: { readonly items: readonly unknown[] }) =>
      params.items.map(() => this.configuration),
    );
    this.#connection.onRequest('workspace/inlayHint/refresh', () => null);
    this.#connection.onRequest('workspace/codeLens/refresh', () => null);
    this.#connection.onRequest('client/registerCapability', () => null);
    this.#connection.listen();
  }

  #wake(): void {
    for (const waiter of this.#waiting.splice(0)) waiter();
  }

  async initialize(
    options: {
      readonly initializationOptions?: unknown;
      readonly folders?: readonly string[];
      readonly configuration?: 'pull' | 'none';
    } = {},
  ): Promise<{ readonly capabilities: Record<string, unknown> }> {
    const result = await this.request<{ capabilities: Record<string, unknown> }>('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: {
        workspace: { configuration: options.configuration === 'pull', workspaceFolders: true },
        textDocument: {},
      },
      workspaceFolders:
        options.folders?.map((folder) => ({ uri: pathToFileURL(folder).href, name: path.basename(folder) })) ?? null,
      initializationOptions: options.initializationOptions ?? {},
    });
    this.notify('initialized', {});
    return result;
  }

  request<Result>(method: string, params: unknown): Promise<Result> {
    return this.#connection.sendRequest(method, params) as Promise<Result>;
  }

  notify(method: string, params: unknown): void {
    void this.#connection.sendNotification(method, params);
  }

  open(uri: string, text: string, languageId = 'c'): void {
    this.notify('textDocument/didOpen', { textDocument: { uri, languageId, version: 1, text } });
  }

  change(uri: string, version: number, contentChanges: readonly unknown[]): void {
    this.notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
  }

  /** The next publication for a document that satisfies a condition; what came already counts. */
  async diagnosticsOf(
    uri: string,
    wanted: (published: PublishedDiagnostics) => boolean = () => true,
    timeoutMs = 20_000,
  ): Promise<PublishedDiagnostics> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = [...this.published].reverse().find((entry) => entry.uri === uri);
      if (found !== undefined && wanted(found)) return found;
      if (Date.now() > deadline)
        throw new Error(`no such diagnostics for ${uri}; last: ${JSON.stringify(found)}\n${this.messages.join('\n')}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  get exited(): boolean {
    return this.#child.exitCode !== null;
  }

  async close(): Promise<void> {
    if (!this.exited) {
      await this.request('shutdown', null);
      this.notify('exit', null);
    }
    await this.ended();
  }

  /** Waits for the end of the server's process. */
  async ended(): Promise<void> {
    await new Promise((resolve) => (this.exited ? resolve(undefined) : this.#child.once('exit', resolve)));
    this.#connection.dispose();
  }
}
