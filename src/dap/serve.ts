// Where sessions come from: standard input and output, or a socket on the loopback interface.

import net from 'node:net';
import { DapSession } from './session.ts';

export type DapTransport = { readonly kind: 'stdio' } | { readonly kind: 'socket'; readonly port: number };

/** Serves sessions until the client goes away (stdio) or for ever (socket). */
export function serveDap(transport: DapTransport): void {
  if (transport.kind === 'stdio') {
    const session = new DapSession();
    // The answer to `disconnect` is on its way out when the session ends.
    session.onEnd = () => setImmediate(() => process.exit(0));
    process.stdin.on('end', () => process.exit(0));
    process.stdout.on('error', () => process.exit(0));
    session.start(process.stdin, process.stdout);
    return;
  }
  const server = net.createServer((socket) => {
    const session = new DapSession();
    session.onEnd = () => setImmediate(() => socket.destroy());
    socket.on('error', () => socket.destroy());
    session.start(socket, socket);
  });
  server.on('error', (error) => {
    process.stderr.write(`sockscope: cannot listen on port ${transport.port}: ${error.message}\n`);
    process.exit(2);
  });
  server.listen(transport.port, '127.0.0.1', () => {
    const address = server.address();
    process.stderr.write(
      `sockscope: debug adapter listening on 127.0.0.1:${typeof address === 'object' && address !== null ? address.port : transport.port}\n`,
    );
  });
}
