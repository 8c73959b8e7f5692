import { formatSeconds } from '../../group/duration.js';
import type { Check } from '../check.js';
import { numberOf, type Chart } from '../chart.js';
import { conclude } from '../verdict.js';

/** What a server does whose file says nothing of it, since Redis 3.2. @see redis.conf */
const DEFAULT_KEEPALIVE_SECONDS = 300;

function keepaliveOf({ kind, config }: Chart): number | undefined {
  const given = numberOf(config, 'tcp-keepalive');
  return kind === 'sentinel-conf' ? (given ?? DEFAULT_KEEPALIVE_SECONDS) : given;
}

/** A server that never probes its clients keeps the connection of each one that vanishes, for ever. */
export const keepaliveOff: Check = (chart) => {
  if (keepaliveOf(chart) !== 0) return [];
  const summary = 'tcp-keepalive is 0: a client that vanishes without a word keeps its connection for ever.';
  return [conclude('keepalive-off', chart, { summary, evidence: { tcpKeepalive: 0 } })];
};

/** A server whose probes come after the firewall has forgotten the session. */
export const keepaliveSlow: Check = (chart, { firewallIdleSeconds }) => {
  const seconds = keepaliveOf(chart);
  if (firewallIdleSeconds === undefined || !seconds || seconds < firewallIdleSeconds) return [];
  const summary = `tcp-keepalive is ${formatSeconds(seconds)}, and the firewall forgets after ${formatSeconds(firewallIdleSeconds)}: no probe comes in time to keep a session, and a dead one stays for ${formatSeconds(2 * seconds)}.`;
  const evidence = { tcpKeepalive: seconds, firewallIdleSeconds };
  return [conclude('keepalive-slow', chart, { summary, evidence })];
};
