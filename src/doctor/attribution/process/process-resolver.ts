import { readdirSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { formatCount } from '../../text/quantities.js';
import type { Attribution, Peer, Resolver } from '../attribution.js';
import { describeProcess, type ProcessFacts, redactFolder } from './process-description.js';
import { createSocketFinder, type FindSocket, readProcessSockets } from './process-sockets.js';

/**
 * Finds the processes of this machine that hold connections. The kernel's table maps a port to a socket, and the open files
 * of all processes map the socket to a process. A process in another network namespace, such as in a container, is not in
 * the table. `/proc` is read once, and only if some peer is on this machine.
 *
 * @param proc `/proc`, or a folder like it
 */
export async function loadProcessResolver(peers: Iterable<Peer>, proc = '/proc'): Promise<Resolver> {
  const localPeers = [...peers].filter(
    ({ port, kind }) => port !== undefined && port > 0 && kind === 'client',
  );
  if (localPeers.length === 0) return emptyResolver();
  const sockets = readProcessSockets(proc, new Set(localPeers.map(({ port = 0 }) => port)));
  if (!sockets) return emptyResolver('Processes can be found by their ports on Linux only.');
  return createProcessResolver(proc, localPeers, createSocketFinder(sockets));
}

function emptyResolver(...warnings: readonly string[]): Resolver {
  return { source: 'process', attribute: () => undefined, warnings: () => warnings };
}

async function createProcessResolver(
  proc: string,
  peers: readonly Peer[],
  findSocket: FindSocket,
): Promise<Resolver> {
  const inodes = new Set(peers.flatMap((peer) => findSocket(peer)?.inode ?? []));
  const { pids, unreadableCount } = await findSocketOwners(proc, inodes);
  const describe = createDescriber(proc);
  // A process may end at any time, so its facts are read now and not when they are asked for.
  const owners = new Map([...pids].map(([inode, pid]) => [inode, describe(pid)]));
  const unnamedCount = inodes.size - owners.size;
  return {
    source: 'process',
    attribute(peer) {
      const socket = peer.port === undefined ? undefined : findSocket(peer);
      if (!socket) return undefined;
      const owner = owners.get(socket.inode);
      if (owner) return attributionFor(peer.ip, owner);
      return ambiguous(
        peer.ip,
        `a process of user ${socket.uid} on this machine that this user may not inspect`,
      );
    },
    warnings: () =>
      unnamedCount === 0 || unreadableCount === 0
        ? []
        : [
            `Without an owner: ${formatCount(unnamedCount, 'connection')} of this machine, held by processes of other users. Run the command as root to name them.`,
          ],
  };
}

/** Programs that forward connections of other clients, so their own name says nothing about the owner. */
const FORWARDERS: ReadonlySet<string> = new Set([
  'docker-proxy',
  'rootlessport',
  'slirp4netns',
  'pasta',
  'passt',
]);

function attributionFor(ip: string, { title, pid, folder, packageName }: ProcessFacts): Attribution {
  const owner = `${title} (pid ${pid})`;
  if (FORWARDERS.has(title)) return ambiguous(ip, `${owner} forwards connections of other clients`);
  return {
    owner,
    source: 'process',
    confidence: 'certain',
    host: hostname(),
    ...(packageName !== undefined && { service: packageName }),
    ...(folder !== undefined && { note: `in ${redactFolder(folder)}` }),
  };
}

function ambiguous(ip: string, note: string): Attribution {
  return { owner: ip, source: 'process', confidence: 'ambiguous', note };
}

/** Describes each process once, since many connections may belong to one process. */
function createDescriber(proc: string): (pid: number) => ProcessFacts {
  const described = new Map<number, ProcessFacts>();
  return (pid) => {
    const facts = described.get(pid) ?? describeProcess(proc, pid);
    described.set(pid, facts);
    return facts;
  };
}

/** The processes that hold given sockets. */
interface SocketOwners {
  /** Process ids by inode. If several processes share a socket, the lowest id. */
  readonly pids: ReadonlyMap<string, number>;
  /** Processes whose open files this user may not list. */
  readonly unreadableCount: number;
}

/**
 * Searches the open files of all processes until every socket is found. Synchronous calls in small steps: reading a link
 * takes some microseconds, a promise for it ten times as long.
 */
async function findSocketOwners(proc: string, inodes: ReadonlySet<string>): Promise<SocketOwners> {
  const pids = new Map<string, number>();
  let unreadableCount = 0;
  const processes = readdirSync(proc).filter((entry) => /^\d+$/.test(entry));
  for (const pid of processes.map(Number).sort((one, other) => one - other)) {
    if (pids.size === inodes.size) break;
    const files = readOrElse(() => readdirSync(`${proc}/${pid}/fd`), []);
    if (files === 'forbidden') unreadableCount += 1;
    else {
      for (const file of files) {
        const inode = inodeOf(`${proc}/${pid}/fd/${file}`);
        if (inode !== undefined && inodes.has(inode) && !pids.has(inode)) pids.set(inode, pid);
      }
    }
    await waitForNextTurn();
  }
  return { pids, unreadableCount };
}

const SOCKET_LINK = /^socket:\[(\d+)\]$/;

function inodeOf(file: string): string | undefined {
  const link = readOrElse(() => readlinkSync(file), '');
  return SOCKET_LINK.exec(link)?.[1];
}

/** Reads something of a process. Returns `fallback` if the process or file no longer exists. */
function readOrElse<Result>(read: () => Result, fallback: Result): Result | 'forbidden' {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return 'forbidden';
    if (code === 'ENOENT' || code === 'ESRCH') return fallback;
    throw error;
  }
}

function waitForNextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
