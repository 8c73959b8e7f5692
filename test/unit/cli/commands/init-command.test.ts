import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../../support/command-io.js';
import { useProjects, type Files } from '../../../support/init/project.js';

const project = useProjects();

const manifest = (more: object = {}) => ({ name: '@acme/orders', type: 'module', ...more });
const dependencies = { ioredis: '^6.0.0', 'redis-hygiene': '^0.1.0' };

/** An Express service with ESLint, to which init adds everything. */
const expressService: Files = {
  'package.json': manifest({
    scripts: { start: 'node src/main.js' },
    dependencies: { ...dependencies, express: '^5.0.0' },
    devDependencies: { eslint: '^10.0.0' },
  }),
  'src/main.js': "import express from 'express';\n\nexpress().listen(3000);\n",
  'eslint.config.js': 'export default [\n  {},\n];\n',
};

describe('init', () => {
  test('adds the bootstrap module, its import, the lint rules and the scripts', async () => {
    const service = project(expressService);
    const { code, stdout, stderr } = await service.init();
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        'created  src/redis-hygiene.js  service acme/orders, Express, ES modules',
        "changed  src/main.js           import './redis-hygiene.js'; comes first",
        'changed  eslint.config.js      redisHygiene.configs.recommended',
        'changed  package.json          scripts lint, redis:doctor',
        '',
      ].join('\n'),
    });
    expect(stderr).toContain('stopFirst(app.listen(3000));');
    expect(stderr).toContain('npx eslint . --fix');
    expect(stderr).not.toContain('warning');
    expect(service.read('src/redis-hygiene.js')).toContain("configure({ service: 'acme/orders' });");
    expect(service.read('src/main.js')).toMatch(/^import '\.\/redis-hygiene\.js';\nimport express/);
    expect(JSON.parse(service.read('package.json'))).toMatchObject({
      scripts: { start: 'node src/main.js', lint: 'eslint .', 'redis:doctor': 'redis-hygiene doctor' },
    });
  });

  test('changes nothing in a second run', async () => {
    const service = project(expressService);
    await service.init();
    const afterFirstRun = service.all();
    expect(await service.init()).toMatchObject({
      code: 0,
      stdout: 'Nothing to change: everything is in place.\n',
    });
    expect(service.all()).toEqual(afterFirstRun);
  });

  test('writes nothing with --dry-run, whose diff git can apply with the same result', async () => {
    const [written, dry] = [project(expressService), project(expressService)];
    const { code, stdout, stderr } = await dry.init(['--dry-run']);
    expect(code).toBe(0);
    expect(stderr).toContain('stopFirst');
    expect(Object.keys(dry.all())).toEqual(Object.keys(expressService).sort());
    await written.init();
    execFileSync('git', ['apply', '-p1', '-'], {
      cwd: dry.dir,
      input: stdout,
      env: { ...process.env, GIT_CEILING_DIRECTORIES: '/' },
    });
    expect(dry.all()).toEqual(written.all());
    expect((await dry.init(['--dry-run'])).stdout).toBe('');
  });

  test('keeps a bootstrap module that has been edited', async () => {
    const service = project(expressService);
    await service.init();
    const edited = service
      .read('src/redis-hygiene.js')
      .replace('configure({', 'configure({ connection: process.env.REDIS_URL,');
    service.write({ 'src/redis-hygiene.js': edited });
    expect(await service.init(['--service', 'other'])).toMatchObject({
      code: 0,
      stdout: 'Nothing to change: everything is in place.\n',
    });
    expect(service.read('src/redis-hygiene.js')).toBe(edited);
  });

  test('keeps an unrelated module of the same name, and reports it', async () => {
    const service = project({ ...expressService, 'src/redis-hygiene.js': 'export const mine = 1;\n' });
    const { code, stdout, stderr } = await service.init();
    expect(code).toBe(1);
    expect(stderr).toMatch(/to do by hand: src\/redis-hygiene\.js exists and does not use redis-hygiene/);
    expect(stdout).not.toContain('main.js');
    expect(service.read('src/redis-hygiene.js')).toBe('export const mine = 1;\n');
    expect(service.read('src/main.js')).toBe(expressService['src/main.js']);
  });

  test('follows a symbolic link to the folder', async () => {
    const [service, other] = [project(expressService), project({})];
    symlinkSync(service.dir, join(other.dir, 'link'));
    expect((await runCli(['init', join(other.dir, 'link')])).code).toBe(0);
    expect(service.read('src/redis-hygiene.js')).toContain('acme/orders');
  });

  test('redacts passwords of the source code in the diff', async () => {
    const main = "import Redis from 'ioredis';\nnew Redis('redis://:s3cret@redis-1');\n";
    const { stdout, stderr } = await project({ ...expressService, 'src/main.js': main }).init(['--dry-run']);
    expect(stdout).toContain("+import './redis-hygiene.js';");
    expect(stdout + stderr).not.toContain('s3cret');
  });
});

describe('init without', () => {
  test('redis-hygiene and ioredis in package.json prints how to install them', async () => {
    const { code, stderr } = await project({ 'package.json': manifest(), 'index.js': '' }).init();
    expect(code).toBe(0);
    expect(stderr).toContain('npm install redis-hygiene ioredis');
  });

  test('an entry file writes no bootstrap module, and asks for the entry file', async () => {
    const service = project({ 'package.json': manifest({ dependencies }), 'src/other.js': '' });
    const { code, stdout, stderr } = await service.init();
    expect(code).toBe(1);
    expect(stdout).toBe('changed  package.json  scripts redis:doctor\n');
    expect(stderr).toMatch(
      /to do by hand: The file that the service starts with was not found.*Run init again with --entry/,
    );
    expect((await service.init(['--entry', 'src/other.js'])).stdout).toContain(
      'created  src/redis-hygiene.js',
    );
  });

  test('a package name takes the name of the folder, and says so', async () => {
    const service = project({ 'package.json': { type: 'module' }, 'index.js': '' });
    const { code, stderr } = await service.init();
    expect(code).toBe(0);
    expect(stderr).toContain(`Name of the service: ${basename(service.dir)}; --service overrides this.`);
    expect(service.read('redis-hygiene.js')).toContain(`service: '${basename(service.dir)}'`);
  });

  test('ESLint, but with oxlint, prints what to add to its config', async () => {
    const files = { 'package.json': manifest({ dependencies }), 'index.js': '' };
    const { code, stderr } = await project({ ...files, '.oxlintrc.json': '{}' }).init();
    expect(code).toBe(1);
    expect(stderr).toContain('Add the rules of redis-hygiene to .oxlintrc.json:');
    expect(stderr).toContain('"jsPlugins": ["redis-hygiene/eslint"]');
    expect(stderr).toContain('npx oxlint --fix');
    const configured = { '.oxlintrc.json': { jsPlugins: ['redis-hygiene/eslint'] } };
    expect((await project({ ...files, ...configured }).init()).code).toBe(0);
  });

  test('a flat config of ESLint names the old one at the root of the repository', async () => {
    const repository = project({
      '.git/HEAD': '',
      '.eslintrc.json': '{}',
      'packages/a/package.json': manifest({ dependencies }),
      'packages/a/index.js': '',
    });
    const { code, stderr } = await runCli(['init', join(repository.dir, 'packages/a')]);
    expect(code).toBe(1);
    expect(stderr).toContain('../../.eslintrc.json has the old format');
  });

  test('ESLint writes no config, and prints a hint', async () => {
    const service = project({ 'package.json': manifest({ dependencies }), 'index.js': '' });
    const { stdout, stderr } = await service.init();
    expect(stdout).not.toContain('eslint');
    expect(stderr).toContain('This project does not use ESLint');
    expect(stderr).not.toContain('eslint . --fix');
    expect(JSON.parse(service.read('package.json'))).toMatchObject({
      scripts: { 'redis:doctor': 'redis-hygiene doctor' },
    });
    expect(service.read('package.json')).not.toContain('"lint"');
  });

  test.for([
    ['module', 'eslint.config.js'],
    ['commonjs', 'eslint.config.mjs'],
  ])('an ESLint config creates one: %s, %s', async ([type, file = '']) => {
    const service = project({
      'package.json': manifest({ type, devDependencies: { eslint: '^10.0.0' } }),
      'index.js': '',
    });
    expect((await service.init()).code).toBe(0);
    expect(service.read(file)).toBe(
      "import redisHygiene from 'redis-hygiene/eslint';\n\nexport default [\n  redisHygiene.configs.recommended,\n];\n",
    );
  });

  test('a TypeScript parser for ESLint prints how to install it', async () => {
    const files = {
      'package.json': manifest({ devDependencies: { eslint: '^10.0.0' } }),
      'tsconfig.json': '{}',
      'src/main.ts': '',
    };
    const withoutParser = await project(files).init();
    expect(withoutParser).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('npm install --save-dev typescript-eslint'),
    });
    const service = project({
      ...files,
      'package.json': manifest({ devDependencies: { eslint: '^10.0.0', 'typescript-eslint': '^8.0.0' } }),
    });
    expect((await service.init()).code).toBe(0);
    expect(service.read('eslint.config.js')).toContain('parser: tseslint.parser');
  });
});

test.for([
  ['pnpm-lock.yaml', 'pnpm add redis-hygiene', 'pnpm exec eslint . --fix'],
  ['yarn.lock', 'yarn add redis-hygiene', 'yarn eslint . --fix'],
  ['bun.lock', 'bun add redis-hygiene', 'bunx eslint . --fix'],
] as const)('with %s, init prints commands of that package manager', async ([lockfile, add, fix]) => {
  const files = {
    'package.json': manifest({ dependencies: { ioredis: '6' }, devDependencies: { eslint: '10' } }),
    'index.js': '',
  };
  const { stderr } = await project({ ...files, [lockfile]: '' }).init();
  expect(stderr).toContain(`Next: ${add}\n`);
  expect(stderr).toContain(`Then: ${fix} moves`);
});
