import { HygieneError } from '../../core/errors.js';
import {
  amountOf,
  defaultReserve,
  type Fleet,
  type FleetService,
  type FleetTarget,
  type FleetUse,
} from './fleet.js';

/** A sum of connections beside what there is room for. */
interface Sum {
  readonly connections: number;
  /** How many too many; 0 where it fits. */
  readonly over: number;
}

/** What would make a rollout fit, each by itself. What is missing cannot be changed far enough. */
interface Remedy {
  /** Replicas beyond the others. */
  readonly surge?: number;
  /** Connections of each process. */
  readonly connections?: number;
  readonly maxclients: number;
}

/** One service on one target: on a quiet day, and while it alone is rolled out. */
export interface ServiceBudget {
  readonly service: string;
  readonly replicas: number;
  /** Connections of one replica, all of its processes together. */
  readonly perReplica: number;
  readonly steady: number;
  /** Replicas that its rollout runs beyond the others. */
  readonly surge: number;
  /** Its connections while it is rolled out. */
  readonly peak: number;
  /** All services of the target while this one is rolled out. */
  readonly rollout: Sum;
  /** Only where its rollout alone does not fit. */
  readonly remedy?: Remedy;
}

/** All that the services of a fleet may open to one target. */
export interface TargetBudget {
  readonly target: string;
  readonly maxclients: number;
  readonly reserve: number;
  /** `maxclients` without the reserve. */
  readonly room: number;
  readonly steady: Sum;
  /** The largest first. */
  readonly services: readonly ServiceBudget[];
  /** All rollouts at the same time. */
  readonly together: Sum;
  /** How many services may be rolled out at the same time, whichever they are. */
  readonly atOnce: number;
}

interface Share {
  readonly service: FleetService;
  readonly use: FleetUse;
  readonly perReplica: number;
  readonly steady: number;
  readonly surge: number;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** Connections that its rollout adds. */
const extra = ({ surge, perReplica }: Share) => surge * perReplica;

function reserveOf({ reserve }: FleetTarget, maxclients: number): number {
  return reserve === undefined ? defaultReserve(maxclients) : amountOf(reserve, maxclients);
}

/** The smallest `maxclients` that has room for so many: the reserve grows with it, by less than itself. */
function neededFor(target: FleetTarget, connections: number): number {
  let maxclients = connections;
  while (maxclients - reserveOf(target, maxclients) < connections) {
    maxclients = connections + reserveOf(target, maxclients);
  }
  return maxclients;
}

function sharesOf({ services }: Fleet, target: FleetTarget): Share[] {
  const shares = services.flatMap((service) =>
    service.uses
      .filter((use) => use.target === target.name)
      .map((use): Share => {
        const perReplica = use.connections * service.processes;
        const surge = amountOf(service.surge, service.replicas);
        return { service, use, perReplica, surge, steady: service.replicas * perReplica };
      }),
  );
  return shares.sort((one, other) => other.steady + extra(other) - one.steady - extra(one));
}

function remedyOf(share: Share, target: FleetTarget, room: number, steady: number): Remedy {
  const { service, surge, perReplica } = share;
  const processes = (service.replicas + surge) * service.processes;
  const fitting = Math.floor((room - steady) / perReplica);
  const connections = Math.floor((room - steady + share.steady) / processes);
  return {
    ...(fitting >= 0 && { surge: fitting }),
    ...(connections > 0 && { connections }),
    maxclients: neededFor(target, steady + extra(share)),
  };
}

/** How many of these fit, whichever are taken. */
function countFitting(extras: readonly number[], room: number): number {
  if (room < 0) return 0;
  const largestFirst = [...extras].sort((one, other) => other - one);
  let left = room;
  const tooMany = largestFirst.findIndex((one) => (left -= one) < 0);
  return tooMany < 0 ? extras.length : tooMany;
}

/** @param maxclients what the target takes, as far as is known */
export function budgetOf(fleet: Fleet, target: FleetTarget, maxclients: number): TargetBudget {
  const reserve = reserveOf(target, maxclients);
  const room = maxclients - reserve;
  const shares = sharesOf(fleet, target);
  const steady = sum(shares.map((share) => share.steady));
  const against = (connections: number): Sum => ({ connections, over: Math.max(0, connections - room) });

  function serviceBudget(share: Share): ServiceBudget {
    const rollout = against(steady + extra(share));
    return {
      service: share.service.name,
      replicas: share.service.replicas,
      perReplica: share.perReplica,
      steady: share.steady,
      surge: share.surge,
      peak: share.steady + extra(share),
      rollout,
      ...(rollout.over > 0 && { remedy: remedyOf(share, target, room, steady) }),
    };
  }

  return {
    target: target.name,
    maxclients,
    reserve,
    room,
    steady: against(steady),
    services: shares.map(serviceBudget),
    together: against(steady + sum(shares.map(extra))),
    atOnce: countFitting(shares.map(extra), room - steady),
  };
}

/** Which rollouts must fit: each by itself, or all of them at the same time. */
export type Rollouts = 'alone' | 'together';

export function fits(budget: TargetBudget, rollouts: Rollouts): boolean {
  if (rollouts === 'together') return budget.together.over === 0;
  return budget.steady.over === 0 && budget.services.every(({ rollout }) => rollout.over === 0);
}

/** What a server of a target says that it takes. */
export interface ReportedLimit {
  readonly server: string;
  readonly maxclients: number;
}

/** How many clients a target takes, as far as is known. */
export interface Limit {
  readonly maxclients: number;
  /** Servers that say something else than the file. */
  readonly differing: readonly ReportedLimit[];
}

/**
 * The lowest of what the file and the servers say: a file may be out of date, and a server lowers its `maxclients` where the
 * system gives it too few open files.
 *
 * @throws HygieneError `HYG_FLEET_INVALID`, where nobody says anything
 */
export function limitOf(target: FleetTarget, told: readonly ReportedLimit[]): Limit {
  const declared = target.maxclients;
  const all = [...(declared === undefined ? [] : [declared]), ...told.map(({ maxclients }) => maxclients)];
  if (all.length === 0) {
    const what = `targets.${target.name} has no maxclients, and no server was asked for it (--live).`;
    throw new HygieneError('HYG_FLEET_INVALID', what);
  }
  const differing = declared === undefined ? [] : told.filter(({ maxclients }) => maxclients !== declared);
  return { maxclients: Math.min(...all), differing };
}
