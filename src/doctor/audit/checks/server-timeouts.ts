import { isSubscriber, looksStale } from '../../client-list/row-activity.js';
import { formatCount, formatSeconds } from '../../text/quantities.js';
import { type AuditContext, type Check, numberOf } from '../audit-context.js';
import { createFinding } from '../finding.js';
import { orphanSubscribers } from './orphan-connections.js';

/** `tcp-keepalive` of an unconfigured server, since Redis 3.2. @see redis.conf */
const DEFAULT_KEEPALIVE_SECONDS = 300;

/** `tcp-keepalive` in seconds. A configuration file without it means the default; a server that was not asked is unknown. */
function keepaliveOf({ kind, config }: AuditContext): number | undefined {
  const configured = numberOf(config, 'tcp-keepalive');
  return kind === 'sentinel-conf' ? (configured ?? DEFAULT_KEEPALIVE_SECONDS) : configured;
}

/** A server that never probes its clients keeps the connection of every client that vanishes. */
export const keepaliveOff: Check = (context) => {
  if (keepaliveOf(context) !== 0) return [];
  const summary =
    'tcp-keepalive is 0: if a client vanishes without closing its connection, the connection stays open forever.';
  return [createFinding('keepalive-off', context, { summary, evidence: { tcpKeepalive: 0 } })];
};

/** A server that probes its clients only after the firewall has forgotten the session. */
export const keepaliveSlow: Check = (context, { firewallIdleSeconds }) => {
  const seconds = keepaliveOf(context);
  if (firewallIdleSeconds === undefined || !seconds || seconds < firewallIdleSeconds) return [];
  const summary = `tcp-keepalive is ${formatSeconds(seconds)}, but the firewall forgets idle sessions after ${formatSeconds(firewallIdleSeconds)}. The probes come too late to keep a session alive, and a dead connection stays open for ${formatSeconds(2 * seconds)}.`;
  const evidence = { tcpKeepalive: seconds, firewallIdleSeconds };
  return [createFinding('keepalive-slow', context, { summary, evidence })];
};

/** Heartbeat intervals that a healthy connection may be silent: one heartbeat may be late, and the next one lost. */
const MIN_HEARTBEATS_IN_TIMEOUT = 3;

/** `timeout` is shorter than the silence of a healthy connection. */
export const timeoutHitsHealthy: Check = (context, { heartbeatSeconds }) => {
  const timeout = numberOf(context.config, 'timeout') ?? 0;
  if (timeout === 0 || timeout >= MIN_HEARTBEATS_IN_TIMEOUT * heartbeatSeconds) return [];
  const summary = `timeout is ${formatSeconds(timeout)}, but healthy connections may be silent for longer: heartbeats are sent every ${formatSeconds(heartbeatSeconds)}, and a pool keeps idle connections.`;
  const evidence = { timeout, heartbeatSeconds };
  return [createFinding('timeout-hits-healthy', context, { summary, evidence })];
};

/** `timeout` is set, yet dead subscribers are still connected, because `timeout` does not apply to them. */
export const timeoutMissesSubscribers: Check = (context, options) => {
  const timeout = numberOf(context.config, 'timeout') ?? 0;
  if (timeout === 0) return [];
  const orphanCounts = orphanSubscribers(context, options).map(({ evidence }) =>
    Number(evidence.connections),
  );
  const stale = context.clients.filter(
    (row) => isSubscriber(row) && looksStale(row, options.heartbeatSeconds),
  );
  const dead = orphanCounts.reduce((sum, count) => sum + count, stale.length);
  if (dead === 0) return [];
  const summary = `timeout is ${formatSeconds(timeout)}, but it has not closed ${formatCount(dead, 'apparently dead subscriber')}: it does not apply to subscribers.`;
  const evidence = { connections: dead, timeout };
  return [createFinding('timeout-misses-subscribers', context, { summary, evidence })];
};
