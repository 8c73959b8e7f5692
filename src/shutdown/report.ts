import type { ShutdownStep } from './plan.js';

/** How one connection ended. `forced` means that it was destroyed with commands unanswered, or past the time for quits. */
export type ShutdownOutcome = 'closed' | 'forced';

/** One connection of a shutdown, as data. */
export interface ShutdownReportLine extends Pick<ShutdownStep, 'id' | 'name' | 'role' | 'target'> {
  readonly outcome: ShutdownOutcome;
  /** Why it was closed the way it was. */
  readonly why: string;
  /** Commands that never got a reply. */
  readonly abandonedCommands: number;
}

/** What a shutdown did. */
export interface ShutdownReport {
  readonly timeoutMs: number;
  readonly durationMs: number;
  /** Connections that closed in time, or with nothing left to do. */
  readonly closed: number;
  /** Connections that were destroyed with commands unanswered, or past the time for quits. */
  readonly forced: number;
  /** Commands that never got a reply, on all of them. */
  readonly abandonedCommands: number;
  readonly connections: readonly ShutdownReportLine[];
}

export function summarize(
  lines: readonly ShutdownReportLine[],
  { timeoutMs, durationMs }: Pick<ShutdownReport, 'timeoutMs' | 'durationMs'>,
): ShutdownReport {
  const forced = lines.filter((line) => line.outcome === 'forced').length;
  return {
    timeoutMs,
    durationMs: Math.round(durationMs),
    closed: lines.length - forced,
    forced,
    abandonedCommands: lines.reduce((sum, line) => sum + line.abandonedCommands, 0),
    connections: lines,
  };
}
