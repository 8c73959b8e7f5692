import { HygieneError } from '../core/errors.js';

/**
 * Loads an optional peer dependency, when it is first needed.
 *
 * @throws HygieneError `HYG_PEER_MISSING` if it is not installed
 */
export function loadPeer<Module>(name: string, load: () => Module): Module {
  try {
    return load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    const what = `The package ${name} was not found.`;
    throw new HygieneError('HYG_PEER_MISSING', what, { cause: error, details: { name } });
  }
}
