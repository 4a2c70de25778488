// L8: the Debug Adapter Protocol over debugger/.

export { type DapTransport, serveDap } from './serve.ts';
export { DapSession } from './session.ts';
