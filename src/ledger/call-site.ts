/** How many frames of redis-hygiene, ioredis and Node may precede the first frame of the application. */
const MAX_SKIPPED_FRAMES = 12;

/**
 * Frames of ioredis and its callback helper, of Node, and of JavaScript built-ins: `Array.forEach (<anonymous>)`, or
 * `unknown` in Bun.
 */
const SKIPPED_FRAME =
  /[\\/](ioredis[^\\/]*|standard-as-callback)[\\/]built[\\/]|\(node:|at node:|\(<anonymous>\)$|at unknown$/;

/** This file in a stack frame, in src and in dist. Its folder is the group. */
const OWN_FILE =
  /\(?((?:file:|[\\/]|\w:).*[\\/])(?:ledger[\\/]call-site\.\w+|chunks[\\/]core\.cjs):\d+:\d+\)?$/;

/**
 * The folder of redis-hygiene, whose own frames are left out of a call site, as stack frames name it: by path or by URL.
 * Undefined if a bundler has put redis-hygiene into a file of the application.
 */
const OWN_FOLDER = findOwnFolder();

function findOwnFolder(): string | undefined {
  const [, frame = ''] = captureStack(1, captureStack)?.split('\n') ?? [];
  return OWN_FILE.exec(frame)?.[1];
}

type PublicFunction = (...args: never[]) => unknown;

/** The function of redis-hygiene that the application has called last, while it runs. */
let called: PublicFunction | undefined;

/**
 * Makes a public function that opens connections. Their call sites begin at its caller, also if a bundler has put
 * redis-hygiene, ioredis and the application into one file.
 */
export function openedByCaller<This, Args extends readonly unknown[], Result>(
  open: (this: This, ...args: Args) => Result,
): (this: This, ...args: Args) => Result {
  return function publicFunction(this: This, ...args: Args) {
    const outer = called;
    called = publicFunction;
    try {
      return Reflect.apply<This, Args, Result>(open, this, args);
    } finally {
      called = outer;
    }
  };
}

/**
 * Captures the call site that opens a connection: the innermost `frames` stack frames of the application, or of the
 * library that opens the connection.
 */
export function captureCallSite(frames: number): readonly string[] {
  if (frames === 0 || !(called ?? OWN_FOLDER)) return [];
  const stack = captureStack(frames + MAX_SKIPPED_FRAMES, called ?? captureCallSite);
  if (stack === undefined) return [];
  const callSite = stack.split('\n').slice(1).filter(isCallerFrame).slice(0, frames);
  return internCallSite(callSite.map((frame) => frame.trim().replace(/^at /, '')));
}

/** The stack below a function, as text. `undefined` if the application's own Error.prepareStackTrace returns no text, or throws. */
function captureStack(frames: number, below: PublicFunction): string | undefined {
  const { stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Reflect.set(Error, 'stackTraceLimit', frames); // does not throw if Error is frozen
    Error.captureStackTrace(holder, below);
    return typeof holder.stack === 'string' ? holder.stack : undefined;
  } catch {
    return undefined;
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

function isCallerFrame(frame: string): boolean {
  const isOwn = OWN_FOLDER !== undefined && frame.includes(OWN_FOLDER);
  return !isOwn && !SKIPPED_FRAME.test(frame);
}

/** Call sites by their text. All connections that one line of code opens share one call site in memory. */
const internedCallSites = new Map<string, readonly string[]>();

/** Limit of interned call sites. With more of them, hardly any repeats, so all are dropped. */
const MAX_INTERNED_CALL_SITES = 1_000;

function internCallSite(frames: readonly string[]): readonly string[] {
  const key = frames.join('\n');
  if (key === '') return [];
  const existing = internedCallSites.get(key);
  if (existing) return existing;
  if (internedCallSites.size >= MAX_INTERNED_CALL_SITES) internedCallSites.clear();
  // Copied, because a part of a string keeps the whole string in memory, here the whole stack.
  const callSite = Object.freeze(Buffer.from(key).toString().split('\n'));
  internedCallSites.set(callSite.join('\n'), callSite);
  return callSite;
}
