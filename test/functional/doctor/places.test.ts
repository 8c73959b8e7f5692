import { Redis } from 'ioredis';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tlsArguments, writeCertificate } from '../../support/certificate.js';
import { runCli, type CliResult } from '../../support/command-io.js';
import { freePort, startRedis, type RedisServer } from '../../support/redis/index.js';

// One server that is reached by TCP, TLS, a unix socket and IPv6.

const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-places-'));
const path = (name: string) => join(dir, name);
const socket = path('redis.sock');
const hasIpv6 = Object.values(networkInterfaces()).some((one) =>
  one?.some(({ address }) => address === '::1'),
);

let server: RedisServer;
let tls: string;
let plain: string;

beforeAll(async () => {
  await Promise.all(['server', 'other'].map((name) => writeCertificate(dir, name)));
  let tlsPort = 0;
  const args = async () => {
    tlsPort = await freePort();
    return [...tlsArguments(tlsPort, dir, 'server'), '--unixsocket', socket];
  };
  server = await startRedis({ args });
  [tls, plain] = [`127.0.0.1:${tlsPort}`, `127.0.0.1:${server.port}`];
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true });
});

const clients = (...argv: string[]) => runCli(['clients', '--timeout', '2s', ...argv]);
const doctor = (...argv: string[]) => runCli(['doctor', '--timeout', '2s', ...argv]);

/** Expects data on standard output, and nothing on standard error. */
function expectSuccess({ code, stdout, stderr }: CliResult): void {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).not.toBe('');
}

function expectError({ code, stdout, stderr }: CliResult, message: RegExp): void {
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error [^\n]+\n$/);
  expect(stderr).toMatch(message);
}

describe('TLS', () => {
  test('succeeds with the certificate authority of the server', async () => {
    for (const argv of [[`rediss://${tls}`], [`valkeys://${tls}`], [tls, '--tls']]) {
      expectSuccess(await clients(...argv, '--cacert', path('server.crt')));
      expectSuccess(await doctor(...argv, '--cacert', path('server.crt')));
    }
  });

  test('succeeds with the options of redis-cli', async () => {
    const [host = '', port = ''] = tls.split(':');
    expectSuccess(await clients('-h', host, '-p', port, '--tls', '--cacert', path('server.crt')));
    expectSuccess(await clients('-h', 'localhost', '-p', port, '--tls', '--cacert', path('server.crt')));
  });

  test('succeeds with a client certificate', async () => {
    const own = ['--cert', path('server.crt'), '--key', path('server.key')];
    expectSuccess(await clients(`rediss://${tls}`, '--cacert', path('server.crt'), ...own));
  });

  test('succeeds with any certificate and --insecure', async () => {
    expectSuccess(await clients(`rediss://${tls}`, '--insecure'));
  });

  test('fails without the certificate authority, or with another one', async () => {
    const unsigned = /self-signed certificate.*\(HYG_TARGET_UNREACHABLE\)/;
    expectError(await clients(`rediss://${tls}`), unsigned);
    expectError(await clients(`rediss://${tls}`, '--cacert', path('other.crt')), unsigned);
  });

  test('fails if the certificate is for another name', async () => {
    const argv = [`rediss://${tls}`, '--cacert', path('server.crt'), '--sni', 'elsewhere.example'];
    expectError(await clients(...argv), /elsewhere\.example.*\(HYG_TARGET_UNREACHABLE\)/);
  });

  test('fails if a certificate file is missing or invalid', async () => {
    writeFileSync(path('empty.crt'), 'nothing');
    expectError(
      await clients(`rediss://${tls}`, '--cacert', path('none.crt')),
      /none\.crt.*\(HYG_CLI_FILE\)/,
    );
    expectError(await clients(`rediss://${tls}`, '--cert', path('empty.crt')), /\(HYG_CLI_FILE\)/);
  });

  test('fails without --tls at a server that expects TLS', async () => {
    expectError(await clients(tls), /TLS.*\(HYG_TARGET_FOREIGN\)/);
  });

  test('fails at a server without TLS', async () => {
    expectError(
      await clients(`rediss://${plain}`),
      /no TLS connection within 2000 ms.*\(HYG_TARGET_UNREACHABLE\)/,
    );
  });
});

test('a unix socket is reached by its path, URL and option', async () => {
  for (const argv of [[socket], [`unix://${socket}`], ['-s', socket]]) {
    const result = await clients(...argv, '--by', 'target');
    expectSuccess(result);
    expect(result.stdout).toContain(socket);
  }
});

test.skipIf(!hasIpv6)('a server is reached by IPv6', async () => {
  const admin = new Redis(server.port, server.host, { disableClientInfo: true });
  await admin.config('SET', 'bind', '127.0.0.1 ::1');
  admin.disconnect();
  const port = String(server.port);
  for (const argv of [[`[::1]:${port}`], [`redis://[::1]:${port}`], ['-h', '::1', '-p', port]]) {
    const result = await clients(...argv, '--by', 'target');
    expectSuccess(result);
    expect(result.stdout).toContain(`[::1]:${port}`);
  }
});
