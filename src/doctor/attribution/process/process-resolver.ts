import { readdirSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Attribution, Peer, Resolver } from '../attribution.js';
import { describeProcess, folderShown, type ProcessFacts } from './process-description.js';
import { type FindSocket, indexSockets, readSockets } from './process-sockets.js';

/** Pass on the connections of others, so that they stand for many. */
const FORWARDERS: ReadonlySet<string> = new Set([
  'docker-proxy',
  'rootlessport',
  'slirp4netns',
  'pasta',
  'passt',
]);

function ambiguous(ip: string, note: string): Attribution {
  return { owner: ip, source: 'process', confidence: 'ambiguous', note };
}

function attributionOn(ip: string, { title, pid, folder, packageName }: ProcessFacts): Attribution {
  const owner = `${title} (pid ${pid})`;
  if (FORWARDERS.has(title)) return ambiguous(ip, `${owner} passes on the connections of others`);
  return {
    owner,
    source: 'process',
    confidence: 'certain',
    host: hostname(),
    ...(packageName !== undefined && { service: packageName }),
    ...(folder !== undefined && { note: `in ${folderShown(folder)}` }),
  };
}

/** Remembers what is known of a process: many connections may be one's. */
function createDescriber(proc: string): (pid: number) => ProcessFacts {
  const known = new Map<number, ProcessFacts>();
  return (pid) => {
    const facts = known.get(pid) ?? describeProcess(proc, pid);
    known.set(pid, facts);
    return facts;
  };
}

function nothingKnown(...warnings: readonly string[]): Resolver {
  return { source: 'process', attribute: () => undefined, warnings: () => warnings };
}

/** Peers of this machine, and their sockets. */
interface Found {
  readonly peers: readonly Peer[];
  readonly socketOf: FindSocket;
}

async function resolverOf(proc: string, { peers, socketOf }: Found): Promise<Resolver> {
  const inodes = new Set(peers.flatMap((peer) => socketOf(peer)?.inode ?? []));
  const { pids, hidden } = await findHolders(proc, inodes);
  const facts = createDescriber(proc);
  // Processes end: what is known of them is read now, not when somebody asks.
  const holders = new Map([...pids].map(([inode, pid]) => [inode, facts(pid)]));
  const unnamed = inodes.size - holders.size;
  return {
    source: 'process',
    attribute(peer) {
      const socket = peer.port === undefined ? undefined : socketOf(peer);
      if (!socket) return undefined;
      const holder = holders.get(socket.inode);
      if (holder) return attributionOn(peer.ip, holder);
      return ambiguous(
        peer.ip,
        `a process of user ${socket.uid} on this machine, which cannot be looked into`,
      );
    },
    warnings: () =>
      unnamed === 0 || hidden === 0
        ? []
        : [
            `The processes behind ${unnamed} connections of this machine belong to other users: run it as root to name them.`,
          ],
  };
}

/**
 * Finds the processes of this machine that hold connections: the kernel's table tells which socket a port belongs to,
 * and the open files of all processes whose that socket is. A process in another network namespace, as that of a
 * container, is not in the table. `/proc` is gone through once, and not at all without a peer of this machine.
 */
export async function loadProcesses(peers: Iterable<Peer>, proc = '/proc'): Promise<Resolver> {
  const own = [...peers].filter(({ port, link }) => port !== undefined && port > 0 && link === 'client');
  if (own.length === 0) return nothingKnown();
  const sockets = readSockets(proc, new Set(own.map(({ port = 0 }) => port)));
  if (!sockets) return nothingKnown('Processes can be told by their ports on Linux only.');
  return resolverOf(proc, { peers: own, socketOf: indexSockets(sockets) });
}

/** Which processes have which sockets open. */
interface Holders {
  /** Process ids, by inodes. Of several processes that share a socket, the one with the lowest id. */
  readonly pids: ReadonlyMap<string, number>;
  /** Processes whose files may not be looked at. */
  readonly hidden: number;
}

const SOCKET = /^socket:\[(\d+)\]$/;

/** A process or a file may be gone before it is looked at: that is the end of it. */
function orGone<Result>(look: () => Result, gone: Result): Result | 'hidden' {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return 'hidden';
    if (code === 'ENOENT' || code === 'ESRCH') return gone;
    throw error;
  }
}

function socketAt(file: string): string | undefined {
  const link = orGone(() => readlinkSync(file), '');
  return SOCKET.exec(link)?.[1];
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/**
 * Looks through the open files of all processes, once, until every socket is found. In small steps of synchronous
 * calls: a link is read in some microseconds, a promise for it costs ten times as much.
 */
async function findHolders(proc: string, inodes: ReadonlySet<string>): Promise<Holders> {
  const pids = new Map<string, number>();
  let hidden = 0;
  const processes = readdirSync(proc).filter((entry) => /^\d+$/.test(entry));
  for (const pid of processes.map(Number).sort((one, other) => one - other)) {
    if (pids.size === inodes.size) break;
    const files = orGone(() => readdirSync(`${proc}/${pid}/fd`), []);
    if (files === 'hidden') hidden += 1;
    else {
      for (const file of files) {
        const inode = socketAt(`${proc}/${pid}/fd/${file}`);
        if (inode !== undefined && inodes.has(inode) && !pids.has(inode)) pids.set(inode, pid);
      }
    }
    await nextTurn();
  }
  return { pids, hidden };
}
