import type { PooledConnection, PooledListener } from '../connect/client/pooled-connection.js';
import type { RetryStrategy } from '../connect/client/retry-strategies.js';
import { connectionClosed } from '../connect/ioredis/connection-errors.js';
import type { BackoffBounds } from '../core/backoff.js';
import { type Clock, createDeadline } from '../core/clock.js';
import {
  createReadOnlyBackoff,
  createReopenBackoff,
  type ReadOnlyBackoff,
  type ReopenBackoff,
} from './pool-backoff.js';
import { PoolEntry, FailedEntry } from './pool-entry.js';
import type { PoolSettings } from './pool-options.js';
import type { Counters } from './pool-report.js';

export interface PoolConnectionsPorts {
  readonly clock: Clock;
  readonly settings: PoolSettings;
  /** Between connections that die young. */
  readonly bounds: BackoffBounds;
  /** Between the dials of one that does not come up; `null`: none follows. */
  readonly retry: RetryStrategy;
  readonly counters: Counters;
  /** @throws HygieneError `HYG_SHUT_DOWN` */
  readonly open: (listener: PooledListener) => PooledConnection;
  /** Whether anybody has use for so many connections. */
  readonly isWanted: (size: number) => boolean;
  readonly onFailure: (error: Error) => void;
  readonly onReady: () => void;
}

/** How long a sign of life, or what takes a borrower's traces away, may take. Servers answer in far less. */
const ANSWER_MS = 1_000;

/** By how much a connection may be retired early, so that not all of them are at once. As in HikariCP. */
const LIFETIME_VARIANCE = 0.25;

/** For who waits for the next one meanwhile. */
const DIED_YOUNG = 'A connection was lost as soon as it was ready.';

/** The connections of a pool: how they are made, kept fit, and closed. */
export class PoolConnections {
  readonly #ports: PoolConnectionsPorts;
  readonly #nursery: ReopenBackoff;
  readonly #demotions: ReadOnlyBackoff;
  /** From the first dial until the socket has closed. */
  readonly #members = new Set<PoolEntry>();
  /** What ends the waits before the next connections are made. */
  readonly #naps = new Set<() => void>();
  /** Connections of an earlier one are not lent any more. */
  #generation = 0;

  constructor(ports: PoolConnectionsPorts) {
    this.#ports = ports;
    this.#nursery = createReopenBackoff(ports.clock, ports.bounds);
    this.#demotions = createReadOnlyBackoff(ports.clock);
  }

  get members(): readonly PoolEntry[] {
    return [...this.#members];
  }

  /** One more connection, when it is ready and as soon as there is room: never more than `max` sockets. */
  async make(): Promise<PoolEntry | FailedEntry> {
    const { settings, isWanted } = this.#ports;
    const delayMs = this.#nursery.delayMs();
    if (delayMs > 0) await this.#nap(delayMs);
    while (this.#members.size >= settings.max) await Promise.race(this.members.map(({ gone }) => gone));
    if (!isWanted(this.#members.size + 1)) return new FailedEntry();
    return new Promise((resolve) => this.#open(resolve));
  }

  /** Whoever waits for the connection keeps the process alive. */
  #nap(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        timer.cancel();
        this.#naps.delete(wake);
        resolve();
      };
      const timer = this.#ports.clock.after(ms, wake);
      this.#naps.add(wake);
    });
  }

  /** Closes what is not lent, and makes nothing any more. */
  close(): void {
    this.#naps.forEach((wake) => wake());
    this.members.filter(({ lease }) => !lease).forEach((member) => member.leave('closed'));
  }

  #open(resolve: (made: PoolEntry | FailedEntry) => void): void {
    const { clock, counters, retry, isWanted, onFailure, open } = this.#ports;
    const members = this.#members;
    const isCurrent = () => member.birth?.generation === this.#generation;
    let failure = connectionClosed();
    const listener: PooledListener = {
      onFailure: (error) => {
        failure = error;
        onFailure(error);
      },
      onReady: () => {
        member.birth = { generation: this.#generation, at: clock.now(), lifetimeMs: this.#lifetime() };
        member.restedAt = member.birth.at;
        counters.created += 1;
        this.#ports.onReady();
        resolve(member);
      },
      onEnd: () => {
        const isMissed = !member.reason && isWanted(this.#members.size);
        this.#ended(member);
        resolve(new FailedEntry(isMissed ? failure : undefined));
      },
      onMoved: () => {
        if (isCurrent()) this.renew();
      },
      onDemoted: () => {
        if (isCurrent() && this.#demotions.isReason()) this.renew();
      },
      retry(times) {
        return member.birth || !isWanted(members.size) ? null : (retry.call(this, times) ?? null);
      },
    };
    let member: PoolEntry;
    try {
      member = new PoolEntry(open(listener));
    } catch (error) {
      return resolve(new FailedEntry(error as Error));
    }
    this.#members.add(member);
  }

  #lifetime(): number {
    const { clock, settings } = this.#ports;
    return settings.maxLifetimeMs * (1 - LIFETIME_VARIANCE * clock.random());
  }

  #ended(member: PoolEntry): void {
    this.#members.delete(member);
    const reason = member.ended(this.#generation);
    const { clock, counters, onFailure } = this.#ports;
    counters.closed(reason);
    if (reason !== 'lost' || !member.birth) return;
    if (this.#nursery.lost(clock.now() - member.birth.at)) onFailure(new Error(DIED_YOUNG));
  }

  /** The server is elsewhere now: what is idle goes at once, what is lent when it comes back. */
  renew(): void {
    this.#generation += 1;
    for (const member of this.#members) if (member.birth && !member.lease) member.leave('moved');
  }

  /** Why one cannot be lent, or nothing. */
  fault(member: PoolEntry, now = this.#ports.clock.now()) {
    return member.fault(now, this.#generation);
  }

  /** A borrower is done with it. */
  returned({ birth, traces, connection }: PoolEntry, now: number): void {
    const isAnswered = traces.last !== undefined && connection.isUp() && !connection.isBusy();
    if (birth && isAnswered) this.#nursery.served(now - birth.at);
  }

  /** Whether one that has been idle is fit. What has just worked still works, and is not asked. */
  async validate(member: PoolEntry): Promise<boolean> {
    const { clock, settings } = this.#ports;
    if (this.fault(member)) return false;
    if (clock.now() - member.restedAt < settings.validateAfterIdleMs) return true;
    // A refusal is a sign of life too.
    const answer = member.client.ping().catch(() => undefined);
    const seen = await createDeadline(clock, ANSWER_MS).race(answer);
    if (seen === 'late') member.leave('silent');
    return this.fault(member) === undefined;
  }

  /** Takes away what the last borrower left. Nothing is sent where nothing was left. */
  async clean(member: PoolEntry): Promise<boolean> {
    const { connection, traces, client } = member;
    const commands = connection.isBlocked() ? undefined : traces.cleaning();
    if (!commands) return false;
    const cleaned = { all: false };
    const replies = Promise.all(commands.map(([name = '', ...args]) => client.call(name, ...args)));
    const work = replies.then(() => void (cleaned.all = true));
    await createDeadline(this.#ports.clock, ANSWER_MS).race(work);
    traces.clear();
    connection.transactionClosed();
    return cleaned.all;
  }
}
