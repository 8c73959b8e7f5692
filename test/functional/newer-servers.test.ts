import { readFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { describeServer } from '../support/describe-server.js';
import { findRedisBinary, startRedis, waitUntilReady, type ServerName } from '../support/redis/index.js';
import { serverInfo } from '../support/redis/wire.js';

/** Version in INFO, and fields of CLIENT LIST that Redis 7.0 does not have. */
const EXPECTED: [ServerName, RegExp, readonly string[]][] = [
  ['redis-8', /^8\./, ['lib-name', 'lib-ver', 'watch', 'io-thread']],
  ['valkey-8', /^8\.[1-9]/, ['lib-name', 'lib-ver', 'watch', 'capa', 'tot-net-in', 'tot-cmds']],
];

for (const [server, version, fields] of EXPECTED) {
  await describeServer(server, () => {
    test('reports the version of its programs', async () => {
      await using redis = await startRedis({ server });
      const { version: programs } = await findRedisBinary({ server });
      expect(redis.version).toMatch(version);
      expect(programs).toBe(redis.version);
    });

    test('lists the library of a client, and the new fields', async () => {
      await using redis = await startRedis({ server, password: 'a b@c' });
      const client = new Redis(redis.url, { clientInfoTag: 'orders' });
      const list = String(await client.client('LIST').finally(() => client.disconnect()));
      expect(list).toContain(' lib-name=ioredis(orders) ');
      expect(Array.from(list.matchAll(/(\S+)=/g), ([, field]) => field)).toEqual(
        expect.arrayContaining([...fields]),
      );
    });

    test('is one child process, which receives signals itself', async () => {
      await using redis = await startRedis({ server });
      const pid = Number((await serverInfo(redis)).get('process_id'));
      expect(await parentOf(pid)).toBe(process.pid);
      await redis.pause();
      await expect(waitUntilReady(redis, { timeoutMs: 400 })).rejects.toThrow('no answer');
      await redis.stop();
      await expect(parentOf(pid)).rejects.toThrow('ENOENT');
    });
  });
}

/** Parent of a process, from `pid (comm) state ppid …`, see proc(5). */
async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return Number(/\) \S (\d+) /.exec(stat)?.[1]);
}
