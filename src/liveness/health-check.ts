import {
  type HealthCheckSettings,
  type HealthCheckTarget,
  type StaleCause,
  checkPeriodMs,
} from './health-check-target.js';
import type { SendQueueState } from './tcp-state.js';

/**
 * Phase of a connection. `handshake`: the handshake is under way. `healthy`: bytes have come recently. `probing`: the
 * connection was silent for too long, and bytes must come before a deadline. `stalled`: the deadline has passed, but the
 * peer acknowledges bytes. `stale`: the connection was given up, but may be kept, and then recover.
 *
 *     handshake → healthy ⇄ probing → stalled → healthy
 *     any but healthy → stale → healthy
 */
type Phase = 'handshake' | 'healthy' | 'probing' | 'stalled' | 'stale';

type Unacknowledged = Extract<SendQueueState, { kind: 'unacknowledged' }>;

/** A packet may be lost on a network that works. */
const MIN_RESENDS_AS_PROOF = 2;

/** Two times of a check, in milliseconds since an earlier point that never changes. */
export interface CheckTime {
  /** All time that has passed. A connection that was silent for this long is asked for a sign of life. */
  readonly passedMs: number;
  /**
   * The part of it in which the process could have read an answer. Only this time counts against a connection: time in
   * which the process was blocked or stopped is left out, but for a bounded part of each block.
   */
  readonly answerableMs: number;
}

/** What a health check knows about its connection. */
export interface HealthReading {
  /** Time since the last byte came, in milliseconds. */
  readonly silentMs: number;
  /** Whether the silence is no longer than that of a healthy connection with a heartbeat. */
  readonly isFresh: boolean;
  /** Whether the server was found not to answer, and has not answered since. */
  readonly isStalled: boolean;
}

/** Longest time until a silent connection is pinged, in intervals: the interval + 20 %. */
const MAX_INTERVALS = 1.2;

/**
 * Health check of one connection.
 *
 * A class, because there is one for each connection: shared methods keep it small.
 */
export class HealthCheck {
  readonly target: HealthCheckTarget;
  readonly settings: HealthCheckSettings;
  #phase: Phase = 'handshake';
  /** Start of the phase, in answerable time; in phase `handshake`, of the wait for its next answer. */
  #phaseSince: number;
  /** Latest possible time of the last byte that came, in passed time. */
  #lastReadAt: number;
  #bytesRead: number;
  /** Bytes written when the connection began to be probed, the PING included. */
  #bytesWrittenAtProbe = 0;
  /** Bytes of which it is known that the peer has acknowledged them. */
  #bytesDelivered = 0;
  #bytesQueued = 0;
  /** Unacknowledged bytes in the last state from the kernel, and the bytes written by then. */
  #bytesUnacknowledged = 0;
  #bytesWrittenAtLastState = 0;
  /** Whether no answer was due when the connection began to be probed. A command that is sent later has its own deadline. */
  #awaitsData = false;
  #maxSilenceMs = 0;
  /**
   * In answerable time: in phases `probing` and `stalled`, when the kernel's state is read next; in phase `handshake`, when
   * the target is told that the handshake takes long: 0 before its first bytes, and Infinity once the target was told.
   */
  #deadlineAt = 0;

  constructor(target: HealthCheckTarget, settings: HealthCheckSettings, now: CheckTime, random: number) {
    this.target = target;
    this.settings = settings;
    this.#bytesRead = target.bytesRead();
    this.#lastReadAt = now.passedMs;
    this.#phaseSince = now.answerableMs;
    this.#maxSilenceMs = drawMaxSilenceMs(settings, random);
  }

  /** Time since the last byte came, in milliseconds. */
  silentMs(now: CheckTime): number {
    return now.passedMs - this.#lastReadAt;
  }

  /** Reads the state of the connection, and changes nothing. Bytes that came since the last round count. */
  read(now: CheckTime): HealthReading {
    const { heartbeatIntervalMs, heartbeatDeadlineMs } = this.settings;
    const hasRead = this.target.bytesRead() !== this.#bytesRead;
    const silentMs = hasRead ? 0 : this.silentMs(now);
    const isStalled = !hasRead && (this.#phase === 'stalled' || this.#phase === 'stale');
    const maxSilenceMs = MAX_INTERVALS * heartbeatIntervalMs + heartbeatDeadlineMs;
    return { silentMs, isStalled, isFresh: !isStalled && silentMs <= maxSilenceMs };
  }

  /** The handshake is done. */
  onReady(): void {
    if (this.#phase === 'handshake') this.#phase = 'healthy';
  }

  /** Asks for a sign of life now, unless bytes came within the last `freshMs` milliseconds: those before a freeze prove nothing. */
  askNow(now: CheckTime, { freshMs, random }: { readonly freshMs: number; readonly random: number }): void {
    this.#noticeRead(now, random);
    if (this.#phase === 'healthy' && this.silentMs(now) >= freshMs) this.#probe(now);
  }

  /** Whether a sign of life was asked for, is due, and has not come. */
  isAwaited(): boolean {
    const isAsked = this.#phase === 'probing' && !this.#awaitsData;
    return isAsked && this.target.bytesRead() === this.#bytesRead;
  }

  /** Checks the connection once. True if an answer is overdue, so that the kernel's state should be read. */
  check(now: CheckTime, random: number): boolean {
    if (this.#noticeRead(now, random)) {
      if (this.#phase === 'handshake') this.#noticeSlowHandshake(now);
      return false;
    }
    const isSilent = this.#phase === 'healthy' && this.silentMs(now) >= this.#maxSilenceMs;
    if (isSilent || (this.#awaitsData && this.target.expectation() !== 'data')) this.#probe(now);
    return this.#isOverdue(now);
  }

  #isOverdue(now: CheckTime): boolean {
    if (this.#phase === 'handshake') return this.#isHandshakeOverdue(now);
    return this.#phase !== 'healthy' && this.#phase !== 'stale' && now.answerableMs >= this.#deadlineAt;
  }

  /** Acts on the kernel's state of the connection, unless bytes have come while the state was being read. */
  applySendQueueState(state: SendQueueState, now: CheckTime, random: number): void {
    if (this.#noticeRead(now, random) || !this.#isOverdue(now)) return;
    if (state.kind === 'unreadable') this.target.onUnreadable(state.why);
    if (state.kind === 'unacknowledged') this.#onUnacknowledged(state, now, random);
    else if (this.#phase === 'handshake') this.#reportStale('handshake', now);
    else if (this.target.expectation() !== 'answer') this.#waitForData(now);
    else if (this.#awaitsData) this.#probe(now);
    else if (state.kind === 'acknowledged') this.#onAcknowledged(now, random);
    else this.#reportStale('deadline', now);
  }

  /**
   * Bytes are unacknowledged. Two fruitless resends prove that the peer is gone, and so do one and a second state with the
   * same bytes. Without a resend the round trip may be longer than the deadline. If bytes were written since the connection
   * began to be probed, some may be a moment old, and the second state is read a whole deadline later. Otherwise the peer
   * still takes bytes, slowly or with losses.
   */
  #onUnacknowledged({ bytes, timesResent }: Unacknowledged, now: CheckTime, random: number): void {
    if (this.#noticeSending()) return this.#onSignOfLife(now, random);
    const written = this.target.bytesWritten();
    const isUnchanged = bytes === this.#bytesUnacknowledged && written === this.#bytesWrittenAtLastState;
    const isProof = timesResent >= MIN_RESENDS_AS_PROOF || (timesResent > 0 && isUnchanged);
    if (isProof) return this.#reportStale('kernel', now);
    this.#bytesUnacknowledged = bytes;
    this.#bytesWrittenAtLastState = written;
    if (written === this.#bytesWrittenAtProbe) return;
    this.#deadlineAt = now.answerableMs + this.settings.heartbeatDeadlineMs;
  }

  #onAcknowledged(now: CheckTime, random: number): void {
    if (this.#noticeSending()) this.#onSignOfLife(now, random);
    else this.#stall(now);
  }

  /** Whether the queue of bytes that the kernel has not taken yet has grown shorter: a long command is on its way. */
  #noticeSending(): boolean {
    const queued = this.target.bytesQueued();
    const isSending = queued < this.#bytesQueued;
    this.#bytesQueued = queued;
    return isSending;
  }

  /** Whether bytes have come since the last check. */
  #noticeRead(now: CheckTime, random: number): boolean {
    const bytesRead = this.target.bytesRead();
    if (bytesRead === this.#bytesRead) return false;
    this.#bytesRead = bytesRead;
    this.#onSignOfLife(now, random);
    return true;
  }

  #onSignOfLife(now: CheckTime, random: number): void {
    this.#lastReadAt = now.passedMs;
    const stalledMs = now.answerableMs - this.#phaseSince;
    const hasRecovered = this.#phase === 'stalled' || this.#phase === 'stale';
    this.#enterPhase(this.#phase === 'handshake' ? 'handshake' : 'healthy', now);
    this.#awaitsData = false;
    this.#maxSilenceMs = drawMaxSilenceMs(this.settings, random);
    if (hasRecovered) this.target.onRecovered(stalledMs);
  }

  /** A server that loads its data has answered, and is asked again later: time counts only while an answer is due. */
  #isHandshakeOverdue(now: CheckTime): boolean {
    const expectation = this.target.expectation();
    if (expectation === 'data') this.#enterPhase('healthy', now);
    if (expectation === 'nothing') {
      this.#enterPhase('handshake', now);
      this.#lastReadAt = now.passedMs;
      this.#forgetFirstBytes();
    }
    const waitedMs = now.answerableMs - this.#phaseSince;
    return expectation === 'answer' && waitedMs >= this.settings.handshakeTimeoutMs;
  }

  /** A server that sends its answers byte by byte is never silent for long, and may never finish them. */
  #noticeSlowHandshake(now: CheckTime): void {
    if (this.target.expectation() !== 'answer') return this.#forgetFirstBytes();
    const { handshakeTimeoutMs } = this.settings;
    if (this.#deadlineAt === 0) this.#deadlineAt = now.answerableMs + handshakeTimeoutMs;
    if (now.answerableMs < this.#deadlineAt) return;
    this.target.onSlowHandshake(now.answerableMs - this.#deadlineAt + handshakeTimeoutMs);
    this.#deadlineAt = Infinity;
  }

  /** All that was asked is answered: the next answer has a time of its own. */
  #forgetFirstBytes(): void {
    if (this.#deadlineAt < Infinity) this.#deadlineAt = 0;
  }

  #probe(now: CheckTime): void {
    const expectation = this.target.expectation();
    // All bytes are known to be acknowledged and none was written since: only TCP keepalive can find a dead peer now.
    if (expectation === 'data' && this.target.bytesWritten() === this.#bytesDelivered) return;
    if (expectation === 'nothing') this.target.ping();
    this.#bytesWrittenAtProbe = this.target.bytesWritten();
    this.#bytesQueued = this.target.bytesQueued();
    this.#enterPhase('probing', now);
    this.#awaitsData = expectation === 'data';
    this.#deadlineAt = now.answerableMs + this.settings.heartbeatDeadlineMs;
  }

  #waitForData(now: CheckTime): void {
    this.#bytesDelivered = this.#bytesWrittenAtProbe;
    this.#awaitsData = false;
    this.#enterPhase('healthy', now);
  }

  #stall(now: CheckTime): void {
    const { heartbeatDeadlineMs, stallLimitMs } = this.settings;
    if (this.#phase !== 'stalled') {
      this.#enterPhase('stalled', now);
      this.target.onStalled(this.silentMs(now));
    }
    const limitAt = this.#phaseSince + stallLimitMs;
    this.#deadlineAt = Math.min(now.answerableMs + heartbeatDeadlineMs, limitAt);
    if (now.answerableMs >= limitAt) this.#reportStale('stall-limit', now);
  }

  #enterPhase(phase: Phase, now: CheckTime): void {
    this.#phase = phase;
    this.#phaseSince = now.answerableMs;
  }

  /** A connection that was stalled before recovers from that time on. */
  #reportStale(cause: StaleCause, now: CheckTime): void {
    if (this.#phase === 'stalled') this.#phase = 'stale';
    else this.#enterPhase('stale', now);
    this.target.onStale(cause, this.silentMs(now));
  }
}

/**
 * Longest silence before a connection is probed: the interval ± 20 %, so that the processes of a fleet do not ping at the
 * same time. A silence is noticed up to three rounds late (when it begins, when it is long enough, when the deadline
 * passes), and the kernel's state may be read twice. These rounds are taken off the upper end, so that a dead peer is
 * found within 1.2 × interval + deadline.
 */
function drawMaxSilenceMs(settings: HealthCheckSettings, random: number): number {
  const shortest = 0.8 * settings.heartbeatIntervalMs;
  const longest = Math.max(
    shortest,
    MAX_INTERVALS * settings.heartbeatIntervalMs - 5 * checkPeriodMs(settings),
  );
  return Math.floor(shortest + random * (longest - shortest));
}
