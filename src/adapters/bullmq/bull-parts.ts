import { optionTypeError } from '../../options/check-options.js';

/** What BullMQ's classes have in common: a `Worker`, `Queue`, `QueueEvents` or `FlowProducer`. */
export interface BullPart {
  close(): Promise<unknown>;
}

type JobListener = (job?: { readonly id?: string }) => void;

/** A worker of BullMQ, as far as it is watched and stopped here. */
export interface BullWorker extends BullPart {
  readonly name: string;
  /** The promise of the first `close()`, which later calls return. */
  closing: Promise<void> | undefined;
  close(force?: boolean): Promise<void>;
  pause(doNotWaitActive?: boolean): Promise<void>;
  run(): Promise<void>;
  on(event: 'active' | 'completed' | 'failed', listener: JobListener): unknown;
}

/** Whether a part takes jobs: of BullMQ's classes only workers can both run and pause. */
export function isWorker(part: BullPart): part is BullWorker {
  const { run, pause } = part as Partial<BullWorker>;
  return typeof run === 'function' && typeof pause === 'function';
}

/** Returns the ids of the jobs that a worker begins from now on and has not ended. */
export function watchJobs(worker: BullWorker): ReadonlySet<string> {
  const jobs = new Set<string>();
  const end: JobListener = (job) => void (job?.id !== undefined && jobs.delete(job.id));
  worker.on('active', (job) => void (job?.id !== undefined && jobs.add(job.id)));
  worker.on('completed', end);
  worker.on('failed', end);
  return jobs;
}

/**
 * Ids of the jobs under way: those that were watched, and those that the worker had begun before. The latter are in its lock
 * manager, which the types of BullMQ hide.
 */
export function jobsOf(worker: BullWorker, watched: ReadonlySet<string>): readonly string[] {
  const { lockManager } = worker as { lockManager?: { getTrackedJobIds?(): readonly string[] } };
  return [...new Set([...watched, ...(lockManager?.getTrackedJobIds?.() ?? [])])];
}

/** @throws HygieneError `HYG_OPTION_TYPE` */
export function checkPart(part: unknown): void {
  const isObject = typeof part === 'object' && part !== null;
  if (isObject && typeof (part as Partial<BullPart>).close === 'function') return;
  throw optionTypeError('part of track()', part, 'a Worker, Queue, QueueEvents or FlowProducer of BullMQ');
}

/** What a part is called in messages: the name of its class. */
export function nameOf(part: BullPart): string {
  const { name } = part.constructor;
  return name === '' || name === 'Object' ? 'part' : name;
}
