import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { startProgram } from '../support/program.js';
import { useRedis } from '../support/use-redis.js';
import { useProject } from './rig/project.js';

const redis = useRedis();
const project = useProject('nest-11');
const nest12 = useProject('nest-12');

const PROGRAM = fileURLToPath(new URL('../process/programs/adapters/nest.mjs', import.meta.url));

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

test('redis-hygiene/nestjs with Nest 12, which is ES modules only', async ({ task }) => {
  copyFileSync(PROGRAM, join(nest12.dir, 'nest.mjs'));
  const application = startProgram(nest12, 'nest.mjs', { REDIS_URL: redis.server.url }, LIMIT_MS);
  const { port } = await application.message<{ port: number }>();
  expect(await (await fetch(`http://127.0.0.1:${port}/work`)).json()).toEqual({ count: 1, again: '1' });
  const ready = await fetch(`http://127.0.0.1:${port}/ready`);
  expect([ready.status, await ready.json()]).toMatchObject([200, { info: { redis: { health: 'up' } } }]);
  application.signal('SIGTERM');
  expect(await application.message()).toMatchObject({ before: 'done', forced: 0 });
  expect(await application.exit).toMatchObject({ code: 0, stderr: '' });
  await eventually(async () => expect(await redis.rows()).toEqual([]));
  task.meta.loader = {
    kind: 'framework',
    loader: `NestJS ${nest12.versionOf('@nestjs/core')}`,
    tried: `redis-hygiene/nestjs, Terminus ${nest12.versionOf('@nestjs/terminus')}, shutdown hooks with the application as \`before\``,
  };
});
