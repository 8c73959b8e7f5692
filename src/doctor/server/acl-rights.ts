/** A command of the server, why it is sent, and what happens if the user may not send it. */
interface Right {
  readonly purpose: string;
  readonly ifDenied: string;
}

/** All commands that the command line sends to servers. */
export const rightTable = {
  'client|list': { purpose: 'to list the connections', ifDenied: 'nothing can be done: exit code 2' },
  'client|kill': { purpose: 'to close a connection', ifDenied: 'nothing is closed: exit code 2' },
  'client|id': {
    purpose: 'to recognise its own connection',
    ifDenied: 'its own connection is still safe: each CLIENT KILL has SKIPME yes',
  },
  'client|setname': {
    purpose: 'to show its own name in CLIENT LIST',
    ifDenied: 'its own connection has no name',
  },
  'client|info': {
    purpose: 'to find out which addresses belong to this machine',
    ifDenied: 'processes of this machine are not looked up, and kernels prove less to reap',
  },
  info: {
    purpose: 'maxclients, rejected connections, uptime, the run, whether it is a Cluster or a Sentinel',
    ifDenied: 'a warning, checks that need it are left out, and reap finds no connection by --orphans',
  },
  'config|get': {
    purpose: 'timeout, tcp-keepalive, maxclients and output buffers',
    ifDenied: 'a warning, and checks of settings are left out',
  },
  'cluster|nodes': {
    purpose: 'to find the other nodes, on a Cluster only',
    ifDenied: 'exit code 2; not needed with --no-cluster',
  },
} as const satisfies Record<string, Right>;

type RightName = keyof typeof rightTable;

const READ_RIGHTS = ['client|list', 'client|setname', 'client|info', 'info'] as const;
const DISCOVERY_RIGHTS = [...READ_RIGHTS, 'cluster|nodes'] as const;

/** The ACL rules that each command needs on servers. A user with `-@all` needs these and no more. */
export const requiredRights = {
  clients: aclRules(...DISCOVERY_RIGHTS),
  doctor: aclRules(...DISCOVERY_RIGHTS, 'config|get'),
  reap: aclRules(...DISCOVERY_RIGHTS, 'client|id', 'client|kill'),
  /** Needed with `--live`, which examines servers as `doctor` does. */
  budget: aclRules(...DISCOVERY_RIGHTS, 'config|get'),
};

/** The ACL rules that commands need on sentinels, which they discover servers through. Sentinel has no CONFIG and no CLUSTER. */
export const requiredSentinelRights = [
  ...aclRules(...READ_RIGHTS),
  ...['+sentinel|masters', '+sentinel|replicas', '+sentinel|sentinels'],
];

/** Rules for `ACL SETUSER`. Redis 6 understands the same rules for subcommands as Redis 7. */
function aclRules(...rights: readonly RightName[]): readonly string[] {
  return rights.map((right) => `+${right}`);
}

/** The command that allows a user to send `command`, for an administrator to run. */
export function grantCommand(user: string, command: string, args: readonly (string | number)[]): string {
  return `ACL SETUSER ${user} ${aclRuleOf(command, args)}`;
}

/** The rule for one command: `+client|list`. */
function aclRuleOf(command: string, args: readonly (string | number)[]): string {
  const containers = ['client', 'config', 'cluster', 'sentinel'];
  const name = command.toLowerCase();
  return containers.includes(name) ? `+${name}|${String(args[0]).toLowerCase()}` : `+${name}`;
}
