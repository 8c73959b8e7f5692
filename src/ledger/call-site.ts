import { fileURLToPath } from 'node:url';

/**
 * The folder of redis-hygiene, whose own frames are left out of a call site. Frames of ES modules contain URLs, those of
 * CommonJS and of transpiled code contain paths.
 */
const OWN_FOLDER = new URL('..', import.meta.url);
const OWN_FOLDERS = [OWN_FOLDER.href, fileURLToPath(OWN_FOLDER)];

/** How many frames of redis-hygiene, ioredis and Node may precede the first frame of the application. */
const MAX_SKIPPED_FRAMES = 12;

/** Frames of ioredis and its callback helper, of Node, and of JavaScript built-ins: `Array.forEach (<anonymous>)`. */
const SKIPPED_FRAME =
  /[\\/](ioredis[^\\/]*|standard-as-callback)[\\/]built[\\/]|\(node:|at node:|\(<anonymous>\)$/;

/**
 * Captures the call site that opens a connection: the innermost `frames` stack frames of the application, or of the
 * library that opens the connection.
 */
export function captureCallSite(frames: number): readonly string[] {
  if (frames === 0) return [];
  const stack = captureStack(frames + MAX_SKIPPED_FRAMES);
  if (stack === undefined) return [];
  const callSite = stack.split('\n').slice(1).filter(isCallerFrame).slice(0, frames);
  return internCallSite(callSite.map((frame) => frame.trim().replace(/^at /, '')));
}

/** The stack as text. `undefined` if the application's own Error.prepareStackTrace returns no text, or throws. */
function captureStack(frames: number): string | undefined {
  const { stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Reflect.set(Error, 'stackTraceLimit', frames); // does not throw if Error is frozen
    Error.captureStackTrace(holder, captureCallSite);
    return typeof holder.stack === 'string' ? holder.stack : undefined;
  } catch {
    return undefined;
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

function isCallerFrame(frame: string): boolean {
  return !OWN_FOLDERS.some((folder) => frame.includes(folder)) && !SKIPPED_FRAME.test(frame);
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
