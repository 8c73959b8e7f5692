import { locateFunction } from './source-line.js';

/** Who holds a lease. Looked up when a report is due, and not before. */
export interface Borrower {
  /** Name of the function, as far as it has one. */
  readonly name: string;
  /** Where it stands: its file, line and column, as a stack frame shows them. */
  readonly site: string;
}

/** What is kept of a borrower while it holds its lease: the callback, or an error whose stack ends with it. */
export type BorrowerTrail = ((...args: never[]) => unknown) | StackHolder;

interface StackHolder {
  readonly stack?: unknown;
}

/** This function, the method that calls it, and who called that. */
const FRAMES = 3;

/**
 * An error whose stack ends with the caller of the function that asks: some 2 µs, and no text yet. Each frame more
 * costs 0.4 µs.
 */
export function captureCaller(): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  const trail = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return trail;
}

/** In the place of a stack that was not taken. */
export const NOT_TAKEN: BorrowerTrail = {};

/** For an unnamed function, and where a stack says nothing. */
const ANONYMOUS = '(anonymous)';
const UNKNOWN = 'unknown line';

/** `name (file:line:column)`, or the place alone. */
const FRAME = /^\s*at (?:(?:async )?(.*?) \((.*)\)|(?:async )?(.*))$/;

/** The last frame of a stack that was cut off below the borrower. V8 makes its text when it is first read. */
function readStack({ stack }: StackHolder): Borrower {
  // An application's own Error.prepareStackTrace may give anything.
  const last = typeof stack === 'string' ? (stack.split('\n').at(-1) ?? '') : '';
  const [, name, site, place] = FRAME.exec(last) ?? [];
  return { name: name ?? ANONYMOUS, site: site ?? place ?? UNKNOWN };
}

/** Says who a borrower is, as far as that costs little: not the line of a callback. */
export function glance(trail: BorrowerTrail): Borrower {
  return typeof trail === 'function' ? { name: trail.name || ANONYMOUS, site: UNKNOWN } : readStack(trail);
}

/** Says who a borrower is. */
export function identify(trail: BorrowerTrail): Borrower {
  const known = glance(trail);
  return typeof trail === 'function' ? { ...known, site: locateFunction(trail) ?? UNKNOWN } : known;
}

/** As in a stack trace: `handler (file:///app/orders.js:12:5)`. */
export function describe({ name, site }: Borrower): string {
  return `${name} (${site})`;
}
