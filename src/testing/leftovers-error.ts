import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HygieneError } from '../core/errors.js';
import type { ConnectionInfo } from '../ledger/connection.js';
import type { LeaseReport } from '../pool/pool-report.js';
import { describeLeftCluster, isNodeOf } from './left-clusters.js';
import type { Leftovers } from './leftovers.js';

/** Connections that one line of code has opened, or leases that it has acquired. */
interface Group {
  /** What they are, in singular: `connection`, `subscriber`, `lease of the pool orders@web-1`. */
  readonly noun: string;
  /** `opened` or `acquired`. */
  readonly how: string;
  /** Stack frames of the line, innermost first. */
  readonly frames: readonly string[];
  /** Each different description once. */
  readonly facts: Set<string>;
  count: number;
}

/** Largest number of lines of code in a message. */
const MAX_GROUPS = 12;

/**
 * Creates the error that lists what was left open, by the line of code that opened it. The stack of the error is the call
 * site of the first of them, so that a test runner shows that line of code.
 *
 * @param who Who has left it open, such as `The test "reads"`.
 */
export function createLeftoversError(who: string, { entries, clusters, leases }: Leftovers): HygieneError {
  const connections = entries.map((entry) => entry.info());
  const unconnected = clusters
    .filter((cluster) => !entries.some((entry) => isNodeOf(cluster, entry)))
    .map(describeLeftCluster);
  const groups = foldByLine(connections, unconnected, [...leases.values()]);
  const lines = groups.slice(0, MAX_GROUPS).map(describeGroup);
  const others = groups.slice(MAX_GROUPS).reduce((sum, { count }) => sum + count, 0);
  if (others > 0) lines.push(`… and ${others} more of ${count(groups.length - MAX_GROUPS, 'other line')}`);
  const open = [
    count(connections.length, 'connection'),
    count(unconnected.length, 'Cluster'),
    count(leases.size, 'lease'),
  ];
  const total = open
    .filter((text) => !text.startsWith('0 '))
    .join(', ')
    .replace(/, ([^,]*)$/, ' and $1');
  const what = [`${who} ${total} open:`, ...lines].join('\n  ');
  const details = { connections: [...connections, ...unconnected], leases: [...leases.values()] };
  const error = new HygieneError('HYG_CONNECTIONS_OPEN', `${what}\n `, { details });
  const frames = groups[0]?.frames.map((frame) => `\n    at ${frame}`) ?? [];
  if (frames.length > 0) error.stack = `${error.name}: ${error.message}${frames.join('')}`;
  return error;
}

function foldByLine(
  connections: readonly ConnectionInfo[],
  unconnected: readonly ConnectionInfo[],
  leases: readonly LeaseReport[],
): Group[] {
  const groups = new Map<string, Group>();
  const add = (group: Group) => {
    const key = [group.noun, group.frames[0]].join(' ');
    const known = groups.get(key) ?? group;
    if (known !== group) known.count += 1;
    group.facts.forEach((fact) => known.facts.add(fact));
    groups.set(key, known);
  };
  const addOpened = (noun: string, { name, target, state, callSite }: ConnectionInfo) => {
    const facts = new Set([`${name || 'without a name'}, ${target}, ${state}`]);
    add({ noun, how: 'opened', frames: framesOfUser(callSite), facts, count: 1 });
  };
  connections.forEach((connection) => addOpened(nounOf(connection.role), connection));
  unconnected.forEach((cluster) => addOpened('Cluster without a connection', cluster));
  for (const { pool, stack } of leases) {
    add({ noun: `lease of the pool ${pool}`, how: 'acquired', frames: [stack], facts: new Set(), count: 1 });
  }
  return [...groups.values()].sort((one, other) => other.count - one.count);
}

const NOUNS: Readonly<Record<string, string>> = {
  subscriber: 'subscriber',
  pool: 'pooled connection',
  cluster: 'Cluster connection',
};

function nounOf(role: string): string {
  return NOUNS[role] ?? 'connection';
}

/** The frames outside of packages, or all frames if a package has opened the connection by itself. */
function framesOfUser(callSite: readonly string[]): readonly string[] {
  const own = callSite.filter((frame) => !/[\\/]node_modules[\\/]/.test(frame));
  return own.length > 0 ? own : callSite;
}

/** Largest number of different facts of one line of code in a message. */
const MAX_FACTS = 3;

function describeGroup({ noun, how, frames: [frame], facts, count: size }: Group): string {
  const shown = [...facts].slice(0, MAX_FACTS).join('; ');
  const more = facts.size > MAX_FACTS ? '; …' : '';
  const line = frame === undefined ? 'an unknown line' : locationOf(frame);
  return `${count(size, noun)} ${how} by ${line}${shown && ` (${shown}${more})`}`;
}

/** `1 lease of the pool p`, `2 leases of the pool p`, `2 Clusters without a connection`. */
function count(size: number, noun: string): string {
  const [, first = noun, rest = ''] = /^(.*?)( (?:of|without) .*)?$/.exec(noun) ?? [];
  return `${size} ${first}${size === 1 ? '' : 's'}${rest}`;
}

/** `file:line:column` of a stack frame. A path inside of the working directory is shortened. */
function locationOf(frame: string): string {
  const location = /\(([^()]*)\)$/.exec(frame)?.[1] ?? frame;
  const [, file = location, position = ''] = /^(.*?)(:\d+:\d+)$/.exec(location) ?? [];
  return `${shortPath(file)}${position}`;
}

/** The path of a file, relative to the working directory if the file is inside of it. */
export function shortPath(file: string): string {
  const path = file.startsWith('file:') ? pathOf(file) : file;
  if (!isAbsolute(path)) return path;
  const inside = relative(process.cwd(), path);
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside.split(sep).join('/');
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url; // it names another host, or is not a valid URL
  }
}
