import type { ProbeResult } from '../../../../src/connect/dial/full-server.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DialLimiter, type WaitingDial } from '../../../../src/connect/dial/dial-limiter.js';
import { createFakeClock, turn } from '../../../support/unit/fake-clock.js';
import { ADDRESS } from '../../../support/unit/connect/dial-limiter-harness.js';

const MAX_CONNECTING = 3;

/** Ways in which a dial ends. Only with `release` it may end while it still waits. */
type DialEnd = 'release' | 'onAnswered' | 'onServerFull' | 'onServerFullSuspected';

type Step =
  | { readonly kind: 'request' }
  | { readonly kind: DialEnd; readonly index: number }
  | { readonly kind: 'finishProbe'; readonly result: ProbeResult }
  | { readonly kind: 'advance'; readonly ms: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'request' as const }) },
  fc.record({
    kind: fc.constantFrom('release', 'onAnswered', 'onServerFull', 'onServerFullSuspected'),
    index: fc.nat(20),
  }),
  fc.record({
    kind: fc.constant('finishProbe' as const),
    result: fc.constantFrom('full', 'available', 'unknown'),
  }),
  fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(5_000) }),
);

/** The expected state beside the limiter: which dials wait, in which order, and which are in progress. */
class Model {
  readonly clock = createFakeClock();
  readonly waiting: WaitingDial[] = [];
  readonly connecting = new Set<WaitingDial>();
  #resolveProbe: ((result: ProbeResult) => void) | undefined;
  readonly limiter = new DialLimiter({
    clock: this.clock,
    probe: () => {
      expect(this.#resolveProbe).toBeUndefined(); // never two probes at a time
      return new Promise((resolve) => (this.#resolveProbe = resolve));
    },
  });

  request(): void {
    const dial: WaitingDial = {
      maxConnecting: MAX_CONNECTING,
      factory: this,
      wasCutOff: false,
      onAdmitted: () => {
        expect(this.waiting.shift()).toBe(dial); // in the order of the requests
        this.connecting.add(dial);
      },
      onStillWaiting: () => expect(this.waiting).toContain(dial),
      onSaturated: () => undefined,
      onCutOff: () => undefined,
    };
    this.waiting.push(dial);
    if (!this.limiter.tryAcquire(dial)) return;
    this.waiting.pop();
    this.connecting.add(dial);
  }

  /** Ends a dial in progress, or with `release` perhaps one that waits. */
  end(kind: DialEnd, index: number): void {
    const candidates = kind === 'release' ? [...this.connecting, ...this.waiting] : [...this.connecting];
    const dial = candidates[index % candidates.length];
    if (!dial) return;
    this.connecting.delete(dial);
    const position = this.waiting.indexOf(dial);
    if (position >= 0) this.waiting.splice(position, 1);
    this.limiter[kind](dial, ADDRESS);
  }

  async finishProbe(result: ProbeResult): Promise<void> {
    this.#resolveProbe?.(result);
    this.#resolveProbe = undefined;
    await turn();
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'request') this.request();
    else if (step.kind === 'finishProbe') await this.finishProbe(step.result);
    else if (step.kind === 'advance') await this.clock.advance(step.ms);
    else this.end(step.kind, step.index);
  }
}

test('in any order of events the limit is kept, no dial is lost, and dials are admitted in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 60 }), async (steps) => {
      const model = new Model();
      for (const step of steps) {
        await model.take(step);
        expect(model.connecting.size).toBeLessThanOrEqual(MAX_CONNECTING);
        expect(model.clock.pendingTimers()).toBe(model.waiting.length > 0 ? 1 : 0);
      }
      // From now on the server has room and answers each dial: all waiting dials are admitted.
      for (let round = 0; model.waiting.length + model.connecting.size > 0; round += 1) {
        expect(round).toBeLessThan(200);
        await model.clock.advance(31_000);
        await model.finishProbe('available');
        for (const dial of [...model.connecting]) {
          model.connecting.delete(dial);
          model.limiter.onAnswered(dial);
        }
      }
      expect(model.clock.pendingTimers()).toBe(0);
      await model.finishProbe('available');
      await model.clock.advance(60_000);
      expect(model.limiter.canBeDropped).toBe(true);
    }),
    { numRuns: 300 },
  );
});
