import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { clockAtWaits } from '../../support/clock-at-waits.js';
import { runCli } from '../../support/command-io.js';
import { eventually } from '../../support/eventually.js';
import { printJson } from '../../support/printed-json.js';
import { useRaw } from '../../support/use-raw.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis({ prefer: 'process' });
const raw = useRaw(redis);

const SETTLE_MS = 1_000;
const RETURNING = 150;

/** Options of a client whose owner runs: it connects again when the server closes its connection. */
const returning = { connectionName: 'orders@web-1#pool', retryStrategy: () => 50 };

const argv = () => [
  ...['reap', redis.server.url, '--where', 'name=orders@* idle>=1', '--max', '500', '--yes'],
  ...['--settle', `${SETTLE_MS}ms`],
];

/** A clock for which the last look waits until so many connections with this name are there. */
const clockUntil = (name: string, count: number) =>
  clockAtWaits(SETTLE_MS, () =>
    eventually(async () => {
      const names = await redis.names();
      expect(names.filter((each) => each === name)).toHaveLength(count);
    }, 15_000),
  );

test('the closed connections whose owners have connected again are counted and named', async () => {
  await raw.open(RETURNING, returning);
  await raw.open(2, { connectionName: 'orders@web-2' });
  await sleep(2_100);
  const clock = clockUntil('orders@web-1#pool', RETURNING);
  const { code, stdout } = await runCli(argv(), { clock });
  expect(stdout).toMatch(new RegExp(`: ${RETURNING + 2} of \\d+ clients closed$`, 'm'));
  expect(stdout).toMatch(
    new RegExp(
      `: \\d+ clients after 1s, ${RETURNING} of the closed ones have returned: their owners run, and connect again \\(${RETURNING} orders@web-1#pool from 127.0.0.1\\)\n$`,
    ),
  );
  expect(code).toBe(0);
});

test('JSON has the same count', async () => {
  await raw.open(3, returning);
  await raw.open(1, { connectionName: 'orders@web-2' });
  await sleep(2_100);
  const clock = clockUntil('orders@web-1#pool', 3);
  const { document } = await printJson(argv(), { clock });
  expect(document).toMatchObject({ mode: 'run', closed: 4 });
  expect(document.targets).toMatchObject([
    {
      settled: {
        afterSeconds: 1,
        clients: expect.any(Number),
        returned: [{ name: 'orders@web-1#pool', ip: '127.0.0.1', count: 3 }],
      },
    },
  ]);
});

test('if none has returned, that is said', async () => {
  await raw.open(2, { connectionName: 'orders@web-2' });
  await sleep(2_100);
  const { stdout } = await runCli(argv());
  expect(stdout).toMatch(/: \d+ clients? after 1s, none of the closed ones has returned\n$/);
});

test('a connection that was there before and was not closed has not returned', async () => {
  await raw.open(4, { connectionName: 'orders@web-2' });
  await sleep(2_100);
  const { stdout } = await runCli([...argv(), '--max', '2']);
  expect(stdout).toMatch(/: 2 of \d+ clients closed$/m);
  expect(stdout).toMatch(/: \d+ clients after 1s, none of the closed ones has returned\n$/);
});

test('Ctrl-C before the last look ends the run, and the counts stay', async () => {
  await raw.open(2, { connectionName: 'orders@web-2' });
  await sleep(2_100);
  const stop = new AbortController();
  const clock = clockAtWaits(SETTLE_MS, () => {
    setImmediate(() => stop.abort());
    return new Promise(() => undefined); // the wait never ends by itself
  });
  const { code, stdout, stderr } = await runCli(argv(), { clock, signal: stop.signal });
  expect(stdout).toMatch(/: 2 of \d+ clients closed\n$/);
  expect(stderr).toContain('Interrupted: 2 closed, 0 not.');
  expect(code).toBe(2);
});
