import type { Clock } from '../../../../src/core/clock.js';

/** Where the application blocks the event loop: after the timers of a turn, or after the sockets have been read. */
export type BlockedPhase = 'timers' | 'poll';

/** What happens outside of the process. */
export interface LoopEnvironment {
  /** When something comes in next that the loop has to read, `Infinity` if nothing does. */
  nextArrivalAt(): number;
  /** Reads what had come in by this time. */
  readArrivals(until: number): void;
}

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** Work of the thread pool, in stages. Each stage ends while the loop may be blocked, and is seen in a poll phase. */
interface FileRead {
  doneAt: number;
  stagesLeft: number;
  readonly finish: (doneAt: number) => void;
}

/** Reading a file takes three calls of the thread pool: open, read, close. */
const FILE_STAGES = 3;

/**
 * The event loop of Node: due timers run, then what has come in by now is read (sockets and files), again and again. A
 * block delays all of it, and what comes in meanwhile waits unread. Runs without real timers, so that hours take
 * milliseconds.
 */
export class EventLoopModel {
  now = 1_000_000;
  /** Number of turns in which a timer has run. */
  timerTurns = 0;
  readonly #environment: LoopEnvironment;
  readonly #random: () => number;
  readonly #timers = new Set<Timer>();
  readonly #reads = new Set<FileRead>();
  readonly #stageMs: number;

  constructor(environment: LoopEnvironment, random: () => number, stageMs: number) {
    this.#environment = environment;
    this.#random = random;
    this.#stageMs = stageMs;
  }

  readonly clock: Clock = {
    now: () => this.now,
    random: () => this.#random(),
    after: (ms, task) => this.#startTimer(ms, task),
    afterRef: (ms, task) => this.#startTimer(ms, task),
  };

  #startTimer(ms: number, task: () => void): { cancel(): void } {
    const timer = { at: this.now + ms, task };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /** Reads a file in the thread pool. Resolves with the time at which the content was read. */
  readFile(): Promise<number> {
    return new Promise((resolve) => {
      this.#reads.add({ doneAt: this.now + this.#stageMs, stagesLeft: FILE_STAGES, finish: resolve });
    });
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (let next = this.#nextEventAt(); next <= end; next = this.#nextEventAt()) {
      this.now = Math.max(this.now, next);
      await this.#turn();
    }
    this.now = Math.max(this.now, end);
  }

  /** Lets time pass until a file is being read, for this long at most. */
  async passUntilRead(maxMs: number): Promise<void> {
    const end = this.now + maxMs;
    const isReading = () => this.#reads.size > 0;
    for (let next = this.#nextEventAt(); next <= end && !isReading(); next = this.#nextEventAt()) {
      this.now = Math.max(this.now, next);
      this.#runTimers();
      if (!isReading()) await this.#turn();
    }
  }

  /** Blocks the loop once for this long. */
  async block(ms: number, phase: BlockedPhase): Promise<void> {
    await this.#turn(phase, ms);
    await this.pass(0);
  }

  #nextEventAt(): number {
    const timers = [...this.#timers].map(({ at }) => at);
    const reads = [...this.#reads].map(({ doneAt }) => doneAt);
    return Math.min(this.#environment.nextArrivalAt(), ...timers, ...reads);
  }

  async #turn(blocked?: BlockedPhase, ms = 0): Promise<void> {
    this.#runTimers();
    if (blocked === 'timers') this.now += ms;
    const until = this.now;
    this.#environment.readArrivals(until);
    await this.#pollFiles(until);
    if (blocked === 'poll') this.now += ms;
  }

  #runTimers(): void {
    const due = [...this.#timers].filter(({ at }) => at <= this.now);
    if (due.length > 0) this.timerTurns += 1;
    for (const timer of due.sort((one, other) => one.at - other.at)) {
      if (this.#timers.delete(timer)) timer.task();
    }
  }

  async #pollFiles(until: number): Promise<void> {
    for (const read of [...this.#reads].filter(({ doneAt }) => doneAt <= until)) {
      read.stagesLeft -= 1;
      if (read.stagesLeft === 0) {
        this.#reads.delete(read);
        read.finish(read.doneAt);
        for (let count = 0; count < 5; count += 1) await Promise.resolve(); // whoever waits for the file continues
      } else read.doneAt = this.now + this.#stageMs;
    }
  }
}
