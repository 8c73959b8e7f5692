import type { SubscriptionListener } from '../../../../src/connect/client/subscription-connection.js';
import type { MasterListener } from '../../../../src/sentinel/sentinel-watchers.js';
import type { SubscriptionEnginePorts } from '../../../../src/subscriber/subscription-engine.js';
import { createFakeClock, turn } from '../fake-clock.js';
import {
  createFakeConnection,
  type FakeConnection,
  type Replies,
  sentinelReplies,
} from './fake-subscription-connection.js';

export const QUERIES = [
  'sentinel get-master-addr-by-name mymaster',
  'sentinel master mymaster',
  'sentinel myid',
  'sentinel sentinels mymaster',
];
export const SUBSCRIBE = 'subscribe +switch-master';
export const UNSUBSCRIBE = 'unsubscribe +switch-master';

/** A listener that records its calls as texts. */
export function createListener(name = 'mymaster') {
  const calls: string[] = [];
  const listener: MasterListener = {
    name,
    onReport: ({ master, epoch, id }) =>
      calls.push(`${master?.port ?? 'none'} ${epoch ?? '-'} ${id?.slice(0, 2) ?? '-'}`),
    onSwitch: ({ host, port }) => calls.push(`switch ${host}:${port}`),
    onUnreachable: () => calls.push('unreachable'),
  };
  return { listener, calls };
}

/** Connections to one sentinel, which gives the same replies on each of them. */
export function createConnections(replies: Replies = sentinelReplies(6379)) {
  const clock = createFakeClock();
  const connections: FakeConnection[] = [];
  const ports: SubscriptionEnginePorts = {
    clock,
    bounds: { baseMs: 100, capMs: 10_000 },
    open(listener: SubscriptionListener) {
      const connection = createFakeConnection(listener, replies);
      connections.push(connection);
      return connection;
    },
  };
  const last = () => connections.at(-1) as FakeConnection;
  return {
    clock,
    ports,
    connections,
    /** Connects the last connection, and lets it receive the replies to everything that is asked then. */
    async connect() {
      last().listener.onConnected();
      await turn();
    },
    takeSent: () => last().sent.splice(0),
    connectionListener: () => last().listener,
    async publish(message: string) {
      const [channel, payload] = [Buffer.from('+switch-master'), Buffer.from(message)];
      last().listener.onMessage({ kind: 'channel', name: '+switch-master', channel, message: payload });
      await turn();
    },
  };
}
