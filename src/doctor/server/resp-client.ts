import type { Socket } from 'node:net';
import type { Clock } from '../../core/clock.js';
import { ProtocolError, type Reply, ReplyDecoder, type TextReceiver } from './reply-decoder.js';

/** The server does not answer: not in time, or the connection is closed. */
class NoReplyError extends Error {}

/** Sends commands over an open socket, and reads their replies in the same order. It does not reconnect. */
export interface RespClient {
  /**
   * Sends a command.
   *
   * @param receiver takes the reply while it arrives, if it is a text
   * @throws NoReplyError, ProtocolError, and whatever the receiver throws
   */
  readonly send: (words: readonly string[], receiver?: TextReceiver) => Promise<Reply>;
  readonly close: () => void;
}

/** A command whose reply has not arrived. */
interface PendingCommand {
  readonly receiver: TextReceiver | undefined;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Creates a client over a socket that is connected. The socket is closed when a command has no reply within `timeoutMs`, and
 * when the decoder or a receiver refuses what arrives: nobody reads the rest.
 */
export function createRespClient(socket: Socket, clock: Clock, timeoutMs: number): RespClient {
  const pending: PendingCommand[] = [];
  let failure: Error | undefined = socket.destroyed ? closedError() : undefined;

  function fail(error: Error): void {
    failure ??= error;
    socket.destroy(); // all data is sent, and a server that does not respond would never answer a FIN
    for (const { reject } of pending.splice(0)) reject(failure);
  }

  function onReply(reply: Reply): void {
    const command = pending.shift();
    if (!command) throw new ProtocolError('a reply to no command');
    command.resolve(reply);
  }

  const decoder = new ReplyDecoder({ onReply, onText: () => pending[0]?.receiver });

  socket.on('data', (chunk: Buffer) => {
    try {
      if (!failure) decoder.write(chunk);
    } catch (error) {
      fail(error as Error);
    }
  });
  socket.on('error', ({ message }) => fail(new NoReplyError(message)));
  socket.on('close', () => fail(closedError()));
  socket.resume(); // it was paused after the greeting

  return {
    send(words, receiver) {
      if (failure) return Promise.reject(failure);
      const reply = new Promise<Reply>((resolve, reject) => pending.push({ receiver, resolve, reject }));
      socket.write(encodeCommand(words));
      const timer = clock.afterRef(timeoutMs, () => fail(new NoReplyError(`within ${timeoutMs} ms`)));
      return reply.finally(() => timer.cancel());
    },
    close: () => fail(closedError()),
  };
}

const closedError = () => new NoReplyError('Connection is closed');

function encodeCommand(words: readonly string[]): string {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join('')}`;
}
