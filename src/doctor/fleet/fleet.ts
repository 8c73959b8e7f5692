import { HygieneError } from '../../core/errors.js';

/** The services of a fleet and the Redis servers they connect to. */
export interface Fleet {
  readonly targets: readonly FleetTarget[];
  readonly services: readonly FleetService[];
}

/** A server, or every node of a Cluster, with its limit. */
export interface FleetTarget {
  readonly name: string;
  /** `undefined` if the file does not say; the server is asked then. */
  readonly maxclients: number | undefined;
  /** Connections kept free for everything but the services; `undefined` means `defaultReserve`. */
  readonly reserve: Amount | undefined;
}

export interface FleetService {
  readonly name: string;
  readonly replicas: number;
  /** Processes of one replica, each with its own connections. */
  readonly processes: number;
  /** Additional replicas that run during a rollout. */
  readonly surge: Amount;
  readonly uses: readonly FleetUse[];
}

/** Connections that each process of a service opens to one target. */
export interface FleetUse {
  readonly target: string;
  readonly connections: number;
}

/** A count, or a percentage of something. */
export type Amount = { readonly count: number } | { readonly percent: number };

/**
 * Surge of a service whose file does not say: `maxSurge` of a Kubernetes Deployment is 25 %, rounded up
 * (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-surge).
 */
export const DEFAULT_SURGE: Amount = { percent: 25 };

const MAX_DEFAULT_RESERVE = 100;

/**
 * Connections kept free on a target whose file does not say. A replica takes one slot and each Sentinel two; monitoring, an
 * operator's redis-cli, migrations and the doctor must be able to connect on the worst day. 100 is 1 % of the default
 * `maxclients` of 10000; a small server keeps a tenth. The 32 files that Redis reserves for itself
 * (`CONFIG_MIN_RESERVED_FDS`) are not part of `maxclients`.
 */
export function defaultReserve(maxclients: number): number {
  return Math.min(MAX_DEFAULT_RESERVE, Math.ceil(maxclients / 10));
}

const PERCENT = /^(\d+(?:\.\d+)?) ?%$/;

/** A higher percentage is a typing error. */
const MAX_PERCENT = 1000;

/** Reads `3` or `25%`. `undefined` for anything else. */
export function readAmount(value: unknown): Amount | undefined {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && value >= 0 ? { count: value } : undefined;
  const percent = Number(PERCENT.exec(String(value))?.[1]);
  return percent <= MAX_PERCENT ? { percent } : undefined;
}

/** The amount as a count. A percentage is rounded up, as Kubernetes does for `maxSurge`. */
export function amountOf(amount: Amount, whole: number): number {
  if ('count' in amount) return amount.count;
  // 7 % of 100 is 7.000000000000001 in floating point, so the product is cut to nine digits before it is rounded up.
  return Math.ceil(Number(((whole * amount.percent) / 100).toFixed(9)));
}

/** A server to compare with a target. */
export interface LiveServer {
  readonly target: FleetTarget;
  /** Address of the server; `undefined` for the default one. */
  readonly url: string | undefined;
}

/** `main=redis://…`. In a plain URL, any `=` stands after `://`. */
const NAMED_TARGET = /^([^=:/]+)=(.+)$/;

/**
 * Reads the value of `--live`: `target=address`, or an address if the file has only one target.
 *
 * @throws HygieneError `HYG_CLI_USAGE`
 */
export function parseLiveServer(text: string | undefined, { targets }: Fleet): LiveServer {
  const [, name, url = text] = NAMED_TARGET.exec(text ?? '') ?? [];
  const names = targets.map((target) => target.name).join(', ');
  const target = name === undefined ? targets[0] : targets.find((one) => one.name === name);
  if (!target) {
    throw new HygieneError(
      'HYG_CLI_USAGE',
      `--live ${name}=…: the fleet file has no target ${name}. Its targets are: ${names}.`,
    );
  }
  if (name === undefined && targets.length > 1) {
    throw new HygieneError(
      'HYG_CLI_USAGE',
      `--live needs the name of a target, for example --live ${target.name}=redis://host. The targets are: ${names}.`,
    );
  }
  return { target, url };
}
