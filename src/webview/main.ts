// The handshake view in the browser: puts the ladder on the page and makes its marks reachable by mouse and keyboard.
// It draws nothing of the ladder itself; the only drawing here are the charts (charts.ts).

import './style.css';
import { chartsOf } from './charts.ts';
import { element } from './dom.ts';
import { exportPng, exportSvg } from './export.ts';
import {
  type Axis,
  type FromView,
  PROTOCOL_VERSION,
  type ToView,
  type ViewCallback,
  type ViewModel,
  type ViewPosition,
  type ViewState,
} from './protocol.ts';

declare function acquireVsCodeApi(): {
  postMessage(message: FromView): void;
  getState(): ViewState | undefined;
  setState(state: ViewState): void;
};

const host = acquireVsCodeApi();
const root = document.querySelector<HTMLElement>('#view')!;

/** How far the ladder is scaled to fit the pane, as parts of its natural size: text of 12 pixels stays readable. */
const SMALLEST_SCALE = 0.72;
const LARGEST_SCALE = 1.15;

let model: ViewModel | undefined;
let axis: Axis = host.getState()?.axis ?? 'compact';

const ladder = element('div', { class: 'ladder', role: 'group', 'aria-label': 'Ladder diagram of the handshake' });
const details = element('section', { class: 'details', 'aria-live': 'polite', 'aria-label': 'Selected callback' });
const charts = element('section', { class: 'charts', 'aria-label': 'Charts' });
const where = element('span', { class: 'where' });

function button(label: string, title: string, press: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', title }) as HTMLButtonElement;
  made.textContent = label;
  made.addEventListener('click', press);
  return made;
}

const compactButton = button('Compact', 'One row per event', () => setAxis('compact'));
const timeButton = button('To scale', 'Distances are times', () => setAxis('time'));
const toolbar = element('div', { class: 'toolbar', role: 'toolbar', 'aria-label': 'Handshake view' });
toolbar.append(
  compactButton,
  timeButton,
  element('span', { class: 'gap' }),
  button('SVG', 'Save the ladder as an SVG picture', () =>
    withDrawing((svg) => host.postMessage({ kind: 'save', format: 'svg', data: exportSvg(svg) })),
  ),
  button('PNG', 'Save the ladder as a PNG picture', () =>
    withDrawing(async (svg) => host.postMessage({ kind: 'save', format: 'png', data: await exportPng(svg) })),
  ),
  where,
);
root.append(
  toolbar,
  element('div', { class: 'body' }, [
    ladder,
    element('aside', { class: 'side', tabindex: '0', 'aria-label': 'Details and charts' }, [details, charts]),
  ]),
);

function withDrawing(use: (svg: SVGSVGElement) => void | Promise<void>): void {
  const svg = ladder.querySelector('svg');
  if (svg !== null) void use(svg);
}

function setAxis(wanted: Axis): void {
  axis = wanted;
  remember();
  markAxis();
  host.postMessage({ kind: 'axis', axis });
}

/** What the editor keeps of the view over a reload of the window. */
function remember(): void {
  host.setState(model === undefined ? { axis } : { axis, model });
}

function markAxis(): void {
  compactButton.setAttribute('aria-pressed', String(axis === 'compact'));
  timeButton.setAttribute('aria-pressed', String(axis === 'time'));
}

const isBefore = (a: ViewPosition, b: ViewPosition): boolean =>
  a.event < b.event || (a.event === b.event && a.insn <= b.insn);

/** Marks the callback that the debugger is in: the last one that starts at or before the position. */
function markPosition(position: ViewPosition | undefined): void {
  for (const mark of ladder.querySelectorAll('[data-callback]')) mark.removeAttribute('aria-current');
  if (model === undefined || position === undefined) {
    where.textContent = '';
    return;
  }
  const current = model.callbacks.filter((callback) => isBefore(callback.position, position)).at(-1);
  where.textContent =
    current === undefined
      ? 'before the first callback'
      : `${current.host}: ${current.op.replace(/^BPF_SOCK_OPS_/, '')}`;
  if (current === undefined) return;
  const mark = ladder.querySelector(`[data-callback="${current.index}"]`);
  mark?.setAttribute('aria-current', 'step');
  mark?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

function showDetails(callback: ViewCallback): void {
  const list = element('ul');
  for (const line of callback.details) list.append(element('li', {}, [line]));
  details.replaceChildren(
    element('h2', {}, [callback.op]),
    element('p', {}, [`${callback.host}, ${(callback.timeNs / 1e6).toFixed(3)} ms`]),
    list,
  );
}

const callbackOf = (target: EventTarget | null): ViewCallback | undefined => {
  const mark = target instanceof Element ? target.closest('[data-callback]') : null;
  return mark === null ? undefined : model?.callbacks[Number(mark.getAttribute('data-callback'))];
};

function go(callback: ViewCallback | undefined): void {
  if (callback === undefined) return;
  showDetails(callback);
  if (model?.canGo) host.postMessage({ kind: 'go', position: callback.position });
}

ladder.addEventListener('click', (event) => go(callbackOf(event.target)));
ladder.addEventListener('mouseover', (event) => {
  const callback = callbackOf(event.target);
  if (callback !== undefined) showDetails(callback);
});
ladder.addEventListener('focusin', (event) => {
  const callback = callbackOf(event.target);
  if (callback !== undefined) showDetails(callback);
});
ladder.addEventListener('keydown', (event) => {
  const marks: (Element | null)[] = [...ladder.querySelectorAll('[data-callback]')];
  const at = marks.indexOf(document.activeElement);
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault();
    go(callbackOf(event.target));
    return;
  }
  const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: marks.length - 1 };
  const next = steps[event.key];
  const mark = next === undefined ? undefined : marks[next];
  if (!(mark instanceof SVGElement)) return;
  event.preventDefault();
  mark.focus();
});

/** The policy of the page forbids style elements; a sheet of our own making with the same rules is allowed. */
function adoptStyles(svg: Element): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync([...svg.querySelectorAll('style')].map((style) => style.textContent ?? '').join('\n'));
  document.adoptedStyleSheets = [sheet];
  for (const style of svg.querySelectorAll('style')) style.remove();
}

/** The ladder comes from our own extension, yet is parsed as inert XML so that no markup in it could ever run. */
function placeSvg(text: string): void {
  const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
  const svg = parsed.documentElement;
  if (svg.nodeName !== 'svg') {
    ladder.replaceChildren(element('p', {}, ['The drawing could not be read.']));
    return;
  }
  for (const script of svg.querySelectorAll('script, foreignObject')) script.remove();
  adoptStyles(svg);
  const placed = document.importNode(svg, true);
  const natural = Number(svg.getAttribute('width'));
  // A narrow pane shows the whole ladder a little smaller; past that it scrolls.
  placed.style.minWidth = `${SMALLEST_SCALE * natural}px`;
  placed.style.maxWidth = `${LARGEST_SCALE * natural}px`;
  ladder.replaceChildren(placed);
}

function show(next: ViewModel): void {
  const sameDrawing = model?.svg === next.svg;
  model = next;
  remember();
  if (!sameDrawing) {
    const { scrollTop, scrollLeft } = ladder;
    placeSvg(next.svg);
    ladder.scrollTo(scrollLeft, scrollTop);
    charts.replaceChildren(...chartsOf(next.series));
  }
  root.classList.toggle('can-go', next.canGo);
  for (const axisButton of [compactButton, timeButton]) axisButton.disabled = !next.canRedraw;
  markPosition(next.position);
  if (details.querySelector('h2') === null) {
    details.replaceChildren(
      element('p', { class: 'hint' }, [
        next.canGo ? 'Choose a callback to go there: forwards or back.' : 'Point at a callback to see what it did.',
      ]),
    );
  }
}

window.addEventListener('message', (event: MessageEvent<ToView>) => {
  const message = event.data;
  switch (message.kind) {
    case 'show':
      if (message.version !== PROTOCOL_VERSION) {
        details.replaceChildren(
          element('p', {}, ['This view belongs to another version of the extension. Close it and open it again.']),
        );
        return;
      }
      show(message.model);
      return;
    case 'position':
      markPosition(message.position);
      return;
    case 'message':
      details.replaceChildren(element('p', {}, [message.text]));
      return;
  }
});

markAxis();
details.replaceChildren(element('p', { class: 'hint' }, ['Waiting for the handshake.']));
host.postMessage({ kind: 'ready', version: PROTOCOL_VERSION });
if (axis !== 'compact') host.postMessage({ kind: 'axis', axis });
