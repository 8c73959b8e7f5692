import { expect, test } from 'vitest';
import { useProject } from './rig/project.js';

const fixture = useProject('node-mocks');

const BOTH = "`mock.module()` of 'ioredis' and 'redis-hygiene/ioredis'";
const IOREDIS = "`mock.module('ioredis')`";

/** Packages of the fixture that contain Node, and the test files that pass with it. */
const RUNS = [
  { node: 'node22', file: 'ioredis.test.mjs', tried: IOREDIS },
  { node: 'node22', file: 'drop-in.test.mjs', tried: BOTH },
  { node: 'node24', file: 'ioredis.test.mjs', tried: IOREDIS },
  { node: 'node24', file: 'drop-in.test.mjs', tried: BOTH },
];

test.for(RUNS)('$node: $file', async ({ node, file, tried }, { task }) => {
  const binary = `node_modules/${node}/bin/node`;
  const { code, stdout } = await fixture.run(binary, ['--experimental-test-module-mocks', '--test', file]);
  expect(stdout).toMatch(/pass 1$/m);
  expect(code).toBe(0);
  const loader = `node:test of Node ${fixture.versionOf(node)}`;
  task.meta.loader = { kind: 'mock', loader, tried, note: '`--experimental-test-module-mocks`' };
});
