import { parseConnectionName, sanitizePart } from '../../identity/connection-name.js';
import type { Attribution } from '../attribution/attribution.js';
import type { ClientRow } from '../client-list/client-row.js';
import type { ServiceBudget, TargetBudget } from './fleet-budget.js';

/**
 * How a service stands. `steady`: within what it declares. `rollout`: above it, and no more than a rollout explains.
 * `over`: more than that, or one replica has more than its share.
 */
type Standing = 'steady' | 'rollout' | 'over';

/** A service, as it is declared and as it is. */
interface ServiceComparison {
  readonly service: string;
  readonly observed: number;
  readonly steady: number;
  readonly peak: number;
  /** Replicas that are declared, and hosts, containers or pods that were seen. */
  readonly replicas: number;
  readonly hosts: number;
  /** Of one replica: what is declared, and the highest count that was seen. */
  readonly perReplica: number;
  readonly most?: { readonly host: string; readonly connections: number };
  readonly standing: Standing;
}

/** One server beside its target in the file. */
export interface Comparison {
  readonly target: string;
  /** Its address. */
  readonly server: string;
  readonly services: readonly ServiceComparison[];
  /** Services that are connected and not declared for this target, the largest first. */
  readonly undeclared: readonly { readonly service: string; readonly connections: number }[];
  readonly strangers: number;
  readonly nameless: number;
  readonly servers: number;
  readonly doctors: number;
  /** What is connected and not declared: all of it lives in the reserve. */
  readonly beside: Reserved;
}

/** What must fit in the reserve. */
interface Reserved {
  readonly connections: number;
  readonly reserve: number;
  /** How many too many; 0 where they fit. */
  readonly over: number;
}

const NOBODY: Presence = { connections: 0, hosts: new Map() };

function standingOf(declared: ServiceBudget, observed: number, most: number): Standing {
  if (observed > declared.peak || most > declared.perReplica) return 'over';
  return observed > declared.steady ? 'rollout' : 'steady';
}

function compareService(declared: ServiceBudget, { connections, hosts }: Presence): ServiceComparison {
  const { service, steady, peak, replicas, perReplica } = declared;
  const [host, most = 0] = [...hosts].sort(([, one], [, other]) => other - one)[0] ?? [];
  return {
    service,
    observed: connections,
    steady,
    peak,
    replicas,
    hosts: hosts.size,
    perReplica,
    ...(host !== undefined && { most: { host, connections: most } }),
    standing: standingOf(declared, connections, most),
  };
}

/** Puts what a server has beside what its target declares. */
export function compare(budget: TargetBudget, server: string, observed: Observed): Comparison {
  const { servers, doctors, strangers, nameless } = observed;
  // In a name a service stands as the name contract writes it.
  const declared = new Map(budget.services.map((one) => [sanitizePart(one.service), one]));
  const undeclared = [...observed.services]
    .filter(([service]) => !declared.has(service))
    .map(([service, { connections }]) => ({ service, connections }))
    .sort((one, other) => other.connections - one.connections);
  const connections =
    servers + doctors + strangers + nameless + undeclared.reduce((sum, one) => sum + one.connections, 0);
  return {
    target: budget.target,
    server,
    services: [...declared].map(([name, one]) => compareService(one, observed.services.get(name) ?? NOBODY)),
    undeclared,
    strangers,
    nameless,
    servers,
    doctors,
    beside: { connections, reserve: budget.reserve, over: Math.max(0, connections - budget.reserve) },
  };
}

/** Whether a server has no more than is declared. */
export function fitsDeclaration({ services, beside }: Comparison): boolean {
  return beside.over === 0 && services.every(({ standing }) => standing !== 'over');
}

/** The connections of one service on one server. */
interface Presence {
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
function ownerOf(row: ClientRow, attribution: Attribution): Owner | undefined {
  const parts = parseConnectionName(row.name);
  if (parts) return parts;
  const { service, host, confidence } = attribution;
  if (service === undefined || confidence === 'ambiguous') return undefined;
  return { service, ...(host !== undefined && { host }) };
}

function isDoctor(row: ClientRow): boolean {
  const parts = parseConnectionName(row.name);
  return parts?.service === 'redis-hygiene' && parts.role === 'doctor';
}

type Kind = 'servers' | 'doctors' | 'strangers' | 'nameless';

function kindOf(row: ClientRow, attribution: Attribution): Kind {
  if (attribution.source === 'server') return 'servers';
  if (isDoctor(row)) return 'doctors';
  return row.name === '' ? 'nameless' : 'strangers';
}

/** Counts connections by service. */
export function observe(rows: Iterable<ClientRow>, attributionOf: (row: ClientRow) => Attribution): Observed {
  const services = new Map<string, { connections: number; hosts: Map<string, number> }>();
  const others = { servers: 0, doctors: 0, strangers: 0, nameless: 0 };
  for (const row of rows) {
    const attribution = attributionOf(row);
    const kind = kindOf(row, attribution);
    const owner = kind === 'servers' || kind === 'doctors' ? undefined : ownerOf(row, attribution);
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
