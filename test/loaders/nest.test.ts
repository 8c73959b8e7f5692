import { expect, test } from 'vitest';
import { startProgram } from '../support/program.js';
import { useRedis } from '../support/use-redis.js';
import { useProject } from './rig/project.js';

const redis = useRedis();
const project = useProject('nest-11');

/** Time for the application on a busy machine, from its start to its end. */
const LIMIT_MS = 60_000;

test('nest build --webpack', async ({ task }) => {
  const { code, stdout, stderr } = await project.run('nest', ['build', '--webpack']);
  expect({ code, output: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, output: '' });

  const application = startProgram(project, 'dist/main.js', { REDIS_URL: redis.server.url }, LIMIT_MS);
  expect(await application.message()).toEqual({
    name: 'orders@web-1#orders',
    callSites: [expect.stringMatching(/^Orders\.onModuleInit \(.*dist\/main\.js:\d+:\d+\)$/)],
  });
  application.signal('SIGTERM');
  expect(await application.exit).toMatchObject({ code: 0, stderr: '' });
  task.meta.loader = {
    kind: 'framework',
    loader: `NestJS ${project.versionOf('@nestjs/core')}`,
    tried: 'nest build --webpack, shutdown hooks with the application as `before`',
    note: 'Nest leaves packages outside of its bundle',
  };
});
