import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory } from '../../../src/index.js';
import { readRow } from '../../support/client-row.js';
import { runCli } from '../../support/command-io.js';
import { createOwnFolder, type OwnFolder } from '../../support/own-folder.js';
import { findRedisBinary, type RedisServer } from '../../support/redis/index.js';
import { startProcess } from '../../support/redis/process.js';
import { createShiftedClock, findClockLibrary, type ShiftedClock } from '../../support/shifted-clock.js';

const STEP_S = 300;
const HEARTBEAT = { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 };
/** Less than the step, and far more than a living connection is silent. */
const REAP = ['--yes', '--json', '--heartbeat', '1s', '--assume-dead-after', '60s'];
const SOCKET = 'redis.sock';

const library = await findClockLibrary();
const missing = 'missing' in library ? library.missing : await missingOption();
if (missing !== undefined) process.stderr.write(`The tests of a clock step are skipped: ${missing}.\n`);

/** Before reap has this option, its first look alone closes what a clock step makes silent. */
async function missingOption(): Promise<string | undefined> {
  const { stdout } = await runCli(['reap', '--help']);
  return stdout.includes('--assume-dead-after') ? undefined : 'reap has no --assume-dead-after';
}

/** Opens living connections: some are pinged, and some are silent for as long as their client wants. */
async function openLiving(factory: RedisFactory): Promise<void> {
  await factory.client().ping();
  const lease = await factory.pool({ max: 1 }).acquire();
  await lease.client.ping();
  await factory.subscriber().subscribe('news');
  const blocking = await factory.blocking(1).acquire();
  blocking.client.blpop('nothing', 0).catch(() => undefined);
  const transaction = factory.client();
  await transaction.multi({ pipeline: false });
  await transaction.set('key', 'value');
}
const OPENED = 5;

const SKIPPED = missing === undefined ? '' : ` (skipped: ${missing})`;

describe.skipIf(missing !== undefined)(`while the clock of the server steps${SKIPPED}`, () => {
  let folder: OwnFolder | undefined;
  let clock: ShiftedClock | undefined;
  let server: RedisServer | undefined;
  let admin: Redis | undefined;
  let factory: RedisFactory | undefined;

  beforeAll(async () => {
    if ('missing' in library) return;
    folder = await createOwnFolder('clock-step');
    clock = await createShiftedClock(library);
    const binary = await findRedisBinary();
    const args = ['--unixsocket', SOCKET];
    server = await startProcess(
      { ...binary, env: clock.environment(binary.env) },
      { args, dir: folder.path },
    );
    admin = new Redis(server.port, server.host, { disableClientInfo: true });
    // Clients of a unix socket, because no kernel can be asked about them. Those of TCP are found alive in any case.
    const connection = { path: join(folder.path, SOCKET) };
    factory = createRedisFactory({ service: 'orders', host: 'web-1', connection, ...HEARTBEAT });
    await openLiving(factory);
  });
  afterAll(async () => {
    await factory?.shutdown({ timeoutMs: 500 });
    admin?.disconnect();
    await server?.stop();
    await clock?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  /** Ids of the living connections. */
  async function listed(): Promise<number[]> {
    const rows = String(await admin?.client('LIST'))
      .trim()
      .split('\n')
      .map(readRow);
    const living = rows.filter(({ name }) => name.startsWith('orders@web-1'));
    return living.map(({ id }) => id).sort((one, other) => one - other);
  }

  test.for([
    { way: 'forward', offset: STEP_S },
    { way: 'back', offset: 0 },
  ])('$way, reap closes no living connection', { timeout: 30_000 }, async ({ offset }) => {
    const before = await listed();
    expect(before).toHaveLength(OPENED);
    await clock?.shift(offset);
    // Otherwise the server does not use the moved clock, and the test would prove nothing.
    const [seconds] = (await admin?.time()) ?? [];
    expect(Math.abs(Number(seconds) - Date.now() / 1_000 - offset)).toBeLessThan(STEP_S / 2);
    const { code, stdout } = await runCli(['reap', server?.url ?? '', ...REAP]);
    expect(JSON.parse(stdout)).toMatchObject({ closed: 0 });
    expect(code).toBe(0);
    expect(await listed()).toEqual(before);
  });
});
