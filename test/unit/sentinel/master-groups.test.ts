import type { RedisOptions } from 'ioredis';
import { describe, expect, test } from 'vitest';
import type { SentinelClient } from '../../../src/connect/connectors/sentinel-connector.js';
import { createMasterGroups } from '../../../src/sentinel/master-groups.js';
import { createSentinelWatchers } from '../../../src/sentinel/sentinel-watchers.js';
import { createFakeClock, turn } from '../../support/unit/fake-clock.js';
import { createFakeLine, sentinelAnswers } from '../../support/unit/sentinel/fake-subscription-connection.js';

const listener = { onSentinelError: () => undefined, onRound: () => undefined };
const GIVEN: RedisOptions = {
  name: 'mymaster',
  sentinels: [{ host: 's', port: 1 }],
  role: 'master',
  failoverDetector: true,
};

/** Clients of one factory; each sentinel is up at once, unless it is said to be frozen. */
function createBench({ isFrozen = false } = {}) {
  const clock = createFakeClock();
  const opened: RedisOptions[] = [];
  const others = [['ip', 's', 'port', '2', 'runid', 'other']];
  const lines: ReturnType<typeof createFakeLine>[] = [];
  const sentinels = createMasterGroups({
    clock,
    bounds: { baseMs: 100, capMs: 10_000 },
    watchers: createSentinelWatchers(clock),
    limitMs: 1_500,
    isOpen: () => true,
    onFailover: () => undefined,
    open(options, lineListener) {
      opened.push(options);
      const line = createFakeLine(lineListener, sentinelAnswers(6379, { id: `id-${options.port}`, others }));
      lines.push(line);
      if (!isFrozen) process.nextTick(() => lineListener.onUp());
      return line;
    },
  });
  /** A client that has found its master, and what was opened for it: questions come once, watchers come back. */
  async function join(options: RedisOptions = {}) {
    const client: SentinelClient = {
      options: { ...GIVEN, ...options },
      redial: () => undefined,
      report: () => undefined,
    };
    const membership = sentinels.join(client);
    await membership.locate(listener);
    for (let round = 0; round < 5; round += 1) await turn();
    return { membership, opened: opened.splice(0) };
  }
  const open = () => lines.filter(({ isClosed }) => !isClosed).length;
  return { clock, join, sentinels, open };
}

const ports = (opened: readonly RedisOptions[]) => opened.map(({ port }) => port);

describe('the clients of a factory', () => {
  test('ask once each and watch together, until the last one leaves', async () => {
    const { join, open } = createBench();
    const first = await join();
    expect(ports(first.opened)).toEqual([1, 1, 2]); // the question, the watcher, one that is told of
    const second = await join();
    expect(ports(second.opened)).toEqual([1]);
    expect(open()).toBe(2);
    first.membership.leave();
    expect(open()).toBe(2);
    second.membership.leave();
    expect(open()).toBe(0);
    expect(ports((await join()).opened)).toEqual([1, 1, 2]); // all begins anew
  });

  test('that search at the same time share the question', async () => {
    const { join, open } = createBench();
    const [first, second] = await Promise.all([join(), join()]);
    expect(ports([...first.opened, ...second.opened])).toEqual([1, 1, 2]);
    expect(open()).toBe(2);
  });

  test('that reach the sentinels with other credentials have watchers of their own', async () => {
    const { join, open } = createBench();
    await join();
    expect(ports((await join({ sentinelPassword: 'other' })).opened)).toEqual([1, 1, 2]);
    expect(open()).toBe(4);
  });

  test('of another master share the watchers, and not what they know', async () => {
    const { join, open, sentinels } = createBench();
    await join();
    const client = {
      options: { ...GIVEN, name: 'unknown' },
      redial: () => undefined,
      report: () => undefined,
    };
    await expect(sentinels.join(client).locate(listener)).rejects.toMatchObject({
      code: 'HYG_MASTER_UNKNOWN',
    });
    expect(open()).toBe(2);
  });

  test('that want only the given sentinels watch no other', async () => {
    const { join } = createBench();
    expect(ports((await join({ updateSentinels: false })).opened)).toEqual([1, 1]);
  });
});

describe('a connection to a sentinel', () => {
  test('has the options that are for sentinels, and not those of the servers', async () => {
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
    // A question does not come back, a watcher does.
    expect(opened.map(({ retryStrategy }) => retryStrategy?.(1))).toEqual([null, 7, 7]);
  });

  test.for([
    [{}, 1_500],
    [{ sentinelCommandTimeout: 400 }, 400],
  ] as const)('with %o may take %i ms to answer', async ([options, limitMs]) => {
    const { sentinels, clock } = createBench({ isFrozen: true });
    let failed: unknown;
    sentinels
      .join({ options: { ...GIVEN, ...options }, redial: () => undefined, report: () => undefined })
      .locate(listener)
      .catch((error: unknown) => (failed = error));
    await clock.advance(limitMs - 1);
    expect(failed).toBeUndefined();
    await clock.advance(1);
    expect(failed).toMatchObject({ code: 'HYG_SENTINEL_UNREACHABLE' });
  });
});
