import {
  type StaleCause,
  type HealthCheckSettings,
  type HealthCheckTarget,
  checkPeriodMs,
} from './health-check-target.js';
import type { SendQueueState } from './tcp-state.js';

/**
 * Where a connection stands: its handshake is under way; it has been heard of late; it has been silent for too
 * long and was asked for a sign of life; or the sign is late although the peer acknowledges bytes.
 *
 *     handshake → listening ⇄ asked → stalled → listening
 */
type Phase = 'handshake' | 'listening' | 'asked' | 'stalled';

/**
 * How long a silence lasts before something is done: the interval ± 20 %, so that a fleet does not ping in step.
 * A silence is seen up to three rounds late (as it begins, as it is long enough, as the deadline passes), and the
 * kernel may be asked twice. These rounds are taken off the upper end: a dead peer is found within
 * 1.2 × interval + deadline.
 */
function patience(pace: HealthCheckSettings, random: number): number {
  const shortest = 0.8 * pace.heartbeatIntervalMs;
  const longest = Math.max(shortest, 1.2 * pace.heartbeatIntervalMs - 5 * checkPeriodMs(pace));
  return Math.floor(shortest + random * (longest - shortest));
}

type Unacknowledged = Extract<SendQueueState, { kind: 'unacknowledged' }>;

/** One packet may be lost on a line that is alive. */
const PROOF_RESENT = 2;

/**
 * The judgement of one connection. All times are milliseconds of the heartbeat's own time, which stands still
 * while the process sleeps.
 *
 * A class, because there is one for each connection: shared methods keep it small.
 */
export class HealthCheck {
  readonly patient: HealthCheckTarget;
  readonly pace: HealthCheckSettings;
  #phase: Phase = 'handshake';
  /** When the last byte came, at the latest. */
  #heardAt: number;
  #bytes: number;
  /** Bytes that had been written when a sign of life was asked for, and those of them that the peer has. */
  #written = 0;
  #delivered = 0;
  /** Bytes that the kernel had not taken at the last question. */
  #queued = 0;
  /** Bytes that were out at the last look of the kernel, of so many written. */
  #unacknowledged = 0;
  #writtenThen = 0;
  #patience = 0;
  /** When the present phase began. */
  #since: number;
  /** When it is to be judged, in phases `asked` and `stalled`. */
  #dueAt = 0;

  constructor(patient: HealthCheckTarget, pace: HealthCheckSettings, now: number, random: number) {
    this.patient = patient;
    this.pace = pace;
    this.#bytes = patient.bytesRead();
    this.#heardAt = this.#since = now;
    this.#patience = patience(pace, random);
  }

  /** How long nothing has come, in milliseconds. */
  silentMs(now: number): number {
    return now - this.#heardAt;
  }

  /** The handshake is done. */
  ready(): void {
    if (this.#phase === 'handshake') this.#phase = 'listening';
  }

  /** Looks at the connection once. True if an answer is overdue, so that the kernel should be asked. */
  look(now: number, random: number): boolean {
    if (this.#hasSpoken(now, random)) return false;
    switch (this.#phase) {
      case 'handshake':
        return this.#lacksHandshake(now);
      case 'listening':
        if (this.silentMs(now) >= this.#patience) this.#losePatience(now);
        return false;
      default:
        return now >= this.#dueAt;
    }
  }

  /** Draws the consequence of what the kernel said, unless the connection has spoken meanwhile. */
  judge(testimony: SendQueueState, now: number, random: number): void {
    if (this.#hasSpoken(now, random)) return;
    if (testimony.kind === 'unreadable') this.patient.onUnreadable(testimony.why);
    if (testimony.kind === 'unacknowledged') this.#weigh(testimony, now);
    else if (this.#phase === 'handshake') this.#stale('handshake', now);
    else if (this.patient.expects() !== 'answer') this.#waitForData(now);
    else if (testimony.kind === 'acknowledged') this.#wait(now, random);
    else this.#stale('deadline', now);
  }

  /**
   * Bytes are out for longer than the deadline. It proves that the peer is gone when they have been sent again in
   * vain twice, or when the next look finds the very same bytes out. Else the peer takes them, slowly or with losses.
   */
  #weigh({ bytes, timesResent }: Unacknowledged, now: number): void {
    const written = this.patient.bytesWritten();
    const isSame = bytes === this.#unacknowledged && written === this.#writtenThen;
    if (timesResent >= PROOF_RESENT || isSame) return this.#stale('kernel', now);
    this.#unacknowledged = bytes;
    this.#writtenThen = written;
  }

  #enter(phase: Phase, now: number): void {
    this.#phase = phase;
    this.#since = now;
  }

  #hasSpoken(now: number, random: number): boolean {
    const bytes = this.patient.bytesRead();
    if (bytes === this.#bytes) return false;
    this.#bytes = bytes;
    this.#comeAlive(now, random);
    return true;
  }

  #comeAlive(now: number, random: number): void {
    this.#heardAt = now;
    const stalledMs = now - this.#since;
    const wasStalled = this.#phase === 'stalled';
    if (this.#phase !== 'handshake' && this.#phase !== 'listening') this.#enter('listening', now);
    this.#patience = patience(this.pace, random);
    if (wasStalled) this.patient.onRecovered(stalledMs);
  }

  /** A server that loads its data answers, and is asked again later: only an answer that is due counts. */
  #lacksHandshake(now: number): boolean {
    const expectation = this.patient.expects();
    if (expectation === 'data') this.#enter('listening', now);
    if (expectation === 'nothing') this.#heardAt = now;
    return expectation === 'answer' && this.silentMs(now) >= this.pace.handshakeTimeoutMs;
  }

  #losePatience(now: number): void {
    const expectation = this.patient.expects();
    // Bytes that were acknowledged once, and nothing after them: only the kernel's probes can tell.
    if (expectation === 'data' && this.patient.bytesWritten() === this.#delivered) return;
    this.#written = this.patient.bytesWritten();
    this.#queued = this.patient.bytesQueued();
    this.#enter('asked', now);
    this.#dueAt = now + this.pace.heartbeatDeadlineMs;
    if (expectation === 'nothing') this.patient.ping();
  }

  #waitForData(now: number): void {
    this.#delivered = this.#written;
    this.#enter('listening', now);
  }

  /** A long command on its way to the server is a sign of life too: the queue grows shorter. */
  #wait(now: number, random: number): void {
    const queued = this.patient.bytesQueued();
    const moves = queued < this.#queued;
    this.#queued = queued;
    if (moves) this.#comeAlive(now, random);
    else this.#stall(now);
  }

  #stall(now: number): void {
    this.#dueAt = now + this.pace.heartbeatDeadlineMs;
    if (this.#phase !== 'stalled') {
      this.#enter('stalled', now);
      this.patient.onStalled(this.silentMs(now));
    } else if (now - this.#since >= this.pace.stallLimitMs) {
      this.#stale('stall-limit', now);
    }
  }

  #stale(found: StaleCause, now: number): void {
    this.patient.onStale(found, this.silentMs(now));
  }
}
