import { describeTarget } from '../options/resolve-options.js';
import type { GlideClass, GlideClient, GlideOptions } from './detect-clients.js';
import { withName } from './name-clients.js';
import {
  captureClientCallSite,
  closeQuietly,
  type ObservedConnection,
  observeConnection,
} from './observed-connection.js';
import { tryOrWarn } from './warnings.js';

const TASK = 'observe a client of Valkey GLIDE';

/**
 * Names and observes all clients of Valkey GLIDE. Its connections are made outside of JavaScript, and no event tells of them:
 * the ledger has one for each address that a client is given, from `createClient()` to `close()`.
 */
export function observeGlide(Classes: readonly GlideClass[]): void {
  for (const Class of Classes) {
    const { createClient } = Class;
    Class.createClient = function (options) {
      const given = withName(options, 'clientName', 'glide') ?? options;
      const observed = tryOrWarn(TASK, () => open(given));
      const creation = createClient.call(this, given);
      return observed && creation instanceof Promise
        ? follow(creation as Promise<GlideClient>, observed)
        : creation;
    };
  }
}

/** The connections of a client. */
interface ObservedClient {
  readonly connections: readonly ObservedConnection[];
  /** Known once all connections are up. */
  client: GlideClient | undefined;
  isClosing: boolean;
}

function open(options: GlideOptions): ObservedClient {
  const observed: ObservedClient = { connections: [], client: undefined, isClosing: false };
  const callSite = captureClientCallSite();
  const name = typeof options.clientName === 'string' ? options.clientName : '';
  const controls = { quit: () => quit(observed), destroy: () => destroy(observed) };
  const connections = (options.addresses ?? []).map((address, index) => {
    const target = describeTarget({ ...address, ...(options.useTLS && { tls: {} }) });
    const budgetClass = index === 0 ? 'observed' : 'observedMember';
    return observeConnection({ name, target, callSite, budgetClass }, controls);
  });
  return Object.assign(observed, { connections });
}

async function follow(creation: Promise<GlideClient>, observed: ObservedClient): Promise<GlideClient> {
  try {
    const client = await creation;
    tryOrWarn(TASK, () => followClose(client, observed));
    return client;
  } catch (error) {
    tryOrWarn(TASK, () => observed.connections.forEach((connection) => connection.closed('gave-up')));
    throw error;
  }
}

/** GLIDE calls `close()` too, when it gives up a client. */
function followClose(client: GlideClient, observed: ObservedClient): void {
  const close = client.close.bind(client);
  observed.client = client;
  observed.connections.forEach((connection) => connection.ready());
  Object.defineProperty(client, 'close', {
    value(...args: unknown[]) {
      tryOrWarn(TASK, () => observed.connections.forEach((connection) => connection.closed('application')));
      return close(...args);
    },
    configurable: true,
    writable: true,
  });
  if (observed.isClosing) client.close();
}

/** GLIDE rejects the commands under way when it closes. The answer to a PING comes after theirs. */
function quit(observed: ObservedClient): void {
  const { client } = observed;
  if (!client || observed.isClosing) return;
  observed.isClosing = true;
  const close = () => client.close();
  closeQuietly(() => client.ping().then(close, close));
}

/** A client that is being created is closed once it is there. */
function destroy(observed: ObservedClient): void {
  observed.isClosing = true;
  if (observed.client) closeQuietly(() => observed.client?.close());
  else observed.connections.forEach((connection) => connection.closed('application'));
}
