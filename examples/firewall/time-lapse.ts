/**
 * Shortened intervals of incident 2. Their order is the same: the firewall forgets a session long before the client's OS
 * probes it, and the heartbeat sends long before the firewall forgets.
 */
export const timeLapse = {
  /** Time without a packet after which the firewall forgets a session. */
  idleLimitS: 3,
  /** net.ipv4.tcp_keepalive_time, _intvl and _probes of the client: a peer is dead after 4 + 2 × 1 s. */
  keepalive: { tcp_keepalive_time: 4, tcp_keepalive_intvl: 1, tcp_keepalive_probes: 2 },
  /** Pause of the client after "Lost connection to Sentinel". */
  pauseMs: 1_000,
  heartbeat: { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 },
} as const;

/** Rows of the printed table: description, interval in the incident, interval in the replay. */
export const timeLapseRows = [
  ['the firewall forgets a silent session after', '30 min', '3 s'],
  ["the client's OS notices the loss after", '2 h 11 min 15 s', '6 s'],
  ['raw ioredis: pause before the next connection', '5 s', '1 s'],
  ['redis-hygiene: heartbeat + deadline (defaults)', '15 + 5 s', '1 + 0.5 s'],
] as const;

/** Time limit of a round: twice the time that the OS and the pause of raw ioredis take, plus 10 s for a busy machine. */
export const ROUND_LIMIT_MS = 2 * (6_000 + timeLapse.pauseMs) + 10_000;
