import type { Redis } from 'ioredis';
import type { HygieneError } from '../core/errors.js';
import type { ConnectionFacts } from '../ledger/ledger.js';
import { internals, ioredis } from './ioredis.js';
import { printAs } from './print.js';
import type { Link, LinkOwner } from './link.js';
import { authRefusal, nameRefusal } from './refusal.js';

/** Hears of failures that the application could not see, or not understand, from ioredis alone. */
export type FailureListener = (error: HygieneError, facts: ConnectionFacts) => void;

/** Sends a command in the handshake, before the client is ready, past auto-pipelining. */
function ask(client: Redis, ...args: string[]): unknown {
  const command = new (ioredis().Command)('client', args, { replyEncoding: 'utf8' });
  return client.sendCommand(command);
}

/**
 * Asks the server for the connection's id and checks the name: ioredis swallows a refused SETNAME. Both ride
 * behind the handshake. A connection that breaks in between is told elsewhere.
 */
async function identify(client: Redis, link: Link, onFailure: FailureListener): Promise<void> {
  const [id, name] = await Promise.allSettled([ask(client, 'ID'), ask(client, 'GETNAME')]);
  if (id.status === 'fulfilled') link.identified(Number(id.value));
  if (name.status === 'fulfilled' && name.value !== link.facts.name) {
    onFailure(nameRefusal(name.value as string | null, link.facts), link.facts);
  } else if (name.status === 'rejected' && /^NOPERM|unknown command/i.test((name.reason as Error).message)) {
    onFailure(nameRefusal(null, link.facts), link.facts);
  }
}

/** Replaces the one error of ioredis that carries the password. */
function guardErrors(client: Redis, { facts }: Link, onFailure: FailureListener): void {
  const parts = internals(client);
  const recover = parts.recoverFromFatalError.bind(client);
  const guarded: typeof recover = (commandError, error, options) => {
    const refusal = authRefusal(error, facts);
    if (refusal) onFailure(refusal, facts);
    recover(refusal ?? commandError, refusal ?? error, options);
  };
  Object.defineProperty(client, 'recoverFromFatalError', {
    value: guarded,
    configurable: true,
    writable: true,
  });
}

export interface Watch {
  readonly link: Link;
  readonly handle: LinkOwner;
  readonly onFailure: FailureListener;
}

/** Watches a client, so that its ledger entry follows it from dial to end. */
export function watchClient(client: Redis, { link, handle, onFailure }: Watch): void {
  link.adopt(handle);
  guardErrors(client, link, onFailure);
  printAs(client, () => `Redis <${link.facts.name} → ${link.facts.target}, ${client.status}>`);
  client.on('connect', () => void identify(client, link, onFailure));
  client.on('ready', () => link.ready());
  client.on('end', () => link.ended());
}
