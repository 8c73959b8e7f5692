import { HygieneError } from '../../core/errors.js';
import type { Server } from '../server/server.js';
import type { Source } from './source.js';

/** Asks what may be refused: a managed service has no CONFIG, a careful administrator grants no INFO. */
export async function optional<T>(
  ask: () => Promise<T>,
  without: T,
  onRefusal: (error: HygieneError) => void,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const isRefusal =
      error instanceof HygieneError &&
      (error.code === 'HYG_TARGET_PERMISSION' || error.code === 'HYG_TARGET_REPLY');
    if (!isRefusal) throw error;
    onRefusal(error);
    return without;
  }
}

const NOTHING: ReadonlyMap<string, string> = new Map();

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Redis tells `maxclients` in INFO since 7.0, before that only in CONFIG; Sentinel never knew the latter. */
async function maxclientsOf(
  server: Server,
  info: ReadonlyMap<string, string>,
  onRefusal: (error: HygieneError) => void,
): Promise<number | undefined> {
  const told = wholeNumber(info.get('maxclients'));
  if (told !== undefined || info.get('redis_mode') === 'sentinel') return told;
  const config = await optional(() => server.config('maxclients'), NOTHING, onRefusal);
  return wholeNumber(config.get('maxclients'));
}

/** Looks at a server that has been opened. What it refuses to tell is left out, and said. */
export async function serverSource(
  server: Server,
  onRefusal: (error: HygieneError) => void,
): Promise<Source> {
  const info = await optional(server.info, NOTHING, onRefusal);
  return {
    target: server.target,
    kind: info.get('redis_mode') === 'sentinel' ? 'sentinel' : 'server',
    maxclients: await maxclientsOf(server, info, onRefusal),
    info,
    server,
    read: (onRow) => server.clients(onRow),
  };
}
