import type { FullServerProbe, ProbeResult } from '../../../../src/connect/dial/full-server.js';
import { vi } from 'vitest';
import {
  type CutOffResult,
  DialLimiter,
  type SaturationNotice,
  type WaitingDial,
} from '../../../../src/connect/dial/dial-limiter.js';
import { createFakeClock, turn, type FakeClock } from '../fake-clock.js';

/** A dial that records the calls of its limiter. */
export interface FakeDial extends WaitingDial {
  readonly onAdmitted: ReturnType<typeof vi.fn<() => void>>;
  readonly notices: readonly SaturationNotice[];
  /** Times at which the limiter said that the dial still waits. */
  readonly waitTimes: readonly number[];
  /** Results of probes after its connection was closed without a reply. */
  readonly cutOffs: readonly CutOffResult[];
}

export function createFakeDial(maxConnecting = 4, factory: object = FACTORY, wasCutOff = false): FakeDial {
  const notices: SaturationNotice[] = [];
  const waitTimes: number[] = [];
  const cutOffs: CutOffResult[] = [];
  return {
    maxConnecting,
    factory,
    wasCutOff,
    notices,
    waitTimes,
    onAdmitted: vi.fn<() => void>(),
    onStillWaiting: (now) => void waitTimes.push(now),
    cutOffs,
    onCutOff: (result) => void cutOffs.push(result),
    onSaturated: (notice) => void notices.push(notice),
  };
}

const FACTORY = {};

/** How often each dial was admitted. */
export const admissionsOf = (dials: readonly FakeDial[]) =>
  dials.map(({ onAdmitted }) => onAdmitted.mock.calls.length);

export const ADDRESS = { host: '127.0.0.1', port: 6379 };

/** A limiter whose probes the test answers. */
export interface DialLimiterHarness {
  readonly limiter: DialLimiter;
  readonly clock: FakeClock;
  /** When each probe started, in milliseconds since the harness was made. */
  readonly probes: readonly number[];
  /** Ends the probe that is in progress. */
  finishProbe(result: ProbeResult): Promise<void>;
  /** Requests this number of dials. A dial that may start at once counts as admitted. */
  requestDials(count: number, maxConnecting?: number, wasCutOff?: boolean): FakeDial[];
}

export function createDialLimiterHarness(random = 0.5): DialLimiterHarness {
  const clock = createFakeClock({ random });
  const start = clock.now();
  const probes: number[] = [];
  let resolveProbe: ((result: ProbeResult) => void) | undefined;
  const probe: FullServerProbe = () => {
    if (resolveProbe) throw new Error('Two probes are in progress.');
    probes.push(clock.now() - start);
    return new Promise((resolve) => (resolveProbe = resolve));
  };
  const limiter = new DialLimiter({ clock, probe });
  return {
    limiter,
    clock,
    probes,
    async finishProbe(result) {
      resolveProbe?.(result);
      resolveProbe = undefined;
      await turn();
    },
    requestDials(count, maxConnecting, wasCutOff) {
      const dials = Array.from({ length: count }, () => createFakeDial(maxConnecting, undefined, wasCutOff));
      dials.forEach((dial) => void (limiter.tryAcquire(dial) && dial.onAdmitted()));
      return dials;
    },
  };
}
