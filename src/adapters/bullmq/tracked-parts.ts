import { createDeadline, type Deadline, systemClock } from '../../core/clock.js';
import { lazy } from '../../core/lazy.js';

/** What BullMQ's classes have in common: a `Worker`, `Queue`, `QueueEvents` or `FlowProducer`. */
export interface BullPart {
  close(): Promise<unknown>;
}

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
  /** Number of those that were closed by force. */
  readonly forced: number;
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

/** @param onUnfinished Called for each worker that is closed by force. */
export function createTrackedParts(
  timeoutMs: number,
  onUnfinished: (unfinished: UnfinishedJobs) => void,
): TrackedParts {
  const workers = new Map<BullWorker, ReadonlySet<string>>();
  const others = new Set<BullPart>();

  async function closeAll(): Promise<BullReport> {
    const deadline = createDeadline(systemClock, timeoutMs);
    const jobDeadline = createDeadline(systemClock, timeoutMs * JOB_SHARE);
    const stopped = await Promise.all(
      [...workers].map(([worker, jobs]) => stopWorker(worker, jobs, { jobDeadline, deadline })),
    );
    const unfinished = stopped.filter((one) => one !== undefined);
    unfinished.forEach(onUnfinished);
    const late = (await Promise.all([...others].map((part) => closePart(part, deadline)))).filter(
      (outcome) => outcome === 'late',
    );
    const forced = unfinished.length + late.length;
    return { closed: workers.size + others.size - forced, forced, unfinished };
  }

  const close = lazy(closeAll);

  return {
    track(part) {
      if (isWorker(part)) workers.set(part, watchJobs(part));
      else others.add(part);
      return part;
    },
    close,
  };
}

/** A worker of BullMQ, as far as it is watched and stopped here. */
interface BullWorker extends BullPart {
  readonly name: string;
  /** The promise of the first `close()`, which later calls return. */
  closing: Promise<void> | undefined;
  close(force?: boolean): Promise<void>;
  pause(doNotWaitActive?: boolean): Promise<void>;
  run(): Promise<void>;
  on(event: 'active' | 'completed' | 'failed', listener: (job?: { readonly id?: string }) => void): unknown;
}

/** Whether a part takes jobs: of BullMQ's classes only workers can both run and pause. */
function isWorker(part: BullPart): part is BullWorker {
  const { run, pause } = part as Partial<BullWorker>;
  return typeof run === 'function' && typeof pause === 'function';
}

/** Returns the ids of the jobs that a worker has begun and not ended. */
function watchJobs(worker: BullWorker): ReadonlySet<string> {
  const jobs = new Set<string>();
  const end = (job?: { readonly id?: string }) => void (job?.id !== undefined && jobs.delete(job.id));
  worker.on('active', (job) => void (job?.id !== undefined && jobs.add(job.id)));
  worker.on('completed', end);
  worker.on('failed', end);
  return jobs;
}

/** Closes a worker. Returns its jobs if they had to be left. */
async function stopWorker(
  worker: BullWorker,
  jobs: ReadonlySet<string>,
  { jobDeadline, deadline }: { readonly jobDeadline: Deadline; readonly deadline: Deadline },
): Promise<UnfinishedJobs | undefined> {
  if ((await jobDeadline.race(worker.close())) === 'done') return undefined;
  const unfinished = { queue: worker.name, jobs: [...jobs] };
  // The promise of the first close() waits for the jobs, and close(true) would return it.
  worker.closing = undefined;
  await deadline.race(worker.close(true));
  return unfinished;
}

async function closePart(part: BullPart, deadline: Deadline): Promise<'done' | 'late'> {
  return deadline.race(part.close());
}
