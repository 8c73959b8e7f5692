import type { SubscriptionListener } from '../../../../src/connect/client/subscription-connection.js';
import { HygieneError } from '../../../../src/core/errors.js';
import {
  createMasterDiscovery,
  type MasterDiscoveryPorts,
} from '../../../../src/sentinel/master-discovery.js';
import { createSentinelConnections } from '../../../../src/sentinel/sentinel-connections.js';
import type { NodeAddress } from '../../../../src/sentinel/sentinel-replies.js';
import { createFakeClock } from '../fake-clock.js';
import {
  createFakeConnection,
  type FakeConnection,
  type Replies,
  sentinelReplies,
} from './fake-subscription-connection.js';

export const at = (port: number): NodeAddress => ({ host: 's', port });

/** Behaviour of one sentinel: its replies, `frozen` (never connects), or the error of the dial. */
export type Behaviour = Replies | 'frozen' | Error;

export const GET_MASTER_ADDRESS = 'sentinel get-master-addr-by-name mymaster';

/** Reply of SENTINEL SENTINELS with these ports. */
export const otherSentinels = (...ports: number[]) =>
  ports.map((port) => ['ip', 's', 'port', String(port), 'runid', `id-${port}`]);

/** Replies of a sentinel that knows the master. */
export const knowsMaster = sentinelReplies(6379);

export type OpenSentinel = (sentinel: NodeAddress, listener: SubscriptionListener) => FakeConnection;

/**
 * A discovery over the sentinels s:1, s:2 and s:3, whose behaviour is given by port. Each query has a connection of its own,
 * made by `open` if that is given.
 */
export function createBench(
  behaviours: Record<number, Behaviour>,
  { open, ...ports }: Partial<MasterDiscoveryPorts> & { readonly open?: OpenSentinel } = {},
) {
  const clock = createFakeClock();
  const asked: number[] = [];
  const connections: FakeConnection[] = [];
  const openFake: OpenSentinel = ({ port }, listener) => {
    const behaviour = behaviours[port] ?? new Error('nothing listens');
    const connection = createFakeConnection(
      listener,
      behaviour instanceof Error || behaviour === 'frozen' ? {} : behaviour,
    );
    connections.push(connection);
    process.nextTick(() => {
      if (behaviour === 'frozen') return;
      if (!(behaviour instanceof Error)) return listener.onConnected();
      listener.onError(behaviour);
      listener.onEnd();
    });
    return connection;
  };
  const discovery = createMasterDiscovery({
    clock,
    querySentinel(sentinel, query, limits) {
      asked.push(sentinel.port);
      const route = {
        key: '',
        open: (listener: SubscriptionListener) => (open ?? openFake)(sentinel, listener),
      };
      return createSentinelConnections(clock).query(route, query, limits);
    },
    name: 'mymaster',
    sentinels: [at(1), at(2), at(3)],
    timeoutMs: 1_500,
    mapDiscoveredAddress: (address) => address,
    ...ports,
  });
  /** Resolves with the port of the master, or with the error code. */
  async function find(): Promise<number | string | undefined> {
    const { result } = await discovery.findMaster();
    return result instanceof HygieneError ? result.code : result.answer.master?.port;
  }
  return { clock, asked, connections, discovery, find, takeAsked: () => asked.splice(0) };
}
