import { existsSync, readFileSync } from 'node:fs';
import { ESLint, Linter } from 'eslint';
import { describe, expect, test } from 'vitest';
import plugin from '../../../src/eslint/index.js';

const names = Object.keys(plugin.rules);
const docs = new URL('../../../docs/', import.meta.url);
const textOf = (page: string) => readFileSync(new URL(page, docs), 'utf8');

test('the plugin states its name, version and namespace', () => {
  const { name, version } = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  ) as { name: string; version: string };
  expect(plugin.meta).toEqual({ name, version, namespace: 'redis-hygiene' });
});

describe.for(names)('%s', (name) => {
  test('has a page with its name as the title, and a row in the table of rules', () => {
    expect(textOf(`lint/${name}.md`)).toMatch(new RegExp(`^# ${name}\n`));
    expect(textOf('lint.md')).toContain(`[${name}](lint/${name}.md)`);
  });

  test('has its own test file', () => {
    expect(existsSync(new URL(`rules/${name}.test.ts`, import.meta.url))).toBe(true);
  });

  test('has a description, the URL of its page, a schema and messages that end with a full stop', () => {
    const { meta } = plugin.rules[name] ?? {};
    expect(meta).toMatchObject({
      type: 'problem',
      docs: {
        description: expect.any(String),
        url: expect.stringMatching(new RegExp(`/docs/lint/${name}\\.md$`)),
      },
      schema: expect.any(Array),
    });
    for (const message of Object.values(meta?.messages ?? {})) expect(message).toMatch(/\.$/);
  });
});

describe.for(['recommended', 'strict'] as const)('configs.%s', (config) => {
  test('lists all rules, and includes the plugin', () => {
    const { plugins, rules, name } = plugin.configs[config];
    expect(name).toBe(`redis-hygiene/${config}`);
    expect(plugins).toEqual({ 'redis-hygiene': plugin });
    expect(Object.keys(rules)).toEqual(names.map((rule) => `redis-hygiene/${rule}`));
  });

  test('works without further configuration', () => {
    const messages = new Linter().verify(`import R from 'ioredis';\nnew R();\n`, plugin.configs[config]);
    expect(messages.map(({ ruleId }) => ruleId)).toContain('redis-hygiene/no-direct-client');
  });

  test('can be converted to JSON', async () => {
    const eslint = new ESLint({ overrideConfigFile: true, overrideConfig: plugin.configs[config] });
    const printed = (await eslint.calculateConfigForFile('a.js')) as { plugins: unknown };
    expect(() => JSON.stringify(printed)).not.toThrow();
  });
});

test('invalid options are refused', () => {
  const verify = (options: object) => () =>
    new Linter().verify('', {
      ...plugin.configs.recommended,
      rules: { 'redis-hygiene/no-direct-client': ['error', options] },
    });
  expect(verify({ allow: ['src/**'], module: '@acme/redis' })).not.toThrow();
  for (const options of [
    { allow: 'src/**' },
    { allow: [''] },
    { module: "a'b" },
    { module: '' },
    { files: [] },
  ])
    expect(verify(options)).toThrow(/no-direct-client/);
});
