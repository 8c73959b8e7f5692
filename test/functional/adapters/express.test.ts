import express from 'express';
import { createServer, type RequestListener, type Server } from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { checkReadiness, livez, readyz } from '../../../src/adapters/express/index.js';
import { useFactory } from '../../support/use-factory.js';
import { useRedis } from '../../support/use-redis.js';
import { thrown } from '../../support/unit/thrown.js';

const redis = useRedis();
const given = useFactory(redis);
let server: Server | undefined;

afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** Address of a server with this listener: an Express application, or a handler of Node's own. */
async function listen(listener: RequestListener): Promise<string> {
  const own = createServer(listener);
  server = own;
  await new Promise<void>((resolve) => void own.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(own.address() as AddressInfo).port}`;
}

test('probes are handlers of an HTTP/2 server', async () => {
  const own = http2.createServer(livez());
  await new Promise<void>((resolve) => void own.listen(0, '127.0.0.1', resolve));
  const session = http2.connect(`http://127.0.0.1:${(own.address() as AddressInfo).port}`);
  const stream = session.request({ ':path': '/livez' }).resume();
  const headers = await new Promise<http2.IncomingHttpHeaders>((resolve) => stream.once('response', resolve));
  expect(headers).toMatchObject({ ':status': 200, 'cache-control': 'no-store' });
  await new Promise<void>((resolve) => session.close(resolve));
  own.close();
  expect(() => http2.createServer(readyz(given.open()))).not.toThrow();
});

describe('probes answer', () => {
  test.each<[string, (handler: RequestListener) => RequestListener]>([
    ['in Express', (handler) => express().use('/probe', handler) as RequestListener],
    ['in an Express route', (handler) => express().get('/probe', handler) as RequestListener],
    ['in plain http', (handler) => handler],
  ])('%s: 200 while Redis is there, 503 after the shutdown', async (_where, mount) => {
    const factory = given.open();
    await factory.client().ping();
    const url = `${await listen(mount(readyz(factory, { timeoutMs: 500 })))}/probe`;
    const up = await fetch(url);
    expect([up.status, await up.json()]).toMatchObject([200, { status: 'up' }]);
    expect(up.headers.get('cache-control')).toBe('no-store');
    await factory.shutdown();
    const down = await fetch(url);
    expect([down.status, await down.json()]).toMatchObject([503, { status: 'down' }]);
  });

  test('HEAD with the same head, and no body', async () => {
    const factory = given.open();
    const url = await listen(readyz(factory));
    const [get, head] = [await fetch(url), await fetch(url, { method: 'HEAD' })];
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(10);
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
  });

  test('liveness without a word about Redis', async () => {
    const response = await fetch(await listen(livez()));
    expect([response.status, await response.json()]).toEqual([200, { status: 'up' }]);
  });

  test('503 if what stands in the place of the factory rejects', async () => {
    const url = await listen(readyz({ health: () => Promise.reject(new Error('no health')) }));
    const response = await fetch(url);
    expect([response.status, await response.json()]).toEqual([503, { status: 'down' }]);
  });

  test('nothing where the application has answered meanwhile', async () => {
    const factory = given.open();
    const handler = readyz(factory);
    const url = await listen((request, response) => {
      handler(request, response);
      response.writeHead(504).end('too late');
    });
    expect((await fetch(url)).status).toBe(504);
  });

  test('for Koa and Hono as data', async () => {
    const factory = given.open();
    await factory.client().ping();
    expect(await checkReadiness(factory)).toMatchObject({ statusCode: 200, body: { status: 'up' } });
    await factory.shutdown();
    expect(await checkReadiness(factory)).toMatchObject({ statusCode: 503, body: { status: 'down' } });
  });
});

describe('is refused at once', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'redis'],
    ['a client', { ping: () => 'PONG' }],
  ])('%s instead of a factory', async (_what, factory) => {
    expect(thrown('HYG_OPTION_TYPE', () => readyz(factory as never)).message).toContain(
      'createRedisFactory()',
    );
    await expect(checkReadiness(factory as never)).rejects.toMatchObject({ code: 'HYG_OPTION_TYPE' });
  });

  test('an option that health() does not have, or not like this', async () => {
    const factory = given.open();
    thrown('HYG_OPTION_UNKNOWN', () => readyz(factory, { timeout: 5 } as never));
    thrown('HYG_OPTION_RANGE', () => readyz(factory, { timeoutMs: 0 }));
    await expect(checkReadiness(factory, { timeoutMs: 0 })).rejects.toMatchObject({
      code: 'HYG_OPTION_RANGE',
    });
  });
});
