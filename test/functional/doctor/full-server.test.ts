import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { openRaw, type RawClients } from '../../support/doctor/raw.js';
import { eventually } from '../../support/eventually.js';
import { quietNow } from '../../support/quiet-clock.js';
import { useRedis } from '../../support/use-redis.js';

// A server with room for five clients: the admin connection of the test and four more.

const redis = useRedis({ args: ['--maxclients', '5'] });
const held: RawClients[] = [];

afterEach(async () => {
  held.splice(0).forEach((clients) => clients[Symbol.dispose]());
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

/** Fills the server. Returns a function that closes one client. */
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

/** Runs a command, and measures how long it takes, also by the quiet clock. */
async function timed(...argv: readonly string[]) {
  const [start, quietStart] = [performance.now(), quietNow()];
  const result = await runCli(argv);
  return { ...result, ms: performance.now() - start, quietMs: quietNow() - quietStart };
}

const linesOf = (stderr: string) => stderr.trimEnd().split('\n');

describe.for(['clients', 'doctor'])('%s at a full server', (command) => {
  test('reports that it is full, and how to wait', async () => {
    await fill();
    const { code, stdout, stderr, quietMs } = await timed(command, redis.server.url);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error [^\n]+ --wait 60s[^\n]+ \(HYG_TARGET_FULL\)\n$/);
    expect(quietMs).toBeLessThan(3_000);
  });

  test('gives up after --wait', async () => {
    await fill();
    const { code, stderr, ms, quietMs } = await timed(command, redis.server.url, '--wait', '1s');
    expect(code).toBe(2);
    expect(linesOf(stderr)).toEqual([expect.stringMatching(/\(HYG_TARGET_FULL\)$/)]);
    expect(ms).toBeGreaterThan(900);
    expect(quietMs).toBeLessThan(3_000);
  });

  test('retries at most three times a second with --wait, and works over the first connection that is accepted', async () => {
    const leave = await fill();
    const before = await refusals();
    const running = timed(command, redis.server.url, '--wait', '30s', '--json');
    await sleep(4_000);
    expect((await refusals()) - before).toBeGreaterThan(2); // retries
    expect((await refusals()) - before).toBeLessThanOrEqual(12); // 3 a second
    const [receivedBefore, refusedBefore] = [await accepted(), await refusals()];
    const leftAt = quietNow();
    leave();
    const { code, stdout, stderr } = await running;
    expect(quietNow() - leftAt).toBeLessThan(2_000);
    expect(stderr).toBe('');
    expect(code).toBe(command === 'doctor' ? 1 : 0); // nearly full is a finding
    expect(JSON.parse(stdout)).toMatchObject({ targets: [{ maxclients: 5 }], failures: [] });
    const [dialled, rejected] = [(await accepted()) - receivedBefore, (await refusals()) - refusedBefore];
    expect(dialled - rejected).toBe(1);
  });
});

test('doctor reports that the server is nearly full', async () => {
  const leave = await fill();
  const running = runCli(['doctor', redis.server.url, '--wait', '30s']);
  await sleep(700);
  leave();
  const { code, stdout } = await running;
  expect(code).toBe(1);
  expect(stdout).toContain('maxclients-near');
});

test('--sample at a full server reads twice over the connection that was accepted', async () => {
  const leave = await fill();
  const running = runCli(['clients', redis.server.url, '--wait', '30s', '--sample', '2s', '--by', 'name']);
  await sleep(700);
  leave();
  const ownIds = new Set<number>();
  const isOwn = (name: string) => name.startsWith('redis-hygiene@') && name.endsWith('#doctor');
  const readOwnIds = async () => {
    for (const { id, name } of await redis.rows()) if (isOwn(name)) ownIds.add(id);
  };
  await eventually(async () => {
    await readOwnIds();
    expect(ownIds.size).toBe(1);
  });
  const end = new AbortController();
  const finished = running.finally(() => end.abort());
  while (!end.signal.aborted) await Promise.all([readOwnIds(), sleep(50)]);
  const { code, stdout, stderr } = await finished;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('redis-hygiene@');
  expect(ownIds.size).toBe(1);
});

/** A full server that is so slow that its refusal arrives as the reply to the first command. */
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
  'a late refusal is recognised as that of a full server: %s',
  async (credentials) => {
    using server = await startSlowRefuser();
    const { code, stderr } = await timed(
      'clients',
      `redis://${credentials}${server.address}`,
      '--wait',
      '1s',
    );
    expect(code).toBe(2);
    expect(linesOf(stderr)).toEqual([
      expect.stringMatching(/takes no more clients \(\d attempts\).*\(HYG_TARGET_FULL\)$/),
    ]);
    expect(server.dials()).toBeGreaterThan(1);
  },
);
