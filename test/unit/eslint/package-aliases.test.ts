import { join } from 'node:path';
import { Linter } from 'eslint';
import { expect, test } from 'vitest';
import plugin from '../../../src/eslint/index.js';
import { packageAliasesFor } from '../../../src/eslint/package-aliases.js';
import { useProjects } from '../../support/init/project.js';

const make = useProjects();

const DEPENDENCIES = {
  'redis-v3': 'npm:redis@3',
  '@acme/io': 'npm:ioredis@^5.3.0',
  queue: 'npm:bullmq@6',
  valkey: 'npm:@valkey/valkey-glide',
  redis: 'npm:^4.0.0',
  ioredis: 'npm:5.4.1',
};

test('aliases are those of all package.json files above a file, the nearest first', () => {
  const { dir } = make({
    'package.json': { dependencies: DEPENDENCIES },
    'packages/a/package.json': { devDependencies: { 'redis-v3': 'npm:iovalkey@1' } },
  });
  expect([...packageAliasesFor(join(dir, 'packages/a/src/a.js'))]).toEqual([
    ['redis-v3', 'iovalkey'],
    ['@acme/io', 'ioredis'],
    ['queue', 'bullmq'],
    ['valkey', '@valkey/valkey-glide'],
  ]);
});

test('a text that is no file has no aliases', () => {
  expect([...packageAliasesFor('<input>'), ...packageAliasesFor('src/a.js')]).toEqual([]);
});

test('clients of an alias are found, and their imports have no fix', () => {
  const { dir } = make({ 'package.json': { dependencies: DEPENDENCIES } });
  const code = [
    `import { createClient } from 'redis-v3';`,
    `import Redis from '@acme/io';`,
    `import RedisClient from '@acme/io/built/Redis.js';`,
    `import { Queue } from 'queue';`,
    `createClient();`,
    `new Redis();`,
    `new RedisClient();`,
    `new Queue('a', { connection: { host: 'redis' } });`,
  ].join('\n');
  const messages = new Linter({ cwd: dir }).verify(code, plugin.configs.recommended, {
    filename: join(dir, 'a.js'),
  });
  expect(messages.map(({ line, ruleId, fix }) => [line, ruleId, fix])).toEqual([
    [5, 'redis-hygiene/no-direct-client', undefined],
    [6, 'redis-hygiene/no-direct-client', undefined],
    [7, 'redis-hygiene/no-direct-client', undefined],
    [8, 'redis-hygiene/no-plain-connection', undefined],
  ]);
});
