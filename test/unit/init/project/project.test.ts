import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bootstrapPath, specifierOf } from '../../../../src/init/plan/bootstrap-module.js';
import { findFrameworks } from '../../../../src/init/project/manifest.js';
import {
  type Language,
  languageOf,
  moduleKindOf,
  usesImportSyntax,
} from '../../../../src/init/project/module-system.js';
import { type Project, readProject } from '../../../../src/init/project/project.js';
import { useProjects, type Files } from '../../../support/init/project.js';

const make = useProjects();
const read = (files: Files): Project => readProject(make(files).dir);

describe('the entry file is', () => {
  test.for<[string, object, string[], string | undefined]>([
    [
      'the file that the start script runs',
      { scripts: { start: 'node src/boot.js' } },
      ['src/boot.js', 'index.js'],
      'src/boot.js',
    ],
    [
      'the file of a start script with options',
      {
        scripts: {
          start: 'NODE_ENV=production node --enable-source-maps -r dotenv/config ./bin/www.js --port 1',
        },
      },
      ['bin/www.js', 'index.js'],
      'bin/www.js',
    ],
    [
      'a file that the start script names without extension',
      { scripts: { start: 'node bin/www' } },
      ['bin/www.js'],
      'bin/www.js',
    ],
    [
      'the index file of a folder in the start script',
      { scripts: { start: 'node ./api/' } },
      ['api/index.js'],
      'api/index.js',
    ],
    [
      'the file of the dev script',
      { scripts: { dev: 'tsx watch src/boot.ts' } },
      ['src/boot.ts', 'tsconfig.json'],
      'src/boot.ts',
    ],
    [
      'the file that nodemon runs',
      { scripts: { dev: 'nodemon --watch src -x "tsx" src/boot.ts' } },
      ['src/boot.ts'],
      'src/boot.ts',
    ],
    [
      'the source of a compiled file in dist',
      { scripts: { start: 'node dist/boot.js' } },
      ['src/boot.ts', 'dist/boot.js', 'tsconfig.json'],
      'src/boot.ts',
    ],
    [
      'the source of a compiled file in dist/src',
      { scripts: { start: 'node dist/src/boot.js' } },
      ['src/boot.ts', 'tsconfig.json'],
      'src/boot.ts',
    ],
    [
      'the source of a compiled .mjs file',
      { scripts: { start: 'node dist/boot.mjs' } },
      ['src/boot.mts', 'tsconfig.json'],
      'src/boot.mts',
    ],
    ['the main file', { main: 'lib/boot.js' }, ['lib/boot.js', 'index.js'], 'lib/boot.js'],
    [
      'a file with a usual name, when the main file is missing',
      { main: 'index.js' },
      ['server.js'],
      'server.js',
    ],
    [
      'src/main.ts for nest start',
      { scripts: { start: 'nest start' } },
      ['src/main.ts', 'tsconfig.json'],
      'src/main.ts',
    ],
    [
      'a file with a usual name, the likeliest first',
      {},
      ['src/server.ts', 'src/app.ts', 'tsconfig.json'],
      'src/server.ts',
    ],
    [
      'a file with a usual name before one for development',
      { scripts: { dev: 'tsx watch src/dev.ts' } },
      ['src/dev.ts', 'src/index.ts'],
      'src/index.ts',
    ],
    [
      'a file for development where there is no other',
      { scripts: { dev: 'tsx watch src/dev.ts' } },
      ['src/dev.ts'],
      'src/dev.ts',
    ],
    ['not a file outside of the package', { scripts: { start: 'node ../other/index.js' } }, [], undefined],
    ['not a file in the output folder', {}, ['dist/index.js', 'tsconfig.json'], undefined],
    [
      'not the file of the test script',
      { scripts: { test: 'node test/run.js' } },
      ['test/run.js'],
      undefined,
    ],
  ])('%s', ([, manifest, paths, entry]) => {
    const files = Object.fromEntries(paths.map((path) => [path, path === 'tsconfig.json' ? '{}' : '']));
    expect(read({ 'package.json': manifest, ...files }).entry?.path).toBe(entry);
  });
});

test.for([
  `export * from './button';\nexport { Card, type CardProps } from './card';\n`,
  `'use client';\n// components\nexport { default as Menu } from "./menu"\nexport type * from './types'\n`,
])('a file that only hands on exports is no entry file: %j', (barrel) => {
  const files = { 'package.json': { main: 'src/index.ts', dependencies: { next: '15' } } };
  expect(read({ ...files, 'src/index.ts': barrel }).entry).toBeUndefined();
  expect(read({ ...files, 'src/index.ts': barrel, 'src/server.ts': 'listen();' }).entry?.path).toBe(
    'src/server.ts',
  );
  expect(read({ ...files, 'src/index.ts': `${barrel}listen();\n` }).entry?.path).toBe('src/index.ts');
});

describe('the linter', () => {
  const REPOSITORY = { '.git/HEAD': '' };
  const lintedBy = (files: Files) => {
    const { dir } = make({ ...REPOSITORY, 'packages/a/package.json': {}, ...files });
    const { kind, path } = { path: undefined, ...readProject(join(dir, 'packages/a')).eslint };
    return [kind, path];
  };

  test.for<[Files, [string, string | undefined]]>([
    [{ '.eslintrc.json': '{}' }, ['eslintrc', '../../.eslintrc.json']],
    [{ '.eslintrc.json': '{}', 'packages/a/eslint.config.js': '' }, ['flat', 'eslint.config.js']],
    [{ '.eslintrc.cjs': '', 'packages/eslint.config.mjs': '' }, ['shared', '../eslint.config.mjs']],
    [{ '.oxlintrc.json': '{}' }, ['oxlint', '../../.oxlintrc.json']],
    [{ 'packages/a/.oxlintrc.json': '{}' }, ['oxlint', '.oxlintrc.json']],
    [{}, ['none', undefined]],
  ])('of a package in a repository with %j is %j', ([files, expected]) => {
    expect(lintedBy(files)).toEqual(expected);
  });
});

describe('frameworks', () => {
  test.for([
    [{}, '', ['plain']],
    [{ express: '5' }, '', ['express']],
    [{ '@nestjs/core': '11', express: '5' }, '', ['nest']],
    [{ express: '5', fastify: '5' }, '', ['fastify', 'express']],
    [{ express: '5', fastify: '5' }, "import fastify from 'fastify';", ['fastify']],
  ] as const)('for the dependencies %j and the entry %j are %j', ([dependencies, entry, found]) => {
    const { manifest } = read({ 'package.json': { dependencies }, 'index.js': entry });
    expect(findFrameworks(manifest, entry)).toEqual(found);
  });
});

interface ServiceFacts {
  readonly entry: string;
  readonly text?: string;
  readonly type?: string;
  readonly start?: string;
  readonly options?: object;
}

describe('the bootstrap module', () => {
  const nodenext = { module: 'NodeNext' };
  const bundler = { module: 'esnext', moduleResolution: 'bundler' };
  test.for<[ServiceFacts, string, string]>([
    [{ entry: 'a.js', type: 'module' }, 'redis-hygiene.js', './redis-hygiene.js'],
    [{ entry: 'a.js' }, 'redis-hygiene.js', './redis-hygiene'],
    [{ entry: 'a.js', type: 'commonjs' }, 'redis-hygiene.js', './redis-hygiene'],
    [{ entry: 'a.mjs' }, 'redis-hygiene.mjs', './redis-hygiene.mjs'],
    [{ entry: 'a.cjs', type: 'module' }, 'redis-hygiene.cjs', './redis-hygiene.cjs'],
    [{ entry: 'a.js', text: "import a from 'a';\n" }, 'redis-hygiene.mjs', './redis-hygiene.mjs'],
    [
      { entry: 'a.js', text: "import a from 'a';\n", start: 'babel-node a.js' },
      'redis-hygiene.js',
      './redis-hygiene',
    ],
    [
      { entry: 'a.js', text: "import a from 'a';\n", start: 'node -r @babel/register ./a.js' },
      'redis-hygiene.js',
      './redis-hygiene',
    ],
    [{ entry: 'a.js', text: "const a = await import('a');\n" }, 'redis-hygiene.js', './redis-hygiene'],
    [{ entry: 'a.ts', type: 'module', options: nodenext }, 'redis-hygiene.ts', './redis-hygiene.js'],
    [{ entry: 'a.ts', options: nodenext }, 'redis-hygiene.ts', './redis-hygiene'],
    [{ entry: 'a.mts', options: nodenext }, 'redis-hygiene.mts', './redis-hygiene.mjs'],
    [{ entry: 'a.cts', type: 'module', options: nodenext }, 'redis-hygiene.cts', './redis-hygiene.cjs'],
    [
      { entry: 'a.ts', type: 'module', options: { module: 'CommonJS' } },
      'redis-hygiene.ts',
      './redis-hygiene',
    ],
    [{ entry: 'a.ts', options: bundler }, 'redis-hygiene.ts', './redis-hygiene'],
    [
      { entry: 'a.ts', options: bundler, type: 'module', start: 'node dist/a.js' },
      'redis-hygiene.ts',
      './redis-hygiene.js',
    ],
    [
      { entry: 'a.ts', options: bundler, text: "import b from './b.js';\n" },
      'redis-hygiene.ts',
      './redis-hygiene.js',
    ],
    [
      { entry: 'a.ts', options: nodenext, type: 'module', text: "import b from './b.module';\n" },
      'redis-hygiene.ts',
      './redis-hygiene',
    ],
    [{ entry: 'a.ts', type: 'module', start: 'node a.ts' }, 'redis-hygiene.ts', './redis-hygiene.ts'],
    [
      { entry: 'a.ts', type: 'module', text: "import b from './b.ts';\n" },
      'redis-hygiene.ts',
      './redis-hygiene.ts',
    ],
    [{ entry: 'a.mts', text: "import b from './b.mts';\n" }, 'redis-hygiene.mts', './redis-hygiene.mts'],
    [
      { entry: 'a.ts', type: 'module', options: { ...nodenext, allowImportingTsExtensions: true } },
      'redis-hygiene.ts',
      './redis-hygiene.ts',
    ],
  ])('of %j is %s, imported as %s', ([{ entry, text = '', type, start, options }, file, specifier]) => {
    const project = read({
      'package.json': { type, scripts: { start: start ?? `tsx ./${entry}` } },
      [entry]: text,
      ...(options && { 'tsconfig.json': { compilerOptions: options } }),
    });
    expect(project.entry?.path).toBe(entry);
    const facts = { language: languageOf(project), module: moduleKindOf(project) };
    const path = bootstrapPath(entry, project, facts);
    expect([path, specifierOf(project, path, moduleKindOf(project))]).toEqual([file, specifier]);
  });

  test('has an extension that fits the requested module kind', () => {
    const project = read({ 'package.json': { type: 'module' }, 'index.js': '' });
    const pathFor = (language: Language) =>
      bootstrapPath('index.js', project, { language, module: 'commonjs' });
    expect([pathFor('js'), pathFor('ts')]).toEqual(['redis-hygiene.cjs', 'redis-hygiene.cts']);
  });

  test('is loaded with import where TypeScript is compiled to CommonJS', () => {
    const project = read({
      'package.json': {},
      'tsconfig.json': { compilerOptions: { module: 'commonjs' } },
      'index.ts': '',
    });
    expect([moduleKindOf(project), usesImportSyntax(project)]).toEqual(['commonjs', true]);
  });
});
