import { type Clock, createDeadline, type Deadline } from '../core/clock.js';
import type { LedgerEntry } from '../ledger/ledger.js';
import type { PendingWork } from '../ledger/connection.js';
import {
  type DrainReport,
  type OpenConnection,
  planShutdown,
  type ShutdownReportLine,
  type ShutdownStep,
  summarize,
} from './shutdown-plan.js';

export interface DrainPorts {
  readonly clock: Clock;
  readonly entries: () => readonly LedgerEntry[];
}

/** How often a connection is asked whether auto-pipelining has written what it held back. */
const UNSENT_POLL_MS = 2;
/** How often it is asked whether a blocking command has come to the head of its queue. */
const BLOCKED_POLL_MS = 20;

function describe({ id, facts, state, handle }: LedgerEntry): OpenConnection {
  const { name, role, target } = facts;
  const { pending, blocked } = handle.work();
  return { id, name, role, target, state: state.kind, pending, blocked };
}

function line(
  { id, name, role, target }: ShutdownStep,
  result: Pick<ShutdownReportLine, 'outcome' | 'why' | 'abandonedCommands'>,
): ShutdownReportLine {
  return { id, name, role, target, ...result };
}

/** Commands of this turn of the event loop, and those that auto-pipelining holds back until the next, go first. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

/** QUIT may not overtake a command that auto-pipelining has not written. */
async function allSent({ handle }: LedgerEntry, clock: Clock, quits: Deadline): Promise<void> {
  while (handle.work().unsent > 0 && quits.remainingMs() > 0) {
    await pause(clock, UNSENT_POLL_MS);
  }
}

function destroyAsPlanned(entry: LedgerEntry, step: ShutdownStep): ShutdownReportLine {
  const { pending } = entry.handle.work();
  entry.handle.destroy();
  return line(step, {
    outcome: pending > 0 ? 'forced' : 'closed',
    why: step.why,
    abandonedCommands: pending,
  });
}

function destroyLate(entry: LedgerEntry, step: ShutdownStep, why: string): ShutdownReportLine {
  const { pending } = entry.handle.work();
  entry.handle.destroy();
  return line(step, { outcome: 'forced', why, abandonedCommands: pending });
}

/** Waits for a connection that quits. Gives what was left undone, or why it has to be destroyed. */
async function awaitEnd(entry: LedgerEntry, clock: Clock, quits: Deadline): Promise<PendingWork | string> {
  const seen: { undone?: PendingWork } = {};
  const closed = entry.whenClosed().then((undone) => void (seen.undone = undone));
  for (;;) {
    const look = createDeadline(clock, Math.min(BLOCKED_POLL_MS, quits.remainingMs()));
    await look.race(closed);
    if (seen.undone) return seen.undone;
    if (entry.handle.work().blocked) return 'A blocking command held it: QUIT would stay behind it.';
    if (quits.remainingMs() === 0) return 'It did not quit in time.';
  }
}

async function quit(
  entry: LedgerEntry,
  step: ShutdownStep,
  clock: Clock,
  quits: Deadline,
): Promise<ShutdownReportLine> {
  await allSent(entry, clock, quits);
  const { pending: waiting } = entry.handle.work();
  entry.handle.quit();
  const end = await awaitEnd(entry, clock, quits);
  if (typeof end === 'string') return destroyLate(entry, step, end);
  if (!entry.wasUp && waiting > 0) {
    const why = 'Its dial failed, and what waited for it was rejected.';
    return line(step, { outcome: 'forced', why, abandonedCommands: waiting });
  }
  const why = end.pending > 0 ? 'It closed before all replies were in.' : step.why;
  return line(step, { outcome: 'closed', why, abandonedCommands: end.pending });
}

/**
 * Closes everything in the ledger, as planned, in parallel and within the deadline. What does not quit in time
 * is destroyed.
 */
export async function drain({ clock, entries }: DrainPorts, timeoutMs: number): Promise<DrainReport> {
  const start = clock.now();
  const deadline = createDeadline(clock, timeoutMs);
  await nextTurn();
  const open = entries();
  open.forEach((entry) => entry.closing('shutdown'));
  const plan = planShutdown(open.map(describe), deadline.remainingMs());
  const quits = createDeadline(clock, plan.quitMs);
  const lines = await Promise.all(
    open.map((entry, index) => {
      const step = plan.steps[index] as ShutdownStep; // the plan keeps the order
      return step.action === 'quit'
        ? quit(entry, step, clock, quits)
        : Promise.resolve(destroyAsPlanned(entry, step));
    }),
  );
  await deadline.race(Promise.all(open.map((entry) => entry.whenClosed())));
  return summarize(lines, { timeoutMs, durationMs: clock.now() - start });
}
