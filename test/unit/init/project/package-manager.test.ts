import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findPackageManager } from '../../../../src/init/project/package-manager.js';
import { type Files, useProjects } from '../../../support/init/project.js';

const make = useProjects();

/** A package in a repository. */
const PACKAGE = { 'packages/a/package.json': {} };

test.for<[string, Files]>([
  ['npm', PACKAGE],
  ['npm', { ...PACKAGE, 'packages/a/package-lock.json': '{}' }],
  ['pnpm', { ...PACKAGE, 'packages/a/pnpm-lock.yaml': '' }],
  ['yarn', { ...PACKAGE, 'packages/a/yarn.lock': '' }],
  ['bun', { ...PACKAGE, 'packages/a/bun.lock': '' }],
  ['bun', { ...PACKAGE, 'packages/a/bun.lockb': '' }],
  ['pnpm', { 'packages/a/package.json': { packageManager: 'pnpm@10.34.9' }, 'packages/a/yarn.lock': '' }],
  ['yarn', { ...PACKAGE, 'yarn.lock': '', '.git/HEAD': '' }],
  ['bun', { ...PACKAGE, 'package.json': { packageManager: 'bun@1.3.0' }, '.git/HEAD': '' }],
  ['npm', { ...PACKAGE, 'yarn.lock': '', 'packages/a/.git/HEAD': '' }],
])('it is %s with %j', ([name, files]) => {
  expect(findPackageManager(join(make(files).dir, 'packages/a')).name).toBe(name);
});
