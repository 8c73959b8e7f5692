import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/use-redis.js';
import { codeAt } from './rig/bundled-service.js';
import { useProject } from './rig/project.js';

const redis = useRedis();
const project = useProject('next-16');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts the built application until the end of the test, and returns its URL. */
async function startApplication(env: NodeJS.ProcessEnv): Promise<string> {
  const port = await freePort();
  const next = join(project.dir, 'node_modules/next/dist/bin/next');
  const args = [next, 'start', '--hostname', '127.0.0.1', '--port', String(port)];
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: project.dir,
    env: { ...process.env, NODE_ENV: undefined, ...env },
    stdio: 'ignore',
  });
  onTestFinished(async () => {
    child.kill();
    await once(child, 'exit');
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => expect((await fetch(url)).status).toBe(200), 60_000);
  return url;
}

test.for(['turbopack', 'webpack'])('Next.js built with %s', async (bundler, { task }) => {
  const env = { REDIS_URL: redis.server.url, NEXT_TELEMETRY_DISABLED: '1' };
  const { code, stdout, stderr } = await project.run('next', ['build', `--${bundler}`], env);
  expect({ code, output: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, output: '' });
  const url = await startApplication(env);

  expect(await (await fetch(url)).text()).toContain('<p>shop@web-1</p>');
  const report = (await (await fetch(`${url}/visits`)).json()) as { callSites: readonly string[] };
  expect(report).toMatchObject({
    name: 'shop@web-2',
    pooled: 'shop@web-1#pool',
    refusal: 'HYG_OPTION_RANGE',
    errors: [],
  });
  expect(report.callSites.map(codeAt)).toContainEqual(expect.stringMatching(/^pool\({ ?max: ?2/));
  task.meta.loader = {
    kind: 'framework',
    loader: `Next.js ${project.versionOf('next')}`,
    tried: `server component, route handler; build --${bundler}, redis-hygiene and ioredis bundled`,
    note: '`serverExternalPackages` is not needed',
  };
});
