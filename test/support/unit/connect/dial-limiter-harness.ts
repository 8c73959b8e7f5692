import { vi } from 'vitest';
import {
  DialLimiter,
  type SaturationNotice,
  type WaitingDial,
} from '../../../../src/connect/dial/dial-limiter.js';
import type { Probe, ProbeResult } from '../../../../src/connect/dial/saturation.js';
import { createFakeClock, turn, type FakeClock } from '../fake-clock.js';

/** A dial whose ways the test decides. */
export interface FakeVisitor extends WaitingDial {
  readonly went: ReturnType<typeof vi.fn<() => void>>;
  readonly told: readonly SaturationNotice[];
  readonly helds: readonly number[];
}

export function createVisitor(limit = 4, factory: object = FACTORY): FakeVisitor {
  const told: SaturationNotice[] = [];
  const helds: number[] = [];
  const went = vi.fn<() => void>();
  return {
    limit,
    factory,
    went,
    told,
    helds,
    go: went,
    held: (now) => void helds.push(now),
    tell: (saturation) => void told.push(saturation),
  };
}

const FACTORY = {};

/** How often each was let go. */
export const gone = (visitors: readonly FakeVisitor[]) => visitors.map(({ went }) => went.mock.calls.length);

export const WHERE = { host: '127.0.0.1', port: 6379 };

/** A gate whose probes the test answers. */
export interface GateBench {
  readonly gate: DialLimiter;
  readonly clock: FakeClock;
  /** When each probe began, in milliseconds since the bench was made. */
  readonly probes: readonly number[];
  /** Ends the probe that is under way. */
  answer(verdict: ProbeResult): Promise<void>;
  /** So many dials come, of which the first ones go at once. */
  arrive(count: number, limit?: number): FakeVisitor[];
}

export function createGateBench(random = 0.5): GateBench {
  const clock = createFakeClock({ random });
  const start = clock.now();
  const probes: number[] = [];
  let resolve: ((verdict: ProbeResult) => void) | undefined;
  const probe: Probe = () => {
    if (resolve) throw new Error('Two probes are under way.');
    probes.push(clock.now() - start);
    return new Promise((done) => (resolve = done));
  };
  const gate = new DialLimiter({ clock, probe });
  return {
    gate,
    clock,
    probes,
    async answer(verdict) {
      resolve?.(verdict);
      resolve = undefined;
      await turn();
    },
    arrive(count, limit) {
      const visitors = Array.from({ length: count }, () => createVisitor(limit));
      visitors.forEach((visitor) => void (gate.enter(visitor) && visitor.went()));
      return visitors;
    },
  };
}
