import type { LostClient } from '../recent-failures.js';
import {
  createReason,
  type HealthReason,
  listNames,
  type TargetHealth,
  worstStatus,
} from './health-report.js';
import { isInTrouble, isInWrongDatabase, isUsable, type OpenedConnection } from './opened.js';
import type { PingResult } from './pings.js';

/** Asks a server whether it answers, over one of its connections. */
export type AskTarget = (target: string, connections: readonly OpenedConnection[]) => Promise<PingResult>;

/** A lost client, with the last failure of its name. */
export interface TargetLostClient extends LostClient {
  readonly failure: Error | undefined;
}

/** What a factory has opened to one server, or to the master that sentinels name. */
export interface OpenedTarget {
  readonly target: string;
  readonly connections: readonly OpenedConnection[];
  readonly lostClients: readonly TargetLostClient[];
  /** What is the matter with pools of this target. */
  readonly poolReasons: readonly HealthReason[];
}

/** Judges a server by its connections. It is asked only if none of them was heard recently. */
export async function judgeServer(opened: OpenedTarget, ask: AskTarget): Promise<TargetHealth> {
  const { target, connections, lostClients, poolReasons } = opened;
  const usable = connections.filter(isUsable);
  return createTargetHealth(target, connections, [
    ...(usable.length === 0 ? notReady(connections, lostClients) : await unanswered(target, usable, ask)),
    ...gaveUp(lostClients),
    ...databaseRefused(connections),
    ...saturated(connections),
    ...(usable.length === 0 ? [] : reconnecting(connections)),
    ...stalled(usable),
    ...poolReasons,
  ]);
}

/** Judges a sentinel. Whether commands can be sent is decided by the clients of the master alone. */
export function judgeSentinel(target: string, connections: readonly OpenedConnection[]): TargetHealth {
  const lost = connections.filter(
    (connection) => isInTrouble(connection) || (isUsable(connection) && connection.health.isStalled),
  );
  if (lost.length === 0) return createTargetHealth(target, connections, []);
  const message = 'The sentinel cannot be reached, or does not answer.';
  return createTargetHealth(target, connections, [
    createReason('sentinel-down', message, lost.length, lastFailureOf(lost)),
  ]);
}

export function createTargetHealth(
  target: string,
  connections: readonly Pick<OpenedConnection, 'state'>[],
  reasons: readonly HealthReason[],
): TargetHealth {
  const count = (wanted: string) => connections.filter(({ state }) => state === wanted).length;
  return {
    target,
    status: worstStatus(reasons),
    connections: {
      connecting: count('connecting'),
      connected: count('connected'),
      ready: count('ready'),
      reconnecting: count('reconnecting'),
    },
    reasons,
  };
}

function notReady(
  connections: readonly OpenedConnection[],
  lostClients: readonly TargetLostClient[],
): HealthReason[] {
  const count = connections.length + lostClients.reduce((sum, lost) => sum + lost.count, 0);
  if (count === 0) return [];
  const names = listNames([...connections, ...lostClients].map(({ name }) => name));
  const failure = lastFailureOf(connections) ?? lostClients.find((lost) => lost.failure)?.failure;
  const what = connections.some(isInWrongDatabase) ? 'No connection can be used' : 'No connection is ready';
  return [createReason('not-ready', `${what}: ${names}.`, count, failure)];
}

function databaseRefused(connections: readonly OpenedConnection[]): HealthReason[] {
  const refused = connections.filter(isInWrongDatabase);
  if (refused.length === 0) return [];
  const names = listNames(refused.map(({ name }) => name));
  const message = `The server refuses the database of these connections, which work in database 0: ${names}.`;
  return [createReason('database-refused', message, refused.length, lastFailureOf(refused))];
}

function gaveUp(lostClients: readonly TargetLostClient[]): HealthReason[] {
  return lostClients.map(({ name, count, failure }) => {
    const message = `${name} has ended without a connection, and does not dial again.`;
    return createReason('gave-up', message, count, failure);
  });
}

function saturated(connections: readonly OpenedConnection[]): HealthReason[] {
  const waiting = connections.filter(({ health }) => health.isServerFull);
  if (waiting.length === 0) return [];
  const names = listNames(waiting.map(({ name }) => name));
  const message = `The server accepts no more connections (maxclients), and dials wait: ${names}.`;
  return [createReason('saturated', message, waiting.length)];
}

function reconnecting(connections: readonly OpenedConnection[]): HealthReason[] {
  const lost = connections.filter((connection) => isInTrouble(connection) && !connection.health.isServerFull);
  if (lost.length === 0) return [];
  const names = listNames(lost.map(({ name }) => name));
  const message = `Connections were lost, or could not be opened, and are dialled again: ${names}.`;
  return [createReason('reconnecting', message, lost.length, lastFailureOf(lost))];
}

function stalled(usable: readonly OpenedConnection[]): HealthReason[] {
  const silent = usable.filter(({ health }) => health.isStalled);
  if (silent.length === 0) return [];
  const names = listNames(silent.map(({ name }) => name));
  const message = `The server does not answer, although its machine does, for ${longestSilence(silent)} ms: ${names}.`;
  return [createReason('stalled', message, silent.length)];
}

async function unanswered(
  target: string,
  usable: readonly OpenedConnection[],
  ask: AskTarget,
): Promise<HealthReason[]> {
  if (usable.some(({ health }) => health.isFresh)) return [];
  const result = await ask(target, usable);
  if (result === 'answered') return [];
  if (result === 'unanswered')
    return [createReason('no-answer', 'A PING was not answered in time.', usable.length)];
  const silence = `No bytes have come for ${shortestSilence(usable)}`;
  if (usable.every(({ health }) => health.isStalled)) {
    return [createReason('no-answer', `${silence}, and no connection can be pinged.`, usable.length)];
  }
  const names = listNames(usable.map(({ name }) => name));
  return [
    createReason('unverified', `${silence}, and none of these can be pinged: ${names}.`, usable.length),
  ];
}

function longestSilence(connections: readonly OpenedConnection[]): number {
  return Math.max(...connections.map(({ health: { silentMs = 0 } }) => silentMs));
}

function shortestSilence(connections: readonly OpenedConnection[]): string {
  const known = connections.flatMap(({ health: { silentMs } }) => silentMs ?? []);
  return known.length > 0 ? `${Math.min(...known)} ms` : 'an unknown time';
}

function lastFailureOf(connections: readonly OpenedConnection[]): Error | undefined {
  return connections.find(({ failure }) => failure)?.failure;
}
