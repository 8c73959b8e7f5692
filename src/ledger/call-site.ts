import { fileURLToPath } from 'node:url';

/**
 * Where redis-hygiene itself lies: its own frames say nothing about who opened a connection. Frames of ES modules
 * show URLs, those of CommonJS and of transformed code show paths.
 */
const OWN_FOLDER = new URL('..', import.meta.url);
const OWN_FOLDERS = [OWN_FOLDER.href, fileURLToPath(OWN_FOLDER)];

/** Frames of ours, of ioredis and of Node come first on the stack; this many are looked through. */
const FRAMES_IN_BETWEEN = 12;

/** ioredis and what it calls us back through, Node, and the language itself: `Array.forEach (<anonymous>)`. */
const NOBODY = /[\\/](ioredis[^\\/]*|standard-as-callback)[\\/]built[\\/]|\(node:|at node:|\(<anonymous>\)$/;

function isForeign(frame: string): boolean {
  return !OWN_FOLDERS.some((folder) => frame.includes(folder)) && !NOBODY.test(frame);
}

/** Call sites seen so far: the connections of one line of code share what they remember of it. */
const sites = new Map<string, readonly string[]>();

/** More call sites than this are no leak of one line any more, and are not kept for sharing. */
const MAX_SITES = 1_000;

function shared(frames: readonly string[]): readonly string[] {
  const key = frames.join('\n');
  if (key === '') return [];
  const known = sites.get(key);
  if (known) return known;
  if (sites.size >= MAX_SITES) sites.clear();
  // A copy: parts of a string keep the whole of it alive, here the whole stack.
  const site = Object.freeze(Buffer.from(key).toString().split('\n'));
  sites.set(site.join('\n'), site);
  return site;
}

/** The stack as text. Nothing where the application's own Error.prepareStackTrace gives something else, or throws. */
function stackText(frames: number): string | undefined {
  const { stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Reflect.set(Error, 'stackTraceLimit', frames); // which frozen intrinsics refuse without a throw
    Error.captureStackTrace(holder, captureCallSite);
    return typeof holder.stack === 'string' ? holder.stack : undefined;
  } catch {
    return undefined;
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/**
 * The call site that opens a connection: the innermost `frames` stack frames of the application, or of the
 * library that asked for it.
 */
export function captureCallSite(frames: number): readonly string[] {
  if (frames === 0) return [];
  const text = stackText(frames + FRAMES_IN_BETWEEN);
  if (text === undefined) return [];
  const lines = text.split('\n').slice(1).filter(isForeign).slice(0, frames);
  return shared(lines.map((line) => line.trim().replace(/^at /, '')));
}
