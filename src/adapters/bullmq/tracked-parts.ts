import { createDeadline, type Deadline, systemClock } from '../../core/clock.js';
import { HygieneError } from '../../core/errors.js';
import { lazy } from '../../core/lazy.js';
import {
  type BullPart,
  type BullWorker,
  checkPart,
  isWorker,
  jobsOf,
  nameOf,
  watchJobs,
} from './bull-parts.js';

/** Jobs of one worker that were under way when it was closed by force. */
export interface UnfinishedJobs {
  readonly queue: string;
  /** Ids of the jobs. */
  readonly jobs: readonly string[];
}

/** What `close()` has done. */
export interface BullReport {
  /** Number of workers, queues, queue events and flow producers that have closed in time. */
  readonly closed: number;
  /** Number of those that did not close in time. Workers among them were closed by force. */
  readonly forced: number;
  /** Number of those whose `close()` has failed. The factory has emitted `HYG_BULLMQ_CLOSE_FAILED` for each. */
  readonly failed: number;
  /** Jobs that had not ended, one item for each worker that was closed by force. */
  readonly unfinished: readonly UnfinishedJobs[];
}

/** Parts of an application that use BullMQ, and are stopped together. */
export interface TrackedParts {
  readonly track: <Part extends BullPart>(part: Part) => Part;
  readonly close: () => Promise<BullReport>;
}

/** The share of the time in which jobs may end. The rest is for closing by force, and for queues and their events. */
const JOB_SHARE = 0.75;

interface Limits {
  readonly jobDeadline: Deadline;
  readonly deadline: Deadline;
}

type Outcome =
  | { readonly kind: 'closed' | 'failed' | 'forced' }
  | { readonly kind: 'forced'; readonly unfinished: UnfinishedJobs };

/** A part, and how it is stopped. `stop()` runs once and never rejects: failures are told as events. */
interface Tracked {
  readonly takesJobs: boolean;
  stop(limits: Limits): Promise<Outcome>;
}

type OnFailure = (error: HygieneError) => void;

/** @param onFailure Called for each worker that is closed by force, for each part that fails to close, or comes too late. */
export function createTrackedParts(timeoutMs: number, onFailure: OnFailure): TrackedParts {
  const parts = new Map<BullPart, Tracked>();
  /** Outcomes of what has been stopped. `close()` goes on until each part has one. */
  const outcomes = new Map<Tracked, Outcome>();
  let closing: Limits | undefined;
  let isClosed = false;

  const close = lazy(async (): Promise<BullReport> => {
    closing = startLimits(timeoutMs);
    for (let next = nextPhase(); next.length > 0; next = nextPhase()) await stopAll(next, closing);
    isClosed = true;
    return reportOf([...outcomes.values()]);
  });

  /** What is stopped next: workers, also those that were tracked meanwhile, and then the others. */
  function nextPhase(): readonly Tracked[] {
    const open = [...parts.values()].filter((one) => !outcomes.has(one));
    const workers = open.filter(({ takesJobs }) => takesJobs);
    return workers.length > 0 ? workers : open;
  }

  async function stopAll(group: readonly Tracked[], limits: Limits): Promise<void> {
    await Promise.all(group.map(async (one) => outcomes.set(one, await one.stop(limits))));
  }

  /** Stops what the start of an application has made after the process was told to stop. */
  function stopLate(one: Tracked, name: string): void {
    if (isClosed) {
      const what = `A ${name} was given to track() after close() had ended. It is closed at once.`;
      onFailure(new HygieneError('HYG_BULLMQ_TRACK_LATE', what, { details: { part: name } }));
      void one.stop(startLimits(timeoutMs));
    } else if (closing && one.takesJobs) void one.stop(closing); // takes no job while others end theirs
  }

  return {
    track(part) {
      checkPart(part);
      if (parts.has(part)) return part;
      const one = isWorker(part) ? trackWorker(part, onFailure) : trackOther(part, onFailure);
      parts.set(part, one);
      stopLate(one, nameOf(part));
      return part;
    },
    close,
  };
}

function startLimits(timeoutMs: number): Limits {
  return {
    jobDeadline: createDeadline(systemClock, timeoutMs * JOB_SHARE),
    deadline: createDeadline(systemClock, timeoutMs),
  };
}

function reportOf(outcomes: readonly Outcome[]): BullReport {
  const count = (kind: Outcome['kind']) => outcomes.filter((outcome) => outcome.kind === kind).length;
  return {
    closed: count('closed'),
    forced: count('forced'),
    failed: count('failed'),
    unfinished: outcomes.flatMap((outcome) => ('unfinished' in outcome ? [outcome.unfinished] : [])),
  };
}

function trackOther(part: BullPart, onFailure: OnFailure): Tracked {
  const begin = onceWith(async ({ deadline }): Promise<Outcome> => {
    const kind = await closeWithin(part, () => part.close(), deadline, onFailure);
    return { kind: kind === 'late' ? 'forced' : kind };
  });
  return { takesJobs: false, stop: begin };
}

function trackWorker(worker: BullWorker, onFailure: OnFailure): Tracked {
  const watched = watchJobs(worker);
  const begin = onceWith(async ({ jobDeadline, deadline }): Promise<Outcome> => {
    const kind = await closeWithin(worker, () => worker.close(), jobDeadline, onFailure);
    if (kind !== 'late') return { kind };
    const unfinished = { queue: worker.name, jobs: jobsOf(worker, watched) };
    onFailure(unfinishedError(unfinished));
    // The promise of the first close() waits for the jobs, and close(true) would return it.
    worker.closing = undefined;
    await closeWithin(worker, () => worker.close(true), deadline, onFailure);
    return { kind: 'forced', unfinished };
  });
  return { takesJobs: true, stop: begin };
}

/** A function that runs once, with its first argument: later calls return the same promise. */
function onceWith(stop: (limits: Limits) => Promise<Outcome>): (limits: Limits) => Promise<Outcome> {
  let running: Promise<Outcome> | undefined;
  return (limits) => (running ??= stop(limits));
}

/** Closes a part. A failure, also of a `close()` that throws, is told and prevents nothing else. */
async function closeWithin(
  part: BullPart,
  close: () => Promise<unknown>,
  deadline: Deadline,
  onFailure: OnFailure,
): Promise<'closed' | 'failed' | 'late'> {
  const work = (async () => close())();
  if ((await deadline.race(work)) === 'late') return 'late';
  return work.then(
    () => 'closed',
    (cause: unknown) => {
      const name = nameOf(part);
      const what = `close() of a ${name} has failed. What else is tracked was closed.`;
      onFailure(new HygieneError('HYG_BULLMQ_CLOSE_FAILED', what, { cause, details: { part: name } }));
      return 'failed';
    },
  );
}

function unfinishedError({ queue, jobs }: UnfinishedJobs): HygieneError {
  const names = jobs.length > 0 ? ` (${jobs.slice(0, 10).join(', ')})` : '';
  const what = `A worker of the queue "${queue}" was closed while ${jobs.length} of its jobs${names} had not ended.`;
  return new HygieneError('HYG_JOBS_UNFINISHED', what, { details: { queue, jobs } });
}
