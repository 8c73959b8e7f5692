import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { SENTINEL_CONNECTION_NAME } from '../../../src/doctor/client-list/protected-rows.js';
import { runCli } from '../../support/command-io.js';
import { eventually } from '../../support/eventually.js';
import type { Node } from '../../support/sentinels.js';
import { useRaw } from '../../support/use-raw.js';
import { useRedis } from '../../support/use-redis.js';
import { useSentinels } from '../../support/use-sentinels.js';

const SILENT_MS = 2_100;

/** Options that select all connections. */
const EVERYTHING = ['--where', 'age>=0', '--max', '1000', '--yes', '--settle', '0s'];

describe('reap with a filter that matches them', () => {
  const redis = useRedis();
  const raw = useRaw(redis);

  test('does not close a client in MONITOR, but blocked clients and subscribers', async () => {
    const [blocked] = await raw.open(1, { connectionName: 'blocked' });
    const [subscriber] = await raw.open(1, { connectionName: 'subscriber' });
    const [watching] = await raw.open(1, { connectionName: 'watching' });
    const monitor = await watching?.monitor();
    await subscriber?.subscribe('news');
    blocked?.blpop('list', 0).catch(() => undefined);
    await sleep(SILENT_MS);
    // The admin connection of the test has no name, so the filter leaves it out.
    const { code, stdout } = await runCli([
      'reap',
      redis.server.url,
      '--where',
      'name!=',
      '--yes',
      '--settle',
      '0s',
    ]);
    expect(stdout).toContain('1 client protected: client in MONITOR');
    expect(stdout).toMatch(/ blocked {2}closed/);
    expect(stdout).toMatch(/ subscriber {2}closed/);
    expect(code).toBe(0);
    await eventually(async () => expect((await redis.rows()).map(({ flags }) => flags)).toEqual(['O']));
    monitor?.disconnect();
  });

  test('does not close its own connections to two addresses of one server', async () => {
    const { url, port } = redis.server;
    const own = `redis-hygiene@${hostname()}#doctor`;
    const argv = ['reap', url, `localhost:${port}`, '--where', `name=${own}`, '--yes'];
    await eventually(async () => expect(await redis.names()).not.toContain(own));
    const { code, stdout } = await runCli(argv);
    expect(stdout).toMatch(/: 0 of \d+ clients closed\n2 clients protected: connection of this command\n$/);
    expect(code).toBe(0);
  });

  test('does not close them either where it may not ask which run of a server it is', async () => {
    await redis.admin.call('ACL', 'SETUSER', 'reaper', 'reset', 'on', 'nopass', '+@all', '-info');
    const { port } = redis.server;
    const urls = ['127.0.0.1', 'localhost'].map((host) => `redis://reaper:any@${host}:${port}`);
    const own = `redis-hygiene@${hostname()}#doctor`;
    await eventually(async () => expect(await redis.names()).not.toContain(own));
    const { code, stdout } = await runCli(['reap', ...urls, '--where', `name=${own}`, '--yes']);
    expect(
      stdout.match(/: 0 of \d+ clients closed\n2 clients protected: connection of this command\n/g),
    ).toHaveLength(2);
    expect(code).toBe(0);
  });
});

describe('reap on servers and sentinels', () => {
  const the = useSentinels();

  /** Connections between servers, with the port of the server that lists them. */
  async function links(nodes: readonly Node[]): Promise<string[]> {
    const lists = await Promise.all(nodes.map((node) => node.call('CLIENT', 'LIST')));
    const rows = lists.flatMap((list, at) =>
      String(list)
        .split('\n')
        .filter((row) => {
          const [, name = '', flags = ''] = / name=(\S*) .* flags=(\S+) /.exec(row) ?? [];
          return /[SM]/.test(flags) || SENTINEL_CONNECTION_NAME.test(name);
        })
        .map((row) => `${nodes[at]?.port} ${row.split(' ', 2).join(' ')}`),
    );
    return rows.sort();
  }

  test('closes no connection of a replica, a master or a sentinel', async () => {
    const nodes = [...the().servers, ...the().sentinels];
    const before = await links(nodes);
    // Each of 3 sentinels has two on each of 3 servers. Each of 2 replicas has one, listed by both ends. Each sentinel has one of each other.
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
    const protectedCount = (reason: string) =>
      [...stdout.matchAll(new RegExp(`^(\\d+) clients? protected: ${reason}`, 'gm'))].reduce(
        (sum, [, count]) => sum + Number(count),
        0,
      );
    expect(protectedCount('connection of a Sentinel')).toBe(3 * 3 * 2 + 3 * 2);
    expect(protectedCount('replica')).toBe(2);
    expect(protectedCount('master of this server')).toBe(2);
    expect(protectedCount('connection of this command')).toBe(6);
    await eventually(async () => expect(await links(nodes)).toEqual(before));
    await the().settled();
  });
});
