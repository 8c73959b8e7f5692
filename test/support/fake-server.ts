import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach } from 'vitest';

/** A TCP server that behaves as a test says. Stopped after the test, with all its sockets. */
export interface FakeServer {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Connections accepted so far, those that have closed included. */
  readonly accepted: readonly Socket[];
}

/** Returns the function that starts a fake server, which calls `onConnection` with each connection. */
export function useFakeServer(): (onConnection: (socket: Socket) => void) => Promise<FakeServer> {
  const stops: (() => void)[] = [];

  afterEach(() => stops.splice(0).forEach((stop) => stop()));

  return async (onConnection) => {
    const accepted: Socket[] = [];
    const server = createServer((socket) => {
      accepted.push(socket);
      socket.on('error', () => undefined);
      onConnection(socket);
    }).listen(0, '127.0.0.1');
    stops.push(() => {
      server.close();
      accepted.forEach((socket) => socket.destroy());
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { host: '127.0.0.1', port, url: `redis://127.0.0.1:${port}`, accepted };
  };
}

/** Writes what `answer` returns for each command, which is given in lower case with its arguments ("client info"). */
export function answerCommands(socket: Socket, answer: (command: string) => string): void {
  socket.on('data', (data) => {
    const replies = data
      .toString()
      .split(/(?=\*\d+\r\n\$)/)
      .map((text) =>
        answer(
          text
            .split('\r\n')
            .slice(2)
            .filter((_, index) => index % 2 === 0)
            .join(' ')
            .trim()
            .toLowerCase(),
        ),
      );
    socket.write(replies.join(''));
  });
}

/** A text in the protocol of Redis. */
export const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;

/** Answers as a server before Redis 6, which knows INFO, PING and SELECT only. */
export function answerAsOldServer(command: string): string {
  const name = command.split(' ')[0] ?? '';
  if (name === 'info') return bulk('redis_version:2.8.0');
  if (name === 'ping') return '+PONG\r\n';
  if (name === 'select') return '+OK\r\n';
  return `-ERR unknown command '${name}'\r\n`;
}
