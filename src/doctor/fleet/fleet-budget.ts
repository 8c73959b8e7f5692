import { HygieneError } from '../../core/errors.js';
import {
  amountOf,
  defaultReserve,
  type Fleet,
  type FleetService,
  type FleetTarget,
  type FleetUse,
} from './fleet.js';

/** Connections that all services of a fleet may open to one target. */
export interface TargetBudget {
  readonly target: string;
  readonly maxclients: number;
  readonly reserve: number;
  /** `maxclients` minus the reserve. */
  readonly room: number;
  /** Connections outside of any rollout. */
  readonly steady: ConnectionDemand;
  /** Services of the target, the largest first. */
  readonly services: readonly ServiceBudget[];
  /** Connections while all services are rolled out at the same time. */
  readonly together: ConnectionDemand;
  /** Number of services that may be rolled out at the same time, whichever they are. */
  readonly atOnce: number;
}

/** Connections that are needed, compared with the room for them. */
interface ConnectionDemand {
  readonly connections: number;
  /** Connections beyond the room; 0 if they fit. */
  readonly over: number;
}

/** Connections of one service to one target, outside of rollouts and during its own. */
export interface ServiceBudget {
  readonly service: string;
  readonly replicas: number;
  /** Connections of one replica, all of its processes together. */
  readonly perReplica: number;
  /** Connections outside of a rollout. */
  readonly steady: number;
  /** Additional replicas during its rollout. */
  readonly surge: number;
  /** Its connections during its rollout. */
  readonly peak: number;
  /** Connections of all services of the target during its rollout. */
  readonly rollout: ConnectionDemand;
  /** Present only if its rollout alone does not fit. */
  readonly remedy?: Remedy;
}

/** Changes that make a rollout fit, each sufficient by itself. A missing one cannot be changed far enough. */
interface Remedy {
  /** Additional replicas during the rollout. */
  readonly surge?: number;
  /** Connections of each process. */
  readonly connections?: number;
  readonly maxclients: number;
}

/**
 * Computes the budget of one target.
 *
 * @param maxclients the limit of the target, as far as it is known
 */
export function budgetOf(fleet: Fleet, target: FleetTarget, maxclients: number): TargetBudget {
  const reserve = reserveOf(target, maxclients);
  const room = maxclients - reserve;
  const shares = sharesOf(fleet, target);
  const steady = sum(shares.map((share) => share.steady));
  const compareWithRoom = (connections: number): ConnectionDemand => ({
    connections,
    over: Math.max(0, connections - room),
  });

  function serviceBudgetOf(share: Share): ServiceBudget {
    const rollout = compareWithRoom(steady + surgeConnectionsOf(share));
    return {
      service: share.service.name,
      replicas: share.service.replicas,
      perReplica: share.perReplica,
      steady: share.steady,
      surge: share.surge,
      peak: share.steady + surgeConnectionsOf(share),
      rollout,
      ...(rollout.over > 0 && { remedy: remedyOf(share, target, room, steady) }),
    };
  }

  return {
    target: target.name,
    maxclients,
    reserve,
    room,
    steady: compareWithRoom(steady),
    services: shares.map(serviceBudgetOf),
    together: compareWithRoom(steady + sum(shares.map(surgeConnectionsOf))),
    atOnce: countFitting(shares.map(surgeConnectionsOf), room - steady),
  };
}

function reserveOf({ reserve }: FleetTarget, maxclients: number): number {
  return reserve === undefined ? defaultReserve(maxclients) : amountOf(reserve, maxclients);
}

/** Connections of one service to one target. */
interface Share {
  readonly service: FleetService;
  readonly use: FleetUse;
  readonly perReplica: number;
  readonly steady: number;
  readonly surge: number;
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
  return shares.sort(
    (one, other) => other.steady + surgeConnectionsOf(other) - one.steady - surgeConnectionsOf(one),
  );
}

/** Connections that a rollout adds. */
function surgeConnectionsOf({ surge, perReplica }: Share): number {
  return surge * perReplica;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function remedyOf(share: Share, target: FleetTarget, room: number, steady: number): Remedy {
  const { service, surge, perReplica } = share;
  const processes = (service.replicas + surge) * service.processes;
  const fittingSurge = Math.floor((room - steady) / perReplica);
  const fittingConnections = Math.floor((room - steady + share.steady) / processes);
  return {
    ...(fittingSurge >= 0 && { surge: fittingSurge }),
    ...(fittingConnections > 0 && { connections: fittingConnections }),
    maxclients: minMaxclientsFor(target, steady + surgeConnectionsOf(share)),
  };
}

/** The smallest `maxclients` with room for so many connections. The reserve may grow with `maxclients`, but less than it. */
function minMaxclientsFor(target: FleetTarget, connections: number): number {
  let maxclients = connections;
  while (maxclients - reserveOf(target, maxclients) < connections) {
    maxclients = connections + reserveOf(target, maxclients);
  }
  return maxclients;
}

/** How many of these rollouts fit into the room at the same time, whichever they are. */
function countFitting(surgeConnections: readonly number[], room: number): number {
  if (room < 0) return 0;
  const largestFirst = [...surgeConnections].sort((one, other) => other - one);
  let left = room;
  const firstThatFails = largestFirst.findIndex((connections) => (left -= connections) < 0);
  return firstThatFails < 0 ? surgeConnections.length : firstThatFails;
}

/** Which rollouts must fit: each by itself, or all at the same time. */
export type Rollouts = 'alone' | 'together';

/** Whether a target has room for its services and their rollouts. */
export function fitsRoom(budget: TargetBudget, rollouts: Rollouts): boolean {
  if (rollouts === 'together') return budget.together.over === 0;
  return budget.steady.over === 0 && budget.services.every(({ rollout }) => rollout.over === 0);
}

/** `maxclients` as reported by a server of a target. */
export interface ReportedLimit {
  readonly server: string;
  readonly maxclients: number;
}

/** The limit of a target, as far as it is known. */
export interface TargetLimit {
  readonly maxclients: number;
  /** Servers that report another value than the file. */
  readonly differing: readonly ReportedLimit[];
}

/**
 * The lowest of the limits in the file and on the servers. The file may be outdated, and a server lowers its `maxclients` if
 * the system allows it too few open files.
 *
 * @throws HygieneError `HYG_FLEET_INVALID` if no limit is known
 */
export function targetLimitOf(target: FleetTarget, reported: readonly ReportedLimit[]): TargetLimit {
  const declared = target.maxclients;
  const limits = [
    ...(declared === undefined ? [] : [declared]),
    ...reported.map(({ maxclients }) => maxclients),
  ];
  if (limits.length === 0) {
    const what = `targets.${target.name} has no maxclients, and no server was asked for it. Add maxclients to the file, or ask the server with --live.`;
    throw new HygieneError('HYG_FLEET_INVALID', what);
  }
  const differing =
    declared === undefined ? [] : reported.filter(({ maxclients }) => maxclients !== declared);
  return { maxclients: Math.min(...limits), differing };
}
