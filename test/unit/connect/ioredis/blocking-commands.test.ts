import { Command } from 'ioredis';
import { expect, test } from 'vitest';
import { blockingTimeMs } from '../../../../src/connect/ioredis/blocking-commands.js';

test.for<readonly [string, number | undefined]>([
  ['get k', undefined],
  ['blpop k l 3', 3_000],
  ['BRPOP k 0.5', 500],
  ['bzpopmin k 3', 3_000],
  ['bzpopmax k 0', Infinity],
  ['brpoplpush a b 7', 7_000],
  ['blmove a b LEFT RIGHT 2', 2_000],
  ['blmpop 2 1 k LEFT', 2_000],
  ['bzmpop 1.5 1 k MIN COUNT 9', 1_500],
  ['xread COUNT 5 BLOCK 1500 STREAMS s $', 1_500],
  ['xread block 0 streams s $', Infinity],
  ['xread COUNT 5 STREAMS block 0', undefined],
  ['xreadgroup GROUP block me STREAMS s >', undefined],
  ['xreadgroup GROUP g block BLOCK 200 STREAMS s >', 200],
  ['wait 1 250', 250],
  ['waitaof 1 0 300', 300],
  ['wait 1 0', Infinity],
  ['blpop k never', Infinity],
  ['blpop k -1', Infinity],
  ['blpop', Infinity],
])('%s blocks for at most %s ms', ([line, expected]) => {
  const [name = '', ...args] = line.split(' ');
  expect(blockingTimeMs({ name, args }, { Command })).toBe(expected);
  const buffers = args.map((word) => Buffer.from(word));
  expect(blockingTimeMs({ name, args: buffers }, { Command })).toBe(expected);
});

test('a blocking command whose timeout is not known has no limit', () => {
  const checkFlag = (_: string, name: string) => name === 'bnew';
  const copy = { Command: { checkFlag } } as unknown as Parameters<typeof blockingTimeMs>[1];
  expect(blockingTimeMs({ name: 'bnew', args: ['3'] }, copy)).toBe(Infinity);
});
