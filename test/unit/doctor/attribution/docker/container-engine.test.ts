import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, request, type RequestListener } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../../src/core/clock.js';
import { HygieneError } from '../../../../../src/core/errors.js';
import { ask } from '../../../../../src/doctor/attribution/http-json.js';
import { fetchContainers, fetchFrom } from '../../../../../src/doctor/attribution/docker/container-engine.js';
import { createFakeClock } from '../../../../support/unit/fake-clock.js';
import { answerOf } from '../../../../support/unit/doctor/attribution/docker/recorded.js';

let folder: string;
let servers: Server[] = [];
const sockets = new Set<Socket>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-docker-'));
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  servers = [];
  rmSync(folder, { recursive: true });
});

/** Listens on a socket of that name; gives its path. */
async function listen(server: Server, name = 'docker.sock'): Promise<string> {
  const path = join(folder, name);
  server.on('connection', (socket: Socket) => void sockets.add(socket));
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(path, resolve));
  return path;
}

const engine = (answer: RequestListener, name?: string) => listen(createHttpServer(answer), name);
const unix = (path: string) => ({ host: `unix://${path}` });

async function refusal(asking: Promise<unknown>): Promise<HygieneError> {
  const error: unknown = await asking.then(
    () => new Error('It was answered.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof HygieneError)) throw error;
  expect(error.code).toBe('HYG_ATTRIBUTION_SOURCE');
  expect(error.details).toMatchObject({ source: 'docker' });
  return error;
}

test('one call brings all containers', async () => {
  const asked: string[] = [];
  const path = await engine(({ method, url }, response) => {
    asked.push(`${method} ${url}`);
    response.end(JSON.stringify(answerOf('docker')));
  });
  const containers = await fetchContainers(unix(path));
  expect(containers.map(({ name }) => name)).toContain('shop-orders-1');
  expect(asked).toEqual(['GET /containers/json']);
});

test('DOCKER_HOST is found in the environment, also over TCP', async () => {
  const server = createHttpServer((_, response) => response.end('[]'));
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  expect(await fetchContainers({ env: { DOCKER_HOST: `tcp://127.0.0.1:${port}` } })).toEqual([]);
});

test('where no engine is, all places are named', async () => {
  const error = await refusal(fetchContainers(unix(join(folder, 'none.sock'))));
  expect(error.message).toContain(`No container engine answers: ${folder}/none.sock (no such socket).`);
});

test('a socket that nobody listens at is told apart', async () => {
  const error = await refusal(fetchContainers({ host: 'tcp://127.0.0.1:1' }));
  expect(error.message).toContain('127.0.0.1:1 (connection refused)');
});

test('a socket that this user may not open is told with the remedy', async () => {
  const path = await engine((_, response) => response.end('[]'));
  chmodSync(path, 0);
  chmodSync(folder, 0o755);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  const error = await refusal(fetchContainers(unix(path))).finally(() => isRoot && process.seteuid?.(0));
  expect(error.message).toContain(`${path} (permission denied). Use sudo, or join the group docker.`);
});

test('an engine that hangs is given up in time', async () => {
  const clock = createFakeClock();
  const path = await listen(createServer());
  const error = refusal(fetchContainers({ ...unix(path), timeoutMs: 700 }, clock));
  await clock.advance(700);
  expect((await error).message).toContain(`${path} (no answer within 700 ms)`);
  expect(clock.pendingTimers()).toBe(0);
});

test('an engine that hangs in the middle of its answer is given up in time', async () => {
  const path = await engine((_, response) => void response.write('['));
  const error = await refusal(fetchContainers({ ...unix(path), timeoutMs: 100 }));
  expect(error.message).toContain('no answer within 100 ms');
});

test.each([
  ['HTML', 200, '<html>\n<body>hello</body>', 'status 200 and "<html> <body>hello</body>"'],
  ['another JSON', 200, '{"message":"hello"}', 'status 200 and "{"message":"hello"}"'],
  ['an error', 500, '{"message":"boom"}', 'status 500 and "{"message":"boom"}"'],
  ['nothing', 204, '', 'status 204 and ""'],
  ['half a list', 200, '[{"Id":"1"', 'status 200 and "[{"Id":"1""'],
])('%s is no list of containers', async (_, status, body, got) => {
  const path = await engine((__, response) => response.writeHead(status).end(body));
  const error = await refusal(fetchContainers(unix(path)));
  expect(error.message).toContain(`At ${path}, ${got} came, expected a list of containers as JSON`);
});

test('what is no HTTP is no engine', async () => {
  const path = await listen(createServer((socket) => socket.end('-ERR unknown command\r\n')));
  const error = await refusal(fetchContainers(unix(path)));
  expect(error.message).toContain('an answer that is no HTTP came');
});

test('an answer that breaks off is none', async () => {
  const path = await engine((_, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('[');
    setTimeout(() => response.destroy(), 20);
  });
  const error = await refusal(fetchContainers(unix(path)));
  expect(error.message).toContain('an answer that breaks off');
});

test('an endless answer is given up', async () => {
  const path = await engine((_, response) => {
    const feed = () => {
      while (response.write(' '.repeat(4096)));
      response.once('drain', feed);
    };
    feed();
  });
  const dial = () => request({ socketPath: path, agent: false });
  const answer = await ask(dial, { timeoutMs: 5_000, maxBytes: 100_000 }, systemClock);
  expect(answer).toEqual({ kind: 'broken', why: 'an answer of more than 100000 bytes' });
});

describe('of several places', () => {
  const place = (socketPath: string) => ({ label: socketPath, target: { socketPath } });
  const from = (...paths: string[]) => fetchFrom(paths.map(place), 100, systemClock);

  test('the first one that answers counts', async () => {
    const none = join(folder, 'none.sock');
    const hangs = await listen(createServer(), 'hangs.sock');
    const podman = await engine(
      (_, response) => response.end(JSON.stringify(answerOf('podman'))),
      'podman.sock',
    );
    const docker = await engine((_, response) => response.end('[]'), 'docker.sock');
    expect((await from(none, hangs, podman, docker)).map(({ name }) => name)).toContain('inpod');
  });

  test('those that are there are told, and those that are not are not', async () => {
    const hangs = await listen(createServer(), 'hangs.sock');
    const error = await refusal(from(join(folder, 'none.sock'), hangs));
    expect(error.details).toMatchObject({ places: [`${hangs} (no answer within 100 ms)`] });
  });

  test('all are told when there is none', async () => {
    const paths = ['one.sock', 'two.sock'].map((name) => join(folder, name));
    const error = await refusal(from(...paths));
    expect(error.details).toMatchObject({ places: paths.map((path) => `${path} (no such socket)`) });
  });
});
