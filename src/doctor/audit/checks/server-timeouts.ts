import { isStale, isSubscriber } from '../../client-list/row-activity.js';
import { counted, formatSeconds } from '../../text/quantities.js';
import { type AuditContext, type Check, numberOf } from '../audit-context.js';
import { createFinding } from '../finding.js';
import { orphanSubscribers } from './orphan-subscribers.js';

/** What a server does whose file says nothing of it, since Redis 3.2. @see redis.conf */
const DEFAULT_KEEPALIVE_SECONDS = 300;

function keepaliveOf({ kind, config }: AuditContext): number | undefined {
  const given = numberOf(config, 'tcp-keepalive');
  return kind === 'sentinel-conf' ? (given ?? DEFAULT_KEEPALIVE_SECONDS) : given;
}

/** A server that never probes its clients keeps the connection of each one that vanishes, for ever. */
export const keepaliveOff: Check = (chart) => {
  if (keepaliveOf(chart) !== 0) return [];
  const summary = 'tcp-keepalive is 0: a client that vanishes without a word keeps its connection for ever.';
  return [createFinding('keepalive-off', chart, { summary, evidence: { tcpKeepalive: 0 } })];
};

/** A server whose probes come after the firewall has forgotten the session. */
export const keepaliveSlow: Check = (chart, { firewallIdleSeconds }) => {
  const seconds = keepaliveOf(chart);
  if (firewallIdleSeconds === undefined || !seconds || seconds < firewallIdleSeconds) return [];
  const summary = `tcp-keepalive is ${formatSeconds(seconds)}, and the firewall forgets after ${formatSeconds(firewallIdleSeconds)}: no probe comes in time to keep a session, and a dead one stays for ${formatSeconds(2 * seconds)}.`;
  const evidence = { tcpKeepalive: seconds, firewallIdleSeconds };
  return [createFinding('keepalive-slow', chart, { summary, evidence })];
};

/** One heartbeat may come late, and the next be lost. */
const HEARTBEATS = 3;

/** `timeout` is shorter than the silence of a connection that is well. */
export const timeoutHitsHealthy: Check = (chart, { heartbeatSeconds }) => {
  const timeout = numberOf(chart.config, 'timeout') ?? 0;
  if (timeout === 0 || timeout >= HEARTBEATS * heartbeatSeconds) return [];
  const summary = `timeout is ${formatSeconds(timeout)}: connections that are well are silent for longer, with a heartbeat every ${formatSeconds(heartbeatSeconds)} or in the reserve of a pool.`;
  return [createFinding('timeout-hits-healthy', chart, { summary, evidence: { timeout, heartbeatSeconds } })];
};

/** `timeout` is set, and subscribers that are dead are still there, because it does not hold for them. */
export const timeoutMissesSubscribers: Check = (chart, options) => {
  const timeout = numberOf(chart.config, 'timeout') ?? 0;
  if (timeout === 0) return [];
  const orphans = orphanSubscribers(chart, options).map(({ evidence }) => Number(evidence.connections));
  const stale = chart.clients.filter((row) => isSubscriber(row) && isStale(row, options.heartbeatSeconds));
  const dead = orphans.reduce((sum, connections) => sum + connections, stale.length);
  if (dead === 0) return [];
  const summary = `timeout is ${formatSeconds(timeout)}, and ${counted(dead, 'subscriber')} that look dead are still there: it does not hold for them.`;
  const evidence = { connections: dead, timeout };
  return [createFinding('timeout-misses-subscribers', chart, { summary, evidence })];
};
