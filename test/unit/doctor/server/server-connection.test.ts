import { expect, test } from 'vitest';
import {
  grantCommand,
  requiredRights,
  requiredSentinelRights,
} from '../../../../src/doctor/server/acl-rights.js';
import { parseInfo } from '../../../../src/doctor/server/server-connection.js';

test('parseInfo returns the fields of INFO', () => {
  const text =
    '# Server\r\nredis_version:7.0.15\r\nos:Linux 6.1 a:b\r\n\r\n# Clients\r\nmaxclients:100\r\nodd\r\nnone:';
  expect(Object.fromEntries(parseInfo(text))).toEqual({
    ...{ redis_version: '7.0.15', os: 'Linux 6.1 a:b', maxclients: '100', none: '' },
  });
  expect(parseInfo('').size).toBe(0);
});

test.each([
  ['CLIENT', ['LIST'], 'ACL SETUSER ann +client|list'],
  ['CLIENT', ['LIST', 'ID', 5], 'ACL SETUSER ann +client|list'],
  ['config', ['GET', 'timeout'], 'ACL SETUSER ann +config|get'],
  ['CLUSTER', ['NODES'], 'ACL SETUSER ann +cluster|nodes'],
  ['SENTINEL', ['masters'], 'ACL SETUSER ann +sentinel|masters'],
  ['INFO', [], 'ACL SETUSER ann +info'],
] as const)('grantCommand names the right for %s %j', (command, args, line) => {
  expect(grantCommand('ann', command, args)).toBe(line);
});

test('all commands need the rights to list clients, only reap needs CLIENT KILL', () => {
  const readRights = ['+client|list', '+client|setname', '+client|info', '+info'];
  for (const rules of [...Object.values(requiredRights), requiredSentinelRights])
    expect(rules).toEqual(expect.arrayContaining(readRights));
  expect(
    Object.entries(requiredRights).flatMap(([name, rules]) => (rules.includes('+client|kill') ? [name] : [])),
  ).toEqual(['reap']);
});
