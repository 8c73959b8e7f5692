import type { Clock } from '../core/clock.js';
import { describeTime, type LogLine } from './log-table.js';

/** Passes on the first line of a fact at once, and joins those that follow into one line. */
export interface LineFolder {
  add(line: LogLine): void;
  /** Passes on what has been joined so far, of all facts or of those whose latest line is among these. */
  flush(isAmong?: (latest: LogLine) => boolean): void;
  /** Whether a line would be passed on at once. */
  isFirst(line: LogLine): boolean;
  /** Passes on what has been joined so far, and from now on each line at once. */
  stopFolding(): void;
}

/** Time in which lines of the same fact are joined, in milliseconds. */
export const FOLD_MS = 10_000;

/** Limit of facts whose lines are joined at a time. The lines of further facts are joined by their event and level. */
const MAX_FACTS = 500;

/** Lines of one fact since its window began. */
interface Window {
  firstAt: number;
  latestAt: number;
  /** Number of lines, including the first one if it was passed on at once. */
  count: number;
  /** Whether there are lines that were not passed on. */
  isPending: boolean;
  latest: LogLine;
  timer: ReturnType<Clock['after']>;
}

/**
 * Creates a folder. A fact that goes on is one line in ten seconds: at the end of a window with lines the next window
 * begins. The timers do not keep the process alive.
 */
export function createLineFolder(clock: Clock, write: (line: LogLine) => void): LineFolder {
  const windows = new Map<string, Window>();
  let isFolding = true;

  function open(key: string, line: LogLine, count: number): void {
    const timer = clock.after(FOLD_MS, () => close(key));
    const now = clock.now();
    windows.set(key, { firstAt: now, latestAt: now, count, isPending: false, latest: line, timer });
  }

  function close(key: string): void {
    const window = windows.get(key);
    if (!window) return;
    windows.delete(key);
    window.timer.cancel();
    if (!window.isPending) return;
    if (isFolding) open(key, window.latest, 0);
    write(joined(window));
  }

  /** The key of a line's window. Lines of other facts share one window for each event and level. */
  function keyOf({ key, level, fields }: LogLine): string {
    if (windows.has(key) || windows.size < MAX_FACTS) return key;
    return `other facts\n${String(fields['event'])}\n${level}`;
  }

  function addTo(window: Window, line: LogLine): void {
    const now = clock.now();
    if (window.count === 0) window.firstAt = now;
    window.count += 1;
    window.latestAt = now;
    window.latest = line;
    window.isPending = true;
  }

  return {
    add(line) {
      if (!isFolding) return write(line);
      const key = keyOf(line);
      const window = windows.get(key);
      if (window) return addTo(window, line);
      open(key, line, 1);
      write(line);
    },
    flush(isAmong = () => true) {
      for (const [key, { isPending, latest }] of [...windows]) if (isPending && isAmong(latest)) close(key);
    },
    isFirst: (line) => !isFolding || !windows.has(keyOf(line)),
    stopFolding() {
      isFolding = false;
      for (const key of [...windows.keys()]) close(key);
    },
  };
}

/** The line for all lines of a window: the latest of them, how many they were, and when the latest one came. */
function joined({ count, latest, firstAt, latestAt }: Window): LogLine {
  const elapsedMs = latestAt - firstAt;
  const times = count === 1 ? '' : ` (${count} times in ${describeTime(elapsedMs)})`;
  return {
    ...latest,
    message: `${latest.message}${times}`,
    fields: { ...latest.fields, count, elapsedMs, lastAt: latestAt },
  };
}
