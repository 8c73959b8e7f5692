import { describe, expect, test } from 'vitest';
import { createGroupBench, lists, names } from '../../support/unit/sentinel/master-group-harness.js';

const REPLICAS = [2, 3].map((port) => ({ ip: 'h', port: String(port), flags: 'slave' }));

describe('when the master moves', () => {
  test('whoever is at the old one is dialled again, at once and once', async () => {
    const { joinReady, hear } = createGroupBench();
    const clients = [await joinReady(), await joinReady()];
    hear(1, 1, 'asked');
    expect(clients.map(({ redials }) => redials)).toEqual([0, 0]);
    hear(2);
    expect(clients.map(({ redials }) => redials)).toEqual([1, 1]);
  });

  test('whoever is on the way to the old one is dialled again too', async () => {
    const { join, hear } = createGroupBench();
    const client = join();
    await client.search();
    hear(2, 1);
    expect(client.redials).toBe(1);
  });

  test('a sentinel that tells late moves nobody', async () => {
    const { joinReady, hear, join } = createGroupBench();
    const client = await joinReady();
    hear(2, 1);
    await client.search();
    client.reached();
    hear(1, 0, 'asked', 2);
    hear(1, 0, 'asked', 3);
    expect(client.redials).toBe(1);
    expect(await join().search()).toBe(2);
  });

  test('one that heeds no failovers is left alone', async () => {
    const { joinReady, hear, lookout } = createGroupBench();
    const client = await joinReady({ failoverDetector: false });
    expect(lookout.starts).toBe(0);
    hear(2, 1);
    expect(client.redials).toBe(0);
  });

  test('one that waits between two rounds asks at once', async () => {
    const { joinReady, join, answers, hear, clock } = createGroupBench();
    await joinReady();
    const client = join({ role: 'slave', sentinelRetryStrategy: () => 60_000 });
    const found = client.search();
    await clock.advance(0);
    answers.replicas = () => lists(REPLICAS);
    hear(2, 1);
    expect(await found).toBe(3);
    expect(clock.now()).toBeLessThan(1_060_000);
  });

  test('its clients take the news for 10 s, and ask nobody', async () => {
    const { joinReady, join, answers, hear, clock, questions } = createGroupBench();
    const client = await joinReady();
    hear(2, 1);
    answers.master = () => names(1, 0, 2); // has not heard yet
    expect(await client.search()).toBe(2);
    await clock.advance(9_999);
    expect(await join().search()).toBe(2);
    expect(questions()).toBe(1);
    await clock.advance(1);
    expect(await join().search()).toBe(2); // by the epoch
    expect(questions()).toBe(2);
  });

  test('news that leads to a server which refuses, or has another role, is none any more', async () => {
    for (const happens of ['refused', 'misled'] as const) {
      const { joinReady, hear, questions, distrusted } = createGroupBench();
      const client = await joinReady();
      hear(2, 1);
      await client.search();
      if (happens === 'misled') {
        client.reached();
        client.misled();
      }
      await client.search();
      expect(questions()).toBe(2);
      expect(distrusted).toEqual([]); // nobody was asked for it
    }
  });
});

describe('a failover', () => {
  test('is told when its clients are there: from, to, how learned, how many, how long', async () => {
    const { joinReady, hear, clock, reports } = createGroupBench();
    const clients = [await joinReady(), await joinReady()];
    await joinReady({ failoverDetector: false });
    hear(2);
    await clock.advance(40);
    clients[0]?.arrived();
    expect(reports).toEqual([]);
    await clock.advance(2);
    clients[1]?.arrived();
    expect(reports).toEqual([
      {
        master: 'mymaster',
        from: 'h:1',
        to: 'h:2',
        learned: 'switch-master',
        sentinel: 's:1',
        clients: 2,
        waiting: 0,
        durationMs: 42,
      },
    ]);
    hear(2, 1, 'asked', 2);
    expect(reports).toHaveLength(1);
  });

  test('counts a client that leaves as none that is waited for', async () => {
    const { joinReady, hear, reports } = createGroupBench();
    const clients = [await joinReady(), await joinReady()];
    hear(2);
    clients[0]?.arrived();
    clients[1]?.leave();
    expect(reports).toMatchObject([{ clients: 2, waiting: 0 }]);
  });

  test('that is followed by another one is told as far as it got', async () => {
    const { joinReady, hear, reports } = createGroupBench();
    const client = await joinReady();
    hear(2, 1);
    await client.search();
    hear(3, 2);
    expect(reports).toMatchObject([{ from: 'h:1', to: 'h:2', waiting: 1 }]);
    await client.search();
    client.arrived();
    expect(reports).toMatchObject([{}, { from: 'h:2', to: 'h:3', clients: 1, waiting: 0 }]);
    expect(client.redials).toBe(2);
  });

  test('that a search finds out is told too: it was asked', async () => {
    const { joinReady, answers, reports } = createGroupBench();
    const client = await joinReady();
    answers.master = () => names(2, 1, 2);
    expect(await client.search()).toBe(2);
    client.arrived();
    expect(reports).toMatchObject([{ learned: 'asked', sentinel: 's:2', clients: 1, waiting: 0 }]);
  });
});

describe('a client that wants a replica', () => {
  test('gets one, the preferred one where it has a wish, and through its natMap', async () => {
    const { join, answers } = createGroupBench();
    answers.replicas = () => lists(REPLICAS);
    expect(await join({ role: 'slave' }).search()).toBe(3); // the clock's random number is 0.5
    expect(await join({ role: 'slave', preferredSlaves: { ip: 'h', port: '2' } }).search()).toBe(2);
    const natMap = { 'h:3': { host: 'o', port: 73 } };
    expect(await join({ role: 'slave', natMap }).search()).toBe(73);
  });

  test('is told when there is none that it can use', async () => {
    const { join, answers } = createGroupBench();
    answers.replicas = () => lists([{ flags: 'slave' }]);
    const client = join({ role: 'slave', sentinelRetryStrategy: () => null });
    expect(await client.search()).toBe('HYG_REPLICA_UNAVAILABLE');
  });

  test('leaves the one that has become the master, and no other', async () => {
    const { joinReady, answers, hear } = createGroupBench();
    answers.replicas = () => lists(REPLICAS);
    const [leaves, stays] = [
      await joinReady({ role: 'slave', preferredSlaves: { ip: 'h', port: '2' } }),
      await joinReady({ role: 'slave' }),
    ];
    hear(1, 0);
    hear(2, 1);
    expect([leaves.redials, stays.redials]).toEqual([1, 0]);
  });
});

describe('watching', () => {
  test('begins when a master has been found, once, and ends with the last client', async () => {
    const { join, joinReady, lookout, empties } = createGroupBench();
    const early = join();
    expect(lookout.starts).toBe(0);
    const clients = [await joinReady(), await joinReady()];
    expect(lookout).toEqual({ starts: 1, stops: 0 });
    clients.forEach(({ leave }) => leave());
    expect(lookout.stops).toBe(0);
    expect(empties()).toBe(0);
    early.leave();
    expect(lookout).toEqual({ starts: 1, stops: 1 });
    expect(empties()).toBe(1);
  });

  test('ends with the last client that heeds failovers, and begins again with the next one', async () => {
    const { joinReady, lookout, empties } = createGroupBench();
    await joinReady({ failoverDetector: false });
    (await joinReady()).leave();
    expect(lookout).toEqual({ starts: 1, stops: 1 });
    expect(empties()).toBe(0);
    await joinReady();
    expect(lookout).toEqual({ starts: 2, stops: 1 });
  });
});
