import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import type { KernelVerdict } from '../../../../src/doctor/kernel/kernel-look.js';
import { judgeRow, type JudgeOptions, selectedVerdict } from '../../../../src/doctor/reap/death-proof.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const UNKNOWN: KernelVerdict = { kind: 'unknown', why: 'no kernel' };

function judge(
  given: Partial<ClientRow>,
  kernel: KernelVerdict = UNKNOWN,
  options: Partial<JudgeOptions> = {},
) {
  const row = clientRow({ name: 'orders@web-1#pool', age: 9_000, idle: 8_000, ...given });
  return judgeRow(row, {
    ...{ heartbeatSeconds: 15, assumeDeadAfterSeconds: undefined },
    ...{ isRecorded: () => false, kernelLook: () => kernel },
    ...options,
  });
}

/** What is done with a row, by kind and proof. */
function verdict(...args: Parameters<typeof judge>): string {
  const { kind, ...rest } = judge(...args);
  return 'proof' in rest ? rest.proof : kind;
}

const recorded = { isRecorded: () => true };
const assumed = { assumeDeadAfterSeconds: 600 };

describe('a kernel', () => {
  test('that does not have the connection proves it dead, whatever its name and age', () => {
    for (const given of [{}, { name: '' }, { name: 'celery@worker1' }, { idle: 0, age: 0 }, { flags: 'b' }])
      expect(verdict(given, { kind: 'gone', isClosing: false })).toBe('peer-kernel');
  });

  test('that does not have it, or no process that owns it, is the reason', () => {
    const reasons = [false, true].map((isClosing) => judge({ idle: 90 }, { kind: 'gone', isClosing }));
    expect(reasons).toMatchObject([
      { why: 'its client’s kernel does not have the connection, silent for 1m30s' },
      { why: 'no process of its client’s machine has the connection open any more, silent for 1m30s' },
    ]);
  });

  test('that sends in vain proves it dead', () => {
    expect(judge({}, { kind: 'unanswered', times: 4, nextMs: 900 })).toMatchObject({
      proof: 'server-kernel',
      unanswered: { times: 4, nextMs: 900 },
    });
  });

  test('that has the connection outweighs records and assumptions', () => {
    expect(verdict({}, { kind: 'alive' }, { ...recorded, ...assumed })).toBe('healthy');
  });
});

test('a record proves it dead', () => {
  expect(verdict({ name: 'orders@web-1', idle: 0 }, UNKNOWN, recorded)).toBe('record');
});

describe('silence', () => {
  test.each<[string, Partial<ClientRow>]>([
    ['a role with a heartbeat', {}],
    ['a plain client of ioredis', { name: 'orders@web-1', libName: 'ioredis' }],
  ])('proves nothing about %s, but may be assumed to', (_, given) => {
    expect(verdict(given)).toBe('leave');
    expect(verdict(given, UNKNOWN, assumed)).toBe('assumption');
    expect(verdict({ ...given, idle: 600 }, UNKNOWN, assumed)).toBe('assumption');
    expect(verdict({ ...given, idle: 599 }, UNKNOWN, assumed)).toBe('leave');
  });

  test.each<[string, Partial<ClientRow>, string]>([
    ['a blocked client', { flags: 'b' }, 'it waits in a blocking command'],
    ['a transaction', { flags: 'x', multi: 1 }, 'it is in a transaction'],
    [
      'another library',
      { name: 'orders@web-1', libName: 'redis-py' },
      'it is a connection of another library',
    ],
    [
      'a name that others use too',
      { name: 'celery@worker1', cmd: 'ping' },
      'that its name is one of redis-hygiene is not certain',
    ],
    [
      'a role of the application',
      { name: 'orders@web-1#queue' },
      'whether clients of the role queue send heartbeats is not known',
    ],
  ])('is not even assumed to prove %s dead', (_, given, why) => {
    expect(judge(given, UNKNOWN, assumed)).toEqual({ kind: 'leave', why: `${why}, and no kernel` });
  });

  test('of another name, or of less than three heartbeats, is not mentioned', () => {
    for (const given of [{ name: '' }, { name: 'bull:am9icw==' }, { idle: 45 }])
      expect(verdict(given, UNKNOWN, assumed)).toBe('healthy');
    expect(verdict({ idle: 46 })).toBe('leave');
    expect(verdict({ idle: 46 }, UNKNOWN, { heartbeatSeconds: 60 })).toBe('healthy');
  });
});

test('a filter alone needs no proof', () => {
  expect(selectedVerdict(clientRow({ idle: 90 }))).toEqual({
    ...{ kind: 'close', proof: 'filter' },
    why: 'silent for 1m30s, matches the filter',
  });
});
