import { findEngine } from '../../../support/redis/docker/engine.js';
import { reason } from '../../../support/redis/errors.js';
import { startOwnEngine } from './own.js';

/** An engine for the tests, as data. */
export interface Engine {
  /** As in DOCKER_HOST; missing where the engine is at a place where everybody looks. */
  readonly dockerHost?: string;
  /** Where published ports are; missing where testcontainers finds that out. */
  readonly host?: string;
}

/** An engine, or why there is none. */
export type Means =
  { readonly engine: Engine; readonly stop: () => Promise<void> } | { readonly missing: string };

/** The machine's engine, or one of our own: root on Debian or Ubuntu. */
export async function findMeans(): Promise<Means> {
  if (process.platform !== 'linux')
    return { missing: 'the image is made of the programs of this machine, which must be Linux' };
  const dockerHost = process.env['DOCKER_HOST'];
  try {
    await findEngine();
    return { engine: dockerHost ? { dockerHost } : {}, stop: () => Promise.resolve() };
  } catch (error) {
    // A named engine that does not answer is no reason to test another one.
    if (dockerHost) return { missing: reason(error) };
    return ownEngine(reason(error));
  }
}

async function ownEngine(why: string): Promise<Means> {
  if (process.getuid?.() !== 0) return { missing: `${why}, and only root can start one` };
  try {
    const own = await startOwnEngine();
    const { dockerHost, host } = own;
    return { engine: { dockerHost, host }, stop: async () => own[Symbol.asyncDispose]() };
  } catch (error) {
    return { missing: `${why}, and none can be started: ${reason(error)}` };
  }
}
