import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { SourceUnavailable } from '../support/redis/errors.js';
import {
  findRedisBinary,
  freePort,
  startRedis,
  waitUntilReady,
  type RedisServer,
} from '../support/redis/index.js';
import { placeFolder } from '../support/redis/package/atomic-folder.js';
import { nodeProgram, type NodeProgram } from '../support/redis/node-program.js';
import { firstThatWorks } from '../support/redis/server-source.js';

/** The first start on a machine may fetch a package or an image. */
const COLD_MS = 300_000;
const INDEX = new URL('../support/redis/index.ts', import.meta.url).href;

type Place = Pick<RedisServer, 'host' | 'port'>;

beforeEach(() => vi.stubEnv('REDIS_HYGIENE_REDIS_URL', ''));
afterEach(() => vi.unstubAllEnvs());

test('a free port is given to one caller only, whatever process asks, and so is its port of the cluster bus', async () => {
  const code = `import { freePort } from '${INDEX}'; const ports = []; while (ports.length < 300) ports.push(await freePort()); console.log(JSON.stringify(ports)); setInterval(() => {}, 1000);`;
  await using one = nodeProgram(code);
  await using other = nodeProgram(code);
  const ports = (await Promise.all([one.printed(), other.printed()])).flat() as number[];
  expect(new Set(ports).size).toBe(600);
  expect(ports.filter((port) => port + 10_000 >= 32_768)).toEqual([]);
});

describe('a server of one’s own', { timeout: COLD_MS }, () => {
  test('answers, and has the given arguments, its password and its version', async () => {
    await using server = await startRedis({ args: ['--maxclients', '77'], password: 'a b@c' });
    expect(await reply(server, 'PING')).toBe('PONG');
    expect(await reply(server, 'CONFIG', 'GET', 'maxclients')).toEqual(['maxclients', '77']);
    expect(server.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(new URL(server.url).port).toBe(String(server.port));
  });

  test('does not answer while it is paused, and answers after it is resumed', async () => {
    await using server = await startRedis();
    await server.pause();
    await server.pause();
    await expect(answer(server)).rejects.toThrow('no answer');
    await server.resume();
    await answer(server, 5_000);
  });

  test('has ended after stop(), also if it was paused, and stop() may be called again', async () => {
    const servers = await Promise.all([startRedis(), startRedis()]);
    await servers[1].pause();
    await Promise.all(servers.flatMap((server) => [server.stop(), server.stop()]));
    for (const server of servers) await expect(answer(server)).rejects.toThrow('ECONNREFUSED');
    await expect(servers[0].pause()).rejects.toThrow('is stopped');
  });

  test('keeps a given directory, and removes a temporary one', async () => {
    const given = await temporaryFolder();
    await using keeps = await startRedis({ dir: given, args: ['--appendonly', 'yes'] });
    await using own = await startRedis();
    const [, ownDir = ''] = (await reply(own, 'CONFIG', 'GET', 'dir')) as string[];
    await Promise.all([keeps.stop(), own.stop()]);
    expect(await readdir(given)).toContain('appendonlydir');
    // A container's directory goes with the container, and its name means nothing here.
    if (own.source !== 'docker') await expect(access(ownDir)).rejects.toThrow('ENOENT');
  });

  test('whose arguments name a port that is taken is started again with other arguments', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const ports = [port, await freePort()];
    const args = vi.fn(() =>
      Promise.resolve(['--cluster-enabled', 'yes', '--cluster-port', String(ports.shift())]),
    );
    await using server = await startRedis({ args });
    // A container has ports of its own.
    expect(args).toHaveBeenCalledTimes(server.source === 'docker' ? 1 : 2);
  });

  test('that does not come up causes an error with the output of redis-server', async () => {
    await expect(startRedis({ args: ['--no-such-option', '1'] })).rejects.toThrow(/no-such-option/);
  });

  test('ends when the process that started it is killed', async () => {
    await using program = programWithServer('await server.pause(); setInterval(() => {}, 1000);');
    const place = (await program.printed()) as Place;
    await expect(answer(place)).rejects.toThrow('no answer');
    await program.kill();
    await goneSoon(place);
  });

  test('that was not stopped does not keep the process that started it alive', async () => {
    await using program = programWithServer('');
    const place = (await program.printed()) as Place;
    expect(await program.exitCode).toBe(0);
    await goneSoon(place);
  });
});

describe('the server that the environment names', { timeout: COLD_MS }, () => {
  test('is used, but never paused or stopped', async () => {
    await using named = await startRedis({ password: 'secret' });
    vi.stubEnv('REDIS_HYGIENE_REDIS_URL', named.url);
    const shared = await startRedis();
    expect(shared).toMatchObject({ source: 'environment', url: named.url, version: named.version });
    await expect(shared.pause()).rejects.toThrow('Cannot pause the shared server');
    await shared.stop();
    await answer(named);
    await using own = await startRedis({ args: ['--maxclients', '50'] });
    expect(own.source, 'a shared server takes no arguments').not.toBe('environment');
  });

  test('is not replaced by another source if it does not answer', async () => {
    vi.stubEnv('REDIS_HYGIENE_REDIS_URL', 'redis://:hidden@127.0.0.1:1');
    const failure = await startRedis().catch(String);
    expect(failure).toMatch(/REDIS_HYGIENE_REDIS_URL names 127\.0\.0\.1:1,.*ECONNREFUSED/);
    expect(failure).not.toContain('hidden');
    vi.stubEnv('REDIS_HYGIENE_REDIS_URL', 'localhost:6379');
    await expect(startRedis()).rejects.toThrow('must be a URL like redis://host:port');
  });
});

describe('the order of the sources', () => {
  test('ends with one error that names all four sources and why each failed', async () => {
    await using program = nodeProgram(
      `import { startRedis } from '${INDEX}';
       const { name, message } = await startRedis().catch((error) => error);
       console.log(JSON.stringify({ name, message }));`,
      { PATH: '/nonexistent', REDIS_HYGIENE_CACHE: '/nonexistent', DOCKER_HOST: 'unix:///nonexistent.sock' },
    );
    const { name, message } = (await program.printed()) as Record<string, string>;
    expect(name).toBe('RedisUnavailableError');
    expect(message?.split('\n').slice(1)).toEqual([
      expect.stringMatching(/1\. Set REDIS_HYGIENE_REDIS_URL/),
      expect.stringMatching(/failed: REDIS_HYGIENE_REDIS_URL is not set/),
      expect.stringMatching(/2\. Start a Docker engine/),
      expect.stringMatching(/failed: no engine answers: \/nonexistent\.sock: .*ENOENT/),
      expect.stringMatching(/3\. Put redis-server on the PATH/),
      expect.stringMatching(/failed: redis-server is not on the PATH/),
      expect.stringMatching(/4\. On Debian or Ubuntu/),
      expect.stringMatching(/failed: apt-get is not on the PATH/),
    ]);
  });

  test('continues after a source that is not available, but not after another error', async () => {
    const steps: string[] = [];
    const absent = { advice: 'a', attempt: () => Promise.reject(new SourceUnavailable('not here')) };
    const works = { advice: 'b', attempt: () => Promise.resolve('server') };
    const broken = { advice: 'c', attempt: () => Promise.reject(new Error('broken')) };
    expect(await firstThatWorks([absent, works, broken], (line) => steps.push(line))).toBe('server');
    expect(steps).toEqual(['not here']);
    await expect(firstThatWorks([absent, broken, works], () => undefined)).rejects.toThrow('broken');
  });
});

describe('a folder put into place', () => {
  const isComplete = (folder: string) => readdir(folder).then((names) => names.includes('whole'));

  test('is filled by several processes at once, and contains one copy in the end', async () => {
    const parent = await temporaryFolder();
    const target = join(parent, 'package');
    const fillSlowly = (text: string, delayMs: number) => async (folder: string) => {
      await sleep(delayMs);
      await writeFile(join(folder, 'whole'), text);
    };
    const fills = [fillSlowly('first', 0), fillSlowly('second', 10), fillSlowly('third', 20)];
    await Promise.all(fills.map((fill) => placeFolder(target, { isComplete, fill })));
    expect(await readdir(parent)).toEqual(['package']);
    expect(await readFile(join(target, 'whole'), 'utf8')).toBe('first');
  });

  test('replaces an incomplete folder, and leaves no files behind when filling fails', async () => {
    const parent = await temporaryFolder();
    const target = join(parent, 'package');
    const fail = () => Promise.reject(new Error('no mirror'));
    await expect(placeFolder(target, { isComplete, fill: fail })).rejects.toThrow('no mirror');
    expect(await readdir(parent)).toEqual([]);

    const write = (name: string) => (folder: string) => writeFile(join(folder, name), '');
    await placeFolder(target, { isComplete, fill: write('half') });
    await placeFolder(target, { isComplete, fill: write('whole') });
    expect(await readdir(parent)).toEqual(['package']);
    expect(await readdir(target)).toEqual(['whole']);
  });
});

test('the program runs, for sentinels and cluster nodes', { timeout: COLD_MS }, async () => {
  const { path, version, env } = await findRedisBinary();
  await access(path);
  expect(version).toMatch(/^\d+\.\d+/);
  expect(env['PATH']).toBe(process.env['PATH']);
});

/** A PING, which must be answered in time. */
function answer({ host, port }: Place, timeoutMs = 400): Promise<void> {
  return waitUntilReady({ host, port }, { timeoutMs });
}

async function goneSoon(place: Place): Promise<void> {
  await vi.waitFor(() => expect(answer(place)).rejects.toThrow('ECONNREFUSED'), 20_000);
}

function programWithServer(then: string): NodeProgram {
  return nodeProgram(
    `import { startRedis } from '${INDEX}';
     const server = await startRedis();
     ${then}
     console.log(JSON.stringify(server));`,
  );
}

async function reply(server: RedisServer, command: string, ...args: string[]): Promise<unknown> {
  const client = new Redis(server.url);
  return client.call(command, ...args).finally(() => client.disconnect());
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'provisioning-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
