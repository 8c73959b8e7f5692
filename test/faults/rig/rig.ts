import { findRedisBinary } from '../../support/redis/index.js';
import { startContestant, type Contestant, type Factories, type ContestantName } from './contestant.js';
import { installFaults, type Faults } from './faults.js';
import { createNamespaces, type Namespaces } from './namespaces.js';
import { createNetwork, type Network } from './network.js';
import { createObserver, type Observer } from './observer.js';
import { startRedisServer, startSentinelServer, type FaultServer } from './server.js';
import type { Tools } from './tools.js';

/**
 * A network of three namespaces: client, router and servers. A cut affects one connection; all other faults affect every
 * scenario of the rig. Each scenario starts its own server.
 */
export interface Rig extends Faults {
  readonly namespaces: Namespaces;
  readonly network: Network;
  readonly observer: Observer;
  redis(...args: readonly string[]): Promise<FaultServer>;
  /** @param settings Settings of sentinel.conf for this master, by name. */
  sentinel(master: FaultServer, settings?: Readonly<Record<string, number>>): Promise<FaultServer>;
  /** A process in the client's namespace. */
  contestant(who: ContestantName, factories?: Factories): Promise<Contestant>;
  /** A process in the servers' namespace, which no fault affects. */
  neighbour(who: ContestantName): Promise<Contestant>;
  /** Runs a program in the servers' namespace. Resolves with its output. @throws Error with its last lines */
  run(program: string, ...args: readonly string[]): Promise<string>;
  /** Ends everything that was started in the rig, and removes the network. */
  remove(): Promise<void>;
}

const FIRST_PORT = 7001;

/** Builds a rig, which the caller must remove. @throws Error after everything has been removed */
export async function createRig(tools: Tools): Promise<Rig> {
  const namespaces = await createNamespaces(tools);
  try {
    return await startParts(tools, namespaces);
  } catch (error) {
    await namespaces.remove();
    throw error;
  }
}

async function startParts(tools: Tools, namespaces: Namespaces): Promise<Rig> {
  const network = await createNetwork(tools, namespaces);
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
