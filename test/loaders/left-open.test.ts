import { describe, expect, test } from 'vitest';
import { openedBy } from '../support/left-open.js';
import { useRedis } from '../support/use-redis.js';
import { HAS_NODE_BINARIES, installNode } from './rig/node-binary.js';
import { useProject } from './rig/project.js';

const redis = useRedis();

/** Projects of both fixtures: how redis-hygiene is used, and after what is checked. */
const PROJECTS = [
  { project: 'drop-in, file', note: '' },
  { project: 'drop-in, test', note: undefined },
  { project: 'preload, file', note: "`setupFiles: ['redis-hygiene/register', …]`" },
  { project: 'preload, test', note: undefined },
];

/** What the table says. The projects that check after each test need no line of their own. */
function lineOf(loader: string, project: string, note: string | undefined) {
  if (note === undefined) return {};
  const tried = `trackConnections(), ${project.split(',')[0] ?? ''}`;
  return { loader: { kind: 'test runner', loader, tried, ...(note && { note }) } } as const;
}

describe.for(['jest-29', 'jest-30'])('%s', (version) => {
  const fixture = useProject(['left-open/jest', version]);

  test.for(PROJECTS)('$project', async ({ project, note }, { task }) => {
    const env = { REDIS_URL: redis.server.url, NO_COLOR: '1' };
    const { code, stderr } = await fixture.run('jest', ['--selectProjects', project], env);
    const isFile = project.endsWith('file');
    expect(stderr).toContain(isFile ? 'This test file has left' : 'The test "leaks" has left');
    expect(stderr).toContain(openedBy('jest/leak.test.ts'));
    expect(stderr).toMatch(/^ *> *\d+ \|.*\/\/ left open$/m);
    expect(stderr).toMatch(/Test Suites: 1 failed, 1 passed, 2 total/);
    expect(stderr).toMatch(isFile ? /Tests: +4 passed/ : /Tests: +1 failed, 3 passed/);
    expect(stderr).not.toContain('did not exit');
    expect(code).toBe(1);
    expect(await redis.names()).toEqual([]);
    Object.assign(task.meta, lineOf(`Jest ${fixture.versionOf('jest')}`, project, note));
  });
});

describe.for(['vitest-3', 'vitest-4'])('%s', (version) => {
  const fixture = useProject(['left-open/vitest', version]);

  test.for(PROJECTS)('$project', async ({ project, note }, { task }) => {
    const env = { REDIS_URL: redis.server.url, NO_COLOR: '1' };
    const { code, stdout, stderr } = await fixture.run('vitest', ['run', '--project', project], env);
    expect(stderr).toContain(openedBy('vitest/leak.test.ts'));
    expect(stdout).toMatch(/Test Files +1 failed \| 1 passed/);
    expect(stdout).toMatch(project.endsWith('file') ? /Tests +4 passed/ : /Tests +1 failed \| 3 passed/);
    expect(code).toBe(1);
    expect(await redis.names()).toEqual([]);
    Object.assign(task.meta, lineOf(`vitest ${fixture.versionOf('vitest')}`, project, note));
  });
});

describe.runIf(HAS_NODE_BINARIES).for(['20.19.0', '22', '24', '26'])('node:test of Node %s', (version) => {
  const fixture = useProject(['node-mocks', 'left-open/node']);

  test.for(PROJECTS)('$project', async ({ project, note }, { task }) => {
    const [way, each = ''] = project.split(', ');
    const redisModule = way === 'preload' ? 'ioredis' : 'redis-hygiene/ioredis';
    const node = installNode(version);
    const env = { REDIS_URL: redis.server.url, EACH: each, REDIS_MODULE: redisModule, NO_COLOR: '1' };
    const preload = way === 'preload' ? ['--import', 'redis-hygiene/register'] : [];
    const files = ['clean.test.mjs', 'concurrent.test.mjs', 'leak.test.mjs'];
    const args = [...preload, '--import', './setup.mjs', '--test', '--test-reporter=tap', ...files];
    const { code, stdout, stderr } = await fixture.run(node, args, env);
    expect(stdout + stderr).toContain(openedBy('node/leak.test.mjs'));
    expect((stdout + stderr).match(/has left/g)?.length).toBe(1);
    expect(stdout).toMatch(/^# fail 1$/m);
    expect(code).toBe(1);
    expect(await redis.names()).toEqual([]);
    const { stdout: printed } = await fixture.run(node, ['--version']);
    const registered = note && '`--import redis-hygiene/register`';
    Object.assign(task.meta, lineOf(`node:test of Node ${printed.trim().slice(1)}`, project, registered));
  });
});
