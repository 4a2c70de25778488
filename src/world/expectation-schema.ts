// What a scenario may state about the outcome. Every list of callbacks or segments is an ordered subsequence: others may
// happen in between; what must not happen is said with `never` and `counts`.

import { z } from 'zod';
import { type Duration, nanoseconds } from '../base/index.ts';
import { OPS, type OpName } from '../kernel/index.ts';
import { parseDuration } from './units.ts';

/** Every op of every kernel, for completion and for "did you mean". */
const OP_NAMES = OPS.map((row) => row.name) as [OpName, ...OpName[]];

const host = z.enum(['client', 'server']);

const scalar = z.union([z.number(), z.string(), z.boolean()]);

/** One expected value: itself, a range, one of several, or anything but. */
const expected = z
  .union([
    scalar,
    z.strictObject({
      min: z.number().optional().meta({ description: 'Smallest value that passes.' }),
      max: z.number().optional().meta({ description: 'Largest value that passes.' }),
    }),
    z.strictObject({ oneOf: z.array(scalar).min(1).meta({ description: 'Values that pass.' }) }),
    z.strictObject({ not: scalar.meta({ description: 'The one value that fails.' }) }),
  ])
  .meta({
    description:
      'A number, a name (such as "TCP_ESTABLISHED" or "10.0.0.1"), {"min": 1, "max": 5}, {"oneOf": [1, 2]} or {"not": 0}.',
  });

const time = z
  .string()
  .transform((text, context): Duration => {
    const result = parseDuration(text);
    if (result.kind === 'value') return result.value;
    context.issues.push({ code: 'custom', message: result.why, input: text });
    return nanoseconds(0);
  })
  .meta({ examples: ['40ms'] });

const moment = z
  .union([
    time,
    z.strictObject({
      min: time.optional().meta({ description: 'Not before this time.' }),
      max: time.optional().meta({ description: 'Not after this time.' }),
    }),
  ])
  .meta({ description: 'Virtual time: "200ms" (to within a millisecond), or {"min": "190ms", "max": "210ms"}.' });

const callbackShape = {
  host: host.optional().meta({ description: 'The host whose socket it is; either when left out.' }),
  op: z.enum(OP_NAMES).optional().meta({ description: 'Name of the op: "BPF_SOCK_OPS_RWND_INIT".' }),
  args: z
    .array(z.union([expected, z.null()]))
    .max(4)
    .optional()
    .meta({ description: 'args[0], args[1], ... on entry; null for any.' }),
  reply: expected.optional().meta({ description: 'The reply after the whole chain of programs, as a signed number.' }),
  return: expected.optional().meta({ description: 'What the program returned (the last one of a chain).' }),
  ctx: z.record(z.string(), expected).optional().meta({
    description: 'Context fields on entry, by name ("state", "snd_cwnd", "remote_ip6[3]").',
  }),
  effects: z.array(z.string()).optional().meta({
    description: 'Effects in words; each text must occur in one of the effects of the callback.',
  }),
  at: moment.optional(),
};

const callback = z.strictObject(callbackShape);

const segmentShape = {
  from: host.optional().meta({ description: 'The sender.' }),
  flags: z
    .string()
    .optional()
    .meta({
      description: 'Flags as in "SYN", "SYN|ACK", "ACK", "PSH|ACK", "FIN|ACK", "RST"; the set must be equal.',
      examples: ['SYN', 'SYN|ACK', 'SYN|ECE|CWR'],
    }),
  window: expected.optional().meta({ description: 'Window field as sent, not scaled.' }),
  length: expected.optional().meta({ description: 'Payload bytes.' }),
  mss: expected.optional().meta({ description: 'Value of the MSS option.' }),
  windowScale: expected.optional().meta({ description: 'Value of the window scale option.' }),
  tos: expected.optional().meta({ description: 'Type of service or traffic class with its two ECN bits.' }),
  options: z.string().optional().meta({ description: 'Hex bytes that the option area must contain ("fd 04 eb 9f").' }),
  lost: z.boolean().optional().meta({ description: 'Whether the network loses it.' }),
  at: moment.optional(),
};

const segment = z.strictObject(segmentShape);

const count = z
  .union([
    z.number().int().min(0),
    z.strictObject({
      min: z.number().int().min(0).optional().meta({ description: 'At least so many.' }),
      max: z.number().int().min(0).optional().meta({ description: 'At most so many.' }),
    }),
  ])
  .meta({ description: 'How often: a number, or {"min": 1, "max": 3}.' });

const mapExpectation = z.union([
  z.strictObject({
    key: z.json().meta({ description: 'Key, as in "maps".' }),
    value: z.json().meta({ description: 'Value; of an object only the members written here count.' }),
  }),
  z.strictObject({
    key: z.json(),
    absent: z.literal(true).meta({ description: 'There must be no such entry.' }),
  }),
  z.strictObject({ entries: count.meta({ description: 'Number of entries.' }) }),
  z.strictObject({ any: z.json().meta({ description: 'A value that at least one entry must hold.' }) }),
]);

export const EXPECTATIONS = z.strictObject({
  callbacks: z.array(callback).optional().meta({
    description: 'Callbacks that must happen in this order, with others allowed in between.',
  }),
  never: z.array(callback).optional().meta({ description: 'Callbacks of which none may happen.' }),
  counts: z
    .array(z.strictObject({ ...callbackShape, count }))
    .optional()
    .meta({ description: 'How many callbacks of a kind happen.' }),
  segments: z.array(segment).optional().meta({
    description: 'Segments that must be sent in this order, with others allowed in between.',
  }),
  segmentCounts: z
    .array(z.strictObject({ ...segmentShape, count }))
    .optional()
    .meta({ description: 'How many segments of a kind are sent.' }),
  sockets: z
    .strictObject({
      client: z.record(z.string(), expected).optional().meta({ description: "The client's socket." }),
      server: z.record(z.string(), expected).optional().meta({ description: 'The accepted socket.' }),
      listener: z.record(z.string(), expected).optional().meta({ description: 'The listening socket.' }),
    })
    .optional()
    .meta({ description: 'Fields of the sockets at the end of the run (see docs/scenarios.md for their names).' }),
  maps: z.record(z.string(), z.array(mapExpectation)).optional().meta({
    description: 'Map contents at the end of the run, by map name.',
  }),
  printk: z.array(z.string()).optional().meta({
    description: 'Texts that must occur in the lines of bpf_printk, in this order.',
  }),
  ringbuf: z.record(z.string(), z.array(z.json())).optional().meta({
    description: 'Records that must be sent to a ring buffer or perf event array, in this order, by map name.',
  }),
  faults: z.array(z.string()).optional().meta({
    description: 'Run-time faults that must happen, in order, each text occurring in its message. Left out: none may.',
  }),
  notes: z.array(z.string()).optional().meta({
    description: 'Remarks of the tool on the run ("never fired: ..."), each text occurring in one of them.',
  }),
  attach: z
    .array(
      z.strictObject({
        program: z.number().int().min(0).meta({ description: 'Index into "programs".' }),
        error: z.string().meta({ description: 'Name of the error: "EPERM", "EINVAL", "ENOENT".' }),
      }),
    )
    .optional()
    .meta({ description: 'Attach errors that must happen. Left out: none may.' }),
});

export type Expectations = z.output<typeof EXPECTATIONS>;
export type Expected = z.output<typeof expected>;
export type CallbackExpectation = z.output<typeof callback>;
export type SegmentExpectation = z.output<typeof segment>;
export type CountExpectation = z.output<typeof count>;
export type MapExpectation = z.output<typeof mapExpectation>;
export type MomentExpectation = z.output<typeof moment>;
export type Json = z.output<ReturnType<typeof z.json>>;
