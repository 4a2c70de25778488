// Running one event of the queue: the arrival of a segment or the expiry of a timer.

import { assertNever } from '../base/index.ts';
import { type Engine, findSock, type Host, type NetEvent } from './engine.ts';
import { requestTimer } from './listener.ts';
import { receiveSegment } from './receive.ts';
import { dropTimeWait } from './time-wait-input.ts';
import { onCompressedAckTimer, onDelackTimer, onKeepaliveTimer, onRetransmitTimer } from './timers.ts';
import { runSoftirq } from './wire.ts';

/** Does what the event says. The clock already stands at its time. */
export function runEvent(engine: Engine, event: NetEvent): void {
  switch (event.kind) {
    case 'deliver':
      receiveSegment(engine.hosts[event.host]!, event.segment);
      return;
    case 'wake':
      return;
    case 'timer':
      inSoftirq(engine.hosts[event.host]!, () => runTimer(engine, event));
      return;
    default:
      assertNever(event, 'runEvent');
  }
}

/** Timers run in the softirq: what they send over the loopback device is received when they are done. */
function inSoftirq(host: Host, handler: () => void): void {
  host.inSoftirq = true;
  handler();
  runSoftirq(host);
}

function runTimer(engine: Engine, event: Extract<NetEvent, { kind: 'timer' }>): void {
  const host = engine.hosts[event.host]!;
  switch (event.timer) {
    case 'synack': {
      const req = host.requests.find((item) => item.id === event.owner);
      if (req) requestTimer(host, req);
      return;
    }
    case 'time-wait': {
      const tw = host.timeWaits.find((item) => item.id === event.owner);
      if (tw) dropTimeWait(host, tw);
      return;
    }
    case 'retransmit':
    case 'delack':
    case 'keepalive':
    case 'compressed-ack': {
      const sk = findSock(host, event.owner);
      if (!sk) return;
      if (event.timer === 'retransmit') onRetransmitTimer(host, sk);
      else if (event.timer === 'delack') onDelackTimer(host, sk);
      else if (event.timer === 'keepalive') onKeepaliveTimer(host, sk);
      else onCompressedAckTimer(host, sk);
      return;
    }
    default:
      assertNever(event.timer, 'runTimer');
  }
}
