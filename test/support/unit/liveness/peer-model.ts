import type {
  Expectation,
  HealthCheckSettings,
  HealthCheckTarget,
} from '../../../../src/liveness/health-check-target.js';
import type { SendQueueState } from '../../../../src/liveness/tcp-state.js';

export type CommandKind = 'command' | 'blocking' | 'blocking for a time' | 'transaction' | 'exec';

/** How fast a peer is, in shares of what is allowed. */
export interface PeerPace {
  /** Time until an answer comes, as a share of the deadline (of the handshake: of its timeout). */
  readonly answer: number;
  /** Time until bytes are acknowledged, in milliseconds. */
  readonly ackMs: number;
}

interface Pending {
  readonly kind: CommandKind | 'ping' | 'handshake';
  /** When the server has all of it. */
  readonly arrivedAt: number;
  /** When the server begins to run it, `undefined` while an earlier command runs. */
  startedAt: number | undefined;
  answerAt: number;
  /** When a health check has first asked while it was the first command. */
  seenAt?: number;
}

/** For how many intervals a command may block that does not block for ever. */
const BLOCKING_INTERVALS = 2;

interface Write {
  readonly sentAt: number;
  /** When the kernel sends it at the latest: all bytes before it are acknowledged. */
  readonly firstInQueueAt: number;
  readonly bytes: number;
  /** Bytes that the peer takes per millisecond, of a command that is longer than the kernel's buffer. */
  readonly bytesPerMs: number | undefined;
  acknowledgedAt: number;
}

/** What the kernel keeps of a long command. The rest is queued by the process. */
const KERNEL_BUFFER_BYTES = 10_000;

/** The first and the second resend of a packet that is not acknowledged, after it was sent. */
const RESENT_AFTER_MS = [200, 600, 1_400, 3_000];

const LONG_BYTES_PER_MS = 10;

/** Answers are due after less than the limits, so that a peer that uses all of its time is still in time. */
const LARGEST_SHARE = 0.95;

/** A living peer behind a connection: it acknowledges all bytes and answers all commands, each after some time. */
export class PeerModel implements HealthCheckTarget {
  pace: PeerPace = { answer: 0.5, ackMs: 1 };
  /** How the health check has found it stale, for example `kernel, silent for 20000 ms`. */
  readonly stale: string[] = [];
  pings = 0;
  lastReadAt: number;
  isGone = false;
  onReady: () => void = () => undefined;
  readonly settings: HealthCheckSettings;
  readonly #now: () => number;
  readonly #pending: Pending[] = [];
  #writes: Write[] = [];
  #read = 0;
  #written = 0;
  #isInTransaction = false;
  #handshakeStepsLeft = 0;
  /** When the peer sends bytes that answer no command. */
  #pushAt = Infinity;

  constructor(settings: HealthCheckSettings, now: () => number) {
    this.settings = settings;
    this.#now = now;
    this.lastReadAt = now();
  }

  bytesRead = (): number => this.#read;
  bytesWritten = (): number => this.#written;
  bytesQueued = (): number =>
    this.#writes.reduce(
      (sum, write) => sum + Math.max(0, restAt(write, this.#now()) - KERNEL_BUFFER_BYTES),
      0,
    );
  readonly ends = { localAddress: 'a', localPort: 1, remoteAddress: 'b', remotePort: 2 };
  flow = () => this.ends;

  /** As `ClientHandle` tells it. */
  expectation(): Expectation {
    const [first] = this.#pending;
    if (first) return this.#isBlocking(first) ? 'data' : 'answer';
    return this.#isInTransaction ? 'data' : 'nothing';
  }

  #isBlocking(first: Pending): boolean {
    if (first.kind !== 'blocking for a time') return first.kind === 'blocking';
    first.seenAt ??= this.#now();
    return this.#now() <= first.seenAt + this.#blockingMs;
  }

  get #blockingMs(): number {
    return BLOCKING_INTERVALS * this.settings.heartbeatIntervalMs;
  }

  ping(): void {
    this.pings += 1;
    this.#send('ping', 14);
  }

  onStale(cause: string, silentMs: number): void {
    this.stale.push(`${cause}, silent for ${silentMs} ms`);
  }
  onSlowHandshake = (): void => undefined;
  onStalled = (): void => undefined;
  onRecovered = (): void => undefined;
  onUnreadable = (): void => undefined;

  /** Starts a handshake of so many commands, each sent after the answer to the one before. */
  handshake(steps: number): void {
    this.#handshakeStepsLeft = steps;
    this.#send('handshake', 60);
  }

  send(kind: CommandKind): void {
    if (this.#handshakeStepsLeft > 0) return; // ioredis keeps commands until the client is ready
    if (kind === 'transaction') this.#isInTransaction = true;
    if (kind === 'exec') this.#isInTransaction = false;
    this.#send(kind, 20);
  }

  /** Sends a command that takes so long to reach the peer, over a slow network. */
  sendLong(ms: number): void {
    if (this.#handshakeStepsLeft > 0 || this.isGone) return;
    this.#send('command', ms * LONG_BYTES_PER_MS, LONG_BYTES_PER_MS);
  }

  /** The server has data for a blocking command or a subscriber. */
  push(delayMs: number): void {
    const [first] = this.#pending;
    if (first?.kind.startsWith('blocking')) first.answerAt = Math.min(first.answerAt, this.#now() + delayMs);
    else if (this.#handshakeStepsLeft === 0) this.#pushAt = Math.min(this.#pushAt, this.#now() + delayMs);
  }

  /** The server answers nothing for this share of the time for which it may stall. */
  stall(share: number): void {
    const [first] = this.#pending;
    if (first?.startedAt === undefined || first.kind === 'handshake' || first.kind.startsWith('blocking'))
      return;
    const longest = first.startedAt + LARGEST_SHARE * this.settings.stallLimitMs;
    const until = this.#now() + share * (longest - this.#now());
    if (first.answerAt > this.#now()) first.answerAt = Math.max(first.answerAt, Math.min(longest, until));
  }

  /** The peer vanishes: it sends and acknowledges nothing any more. */
  vanish(): void {
    this.isGone = true;
    this.#pushAt = Infinity;
    for (const pending of this.#pending) pending.answerAt = Infinity;
    for (const write of this.#writes) {
      if (write.acknowledgedAt > this.#now()) write.acknowledgedAt = Infinity;
    }
  }

  /** Whether a vanished peer can be found: something waits for an answer, or a PING may be sent. */
  get isExpectedToAnswer(): boolean {
    return this.expectation() !== 'data';
  }

  nextArrivalAt(): number {
    return Math.min(this.#pending[0]?.answerAt ?? Infinity, this.#pushAt);
  }

  readArrivals(until: number): void {
    for (let next = this.nextArrivalAt(); next <= until; next = this.nextArrivalAt()) {
      this.#read += 5;
      this.lastReadAt = this.#now();
      if (next === this.#pushAt) this.#pushAt = Infinity;
      else this.#takeAnswer();
    }
  }

  /** What the kernel shows at this time. */
  sendQueueStateAt(time: number): SendQueueState {
    this.#writes = this.#writes.filter(({ acknowledgedAt }) => acknowledgedAt > time - 60_000);
    const open = this.#writes.filter(({ sentAt, acknowledgedAt }) => sentAt <= time && acknowledgedAt > time);
    const [oldest] = open;
    if (!oldest) return { kind: 'acknowledged' };
    const ageMs = time - oldest.firstInQueueAt;
    const isMoving = !this.isGone && oldest.bytesPerMs !== undefined;
    const timesResent = isMoving ? 0 : RESENT_AFTER_MS.filter((after) => ageMs >= after).length;
    const bytes = open.reduce((sum, write) => sum + Math.min(KERNEL_BUFFER_BYTES, restAt(write, time)), 0);
    return { kind: 'unacknowledged', bytes, timesResent };
  }

  #send(kind: Pending['kind'], bytes: number, bytesPerMs?: number): void {
    const sentAt = this.#now();
    this.#written += bytes;
    const earliest = Math.max(sentAt, this.#writes.at(-1)?.acknowledgedAt ?? 0);
    const takenAt = bytesPerMs === undefined ? sentAt + this.pace.ackMs : earliest + bytes / bytesPerMs;
    const acknowledgedAt = this.isGone ? Infinity : Math.max(earliest, takenAt);
    this.#writes.push({ sentAt, firstInQueueAt: earliest, bytes, bytesPerMs, acknowledgedAt });
    const arrivedAt = bytesPerMs === undefined ? Math.max(sentAt, earliest) : acknowledgedAt;
    this.#pending.push({ kind, arrivedAt, startedAt: undefined, answerAt: Infinity });
    if (this.#pending.length === 1) this.#start(arrivedAt);
  }

  #start(at: number): void {
    const [first] = this.#pending;
    if (!first) return;
    first.startedAt = Math.max(at, first.arrivedAt);
    if (first.kind === 'blocking' || this.isGone) return;
    const blockedMs = first.kind === 'blocking for a time' ? this.#blockingMs : 0;
    const answerMs = Math.floor(this.pace.answer * this.#longestAnswerMs(first.kind));
    first.answerAt = first.startedAt + blockedMs + answerMs;
  }

  #longestAnswerMs(kind: Pending['kind']): number {
    if (kind === 'handshake') return LARGEST_SHARE * this.settings.handshakeTimeoutMs;
    const { heartbeatDeadlineMs, stallLimitMs } = this.settings;
    return LARGEST_SHARE * Math.min(heartbeatDeadlineMs, stallLimitMs);
  }

  #takeAnswer(): void {
    const answered = this.#pending.shift();
    if (!answered) return;
    if (answered.kind === 'handshake') {
      this.#handshakeStepsLeft -= 1;
      if (this.#handshakeStepsLeft > 0) this.#send('handshake', 30);
      else this.onReady();
    } else this.#start(answered.answerAt);
  }
}

/** Bytes of a write that the peer has not acknowledged at this time. */
function restAt({ bytes, bytesPerMs, acknowledgedAt, sentAt }: Write, time: number): number {
  if (acknowledgedAt <= time || time < sentAt) return 0;
  return bytesPerMs === undefined ? bytes : Math.min(bytes, (acknowledgedAt - time) * bytesPerMs);
}
