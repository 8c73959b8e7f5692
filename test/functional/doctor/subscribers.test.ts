import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRaw } from '../../support/doctor/raw.js';
import { codesOf, findingsIn, findingsOf, later } from '../../support/doctor/run.js';
import { startFirewall, type Firewall } from '../../support/firewall.js';
import type { Address } from '../../support/redis/index.js';
import { startSentinel, type Sentinel } from '../../support/sentinel.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Incident 2 in seconds: each round takes 2 s instead of two hours. */
const ROUND_MS = 2_000;
const ROUNDS = 6;
/** With this heartbeat, 20 heartbeats of silence are 1 s. */
const FAST = ['--heartbeat', '50ms'];

/** Runs a subscriber whose session is forgotten in each round. The client reconnects, and the server does not notice. */
async function loseSubscriber(through: Firewall, channel: string): Promise<Redis> {
  const client = new Redis(through.url, { retryStrategy: () => 10, enableReadyCheck: false });
  await client.subscribe(channel);
  for (let round = 1; round < ROUNDS; round += 1) {
    await pass(ROUND_MS);
    through.forget();
    client.disconnect(true);
  }
  await pass(ROUND_MS);
  return client;
}

let firewall: Firewall;
let client: Redis | undefined;

async function lose(at: Address, channel: string): Promise<void> {
  firewall = await startFirewall(at);
  client = await loseSubscriber(firewall, channel);
}

afterEach(async () => {
  client?.disconnect();
  await firewall[Symbol.asyncDispose]();
});

describe('a subscriber behind a firewall that forgets', () => {
  beforeEach(() => lose(redis.server, 'news'), 60_000);

  test('leaves orphans, which timeout does not close', async () => {
    const found = await findingsOf(redis.server.url, ...FAST);
    expect(found.map(({ code, severity }) => [code, severity])).toEqual([['orphan-subscribers', 'error']]);
    expect(Number(found[0]?.evidence.connections)).toBeGreaterThanOrEqual(ROUNDS - 2);

    await redis.admin.config('SET', 'timeout', '300');
    const codes = await codesOf(redis.server.url, ...FAST);
    await redis.admin.config('SET', 'timeout', '0');
    expect(codes).toEqual(['orphan-subscribers', 'timeout-misses-subscribers']);
  });
});

describe('on a Sentinel', () => {
  let sentinel: Sentinel;

  beforeEach(async () => {
    sentinel = await startSentinel(redis.server);
    await lose(sentinel, '+switch-master');
  });
  afterEach(() => sentinel[Symbol.asyncDispose]());

  test('orphans are reported, and its own connections are not', async () => {
    const found = await findingsOf(`redis://${sentinel.host}:${sentinel.port}`, ...FAST);
    expect(found.map(({ code }) => code)).toEqual(['orphan-subscribers']);
    expect(await codesOf(redis.server.url)).toEqual([]);
  });
});

describe('not reported', () => {
  const open: Disposable[] = [];

  beforeEach(async () => {
    firewall = await startFirewall(redis.server); // closed by the common afterEach
  });
  afterEach(() => open.splice(0).forEach((one) => one[Symbol.dispose]()));

  test('three processes with a raw subscriber each, idle for days, even if timeout is set', async () => {
    for (const waitMs of [0, 1_200, 2_300]) {
      await pass(waitMs);
      open.push(await openRaw(redis.server, 1, 'SUBSCRIBE news'));
    }
    await redis.admin.config('SET', 'timeout', '300');
    const list = (await redis.admin.client('LIST')) as string;
    const quiet = later(list, 400_000, (line) => line.includes('flags=P'));
    const found = [...(await findingsIn(quiet)), ...(await findingsOf(redis.server.url, ...FAST))];
    await redis.admin.config('SET', 'timeout', '0');
    expect(found).toEqual([]);
  });
});
