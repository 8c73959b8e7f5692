import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DialLimiter, type WaitingDial } from '../../../../src/connect/dial/dial-limiter.js';
import type { ProbeResult } from '../../../../src/connect/dial/saturation.js';
import { createFakeClock, turn } from '../../../support/unit/fake-clock.js';
import { WHERE } from '../../../support/unit/connect/dial-limiter-harness.js';

const LIMIT = 3;

type Step =
  | { readonly kind: 'come' }
  | { readonly kind: 'leave' | 'answered' | 'refused' | 'suspected'; readonly who: number }
  | { readonly kind: 'verdict'; readonly verdict: ProbeResult }
  | { readonly kind: 'wait'; readonly ms: number };

const who = fc.nat(20);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'come' as const }) },
  fc.record({ kind: fc.constantFrom('leave', 'answered', 'refused', 'suspected'), who }),
  fc.record({ kind: fc.constant('verdict' as const), verdict: fc.constantFrom('full', 'room', 'else') }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(5_000) }),
);

/** What the test holds to be true: who waits, in which order, and whose dial is under way. */
class World {
  readonly clock = createFakeClock();
  readonly waiting: WaitingDial[] = [];
  readonly going = new Set<WaitingDial>();
  most = 0;
  probes = 0;
  #answer: ((verdict: ProbeResult) => void) | undefined;
  readonly gate = new DialLimiter({
    clock: this.clock,
    probe: () => {
      this.probes += 1;
      expect(this.#answer).toBeUndefined(); // never two
      return new Promise((resolve) => (this.#answer = resolve));
    },
  });

  #let(visitor: WaitingDial): void {
    this.going.add(visitor);
    this.most = Math.max(this.most, this.going.size);
  }

  come(): void {
    const visitor: WaitingDial = {
      limit: LIMIT,
      factory: this,
      go: () => {
        expect(this.waiting.shift()).toBe(visitor); // in the order in which they came
        this.#let(visitor);
      },
      held: () => expect(this.waiting).toContain(visitor),
      tell: () => undefined,
    };
    this.waiting.push(visitor);
    if (!this.gate.enter(visitor)) return;
    this.waiting.pop();
    this.#let(visitor);
  }

  /** A dial ends, or somebody who waits gives up. */
  end(kind: 'leave' | 'answered' | 'refused' | 'suspected', index: number): void {
    const all = kind === 'leave' ? [...this.going, ...this.waiting] : [...this.going];
    const visitor = all[index % all.length];
    if (!visitor) return;
    this.going.delete(visitor);
    const place = this.waiting.indexOf(visitor);
    if (place >= 0) this.waiting.splice(place, 1);
    if (kind === 'leave') this.gate.leave(visitor);
    else if (kind === 'answered') this.gate.answered(visitor);
    else this.gate[kind](visitor, WHERE);
  }

  async verdict(verdict: ProbeResult): Promise<void> {
    this.#answer?.(verdict);
    this.#answer = undefined;
    await turn();
  }

  async take(next: Step): Promise<void> {
    if (next.kind === 'come') this.come();
    else if (next.kind === 'verdict') await this.verdict(next.verdict);
    else if (next.kind === 'wait') await this.clock.advance(next.ms);
    else this.end(next.kind, next.who);
  }
}

test('turns are never more than allowed, never lost, and given in order, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const world = new World();
      for (const next of steps) {
        await world.take(next);
        expect(world.going.size).toBeLessThanOrEqual(LIMIT);
        expect(world.clock.pendingTimers()).toBe(world.waiting.length > 0 ? 1 : 0);
      }
      // From now on there is room, and each dial is answered: all who wait get their turn.
      for (let rounds = 0; world.waiting.length + world.going.size > 0; rounds += 1) {
        expect(rounds).toBeLessThan(200);
        await world.clock.advance(31_000);
        await world.verdict('room');
        for (const visitor of [...world.going]) {
          world.going.delete(visitor);
          world.gate.answered(visitor);
        }
      }
      expect(world.clock.pendingTimers()).toBe(0);
      await world.verdict('room');
      await world.clock.advance(60_000);
      expect(world.gate.isForgettable).toBe(true);
    }),
    { numRuns: 300 },
  );
});
