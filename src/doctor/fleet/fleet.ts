import type { Amount } from './amount.js';

/** A server, or each node of a Cluster, and what it takes. */
export interface FleetTarget {
  readonly name: string;
  /** Unknown where the file does not say: then the server is asked. */
  readonly maxclients: number | undefined;
  /** What must always get in besides the services: see `defaultReserve`. */
  readonly reserve: Amount | undefined;
}

/** What each process of a service opens to one target. */
export interface FleetUse {
  readonly target: string;
  readonly connections: number;
}

export interface FleetService {
  readonly name: string;
  readonly replicas: number;
  /** Processes of a replica, each with connections of its own. */
  readonly processes: number;
  /** Replicas that a rollout runs beyond the others. */
  readonly surge: Amount;
  readonly uses: readonly FleetUse[];
}

/** Who may connect to what, and how often. */
export interface Fleet {
  readonly targets: readonly FleetTarget[];
  readonly services: readonly FleetService[];
}

/**
 * Replicas of a rollout beyond the others, where the file does not say: `maxSurge` of a Kubernetes Deployment is 25 %,
 * rounded up (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-surge).
 */
export const DEFAULT_SURGE: Amount = { percent: 25 };

const RESERVE = 100;

/**
 * What is kept free where the file does not say. Replicas take a slot each, and each Sentinel two; monitoring, an
 * operator's redis-cli, migrations and the doctor must get in on the worst day. 100 is 1 % of the default `maxclients` of
 * 10000; a small server keeps a tenth. It has nothing to do with the 32 files that Redis keeps for itself
 * (`CONFIG_MIN_RESERVED_FDS`): those lie beyond `maxclients`.
 */
export function defaultReserve(maxclients: number): number {
  return Math.min(RESERVE, Math.ceil(maxclients / 10));
}
