/**
 * What each command of the command line asks a server for, as rules of an ACL. `-@all` users need these and no more.
 * A server before Redis 7 grants subcommands with the same words.
 */
export const grants = {
  clients: [
    '+client|list',
    '+client|setname',
    '+client|info',
    '+info',
    '+config|get',
    '+cluster|nodes',
    '+ping',
  ],
  doctor: [
    '+client|list',
    '+client|setname',
    '+client|info',
    '+info',
    '+config|get',
    '+cluster|nodes',
    '+ping',
  ],
  reap: [
    '+client|list',
    '+client|kill',
    '+client|id',
    '+client|setname',
    '+client|info',
    '+info',
    '+cluster|nodes',
    '+ping',
  ],
  budget: [
    '+client|list',
    '+client|setname',
    '+client|info',
    '+info',
    '+config|get',
    '+cluster|nodes',
    '+ping',
  ],
} as const;

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
