import { expect, test } from 'vitest';
import { useRedis } from '../support/use-redis.js';
import { useSentinels } from '../support/use-sentinels.js';
import { useProject } from './rig/project.js';

const redis = useRedis();
const topology = useSentinels();
const fixture = useProject('one-process');

/** Options of node for a program, and what is loaded in the process. */
const VARIANTS = [
  { options: [], tried: 'import and require in one process' },
  {
    options: ['--import', 'redis-hygiene/register'],
    tried: 'import, require and the preload in one process',
  },
];

test.for(VARIANTS)('$tried', async ({ options, tried }, { task }) => {
  const env = { REDIS_URL: redis.server.url, CONNECTION: JSON.stringify(topology().connection) };
  const run = async (program: string) => {
    const { stdout, stderr } = await fixture.run('node', [...options, program], env);
    expect(stderr).toBe('');
    return JSON.parse(stdout) as unknown;
  };

  expect(await run('both.mjs')).toEqual({
    names: [
      'orders@web-0',
      'orders@web-1',
      options.length ? expect.stringMatching(/^orders@/) : 'orders@web-2',
    ],
    code: 'HYG_LIMIT_CONNECTIONS',
    isInstance: [true, true],
    sameDropIn: true,
    timers: 1,
  });
  expect(await run('sentinels.mjs')).toEqual({ watchers: [1, 1, 1] });
  expect(await redis.names()).toEqual([]);

  const note = 'one budget, one heartbeat timer, one watcher per sentinel, one class `HygieneError`';
  task.meta.loader = { kind: 'runtime', loader: 'Node', tried, note };
});
