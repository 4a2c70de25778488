// The language server: what it can do, which request goes where, and when diagnostics are computed. Analyses live in ide/; this file
// knows the protocol and the clock.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CodeActionKind,
  type Connection,
  ErrorCodes,
  type InitializeParams,
  type InitializeResult,
  MessageType,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { disassemble, type KernelBtfChoice, loadCParser, verifierLogOf } from '../host/index.ts';
import type { SourceAnalysis } from '../ide/index.ts';
import type { CParser } from '../syntax/index.ts';
import { type BuildService, createBuildService } from './build-worker.ts';
import { toLspDiagnostic } from './convert.ts';
import { DocumentState } from './document-state.ts';
import * as features from './features.ts';
import { type Needs, type Phase, requestRefusal } from './refusal.ts';
import { readSettings, type Settings, settingsProblems } from './settings.ts';
import { reasonNotCompiled, type VerdictsAnswer, verdictsOf } from './verdicts.ts';
import { checkFolders } from './workspace.ts';

export interface LanguageServerOptions {
  readonly connection: Connection;
  /** Module to run as build worker: one that calls `serveBuilds` in a worker thread. */
  readonly workerEntry: string;
  /** Milliseconds without a keystroke before the compiler runs. */
  readonly buildDelayMs?: number;
}

/** Serves a client until the connection closes. */
export function serveLanguage(options: LanguageServerOptions): void {
  new LanguageServer(options).start();
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Paths of the folders that are on disk. */
const foldersOf = (folders: readonly { readonly uri: string }[]): string[] =>
  folders.flatMap(({ uri }) => (uri.startsWith('file:') ? [fileURLToPath(uri)] : []));

class LanguageServer {
  readonly #connection: Connection;
  readonly #documents = new TextDocuments(TextDocument);
  readonly #states = new Map<string, DocumentState>();
  readonly #builds: BuildService;
  readonly #buildTimers = new Map<string, NodeJS.Timeout>();
  readonly #dirty = new Set<string>();
  readonly #buildDelayMs: number;
  #parser: CParser | undefined;
  #settings: Settings = readSettings({});
  #initial: Record<string, unknown> = {};
  #folders: readonly string[] = [];
  #canConfigure = false;
  #saidNoCompiler = false;
  #phase: Phase = 'new';
  /** What the client says that it takes from us. */
  #takes = { codeLensRefresh: false, inlayHintRefresh: false, folderChanges: false };
  #workspaceFiles = new Set<string>();

  constructor(options: LanguageServerOptions) {
    this.#connection = options.connection;
    this.#buildDelayMs = options.buildDelayMs ?? 250;
    this.#builds = createBuildService(options.workerEntry, (text) => this.#connection.console.error(text));
  }

  start(): void {
    const connection = this.#connection;
    connection.onInitialize((params) => this.#initialize(params));
    connection.onInitialized(() => {
      if (this.#takes.folderChanges)
        connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => this.#changeFolders(added, removed));
      void this.#guard('initialized', () => this.#reloadSettings());
    });
    connection.onDidChangeConfiguration(
      (change) =>
        void this.#guard('configuration', () =>
          this.#reloadSettings((change.settings as { sockscope?: unknown } | null)?.sockscope),
        ),
    );
    connection.onDidChangeWatchedFiles(() => {
      for (const state of this.#states.values()) this.#scheduleBuild(state, 0);
    });
    this.#documents.onDidChangeContent(({ document }) => this.#changed(document));
    this.#documents.onDidSave(({ document }) => this.#scheduleBuild(this.#states.get(document.uri), 0));
    this.#documents.onDidClose(({ document }) => this.#closed(document.uri));
    this.#wire();
    connection.onShutdown(() => {
      this.#phase = 'over';
      this.#builds.dispose();
    });
    this.#documents.listen(connection);
    connection.listen();
  }

  async #initialize(params: InitializeParams): Promise<InitializeResult> {
    if (this.#phase !== 'new') throw new ResponseError(ErrorCodes.InvalidRequest, 'the server is initialized already');
    this.#phase = 'running';
    this.#parser = await loadCParser();
    const { workspace } = params.capabilities;
    this.#canConfigure = workspace?.configuration === true;
    this.#takes = {
      codeLensRefresh: workspace?.codeLens?.refreshSupport === true,
      inlayHintRefresh: workspace?.inlayHint?.refreshSupport === true,
      folderChanges: workspace?.workspaceFolders === true,
    };
    const given = params.initializationOptions as unknown;
    this.#initial = typeof given === 'object' && given !== null ? { ...(given as Record<string, unknown>) } : {};
    const nested = this.#initial['sockscope'];
    if (typeof nested === 'object' && nested !== null) Object.assign(this.#initial, nested);
    this.#settings = readSettings(this.#initial);
    this.#folders = foldersOf(params.workspaceFolders ?? (params.rootUri ? [{ uri: params.rootUri }] : []));
    return {
      serverInfo: { name: 'sockscope' },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        hoverProvider: true,
        completionProvider: { triggerCharacters: ['>', '.', '(', ',', '"', ' ', '|'], resolveProvider: true },
        signatureHelpProvider: { triggerCharacters: ['(', ','] },
        definitionProvider: true,
        referencesProvider: true,
        renameProvider: true,
        documentSymbolProvider: true,
        foldingRangeProvider: true,
        documentFormattingProvider: true,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
        codeLensProvider: {},
        inlayHintProvider: true,
        semanticTokensProvider: {
          legend: { tokenTypes: [...features.SEMANTIC_TOKEN_TYPES], tokenModifiers: [] },
          full: true,
        },
        executeCommandProvider: { commands: ['sockscope.server.checkWorkspace'] },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  }

  #wire(): void {
    const connection = this.#connection;
    const on =
      <P extends { readonly textDocument: { readonly uri: string } }, R>(
        name: string,
        empty: R,
        body: (state: DocumentState, params: P) => R,
        needs: Needs = 'document',
      ) =>
      (params: P): R | Promise<R> | ResponseError => {
        const refused = requestRefusal(this.#phase, needs, params);
        if (refused !== undefined) return refused;
        const state = this.#states.get(params.textDocument.uri);
        if (state === undefined) return empty;
        return this.#guardSync(name, empty, () => body(state, params));
      };
    connection.onHover(
      on('hover', null, (state, params) => features.hover(state, this.#settings, params.position), 'position'),
    );
    connection.onCompletion(
      on('completion', [], (state, params) => features.completion(state, this.#settings, params.position), 'position'),
    );
    connection.onCompletionResolve((item) =>
      this.#guardSync('resolve', item, () => features.resolveCompletion(item, this.#settings)),
    );
    connection.onSignatureHelp(
      on('signature', null, (state, params) => features.signature(state, this.#settings, params.position), 'position'),
    );
    connection.onDefinition(
      on('definition', [], (state, params) => features.definition(state, this.#settings, params.position), 'position'),
    );
    connection.onReferences(
      on('references', [], (state, params) => features.references(state, params.position), 'position'),
    );
    connection.onDocumentSymbol(on('symbols', [], (state) => features.symbols(state, this.#settings)));
    connection.onFoldingRanges(on('folding', [], (state) => features.folding(state, this.#settings)));
    connection.onDocumentFormatting(on('formatting', [], (state) => features.formatting(state)));
    connection.onCodeAction(
      on(
        'actions',
        [],
        (state, params) => {
          // Fixes belong to the text as it is now, whatever was published last.
          if (this.#dirty.has(state.uri)) this.#publish(state);
          return features.codeActions(state, params.range);
        },
        'range',
      ),
    );
    connection.onCodeLens(on('lenses', [], (state) => features.lenses(state, this.#settings)));
    connection.languages.inlayHint.on(
      on('hints', [], (state, params) => features.hints(state, this.#settings, params.range), 'range'),
    );
    connection.languages.semanticTokens.on(
      on('tokens', { data: [] as number[] }, (state) => ({ data: [...features.semanticTokens(state).data] })),
    );
    connection.onRenameRequest((params) => {
      const refused = requestRefusal(this.#phase, 'position', params);
      if (refused !== undefined) return refused;
      const state = this.#states.get(params.textDocument.uri);
      if (state === undefined) return null;
      const result = this.#guardSync('rename', { why: 'internal error' }, () =>
        features.rename(state, params.position, params.newName),
      );
      return 'why' in result ? new ResponseError(ErrorCodes.InvalidParams, result.why as string) : result;
    });
    connection.onExecuteCommand((params) =>
      params.command === 'sockscope.server.checkWorkspace'
        ? this.#guard('workspace', () => this.#checkWorkspace())
        : null,
    );
    connection.onRequest('sockscope/verdicts', (params: { readonly uri?: unknown }) =>
      this.#verdicts(String(params?.uri ?? '')),
    );
    connection.onRequest(
      'sockscope/disassembly',
      (params: { readonly uri?: unknown }): Promise<unknown> =>
        this.#guard('disassembly', () => this.#disassembly(String(params?.uri ?? ''))),
    );
    connection.onRequest(
      'sockscope/verifierLog',
      (params: { readonly uri?: unknown; readonly kernel?: unknown; readonly program?: unknown }): Promise<unknown> =>
        this.#guard('verifier log', () =>
          this.#verifierLog(String(params?.uri ?? ''), params?.kernel, params?.program),
        ),
    );
  }

  #changeFolders(added: readonly { readonly uri: string }[], removed: readonly { readonly uri: string }[]): void {
    const gone = new Set(foldersOf(removed));
    this.#folders = [...new Set([...this.#folders.filter((folder) => !gone.has(folder)), ...foldersOf(added)])];
    for (const state of this.#states.values()) this.#scheduleBuild(state, 0);
  }

  // --- settings

  async #reloadSettings(pushed?: unknown): Promise<void> {
    let value: unknown = pushed;
    if (this.#canConfigure) {
      try {
        value = await this.#connection.workspace.getConfiguration('sockscope');
      } catch {
        value = pushed;
      }
    }
    const fromClient = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
    this.#settings = readSettings({ ...this.#initial, ...fromClient });
    for (const problem of settingsProblems(fromClient)) this.#connection.console.warn(problem);
    for (const state of this.#states.values()) {
      state.build = undefined;
      this.#publish(state);
      this.#scheduleBuild(state, 0);
    }
  }

  // --- diagnostics

  #changed(document: TextDocument): void {
    let state = this.#states.get(document.uri);
    if (state === undefined) {
      if (this.#parser === undefined) return;
      state = new DocumentState(document, this.#parser);
      this.#states.set(document.uri, state);
    } else state.document = document;
    this.#builds.cancel(document.uri);
    state.building = false;
    const first = this.#dirty.size === 0;
    this.#dirty.add(document.uri);
    // Changes that are waiting to be read already are taken together.
    if (first) setImmediate(() => this.#flush());
    this.#scheduleBuild(state, this.#buildDelayMs);
  }

  #flush(): void {
    for (const uri of [...this.#dirty]) {
      const state = this.#states.get(uri);
      if (state !== undefined) this.#publish(state);
    }
    this.#dirty.clear();
  }

  #publish(state: DocumentState): void {
    this.#dirty.delete(state.uri);
    if (this.#states.get(state.uri) !== state) return;
    const found = this.#guardSync('diagnostics', [], () => state.computeDiagnostics(this.#settings));
    const { lines } = state;
    void this.#connection.sendDiagnostics({
      uri: state.uri,
      version: state.document.version,
      diagnostics: found.map((diagnostic) => toLspDiagnostic(state.uri, lines, diagnostic)),
    });
  }

  #closed(uri: string): void {
    const state = this.#states.get(uri);
    this.#states.delete(uri);
    this.#dirty.delete(uri);
    clearTimeout(this.#buildTimers.get(uri));
    this.#buildTimers.delete(uri);
    this.#builds.cancel(uri);
    state?.dispose();
    void this.#connection.sendDiagnostics({ uri, diagnostics: [] });
  }

  #scheduleBuild(state: DocumentState | undefined, delayMs: number): void {
    if (state === undefined || (state.kind !== 'c' && state.kind !== 'assembly')) return;
    clearTimeout(this.#buildTimers.get(state.uri));
    if (delayMs > 0 && !this.#settings.compileOnType) return;
    const timer = setTimeout(() => void this.#guard('build', () => this.#build(state)), delayMs);
    this.#buildTimers.set(state.uri, timer);
  }

  async #build(state: DocumentState): Promise<void> {
    if (reasonNotCompiled(state, this.#settings, this.#analysis(state)) !== undefined) {
      this.#notifyVerdicts(state);
      return;
    }
    const { text } = state;
    state.building = true;
    this.#notifyVerdicts(state);
    const result = await this.#builds.build(state.uri, {
      file: state.path,
      text,
      kernels: this.#settings.kernels,
      compiler: this.#compilerOptions(),
      ...this.#kernelBtf(),
    });
    if (result === undefined || this.#states.get(state.uri) !== state || state.text !== text) return;
    state.building = false;
    state.build = result;
    if (result.state === 'no-compiler' && !this.#saidNoCompiler) {
      this.#saidNoCompiler = true;
      const problem = result.compilerProblems[0];
      void this.#connection.sendNotification('window/showMessage', {
        type: MessageType.Warning,
        message: `Sockscope: ${problem === undefined ? 'no compiler for BPF was found' : `${problem.message}${problem.remedy === undefined ? '' : `. ${problem.remedy}`}`}`,
      });
    }
    this.#publish(state);
    this.#notifyVerdicts(state);
    if (this.#takes.inlayHintRefresh) void this.#connection.languages.inlayHint.refresh().catch(() => undefined);
    if (this.#takes.codeLensRefresh)
      void this.#connection.sendRequest('workspace/codeLens/refresh').catch(() => undefined);
  }

  #compilerOptions() {
    return {
      folders: this.#folders,
      args: this.#settings.clangArguments,
      ...(this.#settings.clangPath === '' ? {} : { clangPath: this.#settings.clangPath }),
    };
  }

  /** Paths of kernel types as the user gave them, relative ones from the first folder of the workspace. */
  #kernelBtf(): { readonly kernelBtf?: KernelBtfChoice } {
    const { kernelBtf } = this.#settings;
    const absolute = (file: string): string => path.resolve(this.#folders[0] ?? '', file);
    if (typeof kernelBtf === 'string') return kernelBtf === '' ? {} : { kernelBtf: absolute(kernelBtf) };
    return {
      kernelBtf: Object.fromEntries(Object.entries(kernelBtf).map(([kernel, file]) => [kernel, absolute(file)])),
    };
  }

  // --- custom requests

  #notifyVerdicts(state: DocumentState): void {
    void this.#connection.sendNotification('sockscope/verdicts', { uri: state.uri });
  }

  #verdicts(uri: string): VerdictsAnswer {
    const state = this.#states.get(uri);
    return verdictsOf(state, this.#settings, state === undefined ? undefined : this.#analysis(state));
  }

  #analysis(state: DocumentState): SourceAnalysis | undefined {
    return this.#guardSync('analysis', undefined, () => state.analysis(this.#settings));
  }

  async #disassembly(uri: string): Promise<{ readonly text: string }> {
    if (!this.#settings.trusted && !/\.o$/.test(uri))
      return { text: 'This workspace is not trusted, so nothing is compiled.' };
    const state = this.#states.get(uri);
    const file = state?.path ?? (uri.startsWith('file:') ? fileURLToPath(uri) : uri);
    return {
      text: await disassemble(file, {
        ...this.#compilerOptions(),
        ...(state === undefined ? {} : { text: state.text }),
      }),
    };
  }

  async #verifierLog(uri: string, kernel: unknown, program: unknown): Promise<{ readonly text: string }> {
    if (!this.#settings.trusted) return { text: 'This workspace is not trusted, so nothing is compiled.' };
    const state = this.#states.get(uri);
    const file = state?.path ?? (uri.startsWith('file:') ? fileURLToPath(uri) : uri);
    const text = state?.text ?? textOf(file);
    if (text === undefined) return { text: `There is no file ${file}.` };
    const target =
      typeof kernel === 'string' && kernel !== ''
        ? readSettings({ kernels: [kernel] }).kernels[0]!
        : this.#settings.kernels[0]!;
    return {
      text: await verifierLogOf(
        { file, text, kernels: [], compiler: this.#compilerOptions(), ...this.#kernelBtf() },
        target,
        typeof program === 'string' ? program : undefined,
      ),
    };
  }

  /** Publishes the source diagnostics of every program of the workspace folders that is not open. */
  async #checkWorkspace(): Promise<{ readonly files: number; readonly diagnostics: number }> {
    const parser = this.#parser;
    if (parser === undefined) return { files: 0, diagnostics: 0 };
    const seen = new Set<string>();
    let diagnostics = 0;
    for await (const found of checkFolders(this.#folders, parser, this.#settings, (uri) => this.#states.has(uri))) {
      seen.add(found.uri);
      diagnostics += found.diagnostics.length;
      void this.#connection.sendDiagnostics(found);
    }
    for (const uri of this.#workspaceFiles)
      if (!seen.has(uri) && !this.#states.has(uri)) void this.#connection.sendDiagnostics({ uri, diagnostics: [] });
    this.#workspaceFiles = seen;
    return { files: seen.size, diagnostics };
  }

  // --- a mistake of ours ends a request, never the server

  #guardSync<T>(what: string, otherwise: T, body: () => T): T {
    try {
      return body();
    } catch (error) {
      this.#connection.console.error(
        `internal error in ${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      return otherwise;
    }
  }

  async #guard<T>(what: string, body: () => Promise<T> | T): Promise<T | null> {
    try {
      return await body();
    } catch (error) {
      this.#connection.console.error(
        `internal error in ${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      return null;
    }
  }
}
