import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { answerCommands, bulk, useFakeServer } from '../../support/fake-server.js';
import { useSentinels } from '../../support/use-sentinels.js';

// Servers that another server names: what is sent to them, and to how many.

const SENTINEL_PASSWORD = 'of-the-sentinels';
const DATA_PASSWORD = 'of-the-data-nodes';

describe('sentinels and data nodes with different passwords', () => {
  const the = useSentinels({ password: DATA_PASSWORD, sentinelPassword: SENTINEL_PASSWORD });

  test.each([
    ['options', ['--sentinel-pass', SENTINEL_PASSWORD, '-a', DATA_PASSWORD], {}],
    ['variables', [], { REDIS_SENTINEL_AUTH: SENTINEL_PASSWORD, REDISCLI_AUTH: DATA_PASSWORD }],
  ])('are all examined with both as %s', async (_, passwords, env) => {
    const sentinel = `127.0.0.1:${the().sentinels[0]?.port}`;
    const argv = ['clients', '--sentinel', sentinel, ...passwords, '--json'];
    const { code, stdout, stderr } = await runCli(argv, { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { targets } = JSON.parse(stdout) as { targets: unknown[] };
    expect(targets).toHaveLength(6);
    expect(stdout).not.toContain('of-the-');
  });

  test('are refused one by one without those of data nodes', async () => {
    const sentinel = `redis://:${SENTINEL_PASSWORD}@127.0.0.1:${the().sentinels[0]?.port}`;
    const { code, stderr } = await runCli(['clients', '--sentinel', sentinel]);
    expect(code).toBe(2);
    expect(stderr.match(/HYG_TARGET_AUTH/g)).toHaveLength(3);
  });
});

const startServer = useFakeServer();
const servers: Server[] = [];

afterEach(() => servers.splice(0).forEach((server) => server.close()));

const list = (...items: readonly string[]) => `*${items.length}\r\n${items.join('')}`;
const ROW = 'id=1 addr=127.0.0.1:4711 laddr=127.0.0.1:6379 name=a age=1 idle=1 flags=N cmd=get\n';

function answer(command: string): string {
  if (command === 'client list' || command === 'client info') return bulk(ROW);
  if (command === 'info') return bulk('maxclients:100\r\nredis_mode:standalone\r\n');
  return command.startsWith('config') ? list() : '+OK\r\n';
}

test('the password of a sentinel does not reach the servers that it names', async () => {
  const asked: string[] = [];
  const data = await startServer((socket) =>
    answerCommands(socket, (command) => {
      asked.push(command);
      return answer(command);
    }),
  );
  const master = list(...['name', 'shop', 'ip', '127.0.0.1', 'port', String(data.port)].map(bulk));
  const sentinel = await startServer((socket) =>
    answerCommands(socket, (command) => {
      if (command === 'sentinel masters') return list(master);
      return command.startsWith('sentinel') ? list() : answer(command);
    }),
  );
  const url = sentinel.url.replace('//', `//ann:${SENTINEL_PASSWORD}@`);
  const { code } = await runCli(['clients', '--sentinel', url], {
    env: { REDIS_SENTINEL_AUTH: SENTINEL_PASSWORD },
  });
  expect(code).toBe(0);
  expect(asked).toContain('client list');
  expect(asked.join('\n')).not.toMatch(/auth|of-the-sentinels/);
});

test('a Cluster of 3001 nodes: 32 are opened at a time, 1000 in all, none outside of its network', async () => {
  let [opening, mostOpening] = [0, 0];
  const node = createServer((socket) => {
    opening += 1;
    mostOpening = Math.max(mostOpening, opening);
    socket.on('error', () => undefined);
    answerCommands(socket, (command) => {
      if (command.startsWith('config')) opening -= 1; // the last question of the opening
      return command === 'info' ? bulk('redis_mode:standalone\r\n') : answer(command);
    });
  }).listen(0, '0.0.0.0');
  servers.push(node);
  await once(node, 'listening');
  const { port } = node.address() as AddressInfo;
  const ip = (index: number) => `127.1.${index >> 8}.${index & 255}`;
  const nodes = Array.from(
    { length: 3_000 },
    (_, index) => `07c3 ${ip(index)}:${port}@1 master - 0 0 1 connected`,
  );
  nodes.push('07c3 203.0.113.7:6379@1 master - 0 0 1 connected');
  const given = await startServer((socket) =>
    answerCommands(socket, (command) => {
      if (command === 'info') return bulk('maxclients:100\r\nredis_mode:cluster\r\n');
      return command === 'cluster nodes' ? bulk(nodes.join('\n')) : answer(command);
    }),
  );
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on('warning', onWarning);
  const { code, stdout, stderr } = await runCli(['clients', given.url, '--json', '--timeout', '60s']);
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /names servers outside of its network, which are not asked: 203\.0\.113\.7:6379\. .*--follow/,
  );
  expect((JSON.parse(stdout) as { targets: unknown[] }).targets).toHaveLength(1_001);
  expect(mostOpening).toBeLessThanOrEqual(32);
});
