import { type Clock, createDeadline, type Deadline } from '../core/clock.js';
import type { PendingWork } from '../ledger/connection.js';
import type { ClosableEntry } from '../ledger/ledger.js';
import {
  BLOCKED_REASON,
  type DrainReport,
  type OpenConnection,
  planShutdown,
  type ShutdownReportLine,
  type ShutdownStep,
  summarize,
} from './shutdown-plan.js';

export interface DrainPorts {
  readonly clock: Clock;
  readonly entries: () => readonly ClosableEntry[];
}

/**
 * Closes all connections as planned, in parallel and within the timeout. A connection that does not quit in
 * time is destroyed.
 */
export async function drain({ clock, entries }: DrainPorts, timeoutMs: number): Promise<DrainReport> {
  const start = clock.now();
  const deadline = createDeadline(clock, timeoutMs);
  await waitForNextTurn();
  const open = entries();
  open.forEach((entry) => entry.markClosing('shutdown'));
  const plan = planShutdown(open.map(describe), deadline.remainingMs());
  const quitDeadline = createDeadline(clock, plan.quitMs);
  const lines = await Promise.all(
    open.map((entry, index) => {
      const step = plan.steps[index] as ShutdownStep; // the plan keeps the order
      return step.action === 'quit'
        ? quit(entry, step, clock, quitDeadline)
        : Promise.resolve(destroyAsPlanned(entry, step));
    }),
  );
  await deadline.race(Promise.all(open.map((entry) => entry.whenClosed())));
  return summarize(lines, { timeoutMs, durationMs: clock.now() - start });
}

/** Lets commands of this turn of the event loop, and those that auto-pipelining holds back until the next, go first. */
function waitForNextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function describe({ id, facts, state, handle }: ClosableEntry): OpenConnection {
  const { name, role, target } = facts;
  const { pending, isBlocked } = handle.work();
  return { id, name, role, target, state: state.kind, pending, isBlocked };
}

async function quit(
  entry: ClosableEntry,
  step: ShutdownStep,
  clock: Clock,
  quitDeadline: Deadline,
): Promise<ShutdownReportLine> {
  await waitUntilSent(entry, clock, quitDeadline);
  const { pending: pendingBefore } = entry.handle.work();
  entry.handle.quit();
  const end = await waitForEnd(entry, clock, quitDeadline);
  if (typeof end === 'string') return destroyLate(entry, step, end);
  if (!entry.wasConnected && pendingBefore > 0) {
    const why = 'The dial failed, and the commands that waited for it were rejected.';
    return createLine(step, { outcome: 'forced', why, abandonedCommands: pendingBefore });
  }
  const why = end.pending > 0 ? 'The connection closed before all replies had arrived.' : step.why;
  return createLine(step, { outcome: 'closed', why, abandonedCommands: end.pending });
}

/** How often a connection is checked for commands that auto-pipelining has not written yet. */
const UNSENT_POLL_MS = 2;

/** Waits until auto-pipelining has written all commands, because QUIT must not overtake them. */
async function waitUntilSent({ handle }: ClosableEntry, clock: Clock, quitDeadline: Deadline): Promise<void> {
  while (handle.progress().unsent > 0 && quitDeadline.remainingMs() > 0) {
    await pause(clock, UNSENT_POLL_MS);
  }
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

/** How often a connection is checked for a blocking command that has become the first pending one. */
const BLOCKED_POLL_MS = 20;

/** Waits for the end of a connection that quits. Returns the work left undone, or why it must be destroyed. */
async function waitForEnd(
  entry: ClosableEntry,
  clock: Clock,
  quitDeadline: Deadline,
): Promise<PendingWork | string> {
  const result: { undone?: PendingWork } = {};
  const closed = entry.whenClosed().then((undone) => void (result.undone = undone));
  for (;;) {
    const nextCheck = createDeadline(clock, Math.min(BLOCKED_POLL_MS, quitDeadline.remainingMs()));
    await nextCheck.race(closed);
    if (result.undone) return result.undone;
    if (entry.handle.progress().isBlocked) return BLOCKED_REASON;
    if (quitDeadline.remainingMs() === 0) return 'The connection did not quit in time.';
  }
}

function destroyAsPlanned(entry: ClosableEntry, step: ShutdownStep): ShutdownReportLine {
  const { pending } = entry.handle.work();
  entry.handle.destroy();
  return createLine(step, {
    outcome: pending > 0 ? 'forced' : 'closed',
    why: step.why,
    abandonedCommands: pending,
  });
}

function destroyLate(entry: ClosableEntry, step: ShutdownStep, why: string): ShutdownReportLine {
  const { pending } = entry.handle.work();
  entry.handle.destroy();
  return createLine(step, { outcome: 'forced', why, abandonedCommands: pending });
}

function createLine(
  { id, name, role, target }: ShutdownStep,
  result: Pick<ShutdownReportLine, 'outcome' | 'why' | 'abandonedCommands'>,
): ShutdownReportLine {
  return { id, name, role, target, ...result };
}
