import type { Clock } from '../core/clock.js';
import type { LogLine } from './log-table.js';

/** Passes on the first line of a fact at once, and joins those that follow into one line. */
export interface LineFolder {
  add(line: LogLine): void;
  /** Passes on what has been joined so far. */
  flush(): void;
  /** Passes on what has been joined so far, and from now on each line at once. */
  stopFolding(): void;
}

/** Time in which lines of the same fact are joined, in milliseconds. */
export const FOLD_MS = 10_000;

/** Limit of facts whose lines are joined at a time. The lines of further facts are joined by their event and level. */
const MAX_FACTS = 500;

/** Lines of one fact since its window began. */
interface Window {
  startedAt: number;
  count: number;
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

  function open(key: string, line: LogLine): void {
    const timer = clock.after(FOLD_MS, () => close(key));
    windows.set(key, { startedAt: clock.now(), count: 0, latest: line, timer });
  }

  function close(key: string): void {
    const window = windows.get(key);
    if (!window) return;
    windows.delete(key);
    window.timer.cancel();
    if (window.count === 0) return;
    if (isFolding) open(key, window.latest);
    write(joined(window, clock.now() - window.startedAt));
  }

  /** The key of a line's window. Lines of other facts share one window for each event and level. */
  function keyOf({ key, level, fields }: LogLine): string {
    if (windows.has(key) || windows.size < MAX_FACTS) return key;
    return `other facts\n${String(fields['event'])}\n${level}`;
  }

  function flush(): void {
    for (const [key, window] of windows) {
      if (window.count === 0) continue;
      const line = joined(window, clock.now() - window.startedAt);
      window.timer.cancel();
      open(key, window.latest);
      write(line);
    }
  }

  return {
    add(line) {
      if (!isFolding) return write(line);
      const key = keyOf(line);
      const window = windows.get(key);
      if (window) {
        window.count += 1;
        window.latest = line;
      } else {
        open(key, line);
        write(line);
      }
    },
    flush,
    stopFolding() {
      isFolding = false;
      for (const key of [...windows.keys()]) close(key);
    },
  };
}

/** The line for all that followed the first one: the latest of them, and how many they were. */
function joined({ count, latest }: Window, elapsedMs: number): LogLine {
  const seconds = Math.max(1, Math.round(elapsedMs / 1_000));
  return {
    ...latest,
    message: `${latest.message} (${count} ${count === 1 ? 'time' : 'times'} in ${seconds} s)`,
    fields: { ...latest.fields, count, elapsedMs },
  };
}
