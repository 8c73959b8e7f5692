import type { CloseReason } from '../../ledger/connection.js';
import { describeTarget } from '../../options/resolve-options.js';
import type { GlideClass, GlideClient, GlideOptions } from '../detect-clients.js';
import { withName } from '../name-clients.js';
import {
  captureClientCallSite,
  closeQuietly,
  type ObservedEntry,
  observeConnection,
} from './observed-connection.js';
import { tryOrWarn } from '../warnings.js';

const TASK = 'observe a client of Valkey GLIDE';

/**
 * Names and observes all clients of Valkey GLIDE. Its connections are made outside of JavaScript, and no event tells of them:
 * they are in the ledger from `createClient()` to `close()`, one for each address that a client is given. A Cluster client
 * opens two to each node that it finds, and the statistics of GLIDE tell how many these are.
 */
export function observeGlide(Classes: readonly GlideClass[]): void {
  for (const Class of Classes) {
    const { createClient, name } = Class;
    const isCluster = name === 'GlideClusterClient';
    Class.createClient = function (options) {
      if (!canBeNamed(options)) return createClient.call(this, options);
      const given = withName(options, 'clientName', 'glide') ?? options;
      const observed = tryOrWarn(TASK, () => open(given));
      const creation = createClient.call(this, given);
      if (!observed || !(creation instanceof Promise)) return creation;
      return follow(creation as Promise<GlideClient>, observed, (client) => {
        followClose(client, observed);
        if (isCluster) addNodes(client, observed);
      });
    };
  }
}

/** Whether GLIDE takes these options. What it refuses it refuses with an error of its own. */
function canBeNamed(options: GlideOptions | undefined | null): boolean {
  const name: unknown = (options as { readonly clientName?: unknown } | undefined | null)?.clientName;
  return typeof options === 'object' && options !== null && (name === undefined || typeof name === 'string');
}

/** The connections of a client. */
interface ObservedClient {
  readonly connections: ObservedEntry[];
  readonly observe: (budgetClass: 'observed' | 'observedMember', target: string) => ObservedEntry;
  readonly firstTarget: string;
  /** Known once all connections are up. */
  client: GlideClient | undefined;
  isClosing: boolean;
}

/** Clients that are not closed. */
const openClients = new Set<ObservedClient>();

function open(options: GlideOptions): ObservedClient {
  const callSite = captureClientCallSite();
  const name = typeof options.clientName === 'string' ? options.clientName : '';
  const controls = { quit: () => quit(observed), destroy: () => destroy(observed) };
  const targets = (options.addresses ?? []).map((address) =>
    describeTarget({ ...address, ...(options.useTLS && { tls: {} }) }),
  );
  const observed: ObservedClient = {
    connections: [],
    observe: (budgetClass, target) => observeConnection({ name, target, callSite, budgetClass }, controls),
    firstTarget: targets[0] ?? '',
    client: undefined,
    isClosing: false,
  };
  targets.forEach((target, index) =>
    observed.connections.push(observed.observe(index === 0 ? 'observed' : 'observedMember', target)),
  );
  openClients.add(observed);
  return observed;
}

async function follow(
  creation: Promise<GlideClient>,
  observed: ObservedClient,
  onCreated: (client: GlideClient) => void,
): Promise<GlideClient> {
  try {
    const client = await creation;
    tryOrWarn(TASK, () => onCreated(client));
    return client;
  } catch (error) {
    tryOrWarn(TASK, () => end(observed, 'gave-up'));
    throw error;
  }
}

function end(observed: ObservedClient, reason: CloseReason): void {
  openClients.delete(observed);
  observed.connections.forEach((connection) => connection.closed(reason));
}

/** GLIDE calls `close()` too, when it gives up a client. */
function followClose(client: GlideClient, observed: ObservedClient): void {
  const close = client.close.bind(client);
  observed.client = client;
  observed.connections.forEach((connection) => connection.ready());
  Object.defineProperty(client, 'close', {
    value(...args: unknown[]) {
      tryOrWarn(TASK, () => end(observed, 'application'));
      return close(...args);
    },
    configurable: true,
    writable: true,
  });
  if (observed.isClosing) client.close();
}

/** Adds the connections that the statistics of the process have, and that no client accounts for. */
function addNodes(client: GlideClient, observed: ObservedClient): void {
  const { total_connections: total } = client.getStatistics() as { readonly total_connections?: unknown };
  const known = [...openClients].reduce((sum, { connections }) => sum + connections.length, 0);
  for (let missing = Number(total) - known; missing > 0; missing -= 1) {
    const connection = observed.observe('observedMember', observed.firstTarget);
    observed.connections.push(connection);
    connection.ready();
  }
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
  else end(observed, 'application');
}
