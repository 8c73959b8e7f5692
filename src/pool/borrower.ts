import type * as Inspector from 'node:inspector';
import type { Runtime, Session } from 'node:inspector';
import { findSourceMap } from 'node:module';

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

/** So many, as they accrue with time. */
interface Allowance {
  /** Whether one more is allowed, at a time in milliseconds. */
  take(now: number): boolean;
}

/** Allows `most` at once, and `perMs` in the long run. */
function createAllowance(perMs: number, most: number): Allowance {
  let left = most;
  let at = 0;
  return {
    take(now) {
      left = Math.min(most, left + Math.max(0, now - at) * perMs);
      at = Math.max(at, now);
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}

/** How often a pool asks who somebody is. */
export interface StackSampling {
  /**
   * Of those who borrow. A stack costs 2 µs, and up to 10 µs where other code has run in between: so there are 200 of
   * them in a second, or 0.2 % of the time, and at once as many as there are connections to hold. Only a pool that
   * lends more often than that has leases without a line.
   */
  readonly borrowers: Allowance;
  /** Of those who release: only a second release asks for it. */
  readonly releases: Allowance;
  /** Of callbacks whose line is looked up for an error: 0.4 ms each, and who asks too often gets the name alone. */
  readonly lines: Allowance;
}

/** For a pool of so many connections. */
export function createStackSampling(max: number): StackSampling {
  return {
    borrowers: createAllowance(0.2, max),
    releases: createAllowance(0.05, 5),
    lines: createAllowance(0.02, 20),
  };
}

/** V8's id of a script → its URL. Ids are not given twice. */
const urls = new Map<string, string>();

/** Where the function is handed over to the inspector, for a moment. */
const SLOT = Symbol.for('redis-hygiene.located');

/** Answers of the inspector come within the call. */
function ask<Answer>(
  send: (callback: (error: Error | null, answer: Answer) => void) => void,
): Answer | undefined {
  const seen: { answer?: Answer } = {};
  send((error, answer) => {
    if (!error) seen.answer = answer;
  });
  return seen.answer;
}

/** A bound function has no line of its own. */
function locationOf(session: Session, objectId: string): Runtime.RemoteObject | undefined {
  const answer = ask<Runtime.GetPropertiesReturnType>((done) =>
    session.post('Runtime.getProperties', { objectId, ownProperties: true }, done),
  );
  const inner = (slot: string) => answer?.internalProperties?.find(({ name }) => name === slot)?.value;
  const bound = inner('[[TargetFunction]]')?.objectId;
  return bound === undefined ? inner('[[FunctionLocation]]') : locationOf(session, bound);
}

function findLocation(session: Session, target: object): Runtime.RemoteObject | undefined {
  const slots = globalThis as unknown as Record<symbol, unknown>;
  slots[SLOT] = target;
  try {
    const expression = `globalThis[Symbol.for('${SLOT.description ?? ''}')]`;
    const found = ask<Runtime.EvaluateReturnType>((done) =>
      session.post('Runtime.evaluate', { expression }, done),
    );
    const objectId = found?.result.objectId;
    return objectId === undefined ? undefined : locationOf(session, objectId);
  } finally {
    Reflect.deleteProperty(slots, SLOT);
  }
}

/** Has the inspector tell of all scripts: some 20 ms, so only where an id is new. */
function urlOf(session: Session, scriptId: string): string | undefined {
  if (!urls.has(scriptId)) {
    session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
    session.post('Debugger.enable');
    session.post('Debugger.disable');
  }
  return urls.get(scriptId);
}

/** The line that the author wrote, where the process knows source maps. */
function mapped(url: string, line: number, column: number): string {
  const origin = findSourceMap(url)?.findEntry(line, column);
  if (origin && 'originalSource' in origin) {
    return `${origin.originalSource}:${origin.originalLine + 1}:${origin.originalColumn + 1}`;
  }
  return `${url}:${line + 1}:${column + 1}`;
}

function locate({ Session }: typeof Inspector, target: object): string | undefined {
  const session = new Session();
  session.connect();
  try {
    const value = findLocation(session, target)?.value as
      { scriptId: string; lineNumber: number; columnNumber: number } | undefined;
    const url = value && urlOf(session, value.scriptId);
    return url && mapped(url, value.lineNumber, value.columnNumber);
  } finally {
    session.disconnect();
  }
}

/**
 * The source line of a function, as `file:line:column`, from V8's own inspector: the function itself does not know.
 * Nothing where a process may not inspect itself.
 */
function locateFunction(target: object): string | undefined {
  try {
    return locate(process.getBuiltinModule('node:inspector'), target);
  } catch {
    return undefined; // a Node without an inspector, or one whose permissions forbid it
  }
}
