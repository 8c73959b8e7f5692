/**
 * The waits of the incident, and how long they are on this stage. Each keeps its place in the order: the firewall
 * forgets long before the client's OS looks, and the heartbeat comes long before the firewall forgets.
 */
export const lapse = {
  /** The firewall forgets a session without a packet for so long. */
  idleLimitS: 3,
  /** net.ipv4.tcp_keepalive_time, _intvl and _probes of the clients' machine: dead after 4 + 2 × 1 s. */
  keepalive: { tcp_keepalive_time: 4, tcp_keepalive_intvl: 1, tcp_keepalive_probes: 2 },
  /** What the client sleeps after "Lost connection to Sentinel". */
  pauseMs: 1_000,
  heartbeat: { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 },
} as const;

/** For the screen: what is waited for, in the incident, here. */
export const lapseRows = [
  ['the firewall forgets a silent session after', '30 min', '3 s'],
  ["the client's OS notices the loss after", '2 h 11 min 15 s', '6 s'],
  ['raw ioredis: pause before the next connection', '5 s', '1 s'],
  ['redis-hygiene: heartbeat + deadline (defaults)', '15 + 5 s', '1 + 0.5 s'],
] as const;

/** A round of the raw side: what its OS needs, and its pause. Twice that, for a busy machine, and some more. */
export const ROUND_LIMIT_MS = 2 * (6_000 + lapse.pauseMs) + 10_000;
