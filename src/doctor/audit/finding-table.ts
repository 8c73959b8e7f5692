/** How bad a finding is. `error`: connections are, or will soon be, refused or leaked. `warning`: it will lead there. */
export type Severity = 'error' | 'warning';

/** One row of the table of findings: what the code means, and what its reader should do. */
interface FindingRow {
  /** The worst that it can have; where the figures are small, a finding has less. */
  readonly severity: Severity;
  readonly title: string;
  readonly remedy: string;
}

/** Every finding that the doctor can make. Each has a page: `docs/findings/<code>.md`. */
export const findingTable = {
  'unnamed-flood': {
    severity: 'error',
    title: 'One owner holds a flood of nameless connections',
    remedy:
      'Restart that service to get the slots back. Then create one client per process and share it; name it, so that the next leak is attributable.',
  },
  'abandoned-clients': {
    severity: 'error',
    title: 'Connections are made, and never used or closed',
    remedy:
      'Look in that service for a client that is made per request, per job or per reconnect and never closed: create it once and share it, or close what is made. A restart gets the slots back.',
  },
  'orphan-subscribers': {
    severity: 'error',
    title: 'Dead subscribers pile up, one after the other',
    remedy:
      'Close those that have been idle for longer than one round: redis-hygiene reap --where prints the commands. Set tcp-keepalive 60 on the server, and give the clients a heartbeat far below the idle limit of any firewall in between.',
  },
  'stale-connections': {
    severity: 'error',
    title: 'Connections of redis-hygiene have gone without a heartbeat',
    remedy:
      'Their peers are gone: redis-hygiene reap closes them. Grant the users +client|list +client|kill +info, so that services do it by themselves.',
  },
  'maxclients-near': {
    severity: 'error',
    title: 'The server is nearly full',
    remedy:
      'Close what is not needed: the owners with the most connections are named. CONFIG SET maxclients makes room at once, as far as the limit of open files goes.',
  },
  growth: {
    severity: 'warning',
    title: 'The connections of one owner grow, and are not used',
    remedy:
      'Look again with a longer --sample. If it goes on, it is a leak: find the code that makes clients and closes none, before the server is full.',
  },
  'reconnect-storm': {
    severity: 'warning',
    title: 'Many owners lost their connections and dial again',
    remedy:
      'Look for what cut them: a failover, a firewall, CLIENT KILL, output buffers (see the log of the server). Give clients a backoff with jitter, so that they do not come all at once.',
  },
  'connection-per-request': {
    severity: 'warning',
    title: 'Connections are made and closed all the time',
    remedy:
      'Make one client per process and keep it open (in PHP pconnect, in Java a pool): each connection costs a handshake, and a moment of trouble turns them into a flood.',
  },
  'maxclients-lowered': {
    severity: 'warning',
    title: 'The limit of open files has lowered maxclients',
    remedy:
      'Raise the limit of open files of the server’s process (LimitNOFILE of systemd, --ulimit nofile of Docker, ulimit -n) to maxclients + 32 at least, and restart it.',
  },
  'maxclients-uneven': {
    severity: 'warning',
    title: 'Servers that stand in for each other have different limits',
    remedy: 'Give all of them the same maxclients: after a failover the lowest one is the limit.',
  },
  'keepalive-off': {
    severity: 'warning',
    title: 'The server never notices that a client is gone',
    remedy:
      'CONFIG SET tcp-keepalive 60 (in sentinel.conf: tcp-keepalive 60, and a restart). It holds for connections that are made from then on.',
  },
  'keepalive-slow': {
    severity: 'warning',
    title: 'The firewall forgets a session before the server probes it',
    remedy: 'Set tcp-keepalive to a third of the firewall’s limit, or less.',
  },
  'timeout-hits-healthy': {
    severity: 'warning',
    title: 'timeout closes healthy connections',
    remedy:
      'Set timeout 0, and let tcp-keepalive find the dead. Where it must stay, above three heartbeats and above the time that pools keep idle connections.',
  },
  'timeout-misses-subscribers': {
    severity: 'warning',
    title: 'timeout does not reach dead subscribers',
    remedy:
      'Redis never applies timeout to Pub/Sub clients. Set tcp-keepalive 60, and close what is left: redis-hygiene reap --where prints the commands.',
  },
  'output-buffers': {
    severity: 'warning',
    title: 'Replies pile up for a client that does not read them',
    remedy:
      'Look at that client: it is stopped, its line is slow, or it gets more than it can take. Bound the damage with client-output-buffer-limit, for pubsub above all.',
  },
  'leaky-library': {
    severity: 'warning',
    title: 'Many connections of a library version that is known to leak',
    remedy: 'Update the library to a version with the fix, or close those connections in your own code.',
  },
  'monitor-left-open': {
    severity: 'warning',
    title: 'Somebody has left MONITOR running',
    remedy: 'Close it: the server copies every command to it, which halves its throughput.',
  },
} as const satisfies Record<string, FindingRow>;

/** A code of the table. */
export type FindingCode = keyof typeof findingTable;

/** All codes, in the order of the table. */
export const findingCodes = Object.keys(findingTable) as readonly FindingCode[];
