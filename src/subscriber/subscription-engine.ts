import type {
  IncomingMessage,
  SubscriptionConnection,
  SubscriptionListener,
  SubscriptionKind,
} from '../connect/client/subscription-connection.js';
import type { BackoffBounds } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import {
  createDesiredSubscriptions,
  fail,
  type SubscriptionNames,
  namesOf,
  type DesiredSubscription,
  whenConfirmed,
} from './desired-subscriptions.js';
import { type GapTracker, createGapTracker, type Gap } from './gap-tracker.js';
import { createSubscriptionRequests, type SubscriptionRequests } from './subscription-requests.js';

/** What an engine tells. */
export interface SubscriptionEngineListener {
  /** A connection is up, and nothing is subscribed yet: the moment for questions, which RESP2 takes only now. */
  readonly onUp?: (call: SubscriptionConnection['call']) => void;
  /** A connection is up, and everything that is wanted is subscribed. */
  readonly onReady: () => void;
  readonly onMessage: (message: IncomingMessage) => void;
  readonly onGap: (gap: Gap) => void;
  /** The next dial, number `attempt` since the last connection, comes after so many milliseconds. */
  readonly onRedial: (attempt: number, delayMs: number) => void;
  /** Closed, or given up: nothing comes any more. */
  readonly onClosed: (error: HygieneError) => void;
  readonly onError: (error: Error) => void;
}

export interface SubscriptionEnginePorts {
  readonly clock: Clock;
  /** How long to wait before a refused subscription is asked for again. */
  readonly bounds: BackoffBounds;
  readonly open: (listener: SubscriptionListener) => SubscriptionConnection;
}

/**
 * Where it stands. A connection that is `up` may still be busy subscribing; one that is `asking` has nothing
 * subscribed, for a question.
 */
type State = 'down' | 'up' | 'asking' | 'closed';

/** Keeps one connection, and everything that is wanted subscribed on it, until it is closed. */
export class SubscriptionEngine {
  readonly #wants = createDesiredSubscriptions();
  readonly #clock: Clock;
  readonly #tell: SubscriptionEngineListener;
  readonly #coverage: GapTracker;
  readonly #requests: SubscriptionRequests;
  readonly #line: SubscriptionConnection;
  #state: State = 'down';
  /** Counts the times that everything was subscribed anew: an answer to an earlier one is late. */
  #generation = 0;
  /** Dials since the last connection. */
  #attempt = 0;

  constructor({ clock, bounds, open }: SubscriptionEnginePorts, tell: SubscriptionEngineListener) {
    this.#clock = clock;
    this.#tell = tell;
    const deliver = (message: IncomingMessage) => this.#deliver(message);
    this.#coverage = createGapTracker({ clock, onGap: tell.onGap, deliver });
    this.#requests = createSubscriptionRequests({
      clock,
      bounds,
      line: () => this.#line,
      isWanted: (want) => this.#wants.has(want),
      onRefused: tell.onError,
      onGranted: (want) => this.#tellRefusal(want),
    });
    this.#line = open({
      onUp: () => this.#up(),
      onDown: (heardAt) => this.#down(heardAt),
      onRedial: (delayMs) => tell.onRedial((this.#attempt += 1), delayMs),
      onEnd: () => this.#end('The connection of this subscriber has ended for good.'),
      onMessage: (message) => this.#coverage.message(message),
      onRevoked: (name) => this.#requests.askAgain(this.#wants.get('shard', name), this.#fence()),
      onError: (error) => void (this.#isClosed() || tell.onError(error)),
    });
  }

  /** Asked after each thing that is told: a listener may have closed. */
  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #up(): void {
    if (this.#isClosed()) return;
    this.#attempt = 0;
    this.#state = 'up';
    this.#tell.onUp?.((command, ...args) => this.#line.call(command, ...args));
    void this.#subscribeAll();
  }

  async #subscribeAll(): Promise<void> {
    const isPresent = this.#fence();
    const isAnswered = await this.#requests.begin(this.#wants.all(), isPresent);
    if (!isAnswered || !isPresent()) return;
    this.#coverage.restored();
    if (isPresent()) this.#tell.onReady();
  }

  /** Tells later whether the connection, and what is subscribed on it, is still the one of now. */
  #fence(): () => boolean {
    const generation = this.#generation;
    return () => generation === this.#generation;
  }

  /** Nothing is subscribed any more. */
  #down(heardAt: number): void {
    if (this.#state === 'down' || this.#isClosed()) return;
    this.#state = 'down';
    this.#generation += 1;
    const wants = this.#wants.all();
    this.#coverage.broken(heardAt, namesOf(wants.filter(({ wasConfirmed }) => wasConfirmed)));
    wants.forEach((want) => this.#tellRefusal(want));
    wants.forEach((want) => (want.isConfirmed = false));
  }

  /** One that was refused after a loss has a gap of its own, until it is granted again or everything is lost. */
  #tellRefusal(want: DesiredSubscription): void {
    const { refusedAt: from } = want;
    want.refusedAt = undefined;
    if (from !== undefined) this.#tell.onGap({ ...namesOf([want]), from, to: this.#clock.now() });
  }

  /**
   * What was on its way when its channel was given up is not delivered. A message may be read just before the
   * answer that grants its channel again.
   */
  #deliver(message: IncomingMessage): void {
    const want = () => this.#wants.get(message.kind, message.name);
    const refused = want();
    if (refused) this.#tellRefusal(refused);
    if (!this.#isClosed() && want()) this.#tell.onMessage(message);
  }

  #end(why: string): void {
    if (this.#isClosed()) return;
    this.#down(this.#clock.now());
    this.#state = 'closed';
    const error = this.#closedError(why);
    this.#wants.all().forEach((want) => fail(want, error));
    this.#tell.onClosed(error);
  }

  #closedError(why = 'This subscriber has been closed.'): HygieneError {
    return new HygieneError('HYG_SUBSCRIBER_CLOSED', why, { details: { wanted: this.wanted() } });
  }

  /**
   * Counts one more for each. Resolves when all are subscribed on the present connection; where the server refuses
   * one, none of them is kept, unless the caller no longer holds them: they have been given back then.
   *
   * @throws HygieneError `HYG_SUBSCRIBE_REFUSED`, `HYG_SUBSCRIBER_CLOSED`
   */
  async subscribe(
    kind: SubscriptionKind,
    names: readonly string[],
    isHeld: () => boolean = () => true,
  ): Promise<void> {
    if (this.#isClosed()) throw this.#closedError();
    const fresh = this.#wants.add(kind, names);
    const wants = names.map((name) => this.#wants.get(kind, name) as DesiredSubscription); // just added
    const confirmed = Promise.all(wants.map(whenConfirmed));
    if (this.#state === 'up') void this.#requests.begin(fresh, this.#fence());
    try {
      await confirmed;
    } catch (error) {
      // What was given back since, and is wanted again, is another call's.
      const own = wants.filter((want) => this.#wants.has(want)).map(({ name }) => name);
      if (isHeld()) this.unsubscribe(kind, own);
      throw error;
    }
  }

  /** Counts one less for each. What nobody wants any more is not delivered from now on. */
  unsubscribe(kind: SubscriptionKind, names: readonly string[]): void {
    const left = this.#wants.remove(kind, names);
    if (this.#state !== 'up') return;
    void this.#requests.end(left);
  }

  wanted(): SubscriptionNames {
    return namesOf(this.#wants.all());
  }

  /** Gives up everything that is subscribed and begins anew on the same connection, for new questions. */
  async renew(): Promise<void> {
    if (this.#state !== 'up') return;
    this.#down(this.#clock.now());
    this.#state = 'asking';
    const isPresent = this.#fence();
    await this.#requests.end(this.#wants.all());
    if (isPresent()) this.#up();
  }

  /** Closes for good, also before it was ever open. Resolves when the socket has closed. */
  close(): Promise<void> {
    this.#end('This subscriber has been closed.');
    return this.#line.close();
  }
}
