import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect } from 'vitest';
import { frameworks, type Framework } from '../../../src/init/project/manifest.js';
import { createConsumer, type Consumer } from '../consumer.js';
import { eventually } from '../eventually.js';
import { startProgram } from '../program.js';
import { useRedis } from '../use-redis.js';

/** The folder node_modules of this repository. */
export const MODULES = fileURLToPath(new URL('../../../node_modules/', import.meta.url));
const PACKAGES = ['@nestjs', '@types', 'express', 'fastify', 'reflect-metadata', 'rxjs', 'typescript'];

interface PortMessage {
  readonly port: { readonly port: number };
}

/** A service in a folder of its own, in which redis-hygiene and the frameworks are installed. */
export interface ServiceUnderTest {
  /** Absolute path of a file of the service. */
  at(...path: string[]): string;
  /** Writes a file. An object is written as JSON. */
  write(path: string, content: string | object): void;
  read(path: string): string;
  /** Runs Node in the folder. Returns its standard output. @throws Error if the exit code is not 0 */
  node(...args: string[]): string;
  /** Runs `redis-hygiene init`. Returns its standard output. */
  init(...args: string[]): string;
  /** Runs the service, sends a request, and stops the service while it handles the request. */
  expectStops(file: string): Promise<void>;
}

/** Creates the folder before each test of this file, and removes it afterwards. */
export function useService(): ServiceUnderTest {
  const redis = useRedis();
  let consumer: Consumer;

  beforeEach(() => {
    consumer = createConsumer('ioredis');
    // The programs of other tests do not belong to the service.
    for (const name of readdirSync(consumer.dir).filter((name) => name !== 'node_modules'))
      rmSync(service.at(name), { recursive: true });
    for (const name of PACKAGES)
      symlinkSync(join(MODULES, name), service.at('node_modules', name), 'junction');
  });
  afterEach(() => consumer[Symbol.dispose]());

  const service: ServiceUnderTest = {
    at: (...path) => join(consumer.dir, ...path),
    write(path, content) {
      mkdirSync(dirname(service.at(path)), { recursive: true });
      const text = typeof content === 'string' ? content : JSON.stringify(content, undefined, 2);
      writeFileSync(service.at(path), text);
    },
    read: (path) => readFileSync(service.at(path), 'utf8'),
    node(...args) {
      const env = { PATH: process.env['PATH'] };
      return execFileSync(process.execPath, args, {
        cwd: consumer.dir,
        env,
        encoding: 'utf8',
        stdio: 'pipe',
      });
    },
    init: (...args) =>
      service.node(service.at('node_modules/redis-hygiene/dist/cli.cjs'), 'init', '.', ...args),
    async expectStops(file) {
      const program = startProgram(consumer, file, { REDIS_URL: redis.server.url });
      const { port } = (await program.message<PortMessage>()).port;
      const requested = program.message();
      const response = fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } });
      await requested;
      await eventually(async () => expect(await redis.names()).toEqual(['acme/orders@web-1']));
      program.signal('SIGTERM');
      expect(await (await response).text()).toBe('PONG');
      expect(await program.exit).toMatchObject({ code: 0, signal: null, stdout: '', stderr: '' });
      await eventually(async () => expect(await redis.rows()).toEqual([]));
    },
  };
  return service;
}

/** A package.json of a service that uses a framework. */
export function manifest(framework: Framework, type: 'module' | 'commonjs', start: string): object {
  const { package: name } = frameworks[framework];
  const dependencies = { ioredis: '^6.0.0', 'redis-hygiene': '*', ...(name && { [name]: '*' }) };
  return { name: '@acme/orders', type, scripts: { start }, dependencies };
}

/** Standard output of a tool, whatever its exit code. */
export function outputOf(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
