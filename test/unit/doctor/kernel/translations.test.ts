import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseTranslatedEnds, readTranslatedEnds } from '../../../../src/doctor/kernel/translations.js';

/** Rows of /proc/net/nf_conntrack as Linux 6.18 printed them. */
const DIRECT =
  'ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.5 dst=10.0.0.1 sport=40000 dport=6379 src=10.0.0.1 dst=10.0.0.5 sport=6379 dport=40000 [ASSURED] mark=0 zone=0 use=2';
const MASQUERADED =
  'ipv4     2 tcp      6 431999 ESTABLISHED src=127.0.0.1 dst=127.0.0.1 sport=35555 dport=6379 src=10.66.0.2 dst=10.66.0.1 sport=6379 dport=35555 [ASSURED] mark=0 zone=0 use=2';
const OTHER_PORT =
  'ipv4     2 tcp      6 86400 SYN_SENT src=127.0.0.1 dst=127.0.0.1 sport=40000 dport=6380 [UNREPLIED] src=127.0.0.1 dst=127.0.0.1 sport=6379 dport=25865 mark=0 zone=0 use=2';
const VIRTUAL_SERVER =
  'ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.5 dst=10.96.0.1 sport=40001 dport=6379 src=10.0.0.1 dst=10.0.0.5 sport=6379 dport=40001 [ASSURED] mark=0 zone=0 use=2';
const IPV6 =
  'ipv6     10 tcp      6 431999 ESTABLISHED src=fd00:0000:0000:0000:0000:0000:0000:0005 dst=fd00:0000:0000:0000:0000:0000:0000:0001 sport=40000 dport=6379 src=fd00:0000:0000:0000:0000:0000:0000:0001 dst=fd00:0000:0000:0000:0000:0000:0000:0009 sport=6379 dport=41000 [ASSURED] mark=0 zone=0 use=2';
const UDP = MASQUERADED.replace('tcp      6', 'udp      17');

describe('the table of tracked connections', () => {
  test.each([
    ['a connection that is not translated', DIRECT, []],
    ['a server that is translated, but not its client', VIRTUAL_SERVER, []],
    ['another address', MASQUERADED, ['10.66.0.1 35555']],
    ['another port', OTHER_PORT, ['127.0.0.1 25865']],
    ['IPv6', IPV6, ['fd00::9 41000']],
    ['another protocol', UDP, []],
    ['an empty table', '', []],
  ])('with %s', (_, line, ends) => {
    expect([...parseTranslatedEnds(`${DIRECT}\n${line}\n`)]).toEqual(ends);
  });
});

describe('a namespace', () => {
  function proc(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-proc-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const part of ['self/net', 'sys/net/netfilter']) mkdirSync(join(folder, part), { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    return folder;
  }
  const TABLE = 'self/net/nf_conntrack';
  const COUNT = 'sys/net/netfilter/nf_conntrack_count';
  const read = (files: Readonly<Record<string, string>>, isOwn: boolean) => {
    const folder = proc(files);
    const ends = readTranslatedEnds(`${folder}/self`, isOwn, folder);
    return ends && [...ends];
  };

  test.each([true, false])('has the ends of its table (own: %j)', (isOwn) => {
    expect(read({ [TABLE]: MASQUERADED, [COUNT]: '1' }, isOwn)).toEqual(['10.66.0.1 35555']);
  });

  test('has none if nothing is tracked on the machine, or in the namespace of this program', () => {
    expect(read({}, false)).toEqual([]);
    expect(read({ [COUNT]: '0\n' }, true)).toEqual([]);
  });

  test('may have any if its table cannot be read', () => {
    expect(read({ [COUNT]: '3\n' }, true)).toBeUndefined();
    expect(read({ [COUNT]: '0\n' }, false)).toBeUndefined();
  });
});
