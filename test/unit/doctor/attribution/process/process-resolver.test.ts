import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadProcessResolver } from '../../../../../src/doctor/attribution/process/process-resolver.js';
import { peer } from '../../../../support/unit/doctor/attribution/peers.js';

interface FakeProcess {
  readonly cmdline?: string;
  readonly comm?: string;
  readonly cwd?: string;
  /** Inodes of its sockets. */
  readonly sockets?: readonly number[];
  /** Files in its file system. */
  readonly files?: Readonly<Record<string, string>>;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A folder like /proc with connections from 127.0.0.1, ports 1, 2, …, whose inodes are 101, 102, … */
function proc(connections: number, processes: Readonly<Record<number, FakeProcess>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-proc-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const rows = Array.from({ length: connections }, (_, at) => {
    const port = (at + 1).toString(16).toUpperCase().padStart(4, '0');
    return `0: 0100007F:${port} 0100007F:18EB 01 00000000:00000000 00:00000000 00000000 33 0 ${at + 101} 1`;
  });
  write(join(folder, 'net/tcp'), ['head', ...rows, ''].join('\n'));
  mkdirSync(join(folder, 'sys'));
  for (const [pid, { cmdline, comm, cwd, sockets = [], files = {} }] of Object.entries(processes)) {
    const own = join(folder, pid);
    mkdirSync(join(own, 'fd'), { recursive: true });
    symlinkSync('/dev/null', join(own, 'fd/0'));
    symlinkSync('pipe:[101]', join(own, 'fd/1'));
    sockets.forEach((inode, at) => symlinkSync(`socket:[${inode}]`, join(own, `fd/${at + 2}`)));
    if (cmdline !== undefined) write(join(own, 'cmdline'), cmdline);
    if (comm !== undefined) write(join(own, 'comm'), `${comm}\n`);
    if (cwd !== undefined) symlinkSync(cwd, join(own, 'cwd'));
    for (const [file, text] of Object.entries(files)) write(join(own, 'root', file), text);
  }
  return folder;
}

const own = (port: number) => peer({ ip: '127.0.0.1', port, laddr: '127.0.0.1:6379' });

async function attributionOf(process: FakeProcess) {
  const resolver = await loadProcessResolver([own(1)], proc(1, { 4711: { sockets: [101], ...process } }));
  return resolver.attribute(own(1));
}

describe('a process', () => {
  test('is found by its open sockets', async () => {
    const folder = proc(3, {
      7: { cmdline: 'node\0orders.js\0', sockets: [101, 103] },
      8: { cmdline: 'redis-cli\0-a\0secret\0', sockets: [102, 999] },
      9: { cmdline: 'other\0' },
    });
    const peers = [own(1), own(2), own(3)];
    const resolver = await loadProcessResolver(peers, folder);
    expect(peers.map((one) => resolver.attribute(one))).toMatchObject(
      ['node orders.js (pid 7)', 'redis-cli (pid 8)', 'node orders.js (pid 7)'].map((owner) => ({
        owner,
        source: 'process',
        confidence: 'certain',
        host: hostname(),
      })),
    );
    expect(resolver.warnings?.()).toEqual([]);
  });

  test('with the lowest id is found if several share a socket', async () => {
    const folder = proc(2, {
      9: { cmdline: 'parent\0', sockets: [101] },
      10: { cmdline: 'child\0', sockets: [101] },
      11: { cmdline: 'other\0', sockets: [102] },
    });
    const resolver = await loadProcessResolver([own(1), own(2)], folder);
    expect(resolver.attribute(own(1))).toMatchObject({ owner: 'parent (pid 9)' });
  });

  test('has a folder and a package', async () => {
    expect(
      await attributionOf({
        cmdline: 'node\0dist/main.js\0',
        cwd: '/srv/orders',
        files: { 'srv/orders/package.json': '{"name":"@shop/orders"}', 'package.json': '{"name":"root"}' },
      }),
    ).toMatchObject({
      owner: 'node dist/main.js (pid 4711)',
      service: 'shop/orders',
      note: 'in /srv/orders',
    });
  });

  test.each([
    ['its script, not of its folder', 'node\0/srv/orders/main.js\0', '/srv', 'orders'],
    ['its folder if it has no script', 'node\0-e\0code\0', '/srv/orders', 'orders'],
    [
      'the application, not of an installed tool',
      'node\0/srv/orders/node_modules/next/bin/next\0',
      '/',
      'orders',
    ],
    ['a folder above', 'node\0main.js\0', '/srv/orders/a/b', 'orders'],
  ])('has the package of %s', async (_what, cmdline, cwd, service) => {
    const files = {
      'srv/orders/package.json': `{"name":"${service}"}`,
      'srv/orders/node_modules/next/package.json': '{"name":"next"}',
    };
    expect(await attributionOf({ cmdline, cwd, files })).toMatchObject({ service });
  });

  test.each([
    ['that is not a Node program', 'python3\0main.py\0', '{"name":"orders"}'],
    ['with an invalid package.json', 'node\0main.js\0', '{'],
    ['whose package.json has no name', 'node\0main.js\0', '{"name":7}'],
  ])('%s has no package', async (_what, cmdline, text) => {
    const attribution = await attributionOf({ cmdline, cwd: '/', files: { 'package.json': text } });
    expect(attribution).toMatchObject({ note: 'in /' });
    expect(attribution).not.toHaveProperty('service');
  });

  test('without a command line has the name that the kernel knows', async () => {
    expect(await attributionOf({ cmdline: '', comm: 'kworker' })).toMatchObject({
      owner: 'kworker (pid 4711)',
    });
    expect(await attributionOf({})).toMatchObject({ owner: '? (pid 4711)' });
  });

  test('that forwards connections is ambiguous', async () => {
    expect(await attributionOf({ cmdline: '/usr/bin/docker-proxy\0-proto\0tcp\0' })).toEqual({
      owner: '127.0.0.1',
      source: 'process',
      confidence: 'ambiguous',
      note: 'docker-proxy (pid 4711) forwards connections of other clients',
    });
  });

  test('that cannot be found gives an ambiguous attribution', async () => {
    const resolver = await loadProcessResolver([own(1)], proc(1, { 7: { cmdline: 'node\0' } }));
    expect(resolver.attribute(own(1))).toEqual({
      owner: '127.0.0.1',
      source: 'process',
      confidence: 'ambiguous',
      note: 'a process of user 33 on this machine that this user may not inspect',
    });
    expect(resolver.warnings?.()).toEqual([]); // root would not find more
  });

  test('is unknown if its connection is not in the table', async () => {
    const resolver = await loadProcessResolver([own(9)], proc(1, { 7: { sockets: [101] } }));
    expect(resolver.attribute(own(9))).toBeUndefined();
  });
});

describe('/proc is not read', () => {
  test.each([
    peer(),
    peer({ ip: '/run/redis.sock', port: 0 }),
    peer({ kind: 'master', port: 6379 }),
    peer({ kind: 'replica', port: 5000 }),
  ])('for %j', async (one) => {
    const resolver = await loadProcessResolver([one], '/nowhere');
    expect(resolver.attribute(one)).toBeUndefined();
    expect(resolver.warnings?.()).toEqual([]);
  });
});

test('a missing table adds a warning', async () => {
  const resolver = await loadProcessResolver([own(1)], '/nowhere');
  expect(resolver.attribute(own(1))).toBeUndefined();
  expect(resolver.warnings?.()).toEqual(['Processes can be found by their ports on Linux only.']);
});
