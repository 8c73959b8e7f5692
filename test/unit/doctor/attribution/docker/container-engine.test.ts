import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, request, type RequestListener } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../../src/core/clock.js';
import { HygieneError } from '../../../../../src/core/errors.js';
import { sendRequest } from '../../../../../src/doctor/attribution/http-json.js';
import {
  fetchContainers,
  fetchFromFirst,
} from '../../../../../src/doctor/attribution/docker/container-engine.js';
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

/** Listens on a socket with this name, and returns its path. */
async function listen(server: Server, name = 'docker.sock'): Promise<string> {
  const path = join(folder, name);
  server.on('connection', (socket: Socket) => void sockets.add(socket));
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(path, resolve));
  return path;
}

const engine = (answer: RequestListener, name?: string) => listen(createHttpServer(answer), name);
const unix = (path: string) => ({ host: `unix://${path}` });

async function rejectionOf(fetching: Promise<unknown>): Promise<HygieneError> {
  const error: unknown = await fetching.then(
    () => new Error('The request did not fail.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof HygieneError)) throw error;
  expect(error.code).toBe('HYG_ATTRIBUTION_SOURCE');
  expect(error.details).toMatchObject({ source: 'docker' });
  return error;
}

test('one request returns all containers', async () => {
  const requests: string[] = [];
  const path = await engine(({ method, url }, response) => {
    requests.push(`${method} ${url}`);
    response.end(JSON.stringify(answerOf('docker')));
  });
  const containers = await fetchContainers(unix(path));
  expect(containers.map(({ name }) => name)).toContain('shop-orders-1');
  expect(requests).toEqual(['GET /containers/json']);
});

test('DOCKER_HOST is read from the environment, also for TCP', async () => {
  const server = createHttpServer((_, response) => response.end('[]'));
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  expect(await fetchContainers({ env: { DOCKER_HOST: `tcp://127.0.0.1:${port}` } })).toEqual([]);
});

test('without an engine, the error names the address', async () => {
  const error = await rejectionOf(fetchContainers(unix(join(folder, 'none.sock'))));
  expect(error.message).toContain(`No container engine answers: ${folder}/none.sock (no such socket).`);
});

test('a refused connection is reported as such', async () => {
  const error = await rejectionOf(fetchContainers({ host: 'tcp://127.0.0.1:1' }));
  expect(error.message).toContain('127.0.0.1:1 (connection refused)');
});

test('missing permission is reported with a remedy', async () => {
  const path = await engine((_, response) => response.end('[]'));
  chmodSync(path, 0);
  chmodSync(folder, 0o755);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  const error = await rejectionOf(fetchContainers(unix(path))).finally(() => isRoot && process.seteuid?.(0));
  expect(error.message).toContain(
    `${path} (permission denied). Use sudo, or add the user to the group docker.`,
  );
});

test('an engine that does not answer is given up in time', async () => {
  const clock = createFakeClock();
  const path = await listen(createServer());
  const error = rejectionOf(fetchContainers({ ...unix(path), timeoutMs: 700 }, clock));
  await clock.advance(700);
  expect((await error).message).toContain(`${path} (no answer within 700 ms)`);
  expect(clock.pendingTimers()).toBe(0);
});

test('an engine that stops in the middle of its answer is given up in time', async () => {
  const path = await engine((_, response) => void response.write('['));
  const error = await rejectionOf(fetchContainers({ ...unix(path), timeoutMs: 100 }));
  expect(error.message).toContain('no answer within 100 ms');
});

test.each([
  ['HTML', 200, '<html>\n<body>hello</body>', 'status 200 and "<html> <body>hello</body>"'],
  ['another JSON', 200, '{"message":"hello"}', 'status 200 and "{"message":"hello"}"'],
  ['an error', 500, '{"message":"boom"}', 'status 500 and "{"message":"boom"}"'],
  ['nothing', 204, '', 'status 204 and ""'],
  ['half a list', 200, '[{"Id":"1"', 'status 200 and "[{"Id":"1""'],
])('%s is rejected, since it is not a list of containers', async (_, status, body, got) => {
  const path = await engine((__, response) => response.writeHead(status).end(body));
  const error = await rejectionOf(fetchContainers(unix(path)));
  expect(error.message).toContain(`${path} answered with ${got}, expected a list of containers as JSON`);
});

test('an answer that is not HTTP is rejected', async () => {
  const path = await listen(createServer((socket) => socket.end('-ERR unknown command\r\n')));
  const error = await rejectionOf(fetchContainers(unix(path)));
  expect(error.message).toContain('answered with an answer that is not HTTP');
});

test('an answer that is cut off is rejected', async () => {
  const path = await engine((_, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('[');
    setTimeout(() => response.destroy(), 20);
  });
  const error = await rejectionOf(fetchContainers(unix(path)));
  expect(error.message).toContain('an answer that was cut off');
});

test('an answer that is too long is rejected', async () => {
  const path = await engine((_, response) => {
    const feed = () => {
      while (response.write(' '.repeat(4096)));
      response.once('drain', feed);
    };
    feed();
  });
  const createRequest = () => request({ socketPath: path, agent: false });
  const answer = await sendRequest(createRequest, { timeoutMs: 5_000, maxBytes: 100_000 }, systemClock);
  expect(answer).toEqual({ kind: 'broken', reason: 'an answer of more than 100000 bytes' });
});

describe('of several addresses', () => {
  const addressOf = (socketPath: string) => ({ label: socketPath, target: { socketPath } });
  const from = (...paths: string[]) => fetchFromFirst(paths.map(addressOf), 100, systemClock);

  test('the first that answers is used', async () => {
    const none = join(folder, 'none.sock');
    const hangs = await listen(createServer(), 'hangs.sock');
    const podman = await engine(
      (_, response) => response.end(JSON.stringify(answerOf('podman'))),
      'podman.sock',
    );
    const docker = await engine((_, response) => response.end('[]'), 'docker.sock');
    expect((await from(none, hangs, podman, docker)).map(({ name }) => name)).toContain('inpod');
  });

  test('only sockets that exist are reported', async () => {
    const hangs = await listen(createServer(), 'hangs.sock');
    const error = await rejectionOf(from(join(folder, 'none.sock'), hangs));
    expect(error.details).toMatchObject({ places: [`${hangs} (no answer within 100 ms)`] });
  });

  test('all are reported if none exists', async () => {
    const paths = ['one.sock', 'two.sock'].map((name) => join(folder, name));
    const error = await rejectionOf(from(...paths));
    expect(error.details).toMatchObject({ places: paths.map((path) => `${path} (no such socket)`) });
  });
});
