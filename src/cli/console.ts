import { HygieneError } from '../core/errors.js';
import { redact } from '../core/redact.js';
import { colorStyle, type TextStyle, plainStyle } from '../doctor/render/text-table.js';
import { replaceUnprintable, safeText, wrapText } from '../doctor/text/safe-text.js';
import type { CommandIo, Out } from './command-io.js';

/** The output of a command: data on standard output, messages on standard error. */
export interface Console {
  /** Text style of data on standard output. */
  readonly style: TextStyle;
  /** Columns of the terminal; unlimited where standard output is not a terminal. */
  readonly width: number;
  readonly print: (lines: readonly string[]) => void;
  /** Prints a line on standard error. */
  readonly note: (text: string) => void;
  /** Prints a warning, once per text: two questions may be refused with the same text. */
  readonly warn: (text: string) => void;
  /** The warnings printed so far, in their order. */
  readonly warnings: () => readonly string[];
  /** Prints why something failed. An error that is not a `HygieneError` is a defect, and printed with its stack. */
  readonly error: (error: unknown) => void;
  /** Prints a line that the next line replaces. Prints nothing where standard error is not a terminal. */
  readonly progress: (text: string) => void;
}

const CLEAR_LINE = '\r\x1b[2K';

export function createConsole({ stdout, stderr, env }: CommandIo): Console {
  const messageStyle: TextStyle = usesColor(stderr, env) ? colorStyle : plainStyle;
  let hasProgress = false;
  const warned = new Set<string>();

  const messageWidth = widthOf(stderr);

  /** Writes a message, broken at the width of the terminal, behind a word that tells its kind. */
  function writeMessage(text: string, kind?: 'warning' | 'error'): void {
    const plain = kind === undefined ? text : `${kind} ${text}`;
    const message = wrapLines(plain, messageWidth).slice(kind?.length ?? 0);
    const styledKind = kind === undefined ? '' : messageStyle[kind](kind);
    stderr.write(`${hasProgress ? CLEAR_LINE : ''}${styledKind}${message}\n`);
    hasProgress = false;
  }

  return {
    style: usesColor(stdout, env) ? colorStyle : plainStyle,
    width: widthOf(stdout),
    print(lines) {
      if (hasProgress) stderr.write(CLEAR_LINE);
      hasProgress = false;
      stdout.write(lines.map((line) => `${line}\n`).join(''));
    },
    note: (text) => writeMessage(safeText(text)),
    warn(text) {
      if (!warned.has(text)) writeMessage(safeText(text), 'warning');
      warned.add(text);
    },
    warnings: () => [...warned],
    error: (error) => writeMessage(messageOf(error), 'error'),
    progress(text) {
      if (!stderr.isTTY) return;
      hasProgress = true;
      stderr.write(`${CLEAR_LINE}${messageStyle.faint(safeText(text))}`);
    },
  };
}

/** `FORCE_COLOR` and `NO_COLOR` (no-color.org) take precedence over the kind of output. */
function usesColor(out: Out, env: CommandIo['env']): boolean {
  if (env['FORCE_COLOR'] !== undefined) return !['0', 'false'].includes(env['FORCE_COLOR']);
  if (env['NO_COLOR']) return false;
  return out.isTTY === true && env['TERM'] !== 'dumb';
}

/** Columns of a terminal, 80 where it reports a size of 0; unlimited for any other output. */
function widthOf({ isTTY, columns = 0 }: Out): number {
  if (!isTTY) return Infinity;
  return columns > 0 ? columns : 80;
}

/** Wraps the lines of a message that are too wide. An indented line is code, a path or a stack frame, and stays whole. */
function wrapLines(text: string, width: number): string {
  const wrap = (line: string) =>
    line.length <= width || line.startsWith(' ') ? [line] : wrapText(line, width);
  return text.split('\n').flatMap(wrap).join('\n');
}

/** Text of an error. It may quote servers or files, so control characters are replaced; line breaks stay. */
function messageOf(error: unknown): string {
  const text =
    error instanceof HygieneError
      ? `${error.message} (${error.code})`
      : redact(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return text.split('\n').map(replaceUnprintable).join('\n');
}

/**
 * Waits between two looks at the servers. Ctrl-C ends the wait at once.
 *
 * @param purpose what is waited for: `the second sample`
 */
export async function pause(
  { clock, signal }: Pick<CommandIo, 'clock' | 'signal'>,
  console: Console,
  ms: number,
  purpose = 'the second sample',
): Promise<void> {
  console.progress(`waiting ${ms / 1000} s for ${purpose}`);
  signal.throwIfAborted();
  await new Promise<void>((resolve) => {
    const timer = clock.afterRef(ms, resolve);
    signal.addEventListener('abort', () => (timer.cancel(), resolve()), { once: true });
  });
  signal.throwIfAborted();
}
