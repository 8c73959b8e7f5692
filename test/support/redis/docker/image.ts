import { setTimeout as sleep } from 'node:timers/promises';
import { findEngine, type Endpoint } from './engine.js';
import { reason, SourceUnavailable } from '../errors.js';

const PULL_MS = 180_000;

/** An engine that answers and has the image. */
export interface ReadyEngine {
  readonly endpoint: Endpoint;
  readonly image: string;
}

/** Result of the only attempt per process, also if it failed: an unreachable registry may take long to time out. */
let ready: Promise<ReadyEngine> | undefined;

/** Finds an engine and pulls the image. @throws SourceUnavailable if no engine answers or the image is not available */
export function readyEngine(onStep?: (line: string) => void): Promise<ReadyEngine> {
  ready ??= prepare(onStep);
  return ready;
}

async function prepare(onStep?: (line: string) => void): Promise<ReadyEngine> {
  const endpoint = await findEngine();
  const image = process.env['REDIS_IMAGE'] || 'redis:8';
  // reaper.ts replaces Ryuk, which would be one more image to pull.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
  try {
    await ensureImage(image, onStep);
  } catch (error) {
    throw new SourceUnavailable(
      `an engine answers, but the image ${image} is not available: ${reason(error)}`,
    );
  }
  return { endpoint, image };
}

async function ensureImage(image: string, onStep?: (line: string) => void): Promise<void> {
  const { getContainerRuntimeClient, ImageName } = await import('testcontainers');
  const { image: images } = await getContainerRuntimeClient();
  const name = ImageName.fromString(image);
  if (await images.exists(name)) return;
  onStep?.(`Pulling the image ${image}`);
  await within(PULL_MS, images.pull(name));
  // testcontainers does not check whether the pull ended with an error.
  if (!(await images.exists(name))) throw new Error('the image is missing after the pull');
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`timed out after ${timeoutMs} ms`);
  });
  await Promise.race([work, late]).finally(() => timer.abort());
}
