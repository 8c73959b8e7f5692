/** Why something is asked of a server, and what becomes of a command that may not. */
interface RightRow {
  readonly purpose: string;
  readonly without: string;
}

/** All that the command line asks servers for. */
export const rightTable = {
  'client|list': { purpose: 'the connections', without: 'nothing can be done: exit code 2' },
  'client|kill': { purpose: 'to close a connection', without: 'nothing is closed: exit code 2' },
  'client|id': {
    purpose: 'to know its own connection',
    without: 'SKIPME yes in each CLIENT KILL spares it all the same',
  },
  'client|setname': { purpose: 'to be seen in CLIENT LIST for what it is', without: 'it is nameless' },
  'client|info': {
    purpose: 'to tell which addresses are of this machine',
    without: 'processes of this machine are not looked up',
  },
  info: {
    purpose: 'maxclients, rejected connections, uptime, whether it is a Cluster or a Sentinel',
    without: 'a warning, and findings that need it are not made',
  },
  'config|get': {
    purpose: 'timeout, tcp-keepalive, maxclients and output buffers',
    without: 'a warning, and findings about settings are not made',
  },
  'cluster|nodes': {
    purpose: 'the other nodes, of a Cluster only',
    without: 'exit code 2; --no-cluster does not ask',
  },
} as const satisfies Record<string, RightRow>;

type Right = keyof typeof rightTable;

/** Rules of an ACL; a server before Redis 7 has the same words for them. */
function rules(...rights: readonly Right[]): readonly string[] {
  return rights.map((right) => `+${right}`);
}

const LOOK = ['client|list', 'client|setname', 'client|info', 'info'] as const;
const LOOK_AROUND = [...LOOK, 'cluster|nodes'] as const;

/** What each command asks a server for. A user with `-@all` needs these and no more. */
export const grants = {
  clients: rules(...LOOK_AROUND),
  doctor: rules(...LOOK_AROUND, 'config|get'),
  reap: rules(...LOOK_AROUND, 'client|id', 'client|kill'),
  /** `--live` examines servers as the doctor does. */
  budget: rules(...LOOK_AROUND, 'config|get'),
};

/** What all of them ask a sentinel for, through which servers are found. It knows neither CONFIG nor CLUSTER. */
export const sentinelGrants = [
  ...rules(...LOOK),
  ...['+sentinel|masters', '+sentinel|replicas', '+sentinel|sentinels'],
];

/** A rule for one command: `+client|list`. */
function rule(command: string, args: readonly (string | number)[]): string {
  const containers = ['client', 'config', 'cluster', 'sentinel'];
  const name = command.toLowerCase();
  return containers.includes(name) ? `+${name}|${String(args[0]).toLowerCase()}` : `+${name}`;
}

/** The line that an administrator has to run. */
export function grantLine(user: string, command: string, args: readonly (string | number)[]): string {
  return `ACL SETUSER ${user} ${rule(command, args)}`;
}
