import type { PooledConnection, PooledListener } from '../connect/client/pooled-connection.js';
import type { RetryStrategy } from '../connect/client/retry-strategies.js';
import { connectionClosedError } from '../connect/ioredis/connection-errors.js';
import type { BackoffBounds } from '../core/backoff.js';
import { type Clock, createDeadline } from '../core/clock.js';
import {
  createReadOnlyBackoff,
  createReopenBackoff,
  type ReadOnlyBackoff,
  type ReopenBackoff,
} from './pool-backoff.js';
import { type DropReason, FailedEntry, PoolEntry } from './pool-entry.js';
import type { PoolSettings } from './pool-options.js';
import type { PoolCounters } from './pool-report.js';

export interface PoolConnectionsPorts {
  readonly clock: Clock;
  readonly settings: PoolSettings;
  /** Bounds of the delay after connections that were lost early. */
  readonly bounds: BackoffBounds;
  /** Returns the delay before the next dial of a connection. `null`: no further dial. */
  readonly retryStrategy: RetryStrategy;
  readonly counters: PoolCounters;
  /** @throws HygieneError `HYG_SHUT_DOWN` */
  readonly open: (listener: PooledListener) => PooledConnection;
  /** Whether the pool has use for this number of connections. */
  readonly isWanted: (size: number) => boolean;
  readonly onFailure: (error: Error) => void;
  readonly onReady: () => void;
}

/** How long a PING, or the reset of session state, may take. Servers answer much sooner. */
const ANSWER_TIMEOUT_MS = 1_000;

/** The part of its lifetime by which a connection may be retired early, so that not all are at once. As in HikariCP. */
const LIFETIME_VARIANCE = 0.25;

/** The cause of the errors for callers that wait in vain because of early losses. */
const EARLY_LOSS_MESSAGE = 'A connection was lost as soon as it was ready.';

/** The connections of a pool: opens, validates, resets and closes them. */
export class PoolConnections {
  readonly #ports: PoolConnectionsPorts;
  readonly #reopenBackoff: ReopenBackoff;
  readonly #readOnlyBackoff: ReadOnlyBackoff;
  /** Each connection from its first dial until its socket has closed. */
  readonly #entries = new Set<PoolEntry>();
  /** Functions that end the delays of connections that are not dialled yet. */
  readonly #endDelays = new Set<() => void>();
  /** Connections of an earlier generation are not handed out any more. */
  #generation = 0;

  constructor(ports: PoolConnectionsPorts) {
    this.#ports = ports;
    this.#reopenBackoff = createReopenBackoff(ports.clock, ports.bounds);
    this.#readOnlyBackoff = createReadOnlyBackoff(ports.clock);
  }

  get entries(): readonly PoolEntry[] {
    return [...this.#entries];
  }

  /** Why the connections that are being opened are not ready yet, as far as is known. */
  notReadyError(): Error | undefined {
    for (const { connection, readyInfo } of this.#entries) {
      const error = readyInfo ? undefined : connection.notReadyError();
      if (error) return error;
    }
    return undefined;
  }

  /** Opens a connection, after the backoff and when a socket is free: there are never more than `max`. */
  async create(): Promise<PoolEntry | FailedEntry> {
    const { settings, isWanted } = this.#ports;
    const delayMs = this.#reopenBackoff.delayMs();
    // A connection may be asked for after close(), when an idle one has failed its validation: that ends no delay.
    if (delayMs > 0 && isWanted(this.#entries.size + 1)) await this.#delay(delayMs);
    while (this.#entries.size >= settings.max) {
      await Promise.race(this.entries.map(({ whenClosed }) => whenClosed));
    }
    if (!isWanted(this.#entries.size + 1)) return new FailedEntry();
    return new Promise((resolve) => this.#open(resolve));
  }

  /** The timer need not keep the process alive: the callers that wait do. */
  #delay(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        timer.cancel();
        this.#endDelays.delete(end);
        resolve();
      };
      const timer = this.#ports.clock.after(ms, end);
      this.#endDelays.add(end);
    });
  }

  /** Dials until the connection is ready or the dials end. Calls `resolve` with the result. */
  #open(resolve: (result: PoolEntry | FailedEntry) => void): void {
    const { clock, counters, retryStrategy, isWanted, onFailure, onReady, open } = this.#ports;
    const entries = this.#entries;
    const isCurrent = () => entry.readyInfo?.generation === this.#generation;
    const startedAt = clock.now();
    let failure = connectionClosedError();
    const listener: PooledListener = {
      onFailure: (error) => {
        failure = error;
        onFailure(error);
      },
      onReady: () => {
        const at = clock.now();
        entry.readyInfo = { generation: this.#generation, at, lifetimeMs: this.#randomLifetimeMs() };
        entry.lastUsedAt = at;
        counters.created += 1;
        counters.create.add(at - startedAt);
        onReady();
        resolve(entry);
      },
      onEnd: () => {
        const isFailure = !entry.dropReason && isWanted(entries.size);
        this.#remove(entry);
        resolve(new FailedEntry(isFailure ? failure : undefined));
      },
      onMoved: () => {
        if (isCurrent()) this.clear();
      },
      onReadOnly: () => {
        if (isCurrent() && this.#readOnlyBackoff.tryReplace()) this.clear();
      },
      retryStrategy(times) {
        return entry.readyInfo || !isWanted(entries.size) ? null : (retryStrategy.call(this, times) ?? null);
      },
    };
    let entry: PoolEntry;
    try {
      entry = new PoolEntry(open(listener));
    } catch (error) {
      return resolve(new FailedEntry(error as Error));
    }
    entries.add(entry);
  }

  #randomLifetimeMs(): number {
    const { clock, settings } = this.#ports;
    return settings.maxLifetimeMs * (1 - LIFETIME_VARIANCE * clock.random());
  }

  #remove(entry: PoolEntry): void {
    this.#entries.delete(entry);
    const reason = entry.markClosed(this.#generation);
    const { clock, counters, onFailure } = this.#ports;
    counters.countClosed(reason);
    if (reason !== 'lost' || !entry.readyInfo) return;
    if (this.#reopenBackoff.recordLoss(clock.now() - entry.readyInfo.at))
      onFailure(new Error(EARLY_LOSS_MESSAGE));
  }

  /** Starts a new generation: idle connections close at once, those in use when they are returned. */
  clear(): void {
    this.#generation += 1;
    for (const entry of this.#entries) if (entry.readyInfo && !entry.lease) entry.drop('moved');
  }

  /** Why a connection cannot be handed out, `undefined` if it can. */
  findFault(entry: PoolEntry, now = this.#ports.clock.now()): DropReason | undefined {
    return entry.findFault(now, this.#generation);
  }

  /** Ends the backoff if the connection has answered the borrower that returned it. */
  recordReturn({ readyInfo, sessionState, connection }: PoolEntry, now: number): void {
    if (!this.#reopenBackoff.isActive()) return;
    const hasAnswered =
      sessionState.lastCommand !== undefined && connection.isReady() && !connection.hasPendingCommands();
    if (readyInfo && hasAnswered) this.#reopenBackoff.recordAnswer(now - readyInfo.at);
  }

  /** Whether an idle connection can be handed out. Sends PING, unless the connection was used a short time ago. */
  async validate(entry: PoolEntry): Promise<boolean> {
    const { clock, settings } = this.#ports;
    if (this.findFault(entry)) return false;
    if (clock.now() - entry.lastUsedAt < settings.validateAfterIdleMs) return true;
    // An error reply is an answer too.
    const answer = entry.client.ping().catch(() => undefined);
    const result = await createDeadline(clock, ANSWER_TIMEOUT_MS).race(answer);
    if (result === 'late') entry.drop('silent');
    return this.findFault(entry) === undefined;
  }

  /**
   * Resets the state that the last borrower left, once it is known: replies may still be on their way. Sends only the
   * commands that are needed. Returns whether it worked.
   */
  async reset({ connection, sessionState, client }: PoolEntry): Promise<boolean> {
    if (connection.isBlocked() || !sessionState.resetCommands()) return false;
    const deadline = createDeadline(this.#ports.clock, ANSWER_TIMEOUT_MS);
    await deadline.race(sessionState.whenAnswered());
    const commands = sessionState.resetCommands() ?? [];
    const outcome = { isReset: false };
    const replies = Promise.all(commands.map(([name = '', ...args]) => client.call(name, ...args)));
    const work = replies.then(() => void (outcome.isReset = true));
    await deadline.race(work);
    sessionState.clear();
    return outcome.isReset;
  }

  /** Closes all connections that are not in use, and opens no more. */
  close(): void {
    this.#endDelays.forEach((end) => end());
    this.entries.filter(({ lease }) => !lease).forEach((entry) => entry.drop('closed'));
  }
}
