import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codesOf } from '../../support/doctor/run.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();

const set = (name: string, value: string) => redis.admin.config('SET', name, value);
afterEach(async () => {
  await set('timeout', '0');
  await set('tcp-keepalive', '300');
});

const codes = (...argv: string[]) => codesOf(redis.server.url, ...argv);

test('keepalive-off is reported for tcp-keepalive 0', async () => {
  expect(await codes()).toEqual([]);
  await set('tcp-keepalive', '0');
  expect(await codes()).toEqual(['keepalive-off']);
});

test('keepalive-slow is reported if the firewall is faster', async () => {
  expect(await codes('--firewall-idle', '30m')).toEqual([]);
  expect(await codes('--firewall-idle', '5m')).toEqual(['keepalive-slow']);
  await set('tcp-keepalive', '60');
  expect(await codes('--firewall-idle', '5m')).toEqual([]);
});

test('timeout-hits-healthy is reported below three heartbeats', async () => {
  await set('timeout', '44');
  expect(await codes()).toEqual(['timeout-hits-healthy']);
  await set('timeout', '300');
  expect(await codes()).toEqual([]);
});

describe('a sentinel.conf', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redis-hygiene-conf-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function audit(lines: readonly string[], ...argv: string[]): Promise<readonly string[]> {
    const file = join(folder, 'sentinel.conf');
    await writeFile(file, ['port 26379', 'sentinel monitor shop 127.0.0.1 6379 2', ...lines].join('\n'));
    return codesOf('--sentinel-conf', file, ...argv);
  }

  test('is audited like the settings of a server', async () => {
    expect(await audit(['tcp-keepalive 0'])).toEqual(['keepalive-off']);
    expect(await audit(['tcp-keepalive 1800'], '--firewall-idle', '30m')).toEqual(['keepalive-slow']);
    expect(await audit(['timeout 30'])).toEqual(['timeout-hits-healthy']);
    expect(await audit(['tcp-keepalive 60', 'timeout 0'], '--firewall-idle', '30m')).toEqual([]);
  });
});
