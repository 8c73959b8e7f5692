import { expect, test } from 'vitest';
import { useProjects } from '../../../support/init/project.js';

const createProject = useProjects();

/** A service of Nest with BullMQ. */
const files = (bullmq: string, more = {}) => ({
  'package.json': { name: 'shop', dependencies: { '@nestjs/core': '^11.0.0', bullmq, ...more } },
  'src/main.ts': "import { NestFactory } from '@nestjs/core';\n",
  'tsconfig.json': { compilerOptions: { module: 'commonjs' } },
});

async function printed(project: ReturnType<typeof createProject>): Promise<string> {
  const { stdout, stderr } = await project.init(['--yes', '--entry', 'src/main.ts']);
  return stdout + stderr;
}

const CONNECTION = "configure({ service: 'shop', connection: process.env.REDIS_URL });";

test('what uses the adapters is told after the line that gives them the address of Redis', async () => {
  const project = createProject(files('^6.0.0'));
  const text = await printed(project);
  expect(text).toContain(CONNECTION);
  for (const line of ['RedisHygieneModule.forRoot({ factory: redis })', 'connection: bull.queue']) {
    expect(text.indexOf(line)).toBeGreaterThan(text.indexOf(CONNECTION));
  }
  expect(project.read('src/redis-hygiene.ts')).toContain("from 'redis-hygiene/bullmq'");
  project.write({
    'src/redis-hygiene.ts': project
      .read('src/redis-hygiene.ts')
      .replace("configure({ service: 'shop' });", CONNECTION),
  });
  expect(await printed(project)).not.toContain('the address of your Redis');
});

test('with @nestjs/bullmq, the line is that of its module', async () => {
  const text = await printed(createProject(files('^6.0.0', { '@nestjs/bullmq': '^11.0.0' })));
  expect(text).toContain('BullModule.forRoot({ connection: bull.worker })');
  expect(text).not.toContain('bull.queue');
});

test.each([
  ['^5.30.0', true],
  ['>=5 <7', true],
  ['^3.0.0 || ^5.0.0', true],
  ['^4.0.0', false],
  ['latest', false],
])('BullMQ %s has an adapter: %s', async (range, isKnown) => {
  const project = createProject(files(range));
  await printed(project);
  expect(project.read('src/redis-hygiene.ts').includes('hygienicConnection')).toBe(isKnown);
});

test('the installed version of BullMQ decides, whatever the range says', async () => {
  const project = createProject({
    ...files('latest'),
    'node_modules/bullmq/package.json': { name: 'bullmq', version: '6.7.0' },
  });
  await printed(project);
  expect(project.read('src/redis-hygiene.ts')).toContain('hygienicConnection');
});
