import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { describeServer } from '../../support/describe-server.js';
import { eventually } from '../../support/eventually.js';
import { useRaw } from '../../support/use-raw.js';
import { useUnixRedis } from '../../support/use-unix-redis.js';

// Servers that know the library of a client (Redis 7.2 and later).

for (const server of ['redis-8', 'valkey-8'] as const) {
  await describeServer(server, () => {
    const redis = useUnixRedis({ server });
    const raw = useRaw(redis);

    test('--assume-dead-after closes a plain client of ioredis, but none of another library', async () => {
      const path = { path: redis.path };
      await raw.open(1, { ...path, connectionName: 'orders@ioredis', disableClientInfo: false });
      await raw.open(1, { ...path, connectionName: 'orders@unknown' });
      const [other] = await raw.open(1, { ...path, connectionName: 'orders@other#pool' });
      await other?.call('CLIENT', 'SETINFO', 'LIB-NAME', 'redis-py');
      await sleep(4_200);
      const { code, stdout } = await runCli([
        ...['reap', redis.server.url, '--yes', '--settle', '0s'],
        ...['--heartbeat', '1s', '--assume-dead-after', '3s'],
      ]);
      expect(stdout).toMatch(/ orders@ioredis {2}closed {2}silent for \d+s, assumed to be dead after 3s$/m);
      expect(stdout).toMatch(
        / left: orders@unknown from .*; that its name is one of redis-hygiene is not certain, and /,
      );
      expect(stdout).toMatch(/ left: orders@other#pool from .*; it is a connection of another library, and /);
      expect(stdout).toMatch(/: 1 of \d+ clients closed$/m);
      expect(code).toBe(0);
      const others = ['orders@other#pool', 'orders@unknown'];
      await eventually(async () => expect(await redis.names()).toEqual(others));
    });
  });
}
