import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../../support/command-io.js';
import { useProjects } from '../../../support/init/project.js';

const project = useProjects();
const files = { 'package.json': '{ "name": "orders" }', 'index.js': 'main();\n' };

describe('a folder that is not a package', () => {
  test.for([
    [
      'has no package.json',
      {},
      /There is no package\.json in .*redis-hygiene init services\/orders.*HYG_INIT_PACKAGE/,
    ],
    [
      'has one that does not parse',
      { 'package.json': '{ "name": ' },
      /package\.json does not parse.*HYG_INIT_PACKAGE/,
    ],
    ['has one that is empty', { 'package.json': '' }, /does not parse.*HYG_INIT_PACKAGE/],
    ['has one that is a list', { 'package.json': '[]' }, /holds no object.*HYG_INIT_PACKAGE/],
  ] as const)('%s', async ([, given, words]) => {
    const { code, stdout, stderr } = await project(given).init();
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(words) });
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  test('is not there', async () => {
    const { dir } = project({});
    expect(await runCli(['init', join(dir, 'nowhere')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('HYG_INIT_PACKAGE'),
    });
  });

  test('is within one: it is told', async () => {
    const { dir } = project({ ...files, 'src/a.js': '' });
    const { stderr } = await runCli(['init', join(dir, 'src')]);
    expect(stderr).toContain(`The nearest one is in ${dir}.`);
  });
});

describe('a monorepo', () => {
  const members = {
    'services/orders/package.json': '{ "name": "orders" }',
    'services/mails/package.json': '{ "name": "mails" }',
  };
  test.for([
    ['of npm', { 'package.json': '{ "workspaces": ["services/*"] }', 'index.js': '' }],
    [
      'of pnpm',
      { 'package.json': '{}', 'pnpm-workspace.yaml': 'packages:\n  - services/*\n', 'index.js': '' },
    ],
    ['of Lerna', { 'package.json': '{}', 'lerna.json': '{}' }],
    ['that nobody declares', { 'package.json': '{}' }],
  ] as const)('%s: it says which packages there are', async ([, root]) => {
    const repository = project({ ...members, ...root });
    const { code, stdout, stderr } = await repository.init();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /holds 2 packages[^]*\n {2}services\/mails\n {2}services\/orders\n[^]*HYG_INIT_MONOREPO/,
    );
    expect(Object.keys(repository.all())).toHaveLength(Object.keys(root).length + 2);
  });

  test('whose member is named', async () => {
    const repository = project({
      'package.json': '{ "workspaces": ["services/*"] }',
      ...members,
      'services/orders/index.js': '',
    });
    expect((await runCli(['init', join(repository.dir, 'services/orders')])).code).toBe(0);
    expect(repository.read('services/orders/redis-hygiene.js')).toContain("service: 'orders'");
  });

  test('is none where only an example has a package.json, and the service has its entry', async () => {
    expect((await project({ ...files, 'examples/a/package.json': '{}' }).init()).code).toBe(0);
  });

  test('is worked in at its root where the entry is named', async () => {
    const root = project({
      'package.json': '{ "name": "root", "workspaces": ["services/*"] }',
      ...members,
      'start.js': '',
    });
    expect((await root.init(['--entry', 'start.js'])).code).toBe(0);
  });
});

describe('an option that makes no sense', () => {
  test.for([
    [['--entry', 'nowhere.js'], /no file nowhere\.js.*HYG_INIT_ENTRY/],
    [['--entry', '../x.js'], /outside.*HYG_INIT_ENTRY/],
    [['--service', ' '], /--service is blank.*HYG_CLI_USAGE/],
    [['--framework', 'koa'], /Allowed choices are nest, fastify, express, plain/],
    [['--module', 'amd'], /Allowed choices are esm, commonjs/],
  ] as const)('%j', async ([argv, words]) => {
    const service = project(files);
    expect(await service.init(argv)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(words),
    });
    expect(service.all()).toEqual(files);
  });
});

describe('a file that cannot be written', () => {
  test('by its rights: nothing is', async ({ skip }) => {
    if (process.getuid?.() === 0) skip('root may write everything');
    const service = project(files);
    chmodSync(join(service.dir, 'package.json'), 0o400);
    expect(await service.init()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('HYG_INIT_WRITE'),
    });
    expect(service.all()).toEqual(files);
  });

  test('because it is not UTF-8: nothing is', async () => {
    const service = project(files);
    const { writeFileSync } = await import('node:fs');
    writeFileSync(join(service.dir, 'index.js'), Buffer.from([0x2f, 0x2f, 0xe4, 0x0a]));
    expect(await service.init()).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/index\.js.*not UTF-8.*HYG_INIT_WRITE/),
    });
    expect(Object.keys(service.all())).toEqual(Object.keys(files).sort());
    expect(service.read('package.json')).toBe(files['package.json']);
  });
});

test('files keep their rights', async () => {
  const service = project({
    'package.json': '{ "name": "orders" }',
    'index.js': '#!/usr/bin/env node\nmain();\n',
  });
  chmodSync(join(service.dir, 'index.js'), 0o755);
  await service.init();
  expect(service.read('index.js')).toBe("#!/usr/bin/env node\nrequire('./redis-hygiene');\nmain();\n");
  expect(statSync(join(service.dir, 'index.js')).mode & 0o777).toBe(0o755);
});
