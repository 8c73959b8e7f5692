/**
 * Severity of a finding. `error`: connections are refused or leaked, or soon will be. `warning`: the condition leads there.
 */
export type Severity = 'error' | 'warning';

/** Meaning and remedy of one finding code. */
interface FindingRow {
  /** The highest severity of this finding. A finding with small figures has a lower one. */
  readonly severity: Severity;
  readonly title: string;
  /** What the reader should do. */
  readonly remedy: string;
}

/** Every finding of the doctor. Each has a page: `docs/findings/<code>.md`. */
export const findingTable = {
  'connection-flood': {
    severity: 'error',
    title: 'One owner holds far too many connections',
    remedy:
      'Restart that service to free its connections. Then fix its code: create one client per process, share it, and name it, so that the next leak shows its owner.',
  },
  'abandoned-clients': {
    severity: 'error',
    title: 'Connections are opened, and then neither used nor closed',
    remedy:
      'Restart that service to free its connections. Then find the code that creates a client per request, job or reconnect and never closes it. Create one client and share it, or close each client after use.',
  },
  'orphan-subscribers': {
    severity: 'error',
    title: 'Dead subscribers pile up on the server',
    remedy:
      'Close the subscribers that have been idle for longer than one reconnect interval: redis-hygiene reap --where prints the commands. Then set tcp-keepalive 60 on the server, and give the clients a heartbeat well below the idle limit of every firewall in between.',
  },
  'orphan-consumers': {
    severity: 'error',
    title: 'Blocked connections of dead clients pile up on the server, and swallow jobs',
    remedy:
      'Close the connections that have been blocked for longer than any worker waits: redis-hygiene reap --where prints the commands. Then give BLPOP, BRPOP and BZPOPMIN a timeout of some seconds instead of 0, and set tcp-keepalive 60 on the server.',
  },
  'stale-connections': {
    severity: 'error',
    title: 'Connections of redis-hygiene send no heartbeats any more',
    remedy:
      'Run redis-hygiene reap on the machine of the clients or of the server: it closes the connections that are proven to be dead. Their processes or machines are probably gone. Grant the Redis users of the services +client|list +client|kill +info, so that the services do this themselves.',
  },
  'maxclients-near': {
    severity: 'error',
    title: 'The server is nearly full',
    remedy:
      'Close connections that are not needed, the largest owners first. CONFIG SET maxclients makes room at once, up to the limit of open files.',
  },
  growth: {
    severity: 'warning',
    title: 'One owner opens more and more connections and closes none',
    remedy:
      'Run the doctor again with a longer --sample. If the growth continues, it is a leak. Find the code that creates clients and never closes them, and restart the service before the server is full.',
  },
  'reconnect-storm': {
    severity: 'warning',
    title: 'Many owners lost their connections and reconnected at the same time',
    remedy:
      'Find out what closed the connections: a failover, a firewall, CLIENT KILL, or output buffer limits (see the server log). Give the clients a reconnect backoff with jitter, so that they do not all come back at once.',
  },
  'connection-per-request': {
    severity: 'warning',
    title: 'Connections are opened and closed all the time',
    remedy:
      'Create one client per process and keep it open (pconnect in PHP, a pool in Java). Every connection costs a handshake, and when the server slows down, short connections pile up into a flood.',
  },
  'maxclients-lowered': {
    severity: 'warning',
    title: 'The limit of open files has lowered maxclients',
    remedy:
      'Raise the limit of open files of the server process (LimitNOFILE of systemd, --ulimit nofile of Docker, ulimit -n) to at least the intended maxclients + 32, and restart the server.',
  },
  'maxclients-uneven': {
    severity: 'warning',
    title: 'Servers of one group have different limits',
    remedy:
      'Set the same maxclients on all of them: after a failover the clients of one server move to another, whose lower limit refuses some of them.',
  },
  'keepalive-off': {
    severity: 'warning',
    title: 'The server never checks whether a client still exists',
    remedy:
      'Run CONFIG SET tcp-keepalive 60. On a Sentinel, write tcp-keepalive 60 into sentinel.conf and restart it. The setting applies only to connections that are opened afterwards.',
  },
  'keepalive-slow': {
    severity: 'warning',
    title: 'The firewall forgets a session before the server probes it',
    remedy: 'Set tcp-keepalive to at most a third of the firewall’s idle limit.',
  },
  'timeout-hits-healthy': {
    severity: 'warning',
    title: 'timeout closes healthy connections',
    remedy:
      'Set timeout 0, and let tcp-keepalive find dead connections. If timeout must stay, set it above three heartbeat intervals and above the time that pools keep idle connections.',
  },
  'timeout-misses-subscribers': {
    severity: 'warning',
    title: 'timeout does not close dead subscribers',
    remedy:
      'Redis never applies timeout to Pub/Sub clients. Set tcp-keepalive 60, and close the dead subscribers: redis-hygiene reap --where prints the commands.',
  },
  'output-buffers': {
    severity: 'warning',
    title: 'Replies pile up for a client that does not read them',
    remedy:
      'Check that client: it is stopped, its network is slow, or it is sent more than it can process. Limit the memory with client-output-buffer-limit, above all for pubsub.',
  },
  'leaky-library': {
    severity: 'warning',
    title: 'Many connections of a library version that is known to leak',
    remedy:
      'Restart that service to close the connections. Then update the library to a version with the fix, or close those connections in your own code.',
  },
  'monitor-left-open': {
    severity: 'warning',
    title: 'A MONITOR connection was left open',
    remedy:
      'Close it with CLIENT KILL ID. As long as it is open, the server copies every command to it, which can halve the throughput.',
  },
} as const satisfies Record<string, FindingRow>;

/** Code of a finding. */
export type FindingCode = keyof typeof findingTable;

/** All codes, in the order of the table. */
export const findingCodes = Object.keys(findingTable) as readonly FindingCode[];
