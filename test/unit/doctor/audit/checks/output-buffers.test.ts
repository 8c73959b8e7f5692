import { describe, expect, test } from 'vitest';
import { readBufferLimits } from '../../../../../src/doctor/audit/checks/output-buffers.js';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { clientRow } from '../../../../support/unit/doctor/rows.js';
import { examination, findingsOf, saved } from '../../../../support/unit/doctor/audit/examinations.js';
import { healthy, together } from '../../../../support/unit/doctor/audit/fleets.js';

const MIB = 1024 ** 2;

const bufferFindings = (given: Partial<ClientRow>, limits?: string) =>
  findingsOf(
    'output-buffers',
    examination({
      rows: together(healthy(), [clientRow({ ip: '10.0.0.9', ...given })]),
      config: limits === undefined ? {} : { 'client-output-buffer-limit': limits },
    }),
  );

describe('half of the lower limit is reported', () => {
  test('for a subscriber: 8 MiB by default', () => {
    const subscriber = { flags: 'P', sub: 1 };
    expect(bufferFindings({ ...subscriber, omem: 4 * MIB })).toMatchObject([{ owner: '10.0.0.9' }]);
    expect(bufferFindings({ ...subscriber, omem: 4 * MIB - 1 })).toEqual([]);
    expect(bufferFindings({ ...subscriber, omem: 2 * MIB }, 'pubsub 2097152 0 0')).toHaveLength(1);
    expect(bufferFindings({ ...subscriber, omem: 31 * MIB }, 'pubsub 0 0 0')).toEqual([]);
  });

  test('for a replica: 64 MiB by default', () => {
    expect(bufferFindings({ flags: 'S', omem: 32 * MIB })).toHaveLength(1);
    expect(bufferFindings({ flags: 'S', omem: 31 * MIB })).toEqual([]);
  });

  test('for other clients: 32 MiB in all, since there is no limit by default', () => {
    expect(bufferFindings({ omem: 32 * MIB })).toHaveLength(1);
    expect(bufferFindings({ omem: 31 * MIB })).toEqual([]);
    expect(bufferFindings({ omem: 31 * MIB }, 'normal 33554432 0 0')).toHaveLength(1);
  });
});

test('connections of one owner are one finding, the largest shown first', () => {
  const rows = [10, 40, 20].map((mib) => clientRow({ ip: '10.0.0.9', flags: 'P', sub: 1, omem: mib * MIB }));
  const [finding, ...others] = findingsOf('output-buffers', saved(together(rows)));
  expect(others).toEqual([]);
  expect(finding?.summary).toBe(
    '10.0.0.9 does not read what the server sends: 70.0 MiB wait in the output buffers of 3 connections, up to 40.0 MiB in one.',
  );
  expect(finding?.examples.map(({ omem }) => omem / MIB)).toEqual([40, 20, 10]);
});

describe('client-output-buffer-limit', () => {
  test('is read from CONFIG GET and from a configuration file', () => {
    const answer = readBufferLimits('normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60');
    expect(answer).toEqual(readBufferLimits(''));
    expect(readBufferLimits('replica 1gb 64mb 60 pubsub 1m 512kb 60')).toEqual({
      normal: { hard: 0, soft: 0 },
      replica: { hard: 1024 ** 3, soft: 64 * MIB },
      pubsub: { hard: 1_000_000, soft: 512 * 1024 },
    });
  });

  test('has its defaults if it is invalid', () => {
    expect(readBufferLimits('pubsub many few 60 normal')).toEqual(readBufferLimits(''));
  });
});
