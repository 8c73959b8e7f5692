import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { startProgram } from '../support/program.js';
import { useRedis } from '../support/use-redis.js';
import { useProject } from './rig/project.js';

const redis = useRedis();
const project = useProject('bullmq-5');
const PROGRAM = fileURLToPath(new URL('../process/programs/adapters/bullmq.mjs', import.meta.url));

test.for([
  ['ends its jobs', {}, []],
  ['leaves a job that does not end', { ENDLESS: 'yes', CLOSE_MS: '1500' }, ['HYG_JOBS_UNFINISHED']],
] as const)(
  'BullMQ 5 with its own copy of ioredis: a worker %s at SIGTERM',
  async ([, env, errors], { task }) => {
    copyFileSync(PROGRAM, join(project.dir, 'bullmq.mjs'));
    await redis.admin.flushall();
    const program = startProgram(project, 'bullmq.mjs', { REDIS_URL: redis.server.url, ...env });
    await program.message();
    await program.message(); // the first job has begun
    program.signal('SIGTERM');
    const ended = await program.message<{ errors: readonly string[] }>();
    expect(ended).toMatchObject({ before: 'done' });
    expect(ended.errors.filter((code) => code !== 'HYG_IOREDIS_COPIES')).toEqual(errors);
    expect(await program.exit).toMatchObject({ code: 0 });
    await eventually(async () => expect(await redis.rows()).toEqual([]));
    task.meta.loader = {
      kind: 'framework',
      loader: `BullMQ ${project.versionOf('bullmq')}`,
      tried: 'redis-hygiene/bullmq with ioredis 6, shutdown hooks with the connection as `before`',
    };
  },
);
