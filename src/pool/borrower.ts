import { locateFunction } from './source-line.js';

/** Who holds a lease. Looked up when a report is due, and not before. */
export interface Borrower {
  /** Name of the function, as far as it has one. */
  readonly name: string;
  /** Where it stands: its file, line and column, as a stack frame shows them. */
  readonly site: string;
}

/** What is kept of a borrower while it holds its lease: the callback, or a stack that has not been made text. */
export type BorrowerTrail = ((...args: never[]) => unknown) | StackHolder;

interface StackHolder {
  readonly stack?: unknown;
}

/** For an unnamed function, and where a stack says nothing. */
const ANONYMOUS = '(anonymous)';
const UNKNOWN = '(unknown line)';

/**
 * Takes the one stack frame below `below`: 2 µs; its text is made when it is first read (V8).
 */
export function captureStack(below: (...args: never[]) => unknown): StackHolder {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  const holder: StackHolder = {};
  Error.captureStackTrace(holder, below);
  Error.stackTraceLimit = stackTraceLimit;
  return holder;
}

/** `name (file:line:column)`, or the place alone. */
const FRAME = /^\s*at (?:(?:async )?(.*?) \((.*)\)|(?:async )?(.*))$/m;

function readStack({ stack }: StackHolder): Borrower {
  // An application's own Error.prepareStackTrace may give anything.
  const [, name, site, place] = FRAME.exec(typeof stack === 'string' ? stack : '') ?? [];
  return { name: name ?? ANONYMOUS, site: site ?? place ?? UNKNOWN };
}

/** Says who a borrower is. */
export function identify(trail: BorrowerTrail): Borrower {
  if (typeof trail !== 'function') return readStack(trail);
  return { name: trail.name === '' ? ANONYMOUS : trail.name, site: locateFunction(trail) ?? UNKNOWN };
}

/** As in a stack trace: `handler (file:///app/orders.js:12:5)`. */
export function describe({ name, site }: Borrower): string {
  return `${name} (${site})`;
}
