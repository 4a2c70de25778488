// Clocks. All are computed from the port's `now`, which counts from the start of the simulation.

import { UPTIME_NS } from '../timers.ts';
import type { HelperImpl } from './impl.ts';

/** TAI at the start of the simulation: 2026-01-01 00:00:00 UTC and 37 leap seconds. */
const TAI_START_NS = 1_767_225_637_000_000_000n;
/** jiffies start five minutes before they pass 2^32 (include/linux/jiffies.h INITIAL_JIFFIES). */
const INITIAL_JIFFIES_SECONDS = 300;

/** What bpf_ktime_get_ns() and bpf_jiffies64() give at the start of the simulation, with `hz` ticks a second. */
export const ktimeAtStart = (): number => UPTIME_NS;
export const jiffiesAtStart = (hz: number): number => 2 ** 32 - INITIAL_JIFFIES_SECONDS * hz + (UPTIME_NS / 1e9) * hz;

export const TIME_HELPERS = {
  bpf_ktime_get_ns: (m) => BigInt(m.port.now() + UPTIME_NS),
  bpf_ktime_get_boot_ns: (m) => BigInt(m.port.now() + UPTIME_NS),
  bpf_ktime_get_coarse_ns(m) {
    const tick = 1e9 / m.port.hz;
    return BigInt(Math.floor(Math.floor((m.port.now() + UPTIME_NS) / tick) * tick));
  },
  bpf_ktime_get_tai_ns: (m) => TAI_START_NS + BigInt(m.port.now()),
  bpf_jiffies64(m) {
    const { hz } = m.port;
    const ticks = Math.floor(((m.port.now() + UPTIME_NS) * hz) / 1e9);
    return BigInt(2 ** 32 - INITIAL_JIFFIES_SECONDS * hz + ticks);
  },
} satisfies Record<string, HelperImpl>;
