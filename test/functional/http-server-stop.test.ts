import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import http2 from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { announceStop, runBefore } from '../../src/shutdown/before-steps.js';
import { eventually } from '../support/eventually.js';

const open: { destroy(): void }[] = [];
afterEach(() => open.splice(0).forEach((one) => one.destroy()));

/** A server that keeps connections for an hour: what closes them earlier is the stop. */
async function listen(listener: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer({ keepAliveTimeout: 3_600_000 }, listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

/** A connection, with all text that it has read. */
async function openConnection(
  port: number,
): Promise<{ socket: Socket; text: () => string; ended: () => boolean }> {
  let [text, ended] = ['', false];
  const socket = connect(port, '127.0.0.1');
  open.push(socket);
  socket.on('data', (chunk) => (text += String(chunk)));
  socket.on('close', () => (ended = true));
  await new Promise((resolve) => void socket.once('connect', resolve));
  return { socket, text: () => text, ended: () => ended };
}

const REQUEST = 'GET / HTTP/1.1\r\nhost: test\r\n\r\n';

function answerHello(_request: IncomingMessage, response: { end(text: string): unknown }): void {
  response.end('hello');
}

describe('a server that stops', () => {
  test('does not wait for a connection that never sent a request', async () => {
    const { server, port } = await listen(answerHello);
    const silent = await openConnection(port);
    await eventually(async () => expect(await countConnections(server)).toBe(1));
    await runBefore(server);
    await eventually(() => expect(silent.ended()).toBe(true));
  });

  test('does not wait for a connection that is kept, but answers its next request', async () => {
    const { server, port } = await listen(answerHello);
    const kept = await openConnection(port);
    kept.socket.write(REQUEST);
    await eventually(() => expect(kept.text()).toMatch(/keep-alive[^]*hello$/));
    const stopped = runBefore(server);
    expect(server.listening).toBe(false);
    kept.socket.write(REQUEST); // Node's own close() has closed this connection by now
    await stopped;
    await eventually(() => expect(kept.text()).toMatch(/hello[^]*connection: close[^]*hello$/i));
    await eventually(() => expect(kept.ended()).toBe(true));
  });

  test('tells a client that seldom asks to leave from the signal on, and serves a busy one and new ones', async () => {
    const { server, port } = await listen(answerHello);
    const [seldom, busy] = [await openConnection(port), await openConnection(port)];
    for (const { socket } of [seldom, busy]) socket.write(REQUEST);
    await eventually(() => expect([seldom.text(), busy.text()].join()).toMatch(/hello[^]*hello/));
    announceStop([server]);
    const asking = setInterval(() => busy.socket.write(REQUEST), 20);
    await new Promise((resolve) => setTimeout(resolve, 600)); // twice as long as a connection is not quiet
    seldom.socket.write(REQUEST);
    await eventually(() => expect(seldom.text()).toMatch(/hello[^]*connection: close[^]*hello$/i));
    await eventually(() => expect(seldom.ended()).toBe(true));
    expect(busy.text()).not.toMatch(/connection: close/i);
    const late = await openConnection(port);
    late.socket.write(REQUEST);
    await eventually(() => expect(late.text()).toMatch(/keep-alive[^]*hello$/));
    const stopped = runBefore(server);
    await eventually(() => expect(busy.text()).toMatch(/connection: close[^]*hello$/i));
    clearInterval(asking);
    await stopped;
  });

  test('tells the client of an answer under way to leave, once its port closes', async () => {
    const waiting: (() => void)[] = [];
    const { server, port } = await listen(
      (_request, response) => void waiting.push(() => response.end('hello')),
    );
    const early = await openConnection(port);
    early.socket.write(REQUEST);
    await eventually(() => expect(waiting).toHaveLength(1));
    const stopped = runBefore(server);
    waiting.forEach((end) => end());
    await eventually(() => expect(early.text()).toMatch(/connection: close[^]*hello$/i));
    await stopped;
  });

  test('finishes an answer whose headers were sent, and then closes its connection', async () => {
    const answer: { end?: () => void } = {};
    const { server, port } = await listen((_request, response) => {
      response.write('first');
      answer.end = () => response.end('last');
    });
    const streaming = await openConnection(port);
    streaming.socket.write(REQUEST);
    await eventually(() => expect(streaming.text()).toContain('first'));
    const stopped = runBefore(server);
    await new Promise((resolve) => setTimeout(resolve, 600)); // twice as long as a quiet connection is kept
    expect(streaming.ended()).toBe(false);
    answer.end?.();
    await stopped;
    expect(streaming.text()).toContain('last');
  });

  test('is closed once, and left as it was', async () => {
    const { server } = await listen(answerHello);
    let closed = 0;
    server.on('close', () => closed++);
    const application = { server, close: () => new Promise((resolve) => void server.close(resolve)) };
    await runBefore(application);
    expect(closed).toBe(1);
    expect(Object.keys(server)).not.toContain('closeIdleConnections');
    expect(Object.hasOwn(server, 'close')).toBe(false);
    expect(server.listenerCount('request')).toBe(1);
  });

  test('of an application is closed before the application: its close() meets no connection without a request', async () => {
    const { server, port } = await listen(answerHello);
    const kept = await openConnection(port);
    kept.socket.write(REQUEST);
    await eventually(() => expect(kept.text()).toContain('hello'));
    const seen: unknown[] = [];
    const close = async () => void seen.push(server.listening, await countConnections(server));
    const application = { close, getHttpServer: () => server };
    await runBefore(application);
    expect(seen).toEqual([false, 0]);
  });

  test('before it listens has nothing to stop', async () => {
    await runBefore(createServer());
    const application = { server: createServer(), close: () => undefined };
    await runBefore(application);
  });

  test('with HTTP/2 finishes the streams under way, and closes the session', async () => {
    const server = http2.createServer();
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200 });
      stream.end('hello');
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    open.push(session);
    announceStop(server);
    const stream = session.request({ ':path': '/' });
    let text = '';
    stream.on('data', (chunk) => (text += String(chunk)));
    await new Promise((resolve) => void stream.once('close', resolve));
    expect(text).toBe('hello');
    await runBefore(server);
  });
});

test('things that only look like an application are left alone', async () => {
  const odd = {
    get server(): never {
      throw new Error('not yet');
    },
    close: () => undefined,
  };
  announceStop([odd, { close: () => undefined }, () => undefined]);
  await runBefore([odd]);
});

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}
