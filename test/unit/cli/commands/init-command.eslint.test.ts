import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../../support/command-io.js';
import { useProjects } from '../../../support/init/project.js';

const project = useProjects();
const manifest = (more: object = {}) => ({ name: '@acme/orders', type: 'module', ...more });
const dependencies = { ioredis: '^6.0.0', 'redis-hygiene': '^0.1.0' };

describe('an ESLint config that init cannot edit is left alone, and the lines are printed:', () => {
  const base = {
    'package.json': manifest({ dependencies, devDependencies: { eslint: '^10.0.0' } }),
    'index.js': '',
  };
  const printedLines = expect.stringMatching(
    /to do by hand: [^]*import redisHygiene from 'redis-hygiene\/eslint';\n +redisHygiene\.configs\.recommended/,
  );

  test.for([
    ['eslintrc in JSON', { '.eslintrc.json': '{}' }],
    ['eslintrc in YAML', { '.eslintrc.yml': '' }],
    ['a flat config of unknown shape', { 'eslint.config.mjs': 'export default make();\n' }],
    ['a flat config that cannot be parsed', { 'eslint.config.mjs': 'export default [ { ];\n' }],
  ] as const)('%s', async ([, files]) => {
    const service = project({ ...base, ...files });
    const { code, stdout, stderr } = await service.init();
    expect({ code, stderr }).toEqual({ code: 1, stderr: printedLines });
    expect(stdout).not.toContain('eslint.config');
    expect(service.all()).toMatchObject(files);
  });

  test('eslintConfig in package.json', async () => {
    const service = project({ ...base, 'package.json': manifest({ dependencies, eslintConfig: {} }) });
    expect(await service.init()).toMatchObject({ code: 1, stderr: printedLines });
  });

  test('a config in a folder above, shared with other packages', async () => {
    const service = project({
      '.git/HEAD': '',
      'eslint.config.js': 'export default [];\n',
      'services/orders/package.json': manifest({ dependencies }),
      'services/orders/index.js': '',
    });
    const folder = join(service.dir, 'services/orders');
    const { code, stderr } = await runCli(['init', folder]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: printedLines });
    expect(stderr).toContain('../../eslint.config.js is shared with other packages.');
    service.write({ 'eslint.config.js': "import r from 'redis-hygiene/eslint';\nexport default [];\n" });
    expect((await runCli(['init', folder])).code).toBe(0);
  });
});
