import type { RedisOptions } from 'ioredis';
import { describe, expect, test } from 'vitest';
import type { SentinelClient } from '../../../src/connect/connectors/sentinel-connector.js';
import { createMasterGroups } from '../../../src/sentinel/master-groups.js';
import { createSentinelConnections } from '../../../src/sentinel/sentinel-connections.js';
import { createSentinelWatchers } from '../../../src/sentinel/sentinel-watchers.js';
import { createFakeClock, turn } from '../../support/unit/fake-clock.js';
import {
  createFakeConnection,
  sentinelReplies,
} from '../../support/unit/sentinel/fake-subscription-connection.js';

const listener = { onSentinelError: () => undefined, onRoundFailed: () => undefined };
const OPTIONS: RedisOptions = {
  name: 'mymaster',
  sentinels: [{ host: 's', port: 1 }],
  role: 'master',
  failoverDetector: true,
};

/** Clients of one factory. The sentinels connect at once, unless they are frozen. */
function createBench({ isFrozen = false } = {}) {
  const clock = createFakeClock();
  const opened: RedisOptions[] = [];
  const others = [['ip', 's', 'port', '2', 'runid', 'other']];
  const connections: ReturnType<typeof createFakeConnection>[] = [];
  const groups = createMasterGroups({
    clock,
    bounds: { baseMs: 100, capMs: 10_000 },
    watchers: createSentinelWatchers(clock),
    sentinelConnections: createSentinelConnections(clock),
    timeoutMs: 1_500,
    isOpen: () => true,
    onFailover: () => undefined,
    openConnection(options, connectionListener) {
      opened.push(options);
      const connection = createFakeConnection(
        connectionListener,
        sentinelReplies(6379, { id: `id-${options.port}`, others }),
      );
      connections.push(connection);
      if (!isFrozen) process.nextTick(() => connectionListener.onConnected());
      return connection;
    },
  });
  /** Joins a client that finds its master. Returns the options of the connections that were opened for it. */
  async function join(options: RedisOptions = {}) {
    const client: SentinelClient = {
      options: { ...OPTIONS, ...options },
      redial: () => undefined,
      dialNow: () => undefined,
      report: () => undefined,
      onWatched: () => undefined,
      onSentinelLost: () => undefined,
    };
    const membership = groups.join(client);
    await membership.locate(listener);
    for (let round = 0; round < 5; round += 1) await turn();
    return { membership, opened: opened.splice(0) };
  }
  /** Number of connections that stay when no client searches. */
  async function openConnections(): Promise<number> {
    await clock.advance(2_500);
    return connections.filter(({ isClosed }) => !isClosed).length;
  }
  return { clock, join, groups, openConnections };
}

const ports = (opened: readonly RedisOptions[]) => opened.map(({ port }) => port);

describe('the clients of a factory', () => {
  test('share a query connection and the watchers, until the last one leaves', async () => {
    const { join, openConnections } = createBench();
    const first = await join();
    expect(ports(first.opened)).toEqual([1, 1, 2]); // the query, the watcher, the watcher of a reported sentinel
    const second = await join();
    expect(ports(second.opened)).toEqual([]);
    expect(await openConnections()).toBe(2);
    first.membership.leave();
    expect(await openConnections()).toBe(2);
    second.membership.leave();
    expect(await openConnections()).toBe(0);
    expect(ports((await join()).opened)).toEqual([1, 1, 2]); // the group starts anew
  });

  test('share the query if they search at the same time', async () => {
    const { join, openConnections } = createBench();
    const [first, second] = await Promise.all([join(), join()]);
    expect(ports([...first.opened, ...second.opened])).toEqual([1, 1, 2]);
    expect(await openConnections()).toBe(2);
  });

  test('do not share watchers with clients that have other credentials for the sentinels', async () => {
    const { join, openConnections } = createBench();
    await join();
    expect(ports((await join({ sentinelPassword: 'other' })).opened)).toEqual([1, 1, 2]);
    expect(await openConnections()).toBe(4);
  });

  test('share the watchers with clients of another master, but not the master', async () => {
    const { join, openConnections, groups } = createBench();
    await join();
    const client = {
      options: { ...OPTIONS, name: 'unknown' },
      redial: () => undefined,
      dialNow: () => undefined,
      report: () => undefined,
      onWatched: () => undefined,
      onSentinelLost: () => undefined,
    };
    await expect(groups.join(client).locate(listener)).rejects.toMatchObject({
      code: 'HYG_MASTER_UNKNOWN',
    });
    expect(await openConnections()).toBe(2);
  });

  test('watch only the configured sentinels with updateSentinels: false', async () => {
    const { join } = createBench();
    expect(ports((await join({ updateSentinels: false })).opened)).toEqual([1, 1]);
  });
});

describe('a connection to a sentinel', () => {
  test('has the options for sentinels, and not those for servers', async () => {
    const { join } = createBench();
    const tls = { ca: 'pem' };
    const sentinelReconnectStrategy = () => 7;
    const { opened } = await join({
      ...{ username: 'app', password: 'data', db: 3, tls: {} },
      ...{ sentinelUsername: 'watch', sentinelPassword: 'dog', sentinelTLS: tls, sentinelReconnectStrategy },
      ...{ connectTimeout: 5, family: 4, keyPrefix: 'x' },
    });
    const shared = { host: 's', username: 'watch', password: 'dog', tls, connectTimeout: 5, family: 4 };
    expect(opened).toMatchObject([shared, shared, shared]);
    expect(opened[0]).not.toHaveProperty('db');
    expect(opened[0]).not.toHaveProperty('keyPrefix');
    // A query's connection is not dialled again, a watcher's is.
    expect(opened.map(({ retryStrategy }) => retryStrategy?.(1))).toEqual([null, 7, 7]);
  });

  test.for([
    [{}, 1_500],
    [{ sentinelCommandTimeout: 400 }, 400],
  ] as const)('with the options %o has a time limit of %i ms', async ([options, timeoutMs]) => {
    const { groups, clock } = createBench({ isFrozen: true });
    let failed: unknown;
    groups
      .join({
        options: { ...OPTIONS, ...options },
        redial: () => undefined,
        dialNow: () => undefined,
        report: () => undefined,
        onWatched: () => undefined,
        onSentinelLost: () => undefined,
      })
      .locate(listener)
      .catch((error: unknown) => (failed = error));
    await clock.advance(timeoutMs - 1);
    expect(failed).toBeUndefined();
    await clock.advance(1);
    expect(failed).toMatchObject({ code: 'HYG_SENTINEL_UNREACHABLE' });
  });
});
