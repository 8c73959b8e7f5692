import { describe, expect, test } from 'vitest';
import {
  createGroupBench,
  foundReplicas,
  foundMaster,
} from '../../support/unit/sentinel/master-group-harness.js';

const REPLICAS = [2, 3].map((port) => ({ ip: 'h', port: String(port), flags: 'slave' }));

describe('when the master moves', () => {
  test('clients on the old master are redialled at once, and once', async () => {
    const { joinReady, vote } = createGroupBench();
    const clients = [await joinReady(), await joinReady()];
    vote(1, 1, 'query');
    expect(clients.map(({ redials }) => redials)).toEqual([0, 0]);
    vote(2);
    expect(clients.map(({ redials }) => redials)).toEqual([1, 1]);
  });

  test('clients on their way to the old master are redialled too', async () => {
    const { join, vote } = createGroupBench();
    const client = join();
    await client.search();
    vote(2, 1);
    expect(client.redials).toBe(1);
  });

  test('a sentinel that still names the old master moves no client', async () => {
    const { joinReady, vote, join } = createGroupBench();
    const client = await joinReady();
    vote(2, 1);
    await client.search();
    client.onConnected();
    vote(1, 0, 'query', 2);
    vote(1, 0, 'query', 3);
    expect(client.redials).toBe(1);
    expect(await join().search()).toBe(2);
  });

  test('clients without failoverDetector are not redialled', async () => {
    const { joinReady, vote, monitor } = createGroupBench();
    const client = await joinReady({ failoverDetector: false });
    expect(monitor.starts).toBe(0);
    vote(2, 1);
    expect(client.redials).toBe(0);
  });

  test('clients that pause between two rounds search again at once', async () => {
    const { joinReady, join, results, vote, clock } = createGroupBench();
    await joinReady();
    const client = join({ role: 'slave', sentinelRetryStrategy: () => 60_000 });
    const found = client.search();
    await clock.advance(0);
    results.replicas = () => foundReplicas(REPLICAS);
    vote(2, 1);
    expect(await found).toBe(3);
    expect(clock.now()).toBeLessThan(1_060_000);
  });

  test('searches use the new master for 10 s without asking a sentinel', async () => {
    const { joinReady, join, results, vote, clock, rounds } = createGroupBench();
    const client = await joinReady();
    vote(2, 1);
    results.master = () => foundMaster(1, 0, 2); // does not know of the failover yet
    expect(await client.search()).toBe(2);
    await clock.advance(9_999);
    expect(await join().search()).toBe(2);
    expect(rounds()).toBe(1);
    await clock.advance(1);
    expect(await join().search()).toBe(2); // by the epoch
    expect(rounds()).toBe(2);
  });

  test('searches ask the sentinels again if the new master refuses or has another role', async () => {
    for (const happens of ['refused', 'wrong role'] as const) {
      const { joinReady, vote, rounds, askedLast } = createGroupBench();
      const client = await joinReady();
      vote(2, 1);
      await client.search();
      if (happens === 'refused') client.onRefused();
      else {
        client.onConnected();
        client.onWrongRole();
      }
      await client.search();
      expect(rounds()).toBe(2);
      expect(askedLast).toEqual([]); // no sentinel was asked for the new master
    }
  });
});

describe('a failover', () => {
  test('is reported when its clients are ready, with servers, detection, clients and duration', async () => {
    const { joinReady, vote, clock, failovers } = createGroupBench();
    const clients = [await joinReady(), await joinReady()];
    await joinReady({ failoverDetector: false });
    vote(2);
    await clock.advance(40);
    clients[0]?.onRoleConfirmed();
    expect(failovers).toEqual([]);
    await clock.advance(2);
    clients[1]?.onRoleConfirmed();
    expect(failovers).toEqual([
      {
        master: 'mymaster',
        from: 'h:1',
        to: 'h:2',
        detectedBy: 'switch-master',
        sentinel: 's:1',
        clients: 2,
        pending: 0,
        durationMs: 42,
      },
    ]);
    vote(2, 1, 'query', 2);
    expect(failovers).toHaveLength(1);
  });

  test('does not wait for a client that leaves', async () => {
    const { joinReady, vote, failovers } = createGroupBench();
    const clients = [await joinReady(), await joinReady()];
    vote(2);
    clients[0]?.onRoleConfirmed();
    clients[1]?.leave();
    expect(failovers).toMatchObject([{ clients: 2, pending: 0 }]);
  });

  test('is reported with its pending clients when the master moves again', async () => {
    const { joinReady, vote, failovers } = createGroupBench();
    const client = await joinReady();
    vote(2, 1);
    await client.search();
    vote(3, 2);
    expect(failovers).toMatchObject([{ from: 'h:1', to: 'h:2', pending: 1 }]);
    await client.search();
    client.onRoleConfirmed();
    expect(failovers).toMatchObject([{}, { from: 'h:2', to: 'h:3', clients: 1, pending: 0 }]);
    expect(client.redials).toBe(2);
  });

  test('is reported too if a search detects it', async () => {
    const { joinReady, results, failovers } = createGroupBench();
    const client = await joinReady();
    results.master = () => foundMaster(2, 1, 2);
    expect(await client.search()).toBe(2);
    client.onRoleConfirmed();
    expect(failovers).toMatchObject([{ detectedBy: 'query', sentinel: 's:2', clients: 1, pending: 0 }]);
  });
});

describe('a client with the role slave', () => {
  test('is sent to a replica: the preferred one if there is one, and through its natMap', async () => {
    const { join, results } = createGroupBench();
    results.replicas = () => foundReplicas(REPLICAS);
    expect(await join({ role: 'slave' }).search()).toBe(3); // the clock's random number is 0.5
    expect(await join({ role: 'slave', preferredSlaves: { ip: 'h', port: '2' } }).search()).toBe(2);
    const natMap = { 'h:3': { host: 'o', port: 73 } };
    expect(await join({ role: 'slave', natMap }).search()).toBe(73);
  });

  test('fails if no replica can be used', async () => {
    const { join, results } = createGroupBench();
    results.replicas = () => foundReplicas([{ flags: 'slave' }]);
    const client = join({ role: 'slave', sentinelRetryStrategy: () => null });
    expect(await client.search()).toBe('HYG_REPLICA_UNAVAILABLE');
  });

  test('is redialled if its replica becomes the master, and only then', async () => {
    const { joinReady, results, vote } = createGroupBench();
    results.replicas = () => foundReplicas(REPLICAS);
    const [leaves, stays] = [
      await joinReady({ role: 'slave', preferredSlaves: { ip: 'h', port: '2' } }),
      await joinReady({ role: 'slave' }),
    ];
    vote(1, 0);
    vote(2, 1);
    expect([leaves.redials, stays.redials]).toEqual([1, 0]);
  });
});

describe('a client that a replica turns away', () => {
  async function searchReplica(listed: readonly { port: string }[]) {
    const bench = createGroupBench();
    bench.results.replicas = () => foundReplicas(listed);
    const client = bench.join({ role: 'slave' });
    const first = await client.search();
    return { ...bench, client, first };
  }

  test.for(['refused', 'wrong role'] as const)('is sent to another one without a delay: %s', async (how) => {
    const { client, first } = await searchReplica(REPLICAS);
    if (how === 'wrong role') client.onConnected();
    if (how === 'wrong role') client.onWrongRole();
    else client.onRefused();
    expect([first, client.skippedDelays]).toEqual([3, 1]);
    expect(await client.search()).toBe(2);
    client.onRefused();
    expect(client.skippedDelays).toBe(1); // both have turned it away
  });

  test('waits if no other one is listed, and comes back after 10 s', async () => {
    const { client, results, clock } = await searchReplica(REPLICAS.slice(0, 1));
    client.onRefused();
    expect(client.skippedDelays).toBe(0);
    expect(await client.search()).toBe(2);
    client.onRefused();
    results.replicas = () => foundReplicas(REPLICAS);
    expect(await client.search()).toBe(3);
    await clock.advance(10_000);
    results.replicas = () => foundReplicas(REPLICAS.slice(0, 1).concat(REPLICAS.slice(0, 1)));
    expect(await client.search()).toBe(2);
  });

  test('passes over a replica that has accepted the connection and never told its role', async () => {
    const { client, first } = await searchReplica(REPLICAS);
    client.onConnected();
    expect([first, await client.search()]).toEqual([3, 2]);
  });

  test('is counted by a failover, and dials again at once', async () => {
    const { client, joinReady, vote, failovers } = await searchReplica(REPLICAS.slice(0, 1));
    const other = await joinReady();
    client.onRefused();
    vote(5, 1);
    expect([client.redials, other.redials]).toEqual([1, 1]);
    other.onRoleConfirmed();
    expect(failovers).toEqual([]);
    client.onRoleConfirmed();
    expect(failovers).toMatchObject([{ clients: 2, pending: 0 }]);
  });
});

describe('the sentinel monitor', () => {
  test('starts once a master has been found, and stops with the last client', async () => {
    const { join, joinReady, monitor, onEmptyCalls } = createGroupBench();
    const early = join();
    expect(monitor.starts).toBe(0);
    const clients = [await joinReady(), await joinReady()];
    expect(monitor).toEqual({ starts: 1, stops: 0 });
    clients.forEach(({ leave }) => leave());
    expect(monitor.stops).toBe(0);
    expect(onEmptyCalls()).toBe(0);
    early.leave();
    expect(monitor).toEqual({ starts: 1, stops: 1 });
    expect(onEmptyCalls()).toBe(1);
  });

  test('stops with the last client that follows failovers, and starts again with the next one', async () => {
    const { joinReady, monitor, onEmptyCalls } = createGroupBench();
    await joinReady({ failoverDetector: false });
    (await joinReady()).leave();
    expect(monitor).toEqual({ starts: 1, stops: 1 });
    expect(onEmptyCalls()).toBe(0);
    await joinReady();
    expect(monitor).toEqual({ starts: 2, stops: 1 });
  });
});
