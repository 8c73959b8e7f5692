import { readdirSync, readlinkSync } from 'node:fs';

/** Which processes have which sockets open. */
export interface Holders {
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
export async function findHolders(proc: string, inodes: ReadonlySet<string>): Promise<Holders> {
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
