import { Redis as Raw } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type OrphanEvent, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { inTime } from '../support/in-time.js';
import { useSentinels } from '../support/use-sentinels.js';

/** The sentinels wait for longer than the outages of these tests, so the master stays the same. */
const topology = useSentinels({ downAfterMs: 60_000 });

const OUTAGE_MS = 1_500;
/** Time for all clients to be connected again, on a machine that runs many tests at once. */
const BACK_MS = 30_000;

let opened: RedisFactory[] = [];
const libraries: Raw[] = [];

afterEach(async () => {
  libraries.splice(0).forEach((library) => library.disconnect());
  await Promise.all(opened.map((factory) => factory.shutdown()));
  opened = [];
});

/** Opens a factory that records its dials to sentinels, and the orphans that they leave. */
function open(host = 'web-1') {
  const factory = createRedisFactory({ service: 'orders', host, connection: topology().connection });
  opened.push(factory);
  const orphans: OrphanEvent[] = [];
  let dials = 0;
  const takeDials = () => {
    const taken = dials;
    dials = 0;
    return taken;
  };
  factory.on('error', () => undefined);
  factory.on('orphan', (orphan) => void (orphan.role === 'sentinel' && orphans.push(orphan)));
  factory.on('connecting', ({ connection: { role } }) => void (dials += role === 'sentinel' ? 1 : 0));
  return { factory, orphans, takeDials };
}

function silence(client: Raw): Raw {
  return client.on('error', () => undefined);
}

async function killMasterFor(ms: number): Promise<void> {
  const master = await topology().master();
  await master.kill();
  await sleep(ms);
  await master.start();
}

/** Most dials of an outage: one or two for each sentinel that is asked, however many clients ask. */
const MAX_DIALS = 10;

test('an outage of the master costs a dial or two per sentinel, however many clients search, and leaves no orphans', async () => {
  const [{ factory, orphans, takeDials }, other] = [open('web-1'), open('web-2')];
  const clients = Array.from({ length: 15 }, () => silence(factory.client()));
  libraries.push(silence(new Raw(factory.options('cache'))));
  clients.push(...libraries, silence(factory.client({ failoverDetector: false })));
  const subscribers = Array.from({ length: 3 }, () => factory.subscriber());
  await Promise.all(subscribers.map((subscriber) => subscriber.subscribe('news')));
  await Promise.all(clients.map((client) => client.ping()));
  clients.push(...Array.from({ length: 10 }, () => silence(other.factory.client())));
  await Promise.all(clients.map((client) => client.ping()));
  await eventually(() =>
    expect(factory.connections().filter(({ role }) => role === 'sentinel')).toHaveLength(3),
  );
  takeDials();
  other.takeDials();

  await killMasterFor(OUTAGE_MS);
  await inTime('all clients back', Promise.all(clients.map((client) => client.ping())), BACK_MS);
  const isDialling = ({ state }: { readonly state: string }) =>
    state === 'connecting' || state === 'reconnecting';
  await eventually(() => expect(factory.connections().filter(isDialling)).toEqual([]), BACK_MS);
  const dials = takeDials() + other.takeDials();
  expect(dials).toBeGreaterThan(0);
  expect(dials).toBeLessThanOrEqual(MAX_DIALS);
  expect([...orphans, ...other.orphans]).toEqual([]);
}, 90_000);

test('connections to sentinels that are closed with the last client are no orphans', async () => {
  const { factory, orphans } = open();
  for (let round = 0; round < 5; round += 1) {
    const client = silence(factory.client());
    await client.ping();
    await eventually(() =>
      expect(
        factory.connections().filter(({ role, state }) => role === 'sentinel' && state === 'ready').length,
      ).toBeGreaterThanOrEqual(3),
    );
    await client.quit();
    await eventually(() => expect(factory.connections()).toEqual([]));
  }
  expect(factory.orphans()).toEqual([]);
  expect(orphans).toEqual([]);
}, 60_000);
