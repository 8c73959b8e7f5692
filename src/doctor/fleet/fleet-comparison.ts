import { parseConnectionName, sanitizePart } from '../../identity/connection-name.js';
import type { Attribution } from '../attribution/attribution.js';
import type { ClientRow } from '../client-list/client-row.js';
import type { ServiceBudget, TargetBudget } from './fleet-budget.js';

/** A server, compared with its target in the fleet file. */
export interface Comparison {
  readonly target: string;
  /** Address of the server. */
  readonly server: string;
  readonly services: readonly ServiceComparison[];
  /** Connected services that are not declared for this target, the largest first. */
  readonly undeclared: readonly { readonly service: string; readonly connections: number }[];
  /** Connections with a name whose service is unknown. */
  readonly unrecognized: number;
  /** Connections without a name whose service is unknown. */
  readonly unnamed: number;
  /** Connections of replicas, masters and Sentinels. */
  readonly servers: number;
  /** Connections of redis-hygiene's own commands. */
  readonly commands: number;
  /** All connections that are not declared. They use the reserve. */
  readonly reserveUse: ReserveUse;
}

/** A service as declared and as observed. */
interface ServiceComparison {
  readonly service: string;
  /** Connections on the server. */
  readonly observed: number;
  /** Connections declared outside of a rollout. */
  readonly steady: number;
  /** Connections declared during a rollout. */
  readonly peak: number;
  /** Declared replicas. */
  readonly replicas: number;
  /** Observed hosts, containers or pods. */
  readonly hosts: number;
  /** Connections declared for one replica. */
  readonly perReplica: number;
  /** The host with the most connections; missing if no host is known. */
  readonly largestReplica?: { readonly host: string; readonly connections: number };
  readonly status: ServiceStatus;
}

/**
 * Result of the comparison of a service.
 *
 * - `steady`: within its declaration.
 * - `rollout`: more than that, but no more than a rollout explains.
 * - `over`: more than a rollout explains, or more than declared in one replica.
 */
type ServiceStatus = 'steady' | 'rollout' | 'over';

/** Connections that must fit into the reserve. */
interface ReserveUse {
  readonly connections: number;
  readonly reserve: number;
  /** Connections beyond the reserve; 0 if they fit. */
  readonly over: number;
}

/** The connections of one server, counted by service. */
export interface ServerUsage {
  readonly services: ReadonlyMap<string, ServiceUsage>;
  /** Connections of replicas, masters and Sentinels. */
  readonly servers: number;
  /** Connections of redis-hygiene's own commands, including the running one. */
  readonly commands: number;
  /** Connections with a name whose service is unknown. */
  readonly unrecognized: number;
  /** Connections without a name whose service is unknown. */
  readonly unnamed: number;
}

/** The connections of one service on one server. */
interface ServiceUsage {
  readonly connections: number;
  /** Connections by host, container or pod. Connections whose host is unknown are not included. */
  readonly hosts: ReadonlyMap<string, number>;
}

/** Compares the connections of a server with the budget of its target. */
export function compareWithServer(budget: TargetBudget, server: string, usage: ServerUsage): Comparison {
  const { servers, commands, unrecognized, unnamed } = usage;
  // Connection names contain the sanitized name of the service.
  const declared = new Map(budget.services.map((service) => [sanitizePart(service.service), service]));
  const undeclared = [...usage.services]
    .filter(([name]) => !declared.has(name))
    .map(([service, { connections }]) => ({ service, connections }))
    .sort((one, other) => other.connections - one.connections);
  const connections =
    servers + commands + unrecognized + unnamed + undeclared.reduce((sum, one) => sum + one.connections, 0);
  return {
    target: budget.target,
    server,
    services: [...declared].map(([name, service]) =>
      compareService(service, usage.services.get(name) ?? NO_USAGE),
    ),
    undeclared,
    unrecognized,
    unnamed,
    servers,
    commands,
    reserveUse: { connections, reserve: budget.reserve, over: Math.max(0, connections - budget.reserve) },
  };
}

const NO_USAGE: ServiceUsage = { connections: 0, hosts: new Map() };

function compareService(declared: ServiceBudget, { connections, hosts }: ServiceUsage): ServiceComparison {
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
    ...(host !== undefined && { largestReplica: { host, connections: most } }),
    status: statusOf(declared, connections, most),
  };
}

function statusOf(declared: ServiceBudget, observed: number, mostOfOneHost: number): ServiceStatus {
  if (observed > declared.peak || mostOfOneHost > declared.perReplica) return 'over';
  return observed > declared.steady ? 'rollout' : 'steady';
}

/** Whether a server has no more connections than declared. */
export function fitsDeclaration({ services, reserveUse }: Comparison): boolean {
  return reserveUse.over === 0 && services.every(({ status }) => status !== 'over');
}

/** Counts the connections of a server by service. */
export function countByService(
  rows: Iterable<ClientRow>,
  attributionOf: (row: ClientRow) => Attribution,
): ServerUsage {
  const services = new Map<string, { connections: number; hosts: Map<string, number> }>();
  const others = { servers: 0, commands: 0, unrecognized: 0, unnamed: 0 };
  for (const row of rows) {
    const attribution = attributionOf(row);
    const kind = otherKindOf(row, attribution);
    const owner = kind === 'servers' || kind === 'commands' ? undefined : ownerOf(row, attribution);
    if (!owner) {
      others[kind] += 1;
      continue;
    }
    const { service, host } = owner;
    const usage = services.get(service) ?? { connections: 0, hosts: new Map<string, number>() };
    services.set(service, usage);
    usage.connections += 1;
    if (host !== undefined) usage.hosts.set(host, (usage.hosts.get(host) ?? 0) + 1);
  }
  return { services, ...others };
}

type OtherKind = 'servers' | 'commands' | 'unrecognized' | 'unnamed';

/** How a connection is counted if it belongs to no known service. */
function otherKindOf(row: ClientRow, attribution: Attribution): OtherKind {
  if (attribution.source === 'server') return 'servers';
  if (isDoctor(row)) return 'commands';
  return row.name === '' ? 'unnamed' : 'unrecognized';
}

function isDoctor(row: ClientRow): boolean {
  const parts = parseConnectionName(row.name);
  return parts?.service === 'redis-hygiene' && parts.role === 'doctor';
}

interface ServiceOwner {
  readonly service: string;
  readonly host?: string;
}

/** Service and host of a connection. A shared address identifies no service. */
function ownerOf(row: ClientRow, attribution: Attribution): ServiceOwner | undefined {
  const parts = parseConnectionName(row.name);
  if (parts) return parts;
  const { service, host, confidence } = attribution;
  if (service === undefined || confidence === 'ambiguous') return undefined;
  return { service, ...(host !== undefined && { host }) };
}
