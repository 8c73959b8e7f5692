import { describe, expect, test } from 'vitest';
import { clientRow, clientRows } from '../../../../support/unit/doctor/rows.js';
import {
  codesOf,
  examination,
  findingsOf,
  saved,
} from '../../../../support/unit/doctor/audit/examinations.js';
import { healthy, together } from '../../../../support/unit/doctor/audit/fleets.js';

const server = (config: Readonly<Record<string, string>>, rows = healthy()) => examination({ rows, config });
const file = (config: Readonly<Record<string, string>>) => ({
  ...saved([], { config }),
  kind: 'sentinel-conf' as const,
});

describe('tcp-keepalive', () => {
  test('0 is reported as off', () => {
    expect(codesOf(server({ 'tcp-keepalive': '0' }))).toEqual(['keepalive-off']);
    expect(codesOf(file({ 'tcp-keepalive': '0' }))).toEqual(['keepalive-off']);
  });

  test('a value above the firewall’s limit is reported as slow', () => {
    const codesWith = (seconds: string, firewallIdleSeconds: number) =>
      codesOf(server({ 'tcp-keepalive': seconds }), { firewallIdleSeconds });
    expect(codesWith('300', 300)).toEqual(['keepalive-slow']);
    expect(codesWith('300', 301)).toEqual([]);
    expect(codesWith('3600', 1_800)).toEqual(['keepalive-slow']);
    expect(codesWith('0', 1_800), '0 is only reported as off').toEqual(['keepalive-off']);
  });

  test('a file without it means 300, and a server that was not asked is not reported', () => {
    expect(codesOf(file({}), { firewallIdleSeconds: 240 })).toEqual(['keepalive-slow']);
    expect(codesOf(file({}), { firewallIdleSeconds: 1_800 })).toEqual([]);
    expect(codesOf(server({}), { firewallIdleSeconds: 240 })).toEqual([]);
  });
});

describe('timeout', () => {
  test('less than three heartbeat intervals is reported', () => {
    expect(codesOf(server({ timeout: '44' }))).toEqual(['timeout-hits-healthy']);
    expect(codesOf(file({ timeout: '30' }))).toEqual(['timeout-hits-healthy']);
    expect(codesOf(server({ timeout: '45' }))).toEqual([]);
    expect(codesOf(server({ timeout: '45' }), { heartbeatSeconds: 20 })).toEqual(['timeout-hits-healthy']);
    expect(codesOf(server({ timeout: '0' }))).toEqual([]);
  });

  test('dead subscribers are reported if it is set', () => {
    const orphans = clientRows(5, (index) => ({
      ...{ ip: '10.1.0.7', flags: 'P', sub: 1, cmd: 'subscribe' },
      ...{ age: 900 + 7_880 * index, idle: 900 + 7_880 * index },
    }));
    const stale = clientRow({ name: 'a@b#subscriber', flags: 'P', sub: 1, cmd: 'ping', age: 900, idle: 600 });
    const rows = together(orphans, [stale], healthy());
    const [finding] = findingsOf('timeout-misses-subscribers', server({ timeout: '300' }, rows));
    expect(finding).toMatchObject({ evidence: { connections: 6, timeout: 300 } });
    expect(findingsOf('timeout-misses-subscribers', server({ timeout: '0' }, rows))).toEqual([]);
    expect(codesOf(server({ timeout: '300' }))).toEqual([]);
  });
});
