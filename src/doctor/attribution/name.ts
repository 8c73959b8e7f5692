import { parseConnectionName } from '../../identity/connection-name.js';
import type { Resolver } from './claim.js';

/** Reads the names that redis-hygiene gives, those of an ioredis Cluster's own sockets too. */
export const nameResolver: Resolver = {
  source: 'name',
  claim({ name }) {
    const parts = parseConnectionName(name);
    if (!parts) return undefined;
    const { service, host, role } = parts;
    return { owner: `${service}@${host}`, source: 'name', confidence: 'certain', service, host, role };
  },
};
