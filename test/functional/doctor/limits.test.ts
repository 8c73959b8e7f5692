import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openRaw } from '../../support/doctor/raw.js';
import { codesOf, findingsOf } from '../../support/doctor/run.js';
import { eventually } from '../../support/eventually.js';
import {
  findRedisBinary,
  freePort,
  spawnGuarded,
  startRedis,
  waitUntilReady,
  type RedisServer,
} from '../../support/redis/index.js';

const codes = async ({ url }: Pick<RedisServer, 'url'>, ...argv: string[]) => codesOf(url, ...argv);

describe('maxclients-near', () => {
  test('is a warning, an error, and an error for refusals between two samples', async () => {
    await using server = await startRedis({ args: ['--maxclients', '40'] });
    const near = async (...argv: string[]) =>
      (await findingsOf(server.url, ...argv)).filter(({ code }) => code === 'maxclients-near');
    using few = await openRaw(server, 25, 'PING');
    expect(await near()).toEqual([]);

    using more = await openRaw(server, 7, 'PING');
    expect(await near()).toMatchObject([
      { severity: 'warning', evidence: { connections: 33, maxclients: 40 } },
    ]);

    using most = await openRaw(server, 6, 'PING');
    expect(await near()).toMatchObject([{ severity: 'error' }]);

    const refuse = async () => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      using refused = await openRaw(server, 4);
      await new Promise((resolve) => setTimeout(resolve, 500));
      return refused.sockets.length;
    };
    const [[finding]] = await Promise.all([near('--sample', '2s'), refuse()]);
    expect(Number(finding?.evidence.refusedBetweenSamples)).toBeGreaterThan(0);
    expect([few, more, most].flatMap(({ sockets }) => sockets)).toHaveLength(38);
  });
});

/** Starts a Redis that may open too few files for its `maxclients`, and may not raise the limit. */
async function startLimited(openFiles: number) {
  const { path, env } = await findRedisBinary();
  const port = await freePort();
  const ownDir = await mkdtemp(join(tmpdir(), 'redis-hygiene-limited-'));
  // Root could raise the limit, so the process gives up that right.
  const unprivileged = process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-sys_resource'] : [];
  const script = `ulimit -n ${openFiles} && exec "$0" "$@"`;
  const command = [...unprivileged, 'sh', '-c', script, path];
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', ownDir];
  const server = await spawnGuarded('env', [...command, ...settings], { env, ownDir });
  await waitUntilReady({ host: '127.0.0.1', port }, { timeoutMs: 10_000 });
  return { url: `redis://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => server.end(1_000) };
}

describe('maxclients-lowered', () => {
  test('is reported for a limit of 1024 open files', async () => {
    await using server = await startLimited(1_024);
    const found = await findingsOf(server.url);
    expect(found).toMatchObject([
      { code: 'maxclients-lowered', severity: 'warning', evidence: { maxclients: 992, openFiles: 1_024 } },
    ]);
  });

  test('is not reported for a configured number', async () => {
    await using server = await startRedis({ args: ['--maxclients', '1000'] });
    expect(await codes(server)).toEqual([]);
  });
});

describe('maxclients-uneven', () => {
  test('is reported for a replica with a lower limit than its master', async () => {
    await using master = await startRedis({ args: ['--maxclients', '2000'] });
    const follow = ['--replicaof', master.host, String(master.port)];
    await using low = await startRedis({ args: [...follow, '--maxclients', '500'] });
    await using same = await startRedis({ args: [...follow, '--maxclients', '2000'] });
    await eventually(async () => {
      expect(await findingsOf(master.url, low.url, same.url)).toMatchObject([
        {
          ...{ code: 'maxclients-uneven', target: `${low.host}:${low.port}` },
          evidence: { maxclients: 500, usual: 2_000 },
        },
      ]);
    }, 10_000);
    expect(await codesOf(master.url, same.url)).toEqual([]);
  });

  test('is not reported for unrelated servers', async () => {
    await using one = await startRedis({ args: ['--maxclients', '2000'] });
    await using other = await startRedis({ args: ['--maxclients', '500'] });
    expect(await codesOf(one.url, other.url)).toEqual([]);
  });
});
