import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { codesOf, findingsOf } from '../../support/doctor/run.js';
import { eventually } from '../../support/eventually.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const clients: Redis[] = [];

afterEach(async () => {
  clients.splice(0).forEach((client) => client.disconnect());
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

/** Creates clients as a leaking handler does: each sends one PING and is never closed. */
async function leak(count: number): Promise<void> {
  const leaked = Array.from({ length: count }, () => new Redis(redis.server.url));
  clients.push(...leaked);
  await Promise.all(leaked.map((client) => client.ping()));
}

const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Age from which an unused connection counts as abandoned. */
const SETTLED_MS = 6_000;

describe('clients that are never closed', () => {
  test('are reported as a flood and as abandoned connections of one owner', async () => {
    await leak(210);
    await pass(SETTLED_MS);
    const findings = await findingsOf(redis.server.url);
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['connection-flood', 'error'],
      ['abandoned-clients', 'error'],
    ]);
    const [flood, abandoned] = findings;
    expect(Number(flood?.evidence.connections)).toBeGreaterThanOrEqual(210);
    expect(abandoned?.evidence).toMatchObject({ name: '' });
    expect(abandoned?.summary).toMatch(/opened 21\d connections and has not used them since/);
    expect(abandoned?.owner).toBe(flood?.owner);
  });

  test('are not reported if there are few, and neither are many busy clients', async () => {
    await leak(40);
    const busy = Array.from({ length: 60 }, () => new Redis(redis.server.url));
    clients.push(...busy);
    const work = setInterval(() => busy.forEach((client) => void client.incr('work')), 500);
    await pass(SETTLED_MS);
    const codes = await codesOf(redis.server.url);
    clearInterval(work);
    expect(codes).toEqual([]);
  });
});

describe('growth between two samples', () => {
  test('is reported for unused clients', async () => {
    await leak(10);
    const [findings] = await Promise.all([
      findingsOf(redis.server.url, '--sample', '3s'),
      pass(1_000).then(() => leak(40)),
    ]);
    const growth = findings.find(({ code }) => code === 'growth');
    expect(growth?.severity).toBe('warning');
    expect(Number(growth?.evidence.grown)).toBeGreaterThanOrEqual(40);
  });

  test('is not reported if nothing grows', async () => {
    await leak(45);
    expect(await codesOf(redis.server.url, '--sample', '1s')).toEqual([]);
  });
});
