import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type CliEnvironment, runCli } from '../../support/command-io.js';
import { eventually } from '../../support/eventually.js';
import { printJson } from '../../support/printed-json.js';
import { useRaw } from '../../support/use-raw.js';
import { useUnixRedis } from '../../support/use-unix-redis.js';

const redis = useUnixRedis();
const raw = useRaw(redis);

const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** With this heartbeat the second look follows after 2 s. */
const OPTIONS = ['--heartbeat', '1s', '--settle', '0s'];

const reap = (args: readonly string[], environment: CliEnvironment = {}) =>
  runCli(['reap', redis.server.url, ...OPTIONS, ...args], environment);

/** The fields of an `orphan` event by which reap finds the connection. */
interface Recorded {
  readonly runId: string;
  readonly clientId: number;
  readonly name: string;
  readonly address: string;
}

/** Opens a client whose kernel cannot be asked, and returns the record of a service that has given it up. */
async function openRecorded(connectionName: string): Promise<Recorded> {
  const [client] = await raw.open(1, { path: redis.path, connectionName });
  const info = await redis.admin.info('server');
  const [, runId = ''] = /run_id:(\S+)/.exec(info) ?? [];
  const clientId = (await client?.client('ID')) ?? 0;
  return { runId, clientId, name: connectionName, address: `${redis.path}:0` };
}

const linesOf = (...values: readonly object[]) =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');

describe('--orphans', () => {
  test('closes exactly the recorded connections', async () => {
    const recorded = await openRecorded('orders@web-1#recorded');
    const [otherRun, otherName, otherAddress, otherId] = [
      await openRecorded('orders@web-1#run'),
      await openRecorded('orders@web-1#name'),
      await openRecorded('orders@web-1#address'),
      await openRecorded('orders@web-1#id'),
    ];
    const file = join(folder, 'orphans.log');
    writeFileSync(
      file,
      linesOf(
        { level: 'info', message: 'another line of the log' },
        { level: 'warn', event: 'orphan', ...recorded, outcome: 'unreached', orphanedMs: 12 },
        { ...otherRun, runId: '0'.repeat(40) },
        { ...otherName, name: 'orders@web-1#former' },
        { ...otherAddress, address: '10.0.0.5:4711' },
        { ...otherId, clientId: otherId.clientId + 1_000 },
      ),
    );
    const { code, stdout } = await reap(['--orphans', file, '--yes']);
    expect(stdout).toMatch(
      / orders@web-1#recorded {2}closed {2}given up by its service \(--orphans\), silent for \d+s/m,
    );
    expect(stdout).toMatch(/: 1 of \d+ clients closed\n/);
    expect(code).toBe(0);
    const others = ['address', 'id', 'name', 'run'].map((role) => `orders@web-1#${role}`);
    await eventually(async () => expect(await redis.names()).toEqual(others));
  });

  test('reads standard input, and the plan has the proof', async () => {
    const recorded = await openRecorded('orders@web-1');
    const { document } = await printJson(['reap', redis.server.url, ...OPTIONS, '--orphans', '-'], {
      stdin: linesOf(recorded),
    });
    expect(document).toMatchObject({ mode: 'dry-run', planned: 1 });
    expect(document.targets).toMatchObject([{ kills: [{ id: recorded.clientId, proof: 'record' }] }]);
  });

  test('does not close the connection of a process of this machine', async () => {
    const [client] = await raw.open(1, { connectionName: 'orders@web-1' });
    const [row] = await redis.rows();
    const { runId } = await openRecorded('orders@web-2');
    const stdin = linesOf({ runId, clientId: row?.id, name: row?.name, address: `127.0.0.1:${row?.port}` });
    const { code, stdout } = await reap(['--orphans', '-', '--yes'], { stdin });
    expect(stdout).toMatch(/: 0 of \d+ clients closed\n/);
    expect(code).toBe(0);
    expect(await client?.ping()).toBe('PONG');
  });

  test.each([
    ['a log', 'ready\n[ioredis] Skipping the ready check\n7\n{"level":"info"}\n'],
    ['nothing', ''],
  ])('finds no record in %s, and says so', async (_, stdin) => {
    const { code, stdout, stderr } = await reap(['--orphans', '-'], { stdin });
    expect(stdout).toMatch(/: 0 of \d+ clients would be closed\n/);
    expect(stderr).toContain('--orphans: 0 records, 0 connections of them on these servers');
    expect(code).toBe(0);
  });

  test('is refused if the file cannot be read', async () => {
    const { code, stderr } = await reap(['--orphans', join(folder, 'none.log')]);
    expect(stderr).toContain('none.log cannot be read.');
    expect(code).toBe(2);
  });
});
