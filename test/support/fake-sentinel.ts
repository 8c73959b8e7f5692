import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** State of an instance as a sentinel reports it, by field name. */
export type Fields = Readonly<Record<string, string | number>>;

/** What a fake sentinel says about the master `mymaster`. */
export interface FakeSentinelState {
  master: Fields;
  replicas: readonly Fields[];
  /** Time from a command to its answer, in milliseconds, as of a network that is slow. */
  latencyMs: number;
}

/** A server that answers like a sentinel, over RESP2. */
export interface FakeSentinel extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Number of connections so far. */
  readonly dials: number;
  readonly state: FakeSentinelState;
}

/** Starts a sentinel that says what `state` contains at that moment. */
export async function startFakeSentinel(state: FakeSentinelState): Promise<FakeSentinel> {
  const sockets = new Set<Socket>();
  let dials = 0;
  const server = createServer((socket) => {
    dials += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    socket.on('data', (data) => void answerAll(socket, data, state));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...{ host: '127.0.0.1', port, state },
    get dials() {
      return dials;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}

async function answerAll(socket: Socket, data: Buffer, state: FakeSentinelState): Promise<void> {
  const answers = readCommands(data.toString()).map((command) => answer(command, state));
  if (state.latencyMs > 0) await sleep(state.latencyMs);
  if (socket.writable) socket.write(answers.join(''));
}

/** Splits commands that came in one chunk, each into its words. */
function readCommands(text: string): string[][] {
  return text
    .split(/^\*\d+\r\n/m)
    .filter((command) => command !== '')
    .map((command) => command.split('\r\n').filter((line, index) => index % 2 === 1));
}

function answer(words: readonly string[], { master, replicas }: FakeSentinelState): string {
  const command = words.slice(0, 2).join(' ').toLowerCase();
  if (command === 'sentinel get-master-addr-by-name') return list([bulk(master['ip']), bulk(master['port'])]);
  if (command === 'sentinel master') return fields(master);
  if (command === 'sentinel replicas' || command === 'sentinel slaves') return list(replicas.map(fields));
  if (command === 'sentinel sentinels') return list([]);
  if (words[0]?.toLowerCase() === 'hello') return list([bulk('proto'), ':2\r\n']);
  if (command === 'client setname') return '+OK\r\n';
  if (words[0]?.toLowerCase() === 'subscribe')
    return words
      .slice(1)
      .map((channel, index) => list([bulk('subscribe'), bulk(channel), `:${index + 1}\r\n`]))
      .join('');
  if (words[0]?.toLowerCase() === 'ping') return '+PONG\r\n';
  return '-ERR unknown command\r\n';
}

function bulk(value: string | number = ''): string {
  return `$${Buffer.byteLength(String(value))}\r\n${value}\r\n`;
}

function list(items: readonly string[]): string {
  return `*${items.length}\r\n${items.join('')}`;
}

function fields(of: Fields): string {
  return list(Object.entries(of).flat().map(bulk));
}
