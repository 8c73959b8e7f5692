import type {
  IncomingMessage,
  SubscriptionConnection,
  SubscriptionKind,
  SubscriptionListener,
} from '../connect/client/subscription-connection.js';
import type { BackoffBounds } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import {
  createDesiredSubscriptions,
  type DesiredSubscription,
  namesOf,
  rejectWaiters,
  type SubscribeCall,
  type SubscriptionNames,
  whenConfirmed,
} from './desired-subscriptions.js';
import { createGapTracker, type Gap, type GapTracker } from './gap-tracker.js';
import { createSubscriptionRequests, type SubscriptionRequests } from './subscription-requests.js';

export interface SubscriptionEngineListener {
  /**
   * Called when a connection is ready and nothing is subscribed yet. Commands can be sent with `call` now; over RESP2
   * the server refuses them once something is subscribed.
   */
  readonly onConnected?: (call: SubscriptionConnection['call']) => void;
  /** Called when a connection is ready and every desired subscription on it has been answered. */
  readonly onReady: () => void;
  readonly onMessage: (message: IncomingMessage) => void;
  readonly onGap: (gap: Gap) => void;
  /** Called before each dial: attempt number `attempt` since the last connection starts in `delayMs` milliseconds. */
  readonly onReconnecting: (attempt: number, delayMs: number) => void;
  /** Called once, when the engine is closed or has given up reconnecting. No other call follows. */
  readonly onClosed: (error: HygieneError) => void;
  readonly onError: (error: Error) => void;
}

export interface SubscriptionEnginePorts {
  readonly clock: Clock;
  /** Bounds of the backoff before a refused subscription is requested again. */
  readonly bounds: BackoffBounds;
  readonly open: (listener: SubscriptionListener) => SubscriptionConnection;
}

/**
 * State of the connection. In `connected`, subscriptions may still wait for their answers. In `renewing`, everything is
 * being unsubscribed, so that commands can be sent.
 */
type State = 'disconnected' | 'connected' | 'renewing' | 'closed';

/** Keeps every desired subscription subscribed over one connection, until it is closed. */
export class SubscriptionEngine {
  readonly #desired = createDesiredSubscriptions();
  readonly #clock: Clock;
  readonly #listener: SubscriptionEngineListener;
  readonly #gaps: GapTracker;
  readonly #requests: SubscriptionRequests;
  readonly #connection: SubscriptionConnection;
  #state: State = 'disconnected';
  /** Incremented when all subscriptions are lost. Answers that belong to an earlier generation are ignored. */
  #generation = 0;
  /** Number of dials since the last connection. */
  #attempt = 0;

  constructor({ clock, bounds, open }: SubscriptionEnginePorts, listener: SubscriptionEngineListener) {
    this.#clock = clock;
    this.#listener = listener;
    const deliver = (message: IncomingMessage) => this.#deliver(message);
    this.#gaps = createGapTracker({ clock, onGap: listener.onGap, deliver });
    this.#requests = createSubscriptionRequests({
      clock,
      bounds,
      connection: () => this.#connection,
      isDesired: (subscription) => this.#desired.has(subscription),
      onRefused: listener.onError,
      onConfirmed: (subscription) => this.#reportOwnGap(subscription),
    });
    this.#connection = open({
      onConnected: () => this.#handleConnected(),
      onDisconnected: (lastReadAt) => this.#markLost(lastReadAt),
      onReconnecting: (delayMs) => listener.onReconnecting((this.#attempt += 1), delayMs),
      onEnd: () => this.#end('The connection of this subscriber has ended and will not be dialled again.'),
      onMessage: (message) => this.#gaps.receive(message),
      onRevoked: (name, readAt) => this.#handleRevoked(name, readAt),
      onError: (error) => void (this.#isClosed() || listener.onError(error)),
    });
  }

  /** Checked after every call of a listener, because a listener may close the engine. */
  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #handleConnected(): void {
    if (this.#isClosed()) return;
    this.#attempt = 0;
    this.#state = 'connected';
    this.#listener.onConnected?.((command, ...args) => this.#connection.call(command, ...args));
    void this.#subscribeAll();
  }

  async #subscribeAll(): Promise<void> {
    const isCurrent = this.#captureGeneration();
    const isAnswered = await this.#requests.subscribe(this.#desired.all(), isCurrent);
    if (!isAnswered || !isCurrent()) return;
    this.#gaps.markRestored();
    if (isCurrent()) this.#listener.onReady();
  }

  /** Captures the current generation. The function returned tells whether it still lasts. */
  #captureGeneration(): () => boolean {
    const generation = this.#generation;
    return () => generation === this.#generation;
  }

  /** While everything is being unsubscribed, a shard channel that is still desired is about to be requested anyway. */
  #handleRevoked(name: string, readAt: number): void {
    if (this.#state !== 'connected') return;
    this.#requests.resubscribe(this.#desired.get('shard', name), readAt, this.#captureGeneration());
  }

  /** Marks all subscriptions as lost. */
  #markLost(lastReadAt: number): void {
    if (this.#state === 'disconnected' || this.#isClosed()) return;
    this.#state = 'disconnected';
    this.#generation += 1;
    const subscriptions = this.#desired.all();
    this.#gaps.markLost(lastReadAt, namesOf(subscriptions.filter(({ wasConfirmed }) => wasConfirmed)));
    subscriptions.forEach((subscription) => this.#reportOwnGap(subscription));
    subscriptions.forEach((subscription) => (subscription.isConfirmed = false));
  }

  /** Reports the gap of a single subscription that the server had refused or ended, if it has one. */
  #reportOwnGap(subscription: DesiredSubscription): void {
    const { missingSince: from } = subscription;
    subscription.missingSince = undefined;
    if (from === undefined) return;
    this.#listener.onGap({ ...namesOf([subscription]), from, to: this.#clock.now() });
  }

  /**
   * Delivers a message, unless its channel has been unsubscribed meanwhile. A message may be read just before the answer
   * that confirms its channel again, so the channel's own gap is reported here too.
   */
  #deliver(message: IncomingMessage): void {
    const find = () => this.#desired.get(message.kind, message.name);
    const subscription = find();
    if (subscription) this.#reportOwnGap(subscription);
    if (!this.#isClosed() && find()) this.#listener.onMessage(message);
  }

  #end(why: string): void {
    if (this.#isClosed()) return;
    this.#markLost(this.#clock.now());
    this.#state = 'closed';
    const error = this.#createClosedError(why);
    this.#desired.all().forEach((subscription) => rejectWaiters(subscription, error));
    this.#listener.onClosed(error);
  }

  #createClosedError(why = 'This subscriber has been closed.'): HygieneError {
    const details = { desiredSubscriptions: this.desiredSubscriptions() };
    return new HygieneError('HYG_SUBSCRIBER_CLOSED', why, { details });
  }

  /**
   * Subscribes to each name. Resolves when all of them are confirmed on the current connection. When the server refuses one
   * of them, what is left of the call is taken back.
   *
   * @throws HygieneError `HYG_SUBSCRIBE_REFUSED`, `HYG_SUBSCRIBER_CLOSED`
   */
  async subscribe(
    kind: SubscriptionKind,
    names: readonly string[],
    call: SubscribeCall = { isPending: true, isLoop: false },
  ): Promise<void> {
    if (this.#isClosed()) throw this.#createClosedError();
    const added = this.#desired.add(kind, names, call);
    const subscriptions = names.map((name) => this.#desired.get(kind, name) as DesiredSubscription); // just added
    const confirmed = Promise.all(subscriptions.map(whenConfirmed));
    if (this.#state === 'connected') void this.#requests.subscribe(added, this.#captureGeneration());
    try {
      await confirmed;
      call.isPending = false;
    } catch (error) {
      this.unsubscribe(kind, names, call);
      throw error;
    }
  }

  /** Undoes this call, or one call for each name. Messages of names that are no longer desired are dropped. */
  unsubscribe(kind: SubscriptionKind, names: readonly string[], call?: SubscribeCall): void {
    const removed = this.#desired.remove(kind, names, call);
    if (this.#state !== 'connected') return;
    void this.#requests.unsubscribe(removed);
  }

  desiredSubscriptions(): SubscriptionNames {
    return namesOf(this.#desired.all());
  }

  unconfirmedSubscriptions(): SubscriptionNames {
    return namesOf(this.#desired.all().filter(({ isConfirmed }) => !isConfirmed));
  }

  /** Unsubscribes everything, calls `onConnected` again so that commands can be sent, and subscribes everything again. */
  async renew(): Promise<void> {
    if (this.#state !== 'connected') return;
    this.#markLost(this.#clock.now());
    this.#state = 'renewing';
    const isCurrent = this.#captureGeneration();
    await this.#requests.unsubscribe(this.#desired.all());
    if (isCurrent()) this.#handleConnected();
  }

  /** Closes for good, also before the first connection. Resolves when the socket has closed. */
  close(): Promise<void> {
    this.#end('This subscriber has been closed.');
    return this.#connection.close();
  }
}
