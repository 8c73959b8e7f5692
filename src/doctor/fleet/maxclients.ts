import { HygieneError } from '../../core/errors.js';
import type { FleetTarget } from './fleet.js';

/** What a server of a target says that it takes. */
export interface Told {
  readonly server: string;
  readonly maxclients: number;
}

/** How many clients a target takes, as far as is known. */
export interface Limit {
  readonly maxclients: number;
  /** Servers that say something else than the file. */
  readonly differing: readonly Told[];
}

/**
 * The lowest of what the file and the servers say: a file may be out of date, and a server lowers its `maxclients` where the
 * system gives it too few open files.
 *
 * @throws HygieneError `HYG_FLEET_INVALID`, where nobody says anything
 */
export function limitOf(target: FleetTarget, told: readonly Told[]): Limit {
  const declared = target.maxclients;
  const all = [...(declared === undefined ? [] : [declared]), ...told.map(({ maxclients }) => maxclients)];
  if (all.length === 0) {
    const what = `targets.${target.name} has no maxclients, and no server was asked for it (--live).`;
    throw new HygieneError('HYG_FLEET_INVALID', what);
  }
  const differing = declared === undefined ? [] : told.filter(({ maxclients }) => maxclients !== declared);
  return { maxclients: Math.min(...all), differing };
}
