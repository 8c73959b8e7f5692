import { describe, expect, test } from 'vitest';
import { useRedis } from '../support/use-redis.js';
import { useProject } from './rig/project.js';
import type { LoaderLine } from './rig/table-reporter.js';

const redis = useRedis();

/** Projects of the fixture's vitest.config.js, and what is tried in each. */
const PROJECTS: readonly (Omit<LoaderLine, 'loader'> & { readonly project: string })[] = [
  { project: 'external', kind: 'test runner', tried: 'import, require' },
  { project: 'inline', kind: 'test runner', tried: "import with `server.deps.inline: ['redis-hygiene']`" },
  {
    project: 'mocks',
    kind: 'mock',
    tried: "`vi.mock('redis-hygiene/ioredis')`: automock, class, mock of ioredis, ioredis-mock",
    note: 'A mock of ioredis alone does not reach the drop-in.',
  },
  {
    project: 'inline mocks',
    kind: 'mock',
    tried: "`vi.mock('ioredis')` with `server.deps.inline: ['redis-hygiene']`",
    note: 'It does not reach the drop-in either, which loads ioredis by `require()`.',
  },
  { project: 'alias', kind: 'mock', tried: '`alias` from ioredis and the drop-in to ioredis-mock' },
];

describe.for(['vitest-3', 'vitest-4'])('%s', (version) => {
  const fixture = useProject(['shared/service', 'shared/vitest', version]);

  test.for(PROJECTS)('$project', async ({ project, ...line }, { task }) => {
    const env = { REDIS_URL: redis.server.url, NO_COLOR: '1' };
    const { code, stdout, stderr } = await fixture.run('vitest', ['run', '--project', project], env);
    expect(stdout + stderr).toMatch(/Tests +\d passed \(/);
    expect(code).toBe(0);
    expect(await redis.names()).toEqual([]);
    task.meta.loader = { loader: `vitest ${fixture.versionOf('vitest')}`, ...line };
  });
});
