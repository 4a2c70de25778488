// The handshake view's extension side: one webview panel per debug session or finished run. It hands over drawings and
// data, and passes clicks on to whoever listens; the drawing itself is world/'s, the interaction is webview/'s.

import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import {
  type Axis,
  type FromView,
  PROTOCOL_VERSION,
  type ToView,
  type ViewCallback,
  type ViewModel,
  type ViewPosition,
  type ViewSeries,
  type ViewState,
} from '../webview/index.ts';

/** The parts of `run --format json` (docs/cli.md) that the view reads. */
export interface RunJson {
  readonly kernel?: string;
  readonly callbacks: readonly {
    readonly host: string;
    readonly time_ns: number;
    readonly op: string;
    readonly call_site?: string;
    readonly ctx: Readonly<Record<string, number | string>>;
    readonly return?: number;
    readonly reply?: number;
    readonly effects: readonly (string | { readonly text: string })[];
    readonly position?: ViewPosition;
  }[];
}

/** Answer of the adapter to `sockscope/timeline` (docs/dap.md). */
export interface TimelineReply {
  readonly svg: string;
  readonly run: RunJson;
  readonly position: ViewPosition;
  readonly callbacks: readonly {
    readonly index: number;
    readonly position: ViewPosition;
    readonly host: string;
    readonly op: string;
  }[];
}

const SERIES: readonly {
  readonly field: string;
  readonly name: string;
  readonly unit: string;
  readonly scale: number;
}[] = [
  { field: 'snd_cwnd', name: 'congestion window', unit: 'packets', scale: 1 },
  { field: 'srtt_us', name: 'smoothed RTT', unit: 'ms', scale: 1 / 8000 },
  { field: 'bytes_acked', name: 'bytes acknowledged', unit: 'B', scale: 1 },
  { field: 'bytes_received', name: 'bytes received', unit: 'B', scale: 1 },
];

function seriesOf(run: RunJson): ViewSeries[] {
  const hosts = [...new Set(run.callbacks.map((callback) => callback.host))];
  return SERIES.flatMap(({ field, name, unit, scale }) =>
    hosts.map((host) => ({
      host,
      name,
      unit,
      points: run.callbacks
        .filter(
          (callback) =>
            callback.host === host && callback.ctx['is_fullsock'] === 1 && callback.ctx[field] !== undefined,
        )
        .map((callback) => [callback.time_ns, Number(callback.ctx[field]) * scale] as const),
    })),
  ).filter((series) => series.points.some(([, value]) => value !== 0));
}

function detailsOf(callback: RunJson['callbacks'][number]): string[] {
  const effects = callback.effects.map((effect) => (typeof effect === 'string' ? effect : effect.text));
  return [
    ...(callback.call_site === undefined ? [] : [`called from ${callback.call_site}`]),
    ...(callback.return === undefined ? [] : [`returned ${callback.return}`]),
    ...(callback.reply === undefined ? [] : [`reply ${callback.reply}`]),
    ...effects,
  ];
}

/** What the view shows of a debug session (`debugging`) or of a run that is over (`finished`). */
export function modelOf(
  title: string,
  reply: Pick<TimelineReply, 'svg' | 'run'> & Partial<TimelineReply>,
  mode: 'debugging' | 'finished',
): ViewModel {
  const callbacks: ViewCallback[] = reply.run.callbacks.map((callback, index) => ({
    index,
    position: reply.callbacks?.[index]?.position ?? callback.position ?? { event: 0, insn: 0 },
    host: callback.host,
    op: callback.op,
    timeNs: callback.time_ns,
    details: detailsOf(callback),
  }));
  return {
    title,
    svg: reply.svg,
    callbacks,
    series: seriesOf(reply.run),
    canGo: mode === 'debugging',
    canRedraw: true,
    ...(reply.position === undefined ? {} : { position: reply.position }),
  };
}

const VIEW_TYPE = 'sockscope.handshake';

interface PanelListeners {
  readonly go: (position: ViewPosition) => void;
  readonly axis: () => void;
  readonly closed: () => void;
}

/** One open view. */
export class HandshakePanel {
  readonly #panel: vscode.WebviewPanel;
  #model: ViewModel | undefined;
  #ready = false;
  axis: Axis = 'compact';

  constructor(
    panel: vscode.WebviewPanel,
    listeners: { readonly go: (position: ViewPosition) => void; readonly axis: () => void },
  ) {
    this.#panel = panel;
    panel.webview.onDidReceiveMessage((message: FromView) => {
      switch (message.kind) {
        case 'ready':
          this.#ready = true;
          if (this.#model !== undefined) this.#post({ kind: 'show', version: PROTOCOL_VERSION, model: this.#model });
          return;
        case 'go':
          listeners.go(message.position);
          return;
        case 'axis':
          this.axis = message.axis;
          listeners.axis();
          return;
        case 'save':
          void save(message.format, message.data, this.#model?.title ?? 'handshake');
          return;
      }
    });
  }

  show(model: ViewModel): void {
    this.#model = model;
    this.#panel.title = model.title;
    if (this.#ready) this.#post({ kind: 'show', version: PROTOCOL_VERSION, model });
  }

  /** The session is over: the drawing stays, but a click can no longer move anything. */
  end(): void {
    if (this.#model === undefined) return;
    const { position: _gone, ...rest } = this.#model;
    this.show({ ...rest, canGo: false, canRedraw: false });
  }

  reveal(): void {
    this.#panel.reveal(undefined, true);
  }

  #post(message: ToView): void {
    void this.#panel.webview.postMessage(message);
  }
}

async function save(format: 'svg' | 'png', data: string, title: string): Promise<void> {
  const uri = await vscode.window.showSaveDialog({
    filters: format === 'svg' ? { 'SVG picture': ['svg'] } : { 'PNG picture': ['png'] },
    saveLabel: 'Save picture',
    defaultUri: vscode.Uri.joinPath(
      vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file('/'),
      `${title.replace(/[^\w.-]+/g, '-')}.${format}`,
    ),
  });
  if (uri === undefined) return;
  try {
    await vscode.workspace.fs.writeFile(uri, Buffer.from(data, format === 'svg' ? 'utf8' : 'base64'));
  } catch (error) {
    void vscode.window.showErrorMessage(
      `Sockscope: the picture was not saved: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** All open handshake views. */
export class HandshakePanels implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #sessions = new Map<string, HandshakePanel>();
  readonly #open = new Set<vscode.WebviewPanel>();
  readonly #goListeners: ((session: vscode.DebugSession, position: ViewPosition) => void)[] = [];
  readonly #axisListeners: ((session: vscode.DebugSession) => void)[] = [];
  #last: HandshakePanel | undefined;

  constructor(context: vscode.ExtensionContext) {
    this.#context = context;
    context.subscriptions.push(
      vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
        deserializeWebviewPanel: async (view, state: ViewState | undefined) => this.#revive(view, state?.model),
      }),
    );
  }

  /** After a reload of the window the drawing is there again; nothing runs any more that a click could move. */
  #revive(view: vscode.WebviewPanel, model: ViewModel | undefined): void {
    if (model === undefined) {
      view.dispose();
      return;
    }
    const panel = this.#adopt(view, { go: () => {}, axis: () => {}, closed: () => {} });
    panel.show(model);
    panel.end();
  }

  onGo(listener: (session: vscode.DebugSession, position: ViewPosition) => void): void {
    this.#goListeners.push(listener);
  }

  onAxis(listener: (session: vscode.DebugSession) => void): void {
    this.#axisListeners.push(listener);
  }

  /** The view of a debug session. `quiet` gives only a view that is already open. */
  forSession(session: vscode.DebugSession, mode: 'reveal' | 'quiet'): HandshakePanel | undefined {
    let panel = this.#sessions.get(session.id);
    if (panel === undefined && mode === 'reveal') {
      panel = this.#create(session.name, {
        go: (position) => {
          for (const listener of this.#goListeners) listener(session, position);
        },
        axis: () => {
          for (const listener of this.#axisListeners) listener(session);
        },
        closed: () => this.#sessions.delete(session.id),
      });
      this.#sessions.set(session.id, panel);
    }
    if (mode === 'reveal') panel?.reveal();
    return panel;
  }

  /** A view of a finished run; `redraw` is asked for another time axis. */
  forRun(title: string, redraw: (panel: HandshakePanel) => void): HandshakePanel {
    const panel: HandshakePanel = this.#create(title, { go: () => {}, axis: () => redraw(panel), closed: () => {} });
    return panel;
  }

  sessionEnded(session: vscode.DebugSession): void {
    this.#sessions.get(session.id)?.end();
    this.#sessions.delete(session.id);
  }

  revealLast(): void {
    if (this.#last !== undefined) this.#last.reveal();
    else
      void vscode.window.showInformationMessage('Sockscope: no handshake to show yet. Run or debug a program first.');
  }

  #create(title: string, listeners: PanelListeners): HandshakePanel {
    const view = vscode.window.createWebviewPanel(
      VIEW_TYPE,
      title,
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { retainContextWhenHidden: true },
    );
    return this.#adopt(view, listeners);
  }

  #adopt(view: vscode.WebviewPanel, listeners: PanelListeners): HandshakePanel {
    const dist = vscode.Uri.joinPath(this.#context.extensionUri, 'dist');
    view.webview.options = { enableScripts: true, localResourceRoots: [dist] };
    view.iconPath = vscode.Uri.joinPath(this.#context.extensionUri, 'media', 'icon.png');
    view.webview.html = page(view.webview, dist);
    const panel = new HandshakePanel(view, listeners);
    this.#last = panel;
    this.#open.add(view);
    view.onDidDispose(() => {
      this.#open.delete(view);
      if (this.#last === panel) this.#last = undefined;
      listeners.closed();
    });
    return panel;
  }

  dispose(): void {
    for (const view of [...this.#open]) view.dispose();
  }
}

function page(webview: vscode.Webview, dist: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64url');
  const script = webview.asWebviewUri(vscode.Uri.joinPath(dist, 'webview.js'));
  const style = webview.asWebviewUri(vscode.Uri.joinPath(dist, 'webview.css'));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-${nonce}'; style-src ${webview.cspSource} 'nonce-${nonce}'; img-src ${webview.cspSource} data: blob:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">
<title>Handshake</title>
</head>
<body>
<main id="view"></main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
