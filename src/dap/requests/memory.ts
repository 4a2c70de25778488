// Memory and instructions.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { disassemble } from '../../debugger/index.ts';
import { cannotRead, cannotWrite } from '../errors.ts';
import type { SessionState } from '../state.ts';

function addressOf(reference: string, offset: number | undefined): bigint {
  if (!/^(?:0x[0-9a-fA-F]+|\d+)$/.test(reference)) throw cannotRead(`'${reference}' is no address`);
  return BigInt.asUintN(64, BigInt(reference) + BigInt(offset ?? 0));
}

/** Most bytes that one request may ask for. */
const MAX_BYTES = 1 << 20;
/** Most instructions that one request may ask for. */
const MAX_INSTRUCTIONS = 1 << 16;

export const memory = {
  readMemory(state: SessionState, args: DebugProtocol.ReadMemoryArguments) {
    state.requireStopped();
    const address = addressOf(args.memoryReference, args.offset);
    const wanted = Math.min(Math.max(0, args.count), MAX_BYTES);
    const bytes = state.debugger.readMemory(address, wanted);
    return {
      body: {
        address: `0x${address.toString(16)}`,
        ...(bytes.length < args.count ? { unreadableBytes: args.count - bytes.length } : {}),
        ...(bytes.length === 0 ? {} : { data: Buffer.from(bytes).toString('base64') }),
      },
    };
  },

  writeMemory(state: SessionState, args: DebugProtocol.WriteMemoryArguments) {
    state.requireStopped();
    const address = addressOf(args.memoryReference, args.offset);
    const bytes = Buffer.from(args.data, 'base64');
    if (!state.debugger.writeMemory(address, bytes))
      throw cannotWrite(`there are no ${bytes.length} writable bytes at 0x${address.toString(16)}`);
    state.renew();
    return {
      body: { bytesWritten: bytes.length },
      after: () => {
        state.valuesChanged();
        if (state.supportsMemoryEvent)
          state.client.send('memory', {
            memoryReference: args.memoryReference,
            offset: args.offset ?? 0,
            count: bytes.length,
          });
      },
    };
  },

  disassemble(state: SessionState, args: DebugProtocol.DisassembleArguments) {
    const { run } = state;
    const count = Math.min(Math.max(0, args.instructionCount), MAX_INSTRUCTIONS);
    const place = run?.addresses.placeOf(args.memoryReference, args.offset ?? 0);
    if (run === undefined || place === undefined) throw cannotRead(`there is no code at ${args.memoryReference}`);
    const rows = disassemble(place.program, place.slot, args.instructionOffset ?? 0, count, state.debugger.world.view);
    let lastFile: string | undefined;
    const instructions = rows.map((row): DebugProtocol.DisassembledInstruction => {
      const file = row.location?.file;
      const source = file === undefined || file === lastFile ? undefined : run.paths.source(file);
      lastFile = file ?? lastFile;
      return {
        address: run.addresses.textOf(place.program, row.slot),
        instruction: row.text,
        ...(row.bytes === '' ? {} : { instructionBytes: row.bytes }),
        ...(row.symbol === undefined || args.resolveSymbols === false ? {} : { symbol: row.symbol }),
        ...(source === undefined ? {} : { location: source }),
        ...(row.location === undefined ? {} : { line: row.location.line0 + state.lineBase }),
        ...(row.valid ? {} : { presentationHint: 'invalid' }),
      };
    });
    return { body: { instructions } };
  },
};
