import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Framework, frameworks } from '../../src/init/project/manifest.js';
import { createConsumer, type Consumer } from '../support/consumer.js';
import { adopted, serviceText } from '../support/init/services.js';
import { startProgram } from '../support/program.js';
import { useRedis } from '../support/use-redis.js';

// Every bootstrap that init can write is run by Node: on SIGTERM the server stops first, then Redis, and nothing is left.

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const PACKAGES = ['@nestjs', '@types', 'express', 'fastify', 'reflect-metadata', 'rxjs', 'typescript'];

const redis = useRedis();
let consumer: Consumer;

beforeEach(() => {
  consumer = createConsumer('ioredis');
  // The service stands alone in its folder, without the programs of other tests.
  for (const name of readdirSync(consumer.dir).filter((one) => one !== 'node_modules'))
    rmSync(at(name), { recursive: true });
  for (const name of PACKAGES) symlinkSync(join(MODULES, name), at('node_modules', name), 'junction');
});
afterEach(() => consumer[Symbol.dispose]());

const at = (...path: string[]) => join(consumer.dir, ...path);

function put(path: string, content: string | object): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
}

function node(...args: string[]): string {
  const env = { PATH: process.env['PATH'] };
  return execFileSync(process.execPath, args, { cwd: consumer.dir, env, encoding: 'utf8', stdio: 'pipe' });
}

const init = (...args: string[]) =>
  node(at('node_modules/redis-hygiene/dist/cli/bin.js'), 'init', '.', ...args);

function manifest(framework: Framework, type: 'module' | 'commonjs', start: string): object {
  const { package: name } = frameworks[framework];
  const dependencies = { ioredis: '^6.0.0', 'redis-hygiene': '*', ...(name && { [name]: '*' }) };
  return { name: '@acme/orders', type, scripts: { start }, dependencies };
}

interface Told {
  readonly port: { readonly port: number };
}

/** Runs the service, asks it, and stops it with the request under way. */
async function runs(file: string): Promise<void> {
  const program = startProgram(consumer, file, { REDIS_URL: redis.server.url });
  const { port } = (await program.message<Told>()).port;
  const asked = program.message();
  const response = fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } });
  await asked;
  expect((await redis.rows()).map(({ name }) => name)).toEqual(['acme/orders@web-1']);
  program.signal('SIGTERM');
  expect(await (await response).text()).toBe('PONG');
  expect(await program.exit).toMatchObject({ code: 0, signal: null, stdout: '', stderr: '' });
  expect(await redis.rows()).toEqual([]);
}

const names = Object.keys(frameworks) as readonly Framework[];

describe.for(names)('%s', (framework) => {
  test.for([
    ['module', 'import', 'src/redis-hygiene.js'],
    ['commonjs', 'require', 'src/redis-hygiene.js'],
  ] as const)('in JavaScript, %s', async ([type, loads, bootstrap]) => {
    put('package.json', manifest(framework, type, 'node src/main.js'));
    const text = serviceText(framework, { loads, types: 'none' });
    put('src/main.js', text);
    expect(init()).toContain(`made     ${bootstrap}`);
    const changed = readFileSync(at('src/main.js'), 'utf8');
    expect(changed).not.toBe(text);
    put('src/main.js', adopted(changed, framework));
    await runs('src/main.js');
    expect(init()).toBe('Nothing to change: all of it is there.\n');
  });

  test.for([
    ['module', { module: 'nodenext' }],
    ['commonjs', { module: 'nodenext' }],
    ['commonjs', { module: 'commonjs', moduleResolution: 'bundler' }],
  ] as const)('in TypeScript, %s, %j', async ([type, options]) => {
    put('package.json', manifest(framework, type, 'node dist/main.js'));
    const strict = {
      target: 'es2022',
      strict: true,
      noUnusedLocals: true,
      declaration: true,
      types: ['node'],
    };
    put('tsconfig.json', {
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
    put('src/main.ts', serviceText(framework, { loads: 'import', types: 'types' }));
    expect(init()).toContain('made     src/redis-hygiene.ts');
    put('src/main.ts', adopted(readFileSync(at('src/main.ts'), 'utf8'), framework));
    expect(compile()).toBe('');
    await runs('dist/main.js');
    expect(init()).toBe('Nothing to change: all of it is there.\n');
  });
});

describe('with ESLint', () => {
  const RULES = ['eslint', 'typescript-eslint', '@eslint-community', 'picomatch'];
  const lint = (...args: string[]) =>
    attempt(() => node(join(MODULES, 'eslint/bin/eslint.js'), '.', ...args));

  test.for(['src/main.js', 'src/main.ts'])('%s: its config is found, and --fix moves the imports', (file) => {
    for (const name of RULES) symlinkSync(join(MODULES, name), at('node_modules', name), 'junction');
    const devDependencies = { eslint: '^10.0.0', 'typescript-eslint': '^8.0.0' };
    put('package.json', { ...manifest('express', 'module', 'node src/main.js'), devDependencies });
    if (file.endsWith('.ts')) put('tsconfig.json', { compilerOptions: { module: 'nodenext' } });
    put(file, serviceText('express', { loads: 'import', types: file.endsWith('.ts') ? 'types' : 'none' }));
    expect(init()).toContain('made     eslint.config.js');
    expect(lint()).toContain('redis-hygiene/no-direct-client');
    expect(lint('--fix')).toBe('');
    expect(readFileSync(at(file), 'utf8')).toContain("import { Redis } from 'redis-hygiene/ioredis';");
  });
});

test('where nothing may be written, nothing is, and it is said', ({ skip }) => {
  if (process.getuid?.() !== 0) skip('only root can become somebody without rights');
  put('package.json', manifest('plain', 'module', 'node src/main.js'));
  put('src/main.js', 'main();\n');
  chmodSync(consumer.dir, 0o755);
  const nobody = 65_534;
  const bin = at('node_modules/redis-hygiene/dist/cli/bin.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'init', '.', '--yes'], {
    cwd: consumer.dir,
    uid: nobody,
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/cannot be written: EACCES.*HYG_INIT_WRITE/);
  expect(readFileSync(at('src/main.js'), 'utf8')).toBe('main();\n');
});

/** What a tool prints, however it ends. */
function attempt(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

function compile(): string {
  return attempt(() => node(join(MODULES, 'typescript/bin/tsc'), '-p', '.'));
}
