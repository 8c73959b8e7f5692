import { parseConnectionName } from '../../identity/connection-name.js';
import type { Resolver } from './claim.js';
import { isLibraryName } from './library.js';

/** What an ioredis Cluster puts before the name that it was given. */
const CLUSTER_PREFIX = /^ioredis-cluster\([a-z]+\):/;

/** Takes any name that somebody has chosen, and that is not ours, for its owner. */
export const otherNameResolver: Resolver = {
  source: 'other-name',
  claim({ name, link }) {
    const chosen = name.replace(CLUSTER_PREFIX, '');
    if (chosen === '' || link !== 'client' || isLibraryName(chosen)) return undefined;
    if (parseConnectionName(name)) return undefined;
    return { owner: chosen, source: 'other-name', confidence: 'likely' };
  },
};
