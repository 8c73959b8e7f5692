// `tsx scripts/record-fleets/main.ts [NAME…]`: runs healthy programs with the libraries of other languages, and stores the
// CLIENT LIST of their idle pools in test/fixtures/client-list/fleets. It needs what each program in `programs` needs; on
// Debian and Ubuntu these are the packages of `fleets` below.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { startRedis } from '../../test/support/redis/index.js';
import type { ServerName } from '../../test/support/redis/index.js';

/** A healthy program whose connections are recorded. */
interface Fleet {
  /** What the file says of itself. */
  readonly title: string;
  readonly command: readonly string[];
  /** Packages of Debian. What npm needs is in package.json. */
  readonly packages?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Time from the end of the work to the recording. */
  readonly idleSeconds: number;
  readonly server?: ServerName;
}

const GO_ENV = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode' };

const fleets: Readonly<Record<string, Fleet>> = {
  'redis-py': {
    ...{ title: 'redis-py, 64 threads that share its pool', packages: 'python3-redis', idleSeconds: 20 },
    command: ['/usr/bin/python3', 'redis-py.py'],
  },
  'go-redis': {
    ...{ title: 'go-redis 5, a pool of 160', packages: 'golang-go golang-gopkg-redis.v5-dev' },
    ...{ command: ['go', 'run', 'go-redis.go'], env: GO_ENV, idleSeconds: 20 },
  },
  redigo: {
    ...{ title: 'redigo, a pool with 50 idle connections', command: ['go', 'run', 'redigo.go'], env: GO_ENV },
    ...{ packages: 'golang-go golang-github-gomodule-redigo-dev', idleSeconds: 20 },
  },
  'php-fpm': {
    ...{ title: '300 workers of php-fpm with persistent connections', command: ['sh', 'php-fpm.sh'] },
    ...{ packages: 'php8.2-fpm php8.2-redis libfcgi-bin', idleSeconds: 20 },
  },
  sidekiq: {
    ...{
      title: 'two processes of Sidekiq 6 with ten threads',
      command: ['sh', 'sidekiq.sh'],
      idleSeconds: 20,
    },
    packages: 'ruby-sidekiq',
  },
  'node-redis': {
    ...{
      title: 'a pool of node-redis, and a listener to keyspace events',
      idleSeconds: 20,
      server: 'redis-8',
    },
    command: ['node', 'node-redis.mjs'],
  },
  bullmq: {
    ...{ title: '40 queues of BullMQ with a worker and QueueEvents each', idleSeconds: 20 },
    command: ['node', 'bullmq.mjs'],
  },
  hygienic: {
    ...{ title: 'four processes of a service with redis-hygiene at night', idleSeconds: 50 },
    command: ['node', 'hygienic.mjs'],
  },
  'hygienic-redis-8': {
    ...{ title: 'the same on Redis 8', idleSeconds: 50, server: 'redis-8' },
    command: ['node', 'hygienic.mjs'],
  },
};

const PROGRAMS = new URL('programs/', import.meta.url);
const FIXTURES = new URL('../../test/fixtures/client-list/fleets/', import.meta.url);

async function record(name: string, { title, command, env, idleSeconds, server: serverName }: Fleet) {
  await using server = await startRedis(serverName ? { server: serverName } : {});
  const [file = '', ...args] = command;
  const program = spawn(file, [...args, String(server.port)], {
    ...{ cwd: PROGRAMS, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] },
  });
  await untilReady(program);
  await new Promise((resolve) => setTimeout(resolve, 1_000 * idleSeconds));
  const admin = new Redis(server.url, { connectionName: 'recorder', disableClientInfo: true });
  const [list, info] = [String(await admin.client('LIST')), await admin.info('server')];
  admin.disconnect();
  const version = /redis_version:(\S+)/.exec(info)?.[1] ?? '';
  const rows = list.split('\n').filter((line) => line !== '' && !line.includes('name=recorder '));
  const header = `# Recorded on Redis ${version} by scripts/record-fleets, after ${idleSeconds} s without work: ${title}.`;
  writeFileSync(new URL(`${name}.txt`, FIXTURES), `${[header, ...rows].join('\n')}\n`);
  process.stdout.write(`${name}: ${rows.length} connections\n`);
  program.stdin.end();
  await once(program, 'exit');
}

async function untilReady(program: ChildProcess): Promise<void> {
  if (!program.stdout) return;
  for await (const line of createInterface({ input: program.stdout })) if (line === 'ready') return;
  throw new Error('The program ended before its clients were ready.');
}

const names = process.argv.slice(2);
for (const [name, fleet] of Object.entries(fleets)) {
  if (names.length === 0 || names.includes(name)) await record(name, fleet);
}
