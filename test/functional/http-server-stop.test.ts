import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import https from 'node:https';
import http2 from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, test } from 'vitest';
import { announceStop, runBefore, watchServers } from '../../src/shutdown/before-steps.js';
import { httpServerStop } from '../../src/shutdown/http/http-server-stop.js';
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

/** An application with this server. Its port is closed before the application is. */
function applicationOf(server: Server) {
  return { server, close: () => server.close() };
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

  test('before all answers requests that were pipelined, whether its handler waits or not, and leaves then', async () => {
    for (const waits of [false, true]) {
      const { server, port } = await listen((request, response) => {
        if (waits) setTimeout(() => answerHello(request, response), 20);
        else answerHello(request, response);
      });
      const pipelining = await openConnection(port);
      await eventually(async () => expect(await countConnections(server)).toBe(1));
      const stopped = runBefore(applicationOf(server));
      await eventually(() => expect(server.listening).toBe(false));
      pipelining.socket.write(REQUEST.repeat(5));
      await stopped;
      await eventually(() => expect(pipelining.ended()).toBe(true));
      const answers = pipelining.text().split(/(?=HTTP\/1.1 200)/);
      expect(answers.map((text) => /connection: (.*)/i.exec(text)?.[1])).toEqual([
        ...Array<string>(4).fill('keep-alive'),
        'close',
      ]);
    }
  });

  test('answers requests that were pipelined before it began', async () => {
    const waiting: (() => void)[] = [];
    const { server, port } = await listen(
      (_request, response) => void waiting.push(() => response.end('hello')),
    );
    const pipelining = await openConnection(port);
    pipelining.socket.write(REQUEST.repeat(5));
    await eventually(() => expect(waiting).toHaveLength(5));
    const stopped = runBefore(server);
    waiting.forEach((end) => end());
    await stopped;
    await eventually(() => expect(pipelining.ended()).toBe(true));
    expect(pipelining.text().match(/hello/g)).toHaveLength(5);
  });

  test.each<[string, (response: ServerResponse) => unknown]>([
    ['no headers', (response) => response],
    ['an object', (response) => response.writeHead(200, { 'x-a': '1', 'set-cookie': ['a=1', 'b=2'] })],
    [
      'a flat list',
      (response) => response.writeHead(200, ['set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-a', '1']),
    ],
    [
      'a list of pairs',
      (response) =>
        response.writeHead(200, [
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
        ] as never),
    ],
    ['a map', (response) => response.setHeaders(new Map([['x-a', '1']]))],
    [
      'keep-alive in an object',
      (response) => response.writeHead(200, { Connection: 'keep-alive', 'x-a': '1' }),
    ],
    [
      'keep-alive in a flat list',
      (response) => response.writeHead(200, ['connection', 'Keep-Alive', 'x-a', '1']),
    ],
    ['keep-alive in pairs', (response) => response.writeHead(200, [['connection', 'keep-alive']] as never)],
    ['keep-alive that was set', (response) => response.setHeader('connection', 'keep-alive')],
    ['a head that is sent early', (response) => response.flushHeaders()],
  ])('changes the header Connection alone, with %s', async (_what, write) => {
    const { server, port } = await listen((_request, response) => {
      response.sendDate = false;
      write(response);
      response.end('hello');
    });
    const ask = async () => {
      const connection = await openConnection(port);
      connection.socket.write(REQUEST);
      await eventually(() => expect(connection.text()).toContain('hello'));
      return { ...connection, lines: connection.text().toLowerCase().split('\r\n') };
    };
    const before = await ask();
    httpServerStop(server).announceToAll();
    const after = await ask();
    const others = (lines: string[]) => lines.filter((line) => !/^(connection|keep-alive):/.test(line));
    expect(others(after.lines)).toEqual(others(before.lines));
    expect(before.lines).toContain('connection: keep-alive');
    expect(after.lines.filter((line) => line.startsWith('connection'))).toEqual(['connection: close']);
    await eventually(() => expect(after.ended()).toBe(true));
    await runBefore(server);
  });

  test('with TLS does not wait for a connection without a handshake, and answers on those that have one', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
    const server = https.createServer({ key, cert, keepAliveTimeout: 3_600_000 }, answerHello);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const silent = await openConnection(port);
    const kept = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    open.push(kept);
    let text = '';
    kept.on('data', (chunk) => (text += String(chunk)));
    await new Promise((resolve) => void kept.once('secureConnect', resolve));
    await eventually(async () => expect(await countConnections(server)).toBe(2));
    const stopped = runBefore(server);
    kept.write(REQUEST);
    await stopped;
    await eventually(() => expect(silent.ended()).toBe(true));
    expect(text).toMatch(/connection: close[^]*hello$/i);
  });

  test('with HTTP/2 ends sessions that are idle or have streams: those are finished', async () => {
    const server = http2.createServer();
    const waiting: (() => void)[] = [];
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200 });
      waiting.push(() => stream.end('hello'));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    watchServers(server);
    const connectSession = async () => {
      const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      open.push(session);
      await new Promise((resolve) => void session.once('remoteSettings', resolve));
      return session;
    };
    const [idle, busy] = [await connectSession(), await connectSession()];
    const stream = busy.request({ ':path': '/' });
    let text = '';
    stream.on('data', (chunk) => (text += String(chunk)));
    await eventually(() => expect(waiting).toHaveLength(1));
    const goaway = new Promise((resolve) => void busy.once('goaway', resolve));
    const stopped = runBefore(server);
    await goaway; // while its stream is under way
    await eventually(() => expect(idle.closed).toBe(true));
    expect(text).toBe('');
    waiting.forEach((end) => end());
    await stopped;
    await eventually(() => expect([text, busy.destroyed]).toEqual(['hello', true]));
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
