import fc from 'fast-check';
import { expect } from 'vitest';
import type { SubscriptionKind } from '../../../../src/connect/client/subscription-connection.js';
import { HygieneError } from '../../../../src/core/errors.js';
import type { Gap } from '../../../../src/subscriber/gap-tracker.js';
import type { SubscribeCall } from '../../../../src/subscriber/desired-subscriptions.js';
import { SubscriptionEngine } from '../../../../src/subscriber/subscription-engine.js';
import { createFakeClock, turn } from '../fake-clock.js';
import { subscriptionKey, SubscriptionServerModel } from './subscription-server-model.js';

const KINDS = ['channel', 'pattern', 'shard'] as const;
const NAMES = ['a', 'b'];

export type SubscriptionStep =
  | { readonly kind: 'subscribe'; readonly of: SubscriptionKind; readonly names: readonly string[] }
  | { readonly kind: 'unsubscribe'; readonly which: number }
  | { readonly kind: 'connect' }
  | { readonly kind: 'turn' }
  | { readonly kind: 'rejectLost' }
  | { readonly kind: 'renew' }
  | { readonly kind: 'run'; readonly count: number }
  | { readonly kind: 'read'; readonly count: number }
  | { readonly kind: 'lose'; readonly rejects: 'before' | 'after' }
  | {
      readonly kind: 'publish' | 'revoke' | 'permit' | 'deny';
      readonly of: SubscriptionKind;
      readonly name: string;
    }
  | { readonly kind: 'wait'; readonly ms: number };

const anyKind = fc.constantFrom(...KINDS);
const anyName = fc.constantFrom(...NAMES);

export const anySubscriptionStep: fc.Arbitrary<SubscriptionStep> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      ...{ kind: fc.constant('subscribe' as const), of: anyKind },
      names: fc.array(anyName, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('unsubscribe' as const), which: fc.nat(10) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('connect' as const, 'connect', 'turn', 'rejectLost', 'renew'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('run' as const, 'read'),
      count: fc.constantFrom(1, 1, 2, 9),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('lose' as const),
      rejects: fc.constantFrom('before' as const, 'after'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('publish' as const, 'publish', 'publish', 'revoke', 'permit', 'deny'),
      ...{ of: anyKind, name: anyName },
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(0, 400, 400, 3_000) }),
  },
);

/** One call of `subscribe()` or one loop, which is undone once. */
interface Call {
  readonly identity: SubscribeCall;
  readonly of: SubscriptionKind;
  readonly names: readonly string[];
  state: 'pending' | 'confirmed' | 'refused' | 'closed' | 'undone';
  /** Whether its promise has been resolved or rejected. */
  isSettled: boolean;
}

interface Publication {
  readonly key: string;
  readonly text: string;
  readonly at: number;
  /** The calls that were confirmed by then. */
  readonly owedTo: readonly Call[];
}

/** A subscription engine whose application, server and network are the test's. */
export class SubscriptionModel {
  readonly clock;
  readonly #server;
  readonly #engine: SubscriptionEngine;
  readonly #calls: Call[] = [];
  readonly #published: Publication[] = [];
  readonly #delivered = new Set<string>();
  readonly #gaps: Gap[] = [];
  readonly #faults: string[] = [];
  #closed = 0;

  constructor(random: number) {
    const clock = (this.clock = createFakeClock({ startMs: 100_000, random }));
    const server = (this.#server = new SubscriptionServerModel(() => clock.now()));
    const fault = (text: string) => void this.#faults.push(text);
    this.#engine = new SubscriptionEngine(
      { clock, bounds: { baseMs: 100, capMs: 10_000 }, open: server.open },
      {
        onReady: () => this.#closed > 0 && fault('ready after the end'),
        onMessage: ({ kind, name, message }) => {
          if (this.#closed > 0) fault('a message after the end');
          if (!this.#isDesired(subscriptionKey(kind, name)))
            fault(`a message of ${kind} ${name}, which is not desired`);
          if (this.#delivered.has(message.toString())) fault('a message came twice');
          this.#delivered.add(message.toString());
        },
        onGap: (gap) => {
          if (gap.from > gap.to || gap.to > clock.now()) fault(`a gap from ${gap.from} to ${gap.to}`);
          this.#gaps.push(gap);
        },
        onReconnecting: () => undefined,
        onClosed: () => void (this.#closed += 1),
        onError: () => this.#closed > 0 && fault('an error after the end'),
      },
    );
  }

  #isDesired(key: string): boolean {
    return this.#desiredKeys().has(key);
  }

  #desiredKeys(): Set<string> {
    const open = this.#calls.filter(({ state }) => state === 'pending' || state === 'confirmed');
    return new Set(open.flatMap(({ of, names }) => names.map((name) => subscriptionKey(of, name))));
  }

  #subscribe(of: SubscriptionKind, names: readonly string[]): void {
    const identity = { isPending: true, isLoop: false };
    const call: Call = { identity, of, names, state: 'pending', isSettled: false };
    this.#calls.push(call);
    const settle = (state: Call['state']) => {
      call.isSettled = true;
      if (call.state === 'pending') call.state = state;
    };
    this.#engine.subscribe(of, names, identity).then(
      () => settle('confirmed'),
      (error: unknown) => {
        const code = error instanceof HygieneError ? error.code : String(error);
        if (code === 'HYG_SUBSCRIBE_REFUSED') settle('refused');
        else if (code === 'HYG_SUBSCRIBER_CLOSED' && this.#closed > 0) settle('closed');
        else this.#faults.push(code);
      },
    );
  }

  #unsubscribe(which: number): void {
    const open = this.#calls.filter(({ state }) => state === 'pending' || state === 'confirmed');
    const call = open[which % Math.max(1, open.length)];
    if (!call) return;
    call.state = 'undone';
    this.#engine.unsubscribe(call.of, call.names, call.identity);
  }

  #publish(kind: SubscriptionKind, name: string): void {
    const text = String(this.#published.length);
    const key = subscriptionKey(kind, name);
    const owedTo = this.#calls.filter(
      ({ of, names, state }) => state === 'confirmed' && of === kind && names.includes(name),
    );
    this.#published.push({ key, text, at: this.clock.now(), owedTo });
    this.#server.publish(kind, name, text);
  }

  async take(step: SubscriptionStep): Promise<void> {
    const server = this.#server;
    if (step.kind === 'subscribe') this.#subscribe(step.of, step.names);
    else if (step.kind === 'unsubscribe') {
      await turn(); // the application knows which of its calls were refused
      this.#unsubscribe(step.which);
    } else if (step.kind === 'connect') server.connect();
    else if (step.kind === 'turn') await turn();
    else if (step.kind === 'rejectLost') server.rejectLost();
    else if (step.kind === 'renew') void this.#engine.renew();
    else if (step.kind === 'run') server.run(step.count);
    else if (step.kind === 'read') server.read(step.count);
    else if (step.kind === 'lose') server.lose(step.rejects);
    else if (step.kind === 'publish') this.#publish(step.of, step.name);
    else if (step.kind === 'revoke') server.revoke(step.name);
    else if (step.kind === 'permit') server.denied.delete(step.name);
    else if (step.kind === 'wait') {
      server.readBefore(step.ms);
      await this.clock.advance(step.ms);
    } else server.denied.add(step.name);
    expect(this.#faults).toEqual([]);
  }

  /** Everything is permitted, connected and answered. */
  async settle(): Promise<void> {
    this.#server.denied.clear();
    this.#server.rejectLost();
    for (let round = 0; round < 6; round += 1) {
      this.#server.connect();
      await turn();
      while (!this.#server.isIdle) {
        this.#server.run(Infinity);
        this.#server.read(Infinity);
        await turn();
      }
      await this.clock.advance(11_000); // longer than any pause after a refusal
    }
  }

  /** Checks what must hold once everything was answered. */
  async expectSubscribed(): Promise<void> {
    await this.settle();
    const desired = [...this.#desiredKeys()].sort();
    const { channels, patterns, shardChannels } = this.#engine.desiredSubscriptions();
    const known = { channel: channels, pattern: patterns, shard: shardChannels };
    expect(KINDS.flatMap((kind) => known[kind].map((name) => subscriptionKey(kind, name))).sort()).toEqual(
      desired,
    );
    expect([...this.#server.subscribed].sort(), 'subscribed on the server').toEqual(desired);
    expect(
      this.#calls.filter(({ isSettled }) => !isSettled),
      'calls without an answer',
    ).toEqual([]);
    for (const kind of KINDS) for (const name of NAMES) this.#publish(kind, name);
    this.#server.read(Infinity);
    expect(this.#missing(), 'messages that are missing without a gap').toEqual([]);
    expect(this.#faults).toEqual([]);
  }

  /** Messages of subscriptions that were confirmed all the time, were not delivered, and are not within a gap. */
  #missing(): Publication[] {
    return this.#published.filter(({ key, text, at, owedTo }) => {
      const isOwed = owedTo.some(({ state }) => state === 'confirmed');
      return isOwed && !this.#delivered.has(text) && !this.#gaps.some((gap) => isWithin(key, at, gap));
    });
  }

  async expectClosed(): Promise<void> {
    await this.#engine.close();
    this.#server.rejectLost();
    await turn();
    this.#subscribe('channel', ['late']);
    await this.clock.advance(30_000);
    const pending = this.#calls.filter(({ isSettled }) => !isSettled);
    expect([pending, this.#closed, this.#faults]).toEqual([[], 1, []]);
    expect(this.clock.pendingTimers(), 'timers that are left').toBe(0);
  }
}

function isWithin(key: string, at: number, gap: Gap): boolean {
  const names = { channel: gap.channels, pattern: gap.patterns, shard: gap.shardChannels };
  const isNamed = KINDS.some((kind) => names[kind].some((name) => subscriptionKey(kind, name) === key));
  return isNamed && gap.from <= at && at <= gap.to;
}
