import { afterAll, beforeAll, expect, test } from 'vitest';
import { useRedis } from '../support/use-redis.js';
import { type Application, createApplication } from './rig/application.js';
import { runCell } from './rig/cell.js';

// A library that has changed must fail with one message that tells what is wrong, and must not hang the run.

const redis = useRedis({ prefer: 'process' });
let application: Application;

beforeAll(async () => void (application = await createApplication(6)));
afterAll(() => application[Symbol.dispose]());

test.for([
  [
    'throws',
    'it ends with 1 while the library worked: AssertionError [ERR_ASSERTION]: The number of visits is wrong',
  ],
  ['unknown', '1 of 2 connections are unnamed, the ledger lacks 1 of 2 connections'],
  ['prints', 'it prints: Error: this library is not made for that version'],
  ['keeps-running', 'it does not end although its connections are closed'],
])('a program that %s fails: %s', async ([program, why]) => {
  expect(await runCell(application, redis, { program: `broken/${program}`, way: 'client' })).toEqual({
    status: 'failed',
    why,
  });
  expect(await redis.rows()).toEqual([]);
});

test('a program that never finishes its work is killed', async () => {
  const result = await runCell(application, redis, {
    program: 'broken/hangs',
    way: 'client',
    limitMs: 5_000,
  });
  expect(result).toEqual({ status: 'failed', why: 'it does not end while the library worked' });
});

test('a program that never stops is killed', async () => {
  const result = await runCell(application, redis, {
    program: 'broken/does-not-stop',
    way: 'client',
    limitMs: 20_000,
  });
  expect(result).toEqual({ status: 'failed', why: 'it does not end while the library stopped' });
});
