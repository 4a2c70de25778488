// Messages between the extension and the handshake view. Versioned: a view from an older extension is told to reload.

export const PROTOCOL_VERSION = 1;

/** A place in a run: index of the event, and instructions retired in it. Mirrors the debugger's position. */
export interface ViewPosition {
  readonly event: number;
  readonly insn: number;
}

/** One callback of the run, as the ladder marks it (`data-callback` is its index). */
export interface ViewCallback {
  readonly index: number;
  readonly position: ViewPosition;
  readonly host: string;
  readonly op: string;
  readonly timeNs: number;
  /** Lines for the details pane: what was read, the reply, effects. */
  readonly details: readonly string[];
}

/** One curve of the charts: points are [time in ns, value]. */
export interface ViewSeries {
  readonly host: string;
  readonly name: string;
  readonly unit: string;
  readonly points: readonly (readonly [number, number])[];
}

export type Axis = 'compact' | 'time';

export interface ViewModel {
  readonly title: string;
  /** The ladder, drawn by world/ladder-svg.ts. */
  readonly svg: string;
  readonly callbacks: readonly ViewCallback[];
  readonly series: readonly ViewSeries[];
  /** Where the debugger is; absent for a finished run. */
  readonly position?: ViewPosition;
  /** Whether a click on a mark can move a debugger. */
  readonly canGo: boolean;
  /** Whether there is somebody to draw the ladder anew for another time axis. */
  readonly canRedraw: boolean;
}

/** What a view keeps of itself over a reload of the window: `deserializeWebviewPanel` gets it back. */
export interface ViewState {
  readonly axis?: Axis;
  readonly model?: ViewModel;
}

export type ToView =
  | { readonly kind: 'show'; readonly version: typeof PROTOCOL_VERSION; readonly model: ViewModel }
  | { readonly kind: 'position'; readonly position: ViewPosition | undefined }
  | { readonly kind: 'message'; readonly text: string };

export type FromView =
  | { readonly kind: 'ready'; readonly version: typeof PROTOCOL_VERSION }
  | { readonly kind: 'go'; readonly position: ViewPosition }
  | { readonly kind: 'axis'; readonly axis: Axis }
  | { readonly kind: 'save'; readonly format: 'svg' | 'png'; readonly data: string };
