import { findRedisBinary } from '../../support/redis/index.js';
import { startContestant, type Contestant, type Factories, type Who } from './contestant.js';
import { installFaults, type Faults } from './faults.js';
import { createNamespaces, type Namespaces } from './namespaces.js';
import { layNetwork, type Network } from './network.js';
import { createObserver, type Observer } from './observer.js';
import { startRedisServer, startSentinelServer, type FaultServer } from './server.js';
import type { Tools } from './tools.js';

/**
 * Client, router and servers in namespaces of their own. What the faults do to all traffic hits every scenario of
 * the rig; a cut hits one connection. Each scenario starts a server of its own.
 */
export interface Rig extends Faults {
  readonly namespaces: Namespaces;
  readonly network: Network;
  readonly observer: Observer;
  redis(...args: readonly string[]): Promise<FaultServer>;
  /** @param settings of sentinel.conf for this master, by name */
  sentinel(master: FaultServer, settings?: Readonly<Record<string, number>>): Promise<FaultServer>;
  /** A process in the client's namespace. */
  contestant(who: Who, factories?: Factories): Promise<Contestant>;
  /** A process beside the servers, which no fault reaches. */
  neighbour(who: Who): Promise<Contestant>;
  /** Runs a program beside the servers, to its end. Gives what it printed. @throws Error with its last lines */
  run(program: string, ...args: readonly string[]): Promise<string>;
  /** Ends everything that was started in it, and removes the network. */
  remove(): Promise<void>;
}

const FIRST_PORT = 7001;

/** Builds a rig. Whoever built it removes it. @throws Error, and then nothing is left */
export async function createRig(tools: Tools): Promise<Rig> {
  const namespaces = await createNamespaces(tools);
  try {
    return await furnish(tools, namespaces);
  } catch (error) {
    await namespaces.remove();
    throw error;
  }
}

async function furnish(tools: Tools, namespaces: Namespaces): Promise<Rig> {
  const network = await layNetwork(tools, namespaces);
  const faults = await installFaults(tools, namespaces);
  const binary = await findRedisBinary();
  const watcher = await startContestant(tools, namespaces.servers, 'raw6');
  const observer = createObserver(
    watcher,
    [network.client.v4, network.client.v6].filter((address) => address !== undefined),
  );
  const ports = { tools, namespace: namespaces.servers, addresses: network.servers, binary, observer };
  let port = FIRST_PORT;
  const started: AsyncDisposable[] = [watcher];
  const keep = async <T extends AsyncDisposable>(starting: Promise<T>): Promise<T> => {
    const one = await starting;
    started.push(one);
    return one;
  };

  return {
    ...faults,
    namespaces,
    network,
    observer,
    redis: (...args) => keep(startRedisServer(ports, port++, args)),
    sentinel: (master, settings) => keep(startSentinelServer(ports, port++, master, settings)),
    contestant: (who, factories) => keep(startContestant(tools, namespaces.client, who, factories)),
    neighbour: (who) => keep(startContestant(tools, namespaces.servers, who)),
    run: (program, ...args) => tools.run(namespaces.servers, program, ...args),
    async remove() {
      await Promise.all(started.map((one) => one[Symbol.asyncDispose]()));
      await namespaces.remove();
    },
  };
}
