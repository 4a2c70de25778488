// Every request that the adapter answers, by name.

import { breakpoints } from './breakpoints.ts';
import { custom } from './custom.ts';
import { inspection } from './inspection.ts';
import { lifecycle } from './lifecycle.ts';
import { memory } from './memory.ts';
import { movement } from './movement.ts';

export const HANDLERS = { ...lifecycle, ...breakpoints, ...movement, ...inspection, ...memory, ...custom };
