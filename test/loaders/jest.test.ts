import { expect, test } from 'vitest';
import { useRedis } from '../support/use-redis.js';
import { useProject } from './rig/project.js';

const redis = useRedis();
const project = useProject('jest-30');

test('Jest in CommonJS mode', async ({ task }) => {
  const { code, stderr } = await project.run('jest', [], { REDIS_URL: redis.server.url });
  expect(stderr).toContain('1 passed');
  expect(code).toBe(0);
  task.meta.loader = { kind: 'test runner', loader: `Jest ${project.versionOf('jest')}`, tried: 'CommonJS' };
});
