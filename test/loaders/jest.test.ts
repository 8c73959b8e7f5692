import { describe, expect, test } from 'vitest';
import { useRedis } from '../support/use-redis.js';
import { useProject } from './rig/project.js';

const redis = useRedis();

/** Projects of the fixture's jest.config.js, and what is tried in each. */
const PROJECTS = [
  { project: 'CommonJS', tried: 'require' },
  { project: 'ESM', tried: 'import, require', nodeOptions: '--experimental-vm-modules' },
  { project: 'babel-jest', tried: 'import, compiled by Babel' },
  { project: 'ts-jest', tried: 'import, compiled by TypeScript' },
  { project: '@swc/jest', tried: 'import, compiled by SWC' },
];

describe.for(['jest-29', 'jest-30'])('%s', (version) => {
  const fixture = useProject(['shared/service', 'shared/jest', version]);

  test.for(PROJECTS)('$project', async ({ project, tried, nodeOptions = '' }, { task }) => {
    const env = { REDIS_URL: redis.server.url, NODE_OPTIONS: nodeOptions };
    const { code, stderr } = await fixture.run('jest', ['--selectProjects', project], env);
    expect(stderr).toMatch(/Tests: +\d passed, \d total/);
    expect(stderr).not.toContain('did not exit');
    expect(code).toBe(0);
    expect(await redis.names()).toEqual([]);
    task.meta.loader = {
      kind: 'test runner',
      loader: `Jest ${fixture.versionOf('jest')}, ${project}`,
      tried,
      ...(nodeOptions && { note: `\`${nodeOptions}\`` }),
    };
  });
});
