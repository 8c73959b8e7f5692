import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HygieneError } from '../../../../src/core/errors.js';
import { loadHostsResolver, createHostsResolver } from '../../../../src/doctor/attribution/hosts-resolver.js';
import { thrown } from '../../../support/unit/thrown.js';
import { peer } from '../../../support/unit/doctor/attribution/peers.js';

const FILE = 'hosts.txt';

function ownerOf(text: string, ip = '10.0.0.7') {
  return createHostsResolver(text, FILE).attribute(peer({ ip }));
}

describe('a hosts file', () => {
  test('names an address by its first name', () => {
    expect(ownerOf('10.0.0.7 web-1.example web-1 # the shop\n')).toEqual({
      owner: 'web-1.example',
      source: 'hosts',
      confidence: 'likely',
      host: 'web-1.example',
    });
  });

  test.each([
    ['tabs and blanks', '\t10.0.0.7\t \tweb-1  '],
    ['comments and empty lines', '# all of them\n\n   # more\n10.0.0.7 web-1# the shop'],
    ['CRLF', '10.0.0.6 db-1\r\n10.0.0.7 web-1\r\n'],
    ['old Macintosh lines', '10.0.0.6 db-1\r10.0.0.7 web-1'],
    ['a byte order mark', '\uFEFF10.0.0.7 web-1\n'],
    ['the same name twice', '10.0.0.7 web-1 a\n10.0.0.7 web-1 b\n'],
    ['an address that came through IPv6', '::ffff:10.0.0.7 web-1'],
  ])('may contain %s', (_what, text) => {
    expect(ownerOf(text)).toMatchObject({ owner: 'web-1', confidence: 'likely' });
  });

  test('may spell IPv6 addresses in any way', () => {
    expect(ownerOf('2001:0DB8:0:0::0001 web-6', '2001:db8::1')).toMatchObject({ owner: 'web-6' });
    expect(ownerOf('fe80::1%eth0 web-6', 'fe80::1')).toMatchObject({ owner: 'web-6' });
  });

  test('with two names for one address gives an ambiguous attribution', () => {
    expect(ownerOf('10.0.0.7 web-1\n10.0.0.8 web-3\n10.0.0.7 web-2\n')).toEqual({
      owner: '10.0.0.7',
      source: 'hosts',
      confidence: 'ambiguous',
      note: 'web-1 or web-2 according to hosts.txt (lines 1, 3)',
    });
  });

  test('names neither unknown addresses nor loopback', () => {
    const text = '127.0.0.1 localhost web-1\n::1 ip6-localhost\n0.0.0.0 nobody\n';
    for (const ip of ['10.0.0.7', '127.0.0.1', '::1', '0.0.0.0', '/run/redis.sock', 'constructor']) {
      expect(ownerOf(text, ip)).toBeUndefined();
    }
  });

  test.each([
    ['web-1 10.0.0.7', 'Line 2 of hosts.txt begins with "web-1", which is not an IP address'],
    ['10.0.0.0/24 net', 'Line 2 of hosts.txt begins with "10.0.0.0/24", which is not an IP address'],
    ['10.0.0.256 web-1', 'Line 2 of hosts.txt begins with "10.0.0.256", which is not an IP address'],
    ['10.0.0.7', 'Line 2 of hosts.txt has no name for 10.0.0.7'],
    ['10.0.0.7 # web-1', 'Line 2 of hosts.txt has no name for 10.0.0.7'],
  ])('with the invalid line %s is rejected', (line, message) => {
    const error = thrown('HYG_CLI_FILE', () => createHostsResolver(`# hosts\n${line}\n`, FILE));
    expect(error.message).toContain(message);
    expect(error.details).toEqual({ file: FILE, line: 2 });
  });
});

describe('loading a hosts file', () => {
  test('reads it from disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'hosts');
    writeFileSync(file, '10.0.0.7 web-1\n');
    expect((await loadHostsResolver(file)).attribute(peer())).toMatchObject({ owner: 'web-1' });
  });

  test('names the file if it does not exist', async () => {
    const error = await loadHostsResolver('/nowhere/hosts').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HygieneError);
    expect(error).toMatchObject({ code: 'HYG_CLI_FILE', message: expect.stringContaining('/nowhere/hosts') });
  });
});
