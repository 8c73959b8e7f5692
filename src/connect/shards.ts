import type { Command, Redis } from 'ioredis';
import { copyOf } from './copies.js';
import { clientInternals, type SubscriptionSet } from './ioredis.js';

/** What the server says by itself looks like the answer to this. */
const END = 'sunsubscribe';

/** Whether the next answer is that to a command of ours which gives the channel back. */
function isAsked(client: Redis, channel: string): boolean {
  const next = clientInternals(client).commandQueue.peekFront()?.command;
  return next?.name === END && next.args.map(String).includes(channel);
}

/**
 * The server ends a subscription by itself when the slot of its shard channel moves to another node. ioredis 6 tells
 * that something has moved, and not what; 5 takes it for the answer to whatever command comes next. So it is given a
 * command of its own to be the answer to.
 */
export function tellRevoked(
  client: Redis,
  subscribed: SubscriptionSet,
  onRevoked: (channel: string) => void,
): void {
  const forget = subscribed.del.bind(subscribed);
  subscribed.del = (type, channel) => {
    forget(type, channel);
    if (type !== END || isAsked(client, channel)) return;
    clientInternals(client).commandQueue.unshift({ command: new (copyOf(client).Command)(END, [channel]) });
    onRevoked(channel);
  };
}

/** As the server says it, but for the address, which is not known any more. */
function moved(): Error {
  const message = 'MOVED to another node of the cluster';
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

/**
 * Where a shard channel is at another node, ioredis 5 throws the server's refusal away, and the command would wait for
 * ever. Takes each SSUBSCRIBE that is sent; ioredis 6 rejects it by itself, before this does.
 */
export function refuseMoved(client: Redis): (sent: Command) => void {
  const unanswered = new Set<Command>();
  client.on('moved', () => {
    const waiting = new Set<object>(
      clientInternals(client)
        .commandQueue.toArray()
        .map(({ command }) => command),
    );
    const answered = [...unanswered].filter((command) => !waiting.has(command));
    process.nextTick(() => answered.forEach((command) => command.reject(moved())));
  });
  return (sent) => {
    const settled = () => void unanswered.delete(sent);
    unanswered.add(sent);
    sent.promise.then(settled, settled);
  };
}
