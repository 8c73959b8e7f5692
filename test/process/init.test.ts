import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Framework, frameworks } from '../../src/init/project/manifest.js';
import { createConsumer, type Consumer } from '../support/consumer.js';
import { adopt, serviceText } from '../support/init/services.js';
import { startProgram } from '../support/program.js';
import { useRedis } from '../support/use-redis.js';

// Runs every bootstrap module that init can write. On SIGTERM the server stops first, then all Redis connections are closed.

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const PACKAGES = ['@nestjs', '@types', 'express', 'fastify', 'reflect-metadata', 'rxjs', 'typescript'];

const redis = useRedis();
let consumer: Consumer;

beforeEach(() => {
  consumer = createConsumer('ioredis');
  // The programs of other tests do not belong to the service.
  for (const name of readdirSync(consumer.dir).filter((name) => name !== 'node_modules'))
    rmSync(at(name), { recursive: true });
  for (const name of PACKAGES) symlinkSync(join(MODULES, name), at('node_modules', name), 'junction');
});
afterEach(() => consumer[Symbol.dispose]());

const at = (...path: string[]) => join(consumer.dir, ...path);

function writeFile(path: string, content: string | object): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
}

function node(...args: string[]): string {
  const env = { PATH: process.env['PATH'] };
  return execFileSync(process.execPath, args, { cwd: consumer.dir, env, encoding: 'utf8', stdio: 'pipe' });
}

const init = (...args: string[]) => node(at('node_modules/redis-hygiene/dist/cli.cjs'), 'init', '.', ...args);

function manifest(framework: Framework, type: 'module' | 'commonjs', start: string): object {
  const { package: name } = frameworks[framework];
  const dependencies = { ioredis: '^6.0.0', 'redis-hygiene': '*', ...(name && { [name]: '*' }) };
  return { name: '@acme/orders', type, scripts: { start }, dependencies };
}

interface PortMessage {
  readonly port: { readonly port: number };
}

/** Runs the service, sends a request, and stops the service while it handles the request. */
async function expectServiceStops(file: string): Promise<void> {
  const program = startProgram(consumer, file, { REDIS_URL: redis.server.url });
  const { port } = (await program.message<PortMessage>()).port;
  const requested = program.message();
  const response = fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } });
  await requested;
  expect((await redis.rows()).map(({ name }) => name)).toEqual(['acme/orders@web-1']);
  program.signal('SIGTERM');
  expect(await (await response).text()).toBe('PONG');
  expect(await program.exit).toMatchObject({ code: 0, signal: null, stdout: '', stderr: '' });
  expect(await redis.rows()).toEqual([]);
}

const frameworkNames = Object.keys(frameworks) as readonly Framework[];

describe.for(frameworkNames)('%s', (framework) => {
  test.for([
    ['module', 'import', 'src/redis-hygiene.js'],
    ['commonjs', 'require', 'src/redis-hygiene.js'],
  ] as const)(
    'in JavaScript, type %s: answers the request under way, then closes its connections',
    async ([type, moduleSyntax, bootstrap]) => {
      writeFile('package.json', manifest(framework, type, 'node src/main.js'));
      const text = serviceText(framework, { moduleSyntax, annotations: 'none' });
      writeFile('src/main.js', text);
      expect(init()).toContain(`created  ${bootstrap}`);
      const changed = readFileSync(at('src/main.js'), 'utf8');
      expect(changed).not.toBe(text);
      writeFile('src/main.js', adopt(changed, framework));
      await expectServiceStops('src/main.js');
      expect(init()).toBe('Nothing to change: everything is in place.\n');
    },
  );

  test.for([
    ['module', { module: 'nodenext' }],
    ['commonjs', { module: 'nodenext' }],
    ['commonjs', { module: 'commonjs', moduleResolution: 'bundler' }],
  ] as const)(
    'in TypeScript, type %s, %j: answers the request under way, then closes its connections',
    async ([type, options]) => {
      writeFile('package.json', manifest(framework, type, 'node dist/main.js'));
      const strict = {
        target: 'es2022',
        strict: true,
        noUnusedLocals: true,
        declaration: true,
        types: ['node'],
      };
      writeFile('tsconfig.json', {
        compilerOptions: {
          ...options,
          ...strict,
          rootDir: 'src',
          outDir: 'dist',
          skipLibCheck: true,
          esModuleInterop: true,
        },
        include: ['src'],
      });
      writeFile('src/main.ts', serviceText(framework, { moduleSyntax: 'import', annotations: 'types' }));
      expect(init()).toContain('created  src/redis-hygiene.ts');
      writeFile('src/main.ts', adopt(readFileSync(at('src/main.ts'), 'utf8'), framework));
      expect(compile()).toBe('');
      await expectServiceStops('dist/main.js');
      expect(init()).toBe('Nothing to change: everything is in place.\n');
    },
  );
});

describe('with ESLint', () => {
  const ESLINT_PACKAGES = ['eslint', 'typescript-eslint', '@eslint-community', 'picomatch'];
  const lint = (...args: string[]) =>
    outputOf(() => node(join(MODULES, 'eslint/bin/eslint.js'), '.', ...args));

  test.for(['src/main.js', 'src/main.ts'])(
    '%s: ESLint loads the config that init wrote, and --fix moves the imports',
    (file) => {
      for (const name of ESLINT_PACKAGES)
        symlinkSync(join(MODULES, name), at('node_modules', name), 'junction');
      const devDependencies = { eslint: '^10.0.0', 'typescript-eslint': '^8.0.0' };
      writeFile('package.json', { ...manifest('express', 'module', 'node src/main.js'), devDependencies });
      if (file.endsWith('.ts')) writeFile('tsconfig.json', { compilerOptions: { module: 'nodenext' } });
      writeFile(
        file,
        serviceText('express', {
          moduleSyntax: 'import',
          annotations: file.endsWith('.ts') ? 'types' : 'none',
        }),
      );
      expect(init()).toContain('created  eslint.config.js');
      expect(lint()).toContain('redis-hygiene/no-direct-client');
      expect(lint('--fix')).toBe('');
      expect(readFileSync(at(file), 'utf8')).toContain("import { Redis } from 'redis-hygiene/ioredis';");
    },
  );
});

test('without permission to write, init changes nothing and reports it', ({ skip }) => {
  if (process.getuid?.() !== 0) skip('only root can switch to a user without permissions');
  writeFile('package.json', manifest('plain', 'module', 'node src/main.js'));
  writeFile('src/main.js', 'main();\n');
  chmodSync(consumer.dir, 0o755);
  const NOBODY_UID = 65_534;
  const bin = at('node_modules/redis-hygiene/dist/cli.cjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'init', '.', '--yes'], {
    cwd: consumer.dir,
    uid: NOBODY_UID,
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/cannot be written: EACCES.*HYG_INIT_WRITE/);
  expect(readFileSync(at('src/main.js'), 'utf8')).toBe('main();\n');
});

/** Standard output of a tool, whatever its exit code. */
function outputOf(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

function compile(): string {
  return outputOf(() => node(join(MODULES, 'typescript/bin/tsc'), '-p', '.'));
}
