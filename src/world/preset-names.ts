// The names of the ready-made scenarios, apart from their contents because the schema needs the names and the contents need
// the schema.

export const PRESET_NAMES = [
  'active-open',
  'passive-open',
  'syn-loss',
  'syn-ack-loss',
  'refused',
  'fast-open',
  'defer-accept',
  'syn-cookie',
  'retransmit',
  'rto',
  'reset',
  'ipv6',
  'v4-mapped',
  'attach-mid-flow',
] as const;

export type PresetName = (typeof PRESET_NAMES)[number];
