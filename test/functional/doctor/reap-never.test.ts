import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { SENTINEL_LINK } from '../../../src/doctor/client-list/protected-rows.js';
import { runCli } from '../../support/command-io.js';
import { eventually } from '../../support/eventually.js';
import type { Node } from '../../support/sentinels.js';
import { useRaw } from '../../support/use-raw.js';
import { useRedis } from '../../support/use-redis.js';
import { useSentinels } from '../../support/use-sentinels.js';

const SILENT_MS = 2_100;

/** Names everything that there is. */
const EVERYTHING = ['--where', 'age>=0', '--max', '1000', '--yes'];

describe('on a server, also if the filter names it', () => {
  const redis = useRedis();
  const raw = useRaw(redis);

  test('MONITOR is never closed; clients beside it are, of any kind', async () => {
    const [blocked] = await raw.open(1, { connectionName: 'blocked' });
    const [subscriber] = await raw.open(1, { connectionName: 'subscriber' });
    const [watching] = await raw.open(1, { connectionName: 'watching' });
    const monitor = await watching?.monitor();
    await subscriber?.subscribe('news');
    blocked?.blpop('list', 0).catch(() => undefined);
    await sleep(SILENT_MS);
    // The connection that looks on has no name.
    const { code, stdout } = await runCli(['reap', redis.server.url, '--where', 'name!=', '--yes']);
    expect(stdout).toContain('1 client spared: somebody watches with MONITOR');
    expect(stdout).toMatch(/ blocked {2}closed/);
    expect(stdout).toMatch(/ subscriber {2}closed/);
    expect(code).toBe(0);
    await eventually(async () => expect((await redis.rows()).map(({ flags }) => flags)).toEqual(['O']));
    monitor?.disconnect();
  });

  test('nor itself, under whatever address the server is named', async () => {
    const { url, port } = redis.server;
    const own = `redis-hygiene@${hostname()}#doctor`;
    const argv = ['reap', url, `localhost:${port}`, '--where', `name=${own}`, '--yes'];
    await eventually(async () => expect(await redis.names()).not.toContain(own));
    const { code, stdout } = await runCli(argv);
    expect(stdout).toMatch(/: 0 of \d+ clients closed\n2 clients spared: it is the connection that asks\n$/);
    expect(code).toBe(0);
  });
});

describe('among servers', () => {
  const the = useSentinels();

  /** Links of servers to each other, by the server that has them. */
  async function links(nodes: readonly Node[]): Promise<string[]> {
    const lists = await Promise.all(nodes.map((node) => node.call('CLIENT', 'LIST')));
    const found = lists.flatMap((list, at) =>
      String(list)
        .split('\n')
        .filter((row) => {
          const [, name = '', flags = ''] = / name=(\S*) .* flags=(\S+) /.exec(row) ?? [];
          return /[SM]/.test(flags) || SENTINEL_LINK.test(name);
        })
        .map((row) => `${nodes[at]?.port} ${row.split(' ', 2).join(' ')}`),
    );
    return found.sort();
  }

  test('no link of a replica, a master or a sentinel is closed, on data nodes and on sentinels', async () => {
    const nodes = [...the().servers, ...the().sentinels];
    const before = await links(nodes);
    // On each of 3 servers two of each of 3 sentinels; 2 replicas, from both ends; on each sentinel the other two.
    expect(before).toHaveLength(3 * 3 * 2 + 2 * 2 + 3 * 2);
    await sleep(SILENT_MS);
    const [sentinel] = the().sentinels;
    const { code, stdout } = await runCli([
      'reap',
      '--sentinel',
      `${sentinel?.host}:${sentinel?.port}`,
      ...EVERYTHING,
    ]);
    expect(code).toBe(0);
    expect(stdout.match(/clients? closed/g)).toHaveLength(nodes.length);
    expect(stdout.match(/: 0 of/g) ?? []).toHaveLength(0);
    const spared = (reason: string) =>
      [...stdout.matchAll(new RegExp(`^(\\d+) clients? spared: ${reason}`, 'gm'))].reduce(
        (sum, [, count]) => sum + Number(count),
        0,
      );
    expect(spared('it is a link of a Sentinel')).toBe(3 * 3 * 2 + 3 * 2);
    expect(spared('it is a replica')).toBe(2);
    expect(spared('it is the master of this server')).toBe(2);
    expect(spared('it is the connection that asks')).toBe(6);
    await eventually(async () => expect(await links(nodes)).toEqual(before));
    await the().settled();
  });
});
