import type { AskServer } from '../../../../src/liveness/server-side-identity.js';

export function replyError(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

/** The error with which ioredis rejects commands when their connection breaks. */
export function brokenConnection(): Error {
  return new Error('Connection is closed.');
}

type Right = 'list' | 'kill' | 'info' | 'client info';

/** A Redis server that answers the commands of a reaper. */
export interface FakeServer {
  runId: string;
  /** Rows of CLIENT LIST by id. */
  readonly rows: Map<number, string>;
  /** Rights that the ACL denies. */
  readonly refused: Set<Right>;
  /** Whether the server is older than 6.2: without CLIENT INFO and CLIENT LIST ID. */
  isOld: boolean;
  /** Beginning of the command at which the connection breaks, or after which no answer comes. */
  breaksAt: string | undefined;
  isSilentAt: string | undefined;
  readonly commands: readonly string[];
  readonly killed: readonly number[];
  readonly killedRows: readonly string[];
  /** Sends a command over a connection whose id is 99. */
  readonly ask: AskServer;
  /** Adds a connection to CLIENT LIST. */
  connect(id: number, name: string, address: string, ageS?: number): void;
}

export function rowOf(id: number, name: string, address: string, ageS = 4): string {
  return `id=${id} addr=${address} laddr=10.0.0.2:6379 fd=8 name=${name} age=${ageS} idle=4 flags=N db=0 user=default`;
}

export function createFakeServer(runId = 'a1'): FakeServer {
  const commands: string[] = [];
  const killed: number[] = [];
  const killedRows: string[] = [];
  const own = rowOf(99, 'orders@web-1', '10.0.0.1:50099');

  function allow(right: Right, command: string): void {
    if (server.refused.has(right)) {
      throw replyError(`NOPERM this user has no permissions to run the '${command}' command`);
    }
  }

  function list(ids: readonly string[]): string {
    allow('list', 'client|list');
    if (server.isOld && ids.length > 0) throw replyError('ERR syntax error');
    const found = [...server.rows].filter(([id]) => ids.length === 0 || ids.includes(String(id)));
    return found.map(([, row]) => `${row}\n`).join('');
  }

  function kill(id: number): number {
    allow('kill', 'client|kill');
    const row = server.rows.get(id);
    if (row === undefined) return 0;
    server.rows.delete(id);
    killed.push(id);
    killedRows.push(row);
    return 1;
  }

  function answer(words: readonly string[]): unknown {
    const [command, sub, , ...ids] = words;
    if (command === 'info') {
      allow('info', 'info');
      return `# Server\r\nredis_version:7.0.15\r\nrun_id:${server.runId}\r\ntcp_port:6379\r\n`;
    }
    if (sub === 'list') return list(ids);
    if (sub === 'kill') return kill(Number(ids[0]));
    if (sub === 'id') return 99;
    if (sub === 'getname') return 'orders@web-1';
    if (server.isOld) throw replyError("ERR Unknown subcommand or wrong number of arguments for 'info'");
    allow('client info', 'client|info');
    return `${own}\n`;
  }

  const server: FakeServer = {
    runId,
    rows: new Map(),
    refused: new Set(),
    isOld: false,
    breaksAt: undefined,
    isSilentAt: undefined,
    commands,
    killed,
    killedRows,
    async ask(...words) {
      const line = words.join(' ');
      commands.push(line);
      await Promise.resolve();
      if (server.breaksAt !== undefined && line.startsWith(server.breaksAt)) throw brokenConnection();
      if (server.isSilentAt !== undefined && line.startsWith(server.isSilentAt)) {
        return new Promise(() => undefined);
      }
      return answer(words);
    },
    connect: (id, name, address, ageS) => void server.rows.set(id, rowOf(id, name, address, ageS)),
  };
  return server;
}
