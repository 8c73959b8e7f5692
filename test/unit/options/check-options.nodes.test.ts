import type { ClusterNode } from 'ioredis';
import { expect, test } from 'vitest';
import { checkNodes } from '../../../src/options/check-options.js';

test.for([
  [[], 'an empty array'],
  [undefined, 'undefined'],
  [null, 'null'],
  [{ host: 'redis-1', port: 6379 }, 'of type object'],
  ['redis://:secret@redis-1', 'a string'],
] as const)('no nodes to begin with: %j', ([nodes, shown]) => {
  expect(() => checkNodes(nodes as unknown as ClusterNode[])).toThrow(
    expect.objectContaining({
      code: 'HYG_OPTION_TYPE',
      message: expect.stringContaining(`Option "nodes" is ${shown}, expected an array`) as string,
    }) as Error,
  );
});

test('nodes are given back as they are', () => {
  const nodes = [{ host: 'redis-1', port: 6379 }, 'redis-2:6379', 6379];
  expect(checkNodes(nodes)).toBe(nodes);
});
