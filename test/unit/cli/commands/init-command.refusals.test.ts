import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../../support/command-io.js';
import { useProjects } from '../../../support/init/project.js';

const project = useProjects();
const files = { 'package.json': '{ "name": "orders" }', 'index.js': 'main();\n' };

describe('init refuses a folder that', () => {
  test.for([
    [
      'has no package.json',
      {},
      /There is no package\.json in .*redis-hygiene init services\/orders.*HYG_INIT_PACKAGE/,
    ],
    [
      'has a package.json that cannot be parsed',
      { 'package.json': '{ "name": ' },
      /package\.json cannot be parsed.*HYG_INIT_PACKAGE/,
    ],
    ['has an empty package.json', { 'package.json': '' }, /cannot be parsed.*HYG_INIT_PACKAGE/],
    [
      'has a package.json that contains an array',
      { 'package.json': '[]' },
      /does not contain a JSON object.*HYG_INIT_PACKAGE/,
    ],
  ] as const)('%s', async ([, given, message]) => {
    const { code, stdout, stderr } = await project(given).init();
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  test('does not exist', async () => {
    const { dir } = project({});
    expect(await runCli(['init', join(dir, 'nowhere')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('HYG_INIT_PACKAGE'),
    });
  });

  test('lies inside a package, and names the folder of the package', async () => {
    const { dir } = project({ ...files, 'src/a.js': '' });
    const { stderr } = await runCli(['init', join(dir, 'src')]);
    expect(stderr).toContain(`The nearest one is in ${dir}.`);
  });
});

describe('a monorepo', () => {
  const packages = {
    'services/orders/package.json': '{ "name": "orders" }',
    'services/mails/package.json': '{ "name": "mails" }',
  };
  test.for([
    ['of npm workspaces', { 'package.json': '{ "workspaces": ["services/*"] }', 'index.js': '' }],
    [
      'of pnpm',
      { 'package.json': '{}', 'pnpm-workspace.yaml': 'packages:\n  - services/*\n', 'index.js': '' },
    ],
    ['of Lerna', { 'package.json': '{}', 'lerna.json': '{}' }],
    ['without a declaration', { 'package.json': '{}' }],
  ] as const)('%s is refused, and its packages are listed', async ([, root]) => {
    const repository = project({ ...packages, ...root });
    const { code, stdout, stderr } = await repository.init();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /contains 2 packages[^]*\n {2}services\/mails\n {2}services\/orders\n[^]*HYG_INIT_MONOREPO/,
    );
    expect(Object.keys(repository.all())).toHaveLength(Object.keys(root).length + 2);
  });

  test('is accepted when the folder of one package is given', async () => {
    const repository = project({
      'package.json': '{ "workspaces": ["services/*"] }',
      ...packages,
      'services/orders/index.js': '',
    });
    expect((await runCli(['init', join(repository.dir, 'services/orders')])).code).toBe(0);
    expect(repository.read('services/orders/redis-hygiene.js')).toContain("service: 'orders'");
  });

  test('is not assumed where an example has a package.json and the service has an entry file', async () => {
    expect((await project({ ...files, 'examples/a/package.json': '{}' }).init()).code).toBe(0);
  });

  test('is accepted at its root with --entry', async () => {
    const root = project({
      'package.json': '{ "name": "root", "workspaces": ["services/*"] }',
      ...packages,
      'start.js': '',
    });
    expect((await root.init(['--entry', 'start.js'])).code).toBe(0);
  });
});

describe('a wrong option is refused, and nothing is written:', () => {
  test.for([
    [['--entry', 'nowhere.js'], /no file nowhere\.js.*HYG_INIT_ENTRY/],
    [['--entry', '../x.js'], /outside.*HYG_INIT_ENTRY/],
    [['--service', ' '], /--service is blank.*HYG_CLI_USAGE/],
    [['--framework', 'koa'], /Allowed choices are nest, fastify, express, plain/],
    [['--module', 'amd'], /Allowed choices are esm, commonjs/],
  ] as const)('%j', async ([argv, message]) => {
    const service = project(files);
    expect(await service.init(argv)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
    expect(service.all()).toEqual(files);
  });
});

describe('init writes nothing when a file', () => {
  test('is read-only', async ({ skip }) => {
    if (process.getuid?.() === 0) skip('root can write every file');
    const service = project(files);
    chmodSync(join(service.dir, 'package.json'), 0o400);
    expect(await service.init()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('HYG_INIT_WRITE'),
    });
    expect(service.all()).toEqual(files);
  });

  test('is not UTF-8', async () => {
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

test('files keep their permissions', async () => {
  const service = project({
    'package.json': '{ "name": "orders" }',
    'index.js': '#!/usr/bin/env node\nmain();\n',
  });
  chmodSync(join(service.dir, 'index.js'), 0o755);
  await service.init();
  expect(service.read('index.js')).toBe("#!/usr/bin/env node\nrequire('./redis-hygiene');\nmain();\n");
  expect(statSync(join(service.dir, 'index.js')).mode & 0o777).toBe(0o755);
});
