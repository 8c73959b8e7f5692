import { chmodSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { findProjectFolder, sourceFilesIn } from '../../../../src/eslint/mocks/project-folder.js';
import { useProjects } from '../../../support/init/project.js';

const make = useProjects();

test.for([
  ['the nearest package.json', { 'package.json': {}, 'a/b/package.json': {} }, 'a/b'],
  ['the workspace around it', { 'package.json': { workspaces: ['a/*'] }, 'a/b/package.json': {} }, '.'],
  ['a workspace of pnpm', { 'pnpm-workspace.yaml': '', 'a/b/package.json': {} }, '.'],
  ['the repository', { '.git/HEAD': '', 'a/b/package.json': {} }, '.'],
  ['the nearest repository', { '.git/HEAD': '', 'a/.git': 'gitdir: x', 'a/b/package.json': {} }, 'a'],
  ['a package.json that cannot be parsed', { 'a/package.json': '{' }, 'a'],
] as const)('the project is %s', ([, files, expected]) => {
  const { dir } = make({ 'a/b/src/x.ts': '', ...files });
  const folder = findProjectFolder(join(dir, 'a/b/src/x.ts')) ?? '';
  expect(relative(dir, folder) || '.').toBe(expected);
});

test.for(['<input>', '<text>', 'src/a.ts', '/no-such-folder/a.ts'])(
  '%s belongs to no project',
  (filename) => {
    expect(findProjectFolder(filename)).toBeUndefined();
  },
);

test('source files are listed in order, without installed, generated and hidden ones', () => {
  const { dir } = make({
    'src/b.ts': '',
    'src/a.mjs': '',
    'src/types.d.ts': '',
    'src/style.css': '',
    'test/c.test.tsx': '',
    'package.json': {},
    'tsconfig.json': {},
    'node_modules/x/index.js': '',
    'dist/a.js': '',
    'packages/p/build/a.js': '',
    '.git/hook.js': '',
  });
  symlinkSync(dir, join(dir, 'src/loop'), 'junction');
  const files = [...sourceFilesIn(dir)].map((path) => relative(dir, path).replaceAll('\\', '/'));
  expect(files).toEqual(['src/a.mjs', 'src/b.ts', 'test/c.test.tsx']);
});

test('a folder that cannot be read is empty', () => {
  expect([...sourceFilesIn('/no-such-folder')]).toEqual([]);
  const { dir } = make({ 'secret/a.ts': '', 'b.ts': '' });
  chmodSync(join(dir, 'secret'), 0o000);
  const files = [...sourceFilesIn(dir)].map((path) => relative(dir, path));
  chmodSync(join(dir, 'secret'), 0o700);
  expect(files).toContain('b.ts'); // root may read the other one
});
