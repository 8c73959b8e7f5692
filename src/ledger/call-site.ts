/** How many frames of redis-hygiene, ioredis and Node may precede the first frame of the application. */
const MAX_SKIPPED_FRAMES = 12;

/** How many frames of BullMQ may follow them. */
const MAX_LIBRARY_FRAMES = 8;

/**
 * Frames of ioredis and its callback helper, of node-redis and GLIDE, of another copy of redis-hygiene, of Node, and of
 * JavaScript built-ins: `Array.forEach (<anonymous>)`, or `unknown` in Bun.
 */
const SKIPPED_FRAME =
  /[\\/](ioredis[^\\/]*|standard-as-callback)[\\/]built[\\/]|[\\/]node_modules[\\/](redis-hygiene|redis\d*|@redis[\\/]\w[\w-]*|@valkey[\\/]valkey-glide)[\\/]|\(node:|at node:|\(<anonymous>\)$|at unknown$/;

/**
 * Frames of BullMQ, which duplicates a given client for each worker. The line that makes the worker tells one from the other,
 * and is the one that may run too often.
 */
const DUPLICATING_LIBRARY_FRAME = /[\\/]node_modules[\\/]bullmq[\\/]/;

/** The file of this code, in src and in dist. Its folder is the group. */
const OWN_FILE = /^((?:file:|[\\/]|\w:).*[\\/])(?:ledger[\\/]call-site\.\w+|chunks[\\/]core\.cjs)$/;

/**
 * The folder of redis-hygiene, whose own frames are left out of a call site: a path or a URL. Undefined if a bundler has
 * put redis-hygiene into a file of the application.
 */
const OWN_FOLDER = OWN_FILE.exec(captureFiles(1, captureFiles)?.[0] ?? '')?.[1];

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
  const all = captureCallingFrames(frames + (frames && MAX_LIBRARY_FRAMES), captureCallSite);
  const own = all.filter((frame) => !DUPLICATING_LIBRARY_FRAME.test(frame));
  return internCallSite((own.length > 0 ? own : all).slice(0, frames));
}

/** Captures the innermost frames outside of redis-hygiene, ioredis and Node. */
export function captureCallingFrames(
  frames: number,
  caller: PublicFunction = captureCallingFrames,
): readonly string[] {
  if (frames === 0 || !(called ?? OWN_FOLDER)) return [];
  const below = called ?? caller;
  const lines = captureLines(frames + MAX_SKIPPED_FRAMES, below);
  const files = captureFiles(frames + MAX_SKIPPED_FRAMES, below);
  const fileOf = (index: number) => (files?.length === lines.length ? files[index] : undefined);
  const callSite = lines.filter((line, index) => isCallerFrame(line, fileOf(index) ?? line)).slice(0, frames);
  return callSite.map((line) => line.trim().replace(/^at /, ''));
}

/**
 * The stack below a function, one line for each frame. Empty if the application's own Error.prepareStackTrace returns no
 * text, or throws.
 */
function captureLines(frames: number, below: PublicFunction): readonly string[] {
  const stack = captureStack(frames, below);
  return typeof stack === 'string' ? stack.split('\n').slice(1) : [];
}

/**
 * The files of the stack below a function, one for each frame, as Node has loaded them. The lines of a stack name other
 * files if there are source maps, and a library such as source-map-support may begin to apply these at any time.
 */
function captureFiles(frames: number, below: PublicFunction): readonly (string | undefined)[] | undefined {
  const own = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  const isReplaced = Reflect.defineProperty(Error, 'prepareStackTrace', {
    value: (_error: unknown, sites: NodeJS.CallSite[]) =>
      sites.map((site) => site.getFileName() ?? undefined),
    configurable: true,
    writable: true,
  });
  if (!isReplaced) return undefined; // Error is frozen
  const files = captureStack(frames, below);
  if (own) Object.defineProperty(Error, 'prepareStackTrace', own);
  else Reflect.deleteProperty(Error, 'prepareStackTrace');
  return files instanceof Array ? (files as (string | undefined)[]) : undefined;
}

/** The stack below a function, as `Error.prepareStackTrace` makes it. Undefined if that throws. */
function captureStack(frames: number, below: PublicFunction): unknown {
  const { stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Reflect.set(Error, 'stackTraceLimit', frames); // does not throw if Error is frozen
    Error.captureStackTrace(holder, below);
    return holder.stack;
  } catch {
    return undefined;
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** @param file The file of the frame, or its line if the file is not known. */
function isCallerFrame(line: string, file: string): boolean {
  const isOwn = OWN_FOLDER !== undefined && file.includes(OWN_FOLDER);
  return !isOwn && !SKIPPED_FRAME.test(line) && !SKIPPED_FRAME.test(file);
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
