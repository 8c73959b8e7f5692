import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { openRaw, type RawClients } from '../../support/doctor/raw.js';
import { eventually } from '../../support/eventually.js';
import { useRedis } from '../../support/use-redis.js';

// A server with room for five: the one that looks, and four more.

const redis = useRedis({ args: ['--maxclients', '5'] });
const held: RawClients[] = [];

afterEach(async () => {
  held.splice(0).forEach((clients) => clients[Symbol.dispose]());
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

/** Takes all the room that there is. Gives what makes room for one. */
async function fill(): Promise<() => void> {
  const clients = await openRaw(redis.server, 4, 'PING');
  held.push(clients);
  return () => void clients.sockets[0]?.destroy();
}

async function statistic(field: string): Promise<number> {
  return Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(await redis.admin.info('stats'))?.[1]);
}

const refusals = () => statistic('rejected_connections');
const accepted = () => statistic('total_connections_received');

/** Runs a command beside the test; gives how it ended, and how long it took. */
async function timed(...argv: readonly string[]) {
  const start = performance.now();
  return { ...(await runCli(argv)), ms: performance.now() - start };
}

const line = (stderr: string) => stderr.trimEnd().split('\n');

describe.for(['clients', 'doctor'])('%s at a full server', (command) => {
  test('says so, and how to wait', async () => {
    await fill();
    const { code, stdout, stderr, ms } = await timed(command, redis.server.url);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error [^\n]+ --wait 60s[^\n]+ \(HYG_TARGET_FULL\)\n$/);
    expect(ms).toBeLessThan(3_000);
  });

  test('with --wait gives up in time', async () => {
    await fill();
    const { code, stderr, ms } = await timed(command, redis.server.url, '--wait', '1s');
    expect(code).toBe(2);
    expect(line(stderr)).toEqual([expect.stringMatching(/\(HYG_TARGET_FULL\)$/)]);
    expect(ms).toBeGreaterThan(900);
    expect(ms).toBeLessThan(3_000);
  });

  test('with --wait knocks politely, gets in when one leaves, and does all in that connection', async () => {
    const leave = await fill();
    const before = await refusals();
    const running = timed(command, redis.server.url, '--wait', '30s', '--json');
    await sleep(4_000);
    expect((await refusals()) - before).toBeGreaterThan(2); // it did ask
    expect((await refusals()) - before).toBeLessThanOrEqual(12); // 3 a second
    const [received, refused] = [await accepted(), await refusals()];
    const left = performance.now();
    leave();
    const { code, stdout, stderr } = await running;
    expect(performance.now() - left).toBeLessThan(2_000);
    expect(stderr).toBe('');
    expect(code).toBe(command === 'doctor' ? 1 : 0); // nearly full is a finding
    expect(JSON.parse(stdout)).toMatchObject({ targets: [{ maxclients: 5 }], failures: [] });
    const [dialled, turnedAway] = [(await accepted()) - received, (await refusals()) - refused];
    expect(dialled - turnedAway).toBe(1);
  });
});

test('the doctor reports who fills a server', async () => {
  const leave = await fill();
  const running = runCli(['doctor', redis.server.url, '--wait', '30s']);
  await sleep(700);
  leave();
  const { code, stdout } = await running;
  expect(code).toBe(1);
  expect(stdout).toContain('maxclients-near');
});

test('a sample at a full server is two looks over the connection that got in', async () => {
  const leave = await fill();
  const running = runCli(['clients', redis.server.url, '--wait', '30s', '--sample', '2s', '--by', 'name']);
  await sleep(700);
  leave();
  const seen = new Set<number>();
  const isOurs = (name: string) => name.startsWith('redis-hygiene@') && name.endsWith('#doctor');
  const look = async () => {
    for (const { id, name } of await redis.rows()) if (isOurs(name)) seen.add(id);
  };
  await eventually(async () => {
    await look();
    expect(seen.size).toBe(1);
  });
  const end = new AbortController();
  const over = running.finally(() => end.abort());
  while (!end.signal.aborted) await Promise.all([look(), sleep(50)]);
  const { code, stdout, stderr } = await over;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('redis-hygiene@');
  expect(seen.size).toBe(1);
});

/** A full server that is so slow that its words come in the place of the first answer. */
async function startSlowRefuser() {
  let dials = 0;
  const server = createServer((socket) => {
    dials += 1;
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end('-ERR max number of clients reached\r\n'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, dials: () => dials, [Symbol.dispose]: () => server.close() };
}

test.for(['', 'default:secret@'])(
  'words that come late are those of a full server all the same: %s',
  async (as) => {
    using server = await startSlowRefuser();
    const { code, stderr } = await timed('clients', `redis://${as}${server.address}`, '--wait', '1s');
    expect(code).toBe(2);
    expect(line(stderr)).toEqual([
      expect.stringMatching(/takes no more clients \(\d attempts\).*\(HYG_TARGET_FULL\)$/),
    ]);
    expect(server.dials()).toBeGreaterThan(1);
  },
);
