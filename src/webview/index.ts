// The handshake view's public face for the extension: message types only, no browser code.

export {
  type Axis,
  type FromView,
  PROTOCOL_VERSION,
  type ToView,
  type ViewCallback,
  type ViewModel,
  type ViewPosition,
  type ViewSeries,
  type ViewState,
} from './protocol.ts';
