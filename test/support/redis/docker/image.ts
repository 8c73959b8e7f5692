import { setTimeout as sleep } from 'node:timers/promises';
import { findEngine, type Endpoint } from './engine.js';
import { reason, RemedyUnavailable } from '../errors.js';

const PULL_MS = 180_000;

/** An engine that answers and holds the image. */
export interface ReadyEngine {
  readonly endpoint: Endpoint;
  readonly image: string;
}

/** An attempt per process, a failed one too: a registry that is out of reach may take long to say so. */
let ready: Promise<ReadyEngine> | undefined;

/** @throws RemedyUnavailable when no engine answers or the image cannot be had */
export function readyEngine(): Promise<ReadyEngine> {
  ready ??= prepare();
  return ready;
}

async function prepare(): Promise<ReadyEngine> {
  const endpoint = await findEngine();
  const image = process.env['REDIS_IMAGE'] || 'redis:8';
  // Ryuk is one more image to pull; reaper.ts does its work.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
  try {
    await ensureImage(image);
  } catch (error) {
    throw new RemedyUnavailable(`an engine answers, but the image ${image} cannot be had: ${reason(error)}`);
  }
  return { endpoint, image };
}

async function ensureImage(image: string): Promise<void> {
  const { getContainerRuntimeClient, ImageName } = await import('testcontainers');
  const { image: images } = await getContainerRuntimeClient();
  const name = ImageName.fromString(image);
  if (await images.exists(name)) return;
  await within(PULL_MS, images.pull(name));
  // testcontainers reads the pull to its end and does not look whether that was an error.
  if (!(await images.exists(name))) throw new Error('the pull gave no image');
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no end after ${timeoutMs} ms`);
  });
  await Promise.race([work, late]).finally(() => timer.abort());
}
