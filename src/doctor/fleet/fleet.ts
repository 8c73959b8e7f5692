import { HygieneError } from '../../core/errors.js';

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

/** So many, or so many of a hundred. */
export type Amount = { readonly count: number } | { readonly percent: number };

const PERCENT = /^(\d+(?:\.\d+)?) ?%$/;

/** More than ten times as many is a slip of the pen. */
const MAX_PERCENT = 1000;

/** Reads `3` or `25%`. Gives nothing for anything else. */
export function readAmount(value: unknown): Amount | undefined {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && value >= 0 ? { count: value } : undefined;
  const percent = Number(PERCENT.exec(String(value))?.[1]);
  return percent <= MAX_PERCENT ? { percent } : undefined;
}

/** A percentage is rounded up, as Kubernetes does with `maxSurge`. */
export function amountOf(amount: Amount, whole: number): number {
  if ('count' in amount) return amount.count;
  // 7 % of 100 is 7.000000000000001 to a computer: what lies beyond nine digits is no part of anybody's percentage.
  return Math.ceil(Number(((whole * amount.percent) / 100).toFixed(9)));
}

/** A server that is to be compared with a target. */
export interface LiveServer {
  readonly target: FleetTarget;
  /** Its address; nothing for the one that is meant where none is named. */
  readonly url: string | undefined;
}

/** `main=redis://…`; a URL alone has its first `=`, if any, behind `://`. */
const NAMED = /^([^=:/]+)=(.+)$/;

/**
 * Reads which target a server on the command line belongs to: `target=address`, or an address where the file has one
 * target only.
 *
 * @throws HygieneError `HYG_CLI_USAGE`
 */
export function parseLive(text: string | undefined, { targets }: Fleet): LiveServer {
  const [, name, url = text] = NAMED.exec(text ?? '') ?? [];
  const names = targets.map((target) => target.name).join(', ');
  const target = name === undefined ? targets[0] : targets.find((one) => one.name === name);
  if (!target) throw new HygieneError('HYG_CLI_USAGE', `--live ${name}=…: there are the targets ${names}.`);
  if (name === undefined && targets.length > 1) {
    throw new HygieneError(
      'HYG_CLI_USAGE',
      `--live must say which target it is, such as --live ${target.name}=redis://host: there are ${names}.`,
    );
  }
  return { target, url };
}
