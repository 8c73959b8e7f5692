import { findRedisBinary } from '../../support/redis/index.js';
import type { ShiftedClock } from '../../support/shifted-clock.js';
import { startContestant, type Contestant, type Factories, type ContestantName } from './contestant.js';
import { installFaults, type Faults } from './faults.js';
import { createNamespaces, type Namespaces } from './namespaces.js';
import { addSide, createNetwork, type Network, type Side } from './network.js';
import { createObserver, type Observer } from './observer.js';
import { startRedisServer, startSentinelServer, type FaultServer } from './server.js';
import type { Tools } from './tools.js';

/**
 * A network of namespaces: client, router, servers, and further sides on request. A cut affects one connection; all other faults affect every
 * scenario of the rig. Each scenario starts its own server.
 */
export interface Rig extends Faults {
  readonly tools: Tools;
  readonly namespaces: Namespaces;
  readonly network: Network;
  readonly observer: Observer;
  redis(...args: readonly string[]): Promise<FaultServer>;
  /** A Redis whose clock the test moves. */
  redisWithClock(clock: ShiftedClock): Promise<FaultServer>;
  /** @param settings Settings of sentinel.conf for this master, by name. */
  sentinel(master: FaultServer, settings?: Readonly<Record<string, number>>): Promise<FaultServer>;
  /** A process in the client's namespace, or in another one. */
  contestant(who: ContestantName, factories?: Factories, namespace?: string): Promise<Contestant>;
  /** Another namespace behind the router. With `masquerade` the servers see the router's address. */
  side(nat: 'none' | 'masquerade'): Promise<Side>;
  /** A process in the servers' namespace, which no fault affects. */
  neighbour(who: ContestantName): Promise<Contestant>;
  /** Runs a program in the servers' namespace. Resolves with its output. @throws Error with its last lines */
  run(program: string, ...args: readonly string[]): Promise<string>;
  /** Runs a program in a namespace of the rig. @throws Error with its last lines */
  runIn(namespace: string, program: string, ...args: readonly string[]): Promise<string>;
  /** Disposes of a thing together with the rig, also when a scenario fails. */
  keep<T extends AsyncDisposable>(starting: Promise<T>): Promise<T>;
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
  let sides = 0;
  const started: AsyncDisposable[] = [watcher];
  const keep = async <T extends AsyncDisposable>(starting: Promise<T>): Promise<T> => {
    const one = await starting;
    started.push(one);
    return one;
  };

  return {
    ...faults,
    tools,
    namespaces,
    network,
    observer,
    redis: (...args) => keep(startRedisServer(ports, port++, args)),
    sentinel: (master, settings) => keep(startSentinelServer(ports, port++, master, settings)),
    redisWithClock: (clock) => keep(startRedisServer({ ...ports, clock }, port++, [])),
    contestant: (who, factories, namespace = namespaces.client) =>
      keep(startContestant(tools, namespace, who, factories)),
    side: (nat) => addSide(tools, namespaces, sides++, nat),
    runIn: (namespace, program, ...args) => tools.run(namespace, program, ...args),
    neighbour: (who) => keep(startContestant(tools, namespaces.servers, who)),
    run: (program, ...args) => tools.run(namespaces.servers, program, ...args),
    keep,
    async remove() {
      await Promise.all(started.map((one) => one[Symbol.asyncDispose]()));
      await namespaces.remove();
    },
  };
}
