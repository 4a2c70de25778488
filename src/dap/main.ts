// The debug adapter as a process: `adapter.cjs --stdio`, or `--port N` for one session after the other on a socket.

import { serveDap } from './serve.ts';

const port = process.argv.indexOf('--port');
serveDap(port < 0 ? { kind: 'stdio' } : { kind: 'socket', port: Number(process.argv[port + 1]) });
