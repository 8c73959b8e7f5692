import { expect, test } from 'vitest';
import { useProject } from './rig/project.js';

const fixture = useProject('jest-mocks');

/** Projects of the fixture's jest.config.js, and what is tried in each. */
const PROJECTS = [
  { project: 'ioredis', tried: "`jest.mock('ioredis')`: automock, class, mock function, ioredis-mock" },
  { project: 'mapped', tried: '`moduleNameMapper` from ioredis to ioredis-mock' },
  {
    project: 'drop-in',
    tried: "`jest.mock('redis-hygiene/ioredis')`: automock, mock of ioredis, ioredis-mock",
  },
  { project: 'mapped-both', tried: '`moduleNameMapper` from ioredis and the drop-in to ioredis-mock' },
  { project: 'manual', tried: 'files in `__mocks__`' },
  {
    project: 'esm',
    tried: "`jest.unstable_mockModule('redis-hygiene/ioredis')`",
    note: 'A mock of ioredis alone does not reach the drop-in.',
  },
];

test.for(PROJECTS)('Jest: $project', async ({ project, tried, note }, { task }) => {
  const env = { NODE_OPTIONS: '--experimental-vm-modules' };
  const { code, stderr } = await fixture.run('jest', ['--selectProjects', project], env);
  expect(stderr).toMatch(/Tests: +\d passed, \d total/);
  expect(stderr).not.toContain('did not exit');
  expect(code).toBe(0);
  const loader = `Jest ${fixture.versionOf('jest')}`;
  task.meta.loader = { kind: 'mock', loader, tried, ...(note && { note }) };
});
