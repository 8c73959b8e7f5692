import { HygieneError } from '../core/errors.js';
import { redact } from '../core/redact.js';
import { colourStyle, type TextStyle, plainStyle } from '../doctor/render/text-table.js';
import { printable, safeText } from '../doctor/text/safe-text.js';
import type { CommandIo, Out } from './command-io.js';

/** How a command speaks. */
export interface Console {
  /** Of data on standard output. */
  readonly ink: TextStyle;
  /** Columns of the terminal; where there is none, lines are as long as they need to be. */
  readonly width: number;
  readonly print: (lines: readonly string[]) => void;
  /** A line beside the data. */
  readonly note: (text: string) => void;
  /** What has been said once is not said again: two questions may be refused with the same words. */
  readonly warn: (text: string) => void;
  /** Why something could not be done. Anything but a `HygieneError` is a defect of ours, and shown with its stack. */
  readonly error: (error: unknown) => void;
  /** A line that the next one replaces, on a terminal; nothing elsewhere. */
  readonly progress: (text: string) => void;
}

const CLEAR = '\r\x1b[2K';

/** `NO_COLOR` (no-color.org) and `FORCE_COLOR` have their say before the terminal. */
function wantsColour(out: Out, env: CommandIo['env']): boolean {
  if (env['FORCE_COLOR'] !== undefined) return !['0', 'false'].includes(env['FORCE_COLOR']);
  if (env['NO_COLOR']) return false;
  return out.isTTY === true && env['TERM'] !== 'dumb';
}

/** A terminal that was given no size says 0. */
function columnsOf({ columns = 0 }: Out): number {
  return columns > 0 ? columns : 80;
}

/** What a server or a file says may stand in it, so nothing of it moves the cursor. A stack, or a list of problems, has lines. */
function messageOf(error: unknown): string {
  const text =
    error instanceof HygieneError
      ? `${error.message} (${error.code})`
      : redact(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return text.split('\n').map(printable).join('\n');
}

export function createConsole({ stdout, stderr, env }: CommandIo): Console {
  const aside: TextStyle = wantsColour(stderr, env) ? colourStyle : plainStyle;
  let hasProgress = false;
  const warned = new Set<string>();

  function beside(text: string): void {
    stderr.write(`${hasProgress ? CLEAR : ''}${text}\n`);
    hasProgress = false;
  }

  return {
    ink: wantsColour(stdout, env) ? colourStyle : plainStyle,
    width: stdout.isTTY ? columnsOf(stdout) : Infinity,
    print(lines) {
      if (hasProgress) stderr.write(CLEAR);
      hasProgress = false;
      stdout.write(lines.map((line) => `${line}\n`).join(''));
    },
    note: (text) => beside(safeText(text)),
    warn(text) {
      if (!warned.has(text)) beside(`${aside.warning('warning')} ${safeText(text)}`);
      warned.add(text);
    },
    error: (error) => beside(`${aside.error('error')} ${messageOf(error)}`),
    progress(text) {
      if (!stderr.isTTY) return;
      hasProgress = true;
      stderr.write(`${CLEAR}${aside.faint(safeText(text))}`);
    },
  };
}

/** Waits between two looks. Ctrl-C ends it at once. */
export async function pause({ clock, signal }: CommandIo, console: Console, ms: number): Promise<void> {
  console.progress(`waiting ${ms / 1000} s for the second look`);
  await new Promise<void>((resolve) => {
    const timer = clock.hold(ms, resolve);
    signal.addEventListener('abort', () => (timer.cancel(), resolve()), { once: true });
  });
  signal.throwIfAborted();
}
