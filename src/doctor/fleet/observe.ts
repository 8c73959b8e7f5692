import { parseConnectionName } from '../../identity/connection-name.js';
import type { Claim } from '../attribution/claim.js';
import type { ClientRow } from '../client-list/row.js';

/** The connections of one service on one server. */
export interface Presence {
  readonly connections: number;
  /** Connections by host, container or pod; those whose host is not known are not in it. */
  readonly hosts: ReadonlyMap<string, number>;
}

/** Who is connected to one server. */
export interface Observed {
  readonly services: ReadonlyMap<string, Presence>;
  /** Replicas, masters and Sentinels. */
  readonly servers: number;
  /** Doctors at work, this one too. */
  readonly doctors: number;
  /** Nobody knows whose they are, though they have a name. */
  readonly strangers: number;
  /** Nobody knows whose they are, and they have no name. */
  readonly nameless: number;
}

interface Owner {
  readonly service: string;
  readonly host?: string;
}

/** Where the service is known for certain, or follows from something; an address that stands for many tells none. */
function ownerOf(row: ClientRow, claim: Claim): Owner | undefined {
  const parts = parseConnectionName(row.name);
  if (parts) return parts;
  const { service, host, confidence } = claim;
  if (service === undefined || confidence === 'ambiguous') return undefined;
  return { service, ...(host !== undefined && { host }) };
}

function isDoctor(row: ClientRow): boolean {
  const parts = parseConnectionName(row.name);
  return parts?.service === 'redis-hygiene' && parts.role === 'doctor';
}

type Kind = 'servers' | 'doctors' | 'strangers' | 'nameless';

function kindOf(row: ClientRow, claim: Claim): Kind {
  if (claim.source === 'server') return 'servers';
  if (isDoctor(row)) return 'doctors';
  return row.name === '' ? 'nameless' : 'strangers';
}

/** Counts connections by service. */
export function observe(rows: Iterable<ClientRow>, claimOf: (row: ClientRow) => Claim): Observed {
  const services = new Map<string, { connections: number; hosts: Map<string, number> }>();
  const others = { servers: 0, doctors: 0, strangers: 0, nameless: 0 };
  for (const row of rows) {
    const claim = claimOf(row);
    const kind = kindOf(row, claim);
    const owner = kind === 'servers' || kind === 'doctors' ? undefined : ownerOf(row, claim);
    if (!owner) {
      others[kind] += 1;
      continue;
    }
    const { service, host } = owner;
    const presence = services.get(service) ?? { connections: 0, hosts: new Map<string, number>() };
    services.set(service, presence);
    presence.connections += 1;
    if (host !== undefined) presence.hosts.set(host, (presence.hosts.get(host) ?? 0) + 1);
  }
  return { services, ...others };
}
