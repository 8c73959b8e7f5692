import { fileURLToPath } from 'node:url';

/** Where redis-hygiene itself lies: its own frames say nothing about who opened a connection. */
const OWN_FOLDER = fileURLToPath(new URL('..', import.meta.url));

/** Frames of ours, of ioredis and of Node come first on the stack; this many are looked through. */
const FRAMES_IN_BETWEEN = 12;

function isForeign(frame: string): boolean {
  return !frame.includes(OWN_FOLDER) && !/[\\/]ioredis5?[\\/]built[\\/]|\(node:|at node:/.test(frame);
}

/**
 * The call site that opens a connection: the innermost `frames` stack frames of the application, or of the
 * library that asked for it.
 */
export function captureOpener(frames: number): readonly string[] {
  if (frames === 0) return [];
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = frames + FRAMES_IN_BETWEEN;
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, captureOpener);
  Error.stackTraceLimit = stackTraceLimit;
  // An application's own Error.prepareStackTrace may give anything.
  const text: unknown = holder.stack;
  if (typeof text !== 'string') return [];
  return text
    .split('\n')
    .slice(1)
    .filter(isForeign)
    .slice(0, frames)
    .map((line) => line.trim().replace(/^at /, ''));
}
