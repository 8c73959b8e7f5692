import type { ClusterNode } from 'ioredis';
import { expect, test } from 'vitest';
import { checkClusterNodes } from '../../../src/options/check-options.js';

test.for([
  [[], 'an empty array'],
  [undefined, 'undefined'],
  [null, 'null'],
  [{ host: 'redis-1', port: 6379 }, 'of type object'],
  ['redis://:secret@redis-1', 'a string'],
] as const)('%j is refused as the startup nodes of a Cluster', ([nodes, described]) => {
  expect(() => checkClusterNodes(nodes as unknown as ClusterNode[])).toThrow(
    expect.objectContaining({
      code: 'HYG_OPTION_TYPE',
      message: expect.stringContaining(`Option "nodes" is ${described}, expected an array`) as string,
    }) as Error,
  );
});

test('valid startup nodes are returned unchanged', () => {
  const nodes = [{ host: 'redis-1', port: 6379 }, 'redis-2:6379', 6379];
  expect(checkClusterNodes(nodes)).toBe(nodes);
});
