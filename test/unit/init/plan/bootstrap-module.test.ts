import { expect, test } from 'vitest';
import { type BootstrapFacts, bootstrapText } from '../../../../src/init/plan/bootstrap-module.js';
import { styleOf } from '../../../../src/init/source/source-text.js';

const facts: BootstrapFacts = {
  ...{ service: 'orders', framework: 'plain', module: 'esm', language: 'js' },
  style: styleOf(''),
  usesBullmq: false,
};

test.each([
  ['ts', "for (const name of ['suspect', 'stale', 'saturated', 'lease-overdue'] as const) {"],
  ['js', "for (const name of ['suspect', 'stale', 'saturated', 'lease-overdue']) {"],
] as const)(
  'a bootstrap module in %s hears of failures, leaks, dead peers and full servers',
  (language, loop) => {
    const lines = bootstrapText({ ...facts, language }).split('\n');
    expect(lines).toContain("redis.on('error', (error) => console.error(error.code, error.message));");
    expect(lines[lines.indexOf(loop) + 1]).toBe('  redis.on(name, (event) => console.warn(name, event));');
  },
);

test('a bootstrap module has the quotes and semicolons of its project', () => {
  const text = bootstrapText({ ...facts, style: styleOf('import a from "a"\nconst b = "c"\n') });
  expect(text).toContain('["suspect", "stale", "saturated", "lease-overdue"]');
  expect(text).not.toMatch(/;$/m);
});

test.each([
  [
    'js',
    'esm',
    "import { hygienicConnection } from 'redis-hygiene/bullmq';",
    'export const bull = hygienicConnection(redis);',
  ],
  [
    'js',
    'commonjs',
    "const { hygienicConnection } = require('redis-hygiene/bullmq');",
    'const bull = hygienicConnection(redis);',
  ],
  [
    ...['ts', 'esm', "import { hygienicConnection, type HygienicConnection } from 'redis-hygiene/bullmq';"],
    'export const bull: HygienicConnection = hygienicConnection(redis);',
  ],
] as const)('a bootstrap module of a service with BullMQ in %s, %s', (language, module, load, made) => {
  const lines = bootstrapText({
    ...facts,
    language: language,
    module: module,
    usesBullmq: true,
  }).split('\n');
  expect(lines).toContain(load);
  expect(lines).toContain(made);
  expect(lines.join('\n')).toMatch(/const first(: BeforeStep\[\])? = \[bull\];/);
});
