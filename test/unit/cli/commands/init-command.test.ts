import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../../support/command-io.js';
import { useProjects, type Files } from '../../../support/init/project.js';

const project = useProjects();

const manifest = (more: object = {}) => ({ name: '@acme/orders', type: 'module', ...more });
const dependencies = { ioredis: '^6.0.0', 'redis-hygiene': '^0.1.0' };

/** A service that has everything. */
const whole: Files = {
  'package.json': manifest({
    scripts: { start: 'node src/main.js' },
    dependencies: { ...dependencies, express: '^5.0.0' },
    devDependencies: { eslint: '^10.0.0' },
  }),
  'src/main.js': "import express from 'express';\n\nexpress().listen(3000);\n",
  'eslint.config.js': 'export default [\n  {},\n];\n',
};

describe('a service', () => {
  test('gets its bootstrap, the import, the rules and the scripts', async () => {
    const service = project(whole);
    const { code, stdout, stderr } = await service.init();
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        'made     src/redis-hygiene.js  service acme/orders, Express, ES modules',
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

  test('is left as it is by a second run', async () => {
    const service = project(whole);
    await service.init();
    const once = service.all();
    expect(await service.init()).toMatchObject({
      code: 0,
      stdout: 'Nothing to change: all of it is there.\n',
    });
    expect(service.all()).toEqual(once);
  });

  test('is not written to by a dry run, whose diff makes the same of it', async () => {
    const [wet, dry] = [project(whole), project(whole)];
    const { code, stdout, stderr } = await dry.init(['--dry-run']);
    expect(code).toBe(0);
    expect(stderr).toContain('stopFirst');
    expect(Object.keys(dry.all())).toEqual(Object.keys(whole).sort());
    await wet.init();
    execFileSync('git', ['apply', '-p1', '-'], {
      cwd: dry.dir,
      input: stdout,
      env: { ...process.env, GIT_CEILING_DIRECTORIES: '/' },
    });
    expect(dry.all()).toEqual(wet.all());
    expect((await dry.init(['--dry-run'])).stdout).toBe('');
  });

  test('keeps a bootstrap that its owner has changed', async () => {
    const service = project(whole);
    await service.init();
    const mine = service
      .read('src/redis-hygiene.js')
      .replace('configure({', 'configure({ connection: process.env.REDIS_URL,');
    service.put({ 'src/redis-hygiene.js': mine });
    expect(await service.init(['--service', 'other'])).toMatchObject({
      code: 0,
      stdout: 'Nothing to change: all of it is there.\n',
    });
    expect(service.read('src/redis-hygiene.js')).toBe(mine);
  });

  test('keeps a module of the same name that is something else, and says so', async () => {
    const service = project({ ...whole, 'src/redis-hygiene.js': 'export const mine = 1;\n' });
    const { code, stdout, stderr } = await service.init();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /to do by hand: src\/redis-hygiene\.js is there, and has nothing to do with redis-hygiene/,
    );
    expect(stdout).not.toContain('main.js');
    expect(service.read('src/redis-hygiene.js')).toBe('export const mine = 1;\n');
    expect(service.read('src/main.js')).toBe(whole['src/main.js']);
  });

  test('may be in a folder behind a link', async () => {
    const [service, other] = [project(whole), project({})];
    symlinkSync(service.dir, join(other.dir, 'link'));
    expect((await runCli(['init', join(other.dir, 'link')])).code).toBe(0);
    expect(service.read('src/redis-hygiene.js')).toContain('acme/orders');
  });

  test('whose secrets stand in its code does not show them', async () => {
    const main = "import Redis from 'ioredis';\nnew Redis('redis://:s3cret@redis-1');\n";
    const { stdout, stderr } = await project({ ...whole, 'src/main.js': main }).init(['--dry-run']);
    expect(stdout).toContain("+import './redis-hygiene.js';");
    expect(stdout + stderr).not.toContain('s3cret');
  });
});

describe('what is not there', () => {
  test('redis-hygiene and ioredis: how to install them', async () => {
    const { code, stderr } = await project({ 'package.json': manifest(), 'index.js': '' }).init();
    expect(code).toBe(0);
    expect(stderr).toContain('npm install redis-hygiene ioredis');
  });

  test('an entry: the line is told', async () => {
    const service = project({ 'package.json': manifest({ dependencies }), 'src/other.js': '' });
    const { code, stdout, stderr } = await service.init();
    expect(code).toBe(1);
    expect(stdout).toContain('made     src/redis-hygiene.js');
    expect(stderr).toMatch(/to do by hand: No file was found[^]*import '\.\/redis-hygiene\.js';/);
  });

  test('a name: that of the folder, and it is said', async () => {
    const service = project({ 'package.json': { type: 'module' }, 'index.js': '' });
    const { code, stderr } = await service.init();
    expect(code).toBe(0);
    expect(stderr).toContain(`Name of the service: ${basename(service.dir)}; --service says otherwise.`);
    expect(service.read('redis-hygiene.js')).toContain(`service: '${basename(service.dir)}'`);
  });

  test('ESLint: nothing is written for it, and one line says how', async () => {
    const service = project({ 'package.json': manifest({ dependencies }), 'index.js': '' });
    const { stdout, stderr } = await service.init();
    expect(stdout).not.toContain('eslint');
    expect(stderr).toContain('ESLint is not used here.');
    expect(JSON.parse(service.read('package.json'))).toMatchObject({
      scripts: { 'redis:doctor': 'redis-hygiene doctor' },
    });
    expect(service.read('package.json')).not.toContain('"lint"');
  });

  test.for([
    ['module', 'eslint.config.js'],
    ['commonjs', 'eslint.config.mjs'],
  ])('a config of ESLint, %s: one is made', async ([type, file = '']) => {
    const service = project({
      'package.json': manifest({ type, devDependencies: { eslint: '^10.0.0' } }),
      'index.js': '',
    });
    expect((await service.init()).code).toBe(0);
    expect(service.read(file)).toBe(
      "import redisHygiene from 'redis-hygiene/eslint';\n\nexport default [\n  redisHygiene.configs.recommended,\n];\n",
    );
  });

  test('a parser of TypeScript for ESLint: that it is needed', async () => {
    const files = {
      'package.json': manifest({ devDependencies: { eslint: '^10.0.0' } }),
      'tsconfig.json': '{}',
      'src/main.ts': '',
    };
    const bare = await project(files).init();
    expect(bare).toMatchObject({
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
