import { sanitizePart } from '../../identity/connection-name.js';
import type { ServiceBudget, TargetBudget } from './budget.js';
import type { Observed, Presence } from './observe.js';

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
export function isWithin({ services, beside }: Comparison): boolean {
  return beside.over === 0 && services.every(({ standing }) => standing !== 'over');
}
