import { findEngine } from '../../../support/redis/docker/engine.js';
import { reason } from '../../../support/redis/errors.js';
import { startOwnEngine } from './own.js';

/** Address of the engine for the tests. */
export interface Engine {
  /** Address in the format of DOCKER_HOST. Missing if the engine is at a default address. */
  readonly dockerHost?: string;
  /** Host on which published ports listen. Missing if testcontainers can find it out. */
  readonly host?: string;
}

/** An engine, or the reason why there is none. */
export type EngineSearch =
  { readonly engine: Engine; readonly stop: () => Promise<void> } | { readonly missing: string };

/** Finds the engine of the machine, or starts one, which needs root on Debian or Ubuntu. */
export async function findOrStartEngine(): Promise<EngineSearch> {
  if (process.platform !== 'linux')
    return { missing: 'the image contains the programs of this machine, which must run Linux' };
  const dockerHost = process.env['DOCKER_HOST'];
  try {
    await findEngine();
    return { engine: dockerHost ? { dockerHost } : {}, stop: () => Promise.resolve() };
  } catch (error) {
    // If DOCKER_HOST names an engine that does not answer, no other engine is used instead.
    if (dockerHost) return { missing: reason(error) };
    return ownEngine(reason(error));
  }
}

async function ownEngine(why: string): Promise<EngineSearch> {
  if (process.getuid?.() !== 0) return { missing: `${why}, and only root can start one` };
  try {
    const own = await startOwnEngine();
    const { dockerHost, host } = own;
    return { engine: { dockerHost, host }, stop: async () => own[Symbol.asyncDispose]() };
  } catch (error) {
    return { missing: `${why}, and none can be started: ${reason(error)}` };
  }
}
