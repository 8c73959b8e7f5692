import { isStale } from '../../client-list/stale.js';
import { formatSeconds } from '../../group/duration.js';
import { counted } from '../../render/words.js';
import type { Check } from '../check.js';
import { numberOf } from '../chart.js';
import { isSubscriber } from '../traits.js';
import { conclude } from '../verdict.js';
import { orphanSubscribers } from './orphan-subscribers.js';

/** One heartbeat may come late, and the next be lost. */
const HEARTBEATS = 3;

/** `timeout` is shorter than the silence of a connection that is well. */
export const timeoutHitsHealthy: Check = (chart, { heartbeatSeconds }) => {
  const timeout = numberOf(chart.config, 'timeout') ?? 0;
  if (timeout === 0 || timeout >= HEARTBEATS * heartbeatSeconds) return [];
  const summary = `timeout is ${formatSeconds(timeout)}: connections that are well are silent for longer, with a heartbeat every ${formatSeconds(heartbeatSeconds)} or in the reserve of a pool.`;
  return [conclude('timeout-hits-healthy', chart, { summary, evidence: { timeout, heartbeatSeconds } })];
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
  return [conclude('timeout-misses-subscribers', chart, { summary, evidence })];
};
