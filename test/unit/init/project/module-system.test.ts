import { describe, expect, test } from 'vitest';
import { readTsConfig } from '../../../../src/init/project/module-system.js';
import { useProjects } from '../../../support/init/project.js';

const make = useProjects();

describe('tsconfig.json', () => {
  test('is read with comments, and with what it extends', () => {
    const { dir } = make({
      'tsconfig.json':
        '{ // ours\n "extends": ["./base", "@acme/ts"], "compilerOptions": { "outDir": "out", }, }',
      'base.json': '{ "compilerOptions": { "module": "ES2022", "outDir": "no" } }',
      'node_modules/@acme/ts/tsconfig.json': {
        compilerOptions: { moduleResolution: 'Bundler', verbatimModuleSyntax: true },
      },
    });
    expect(readTsConfig(dir)).toEqual({
      module: 'es2022',
      resolution: 'bundler',
      outDir: 'out',
      rootDir: undefined,
      importsTs: false,
      isVerbatim: true,
      isBroken: false,
    });
  });

  test.for([
    ['that does not parse', { 'tsconfig.json': '{ "compilerOptions": ' }],
    ['that extends what is not there', { 'tsconfig.json': '{ "extends": "./nowhere.json" }' }],
    ['that extends itself', { 'tsconfig.json': '{ "extends": "./tsconfig.json" }' }],
    ['that holds nothing', { 'tsconfig.json': 'null' }],
  ] as const)('%s is guessed, and it is said', async ([, files]) => {
    const service = make({ 'package.json': '{ "name": "orders" }', 'index.ts': '', ...files });
    expect(readTsConfig(service.dir)).toMatchObject({ isBroken: true });
    const { code, stderr } = await service.init();
    expect(code).toBe(0);
    expect(stderr).toContain('tsconfig.json, or one that it extends, could not be read');
  });

  test.for([
    [
      { module: 'commonjs', moduleResolution: 'node' },
      /"moduleResolution": "node" TypeScript finds no redis-hygiene/,
    ],
    [{ module: 'node16' }, /"module": "node16" lets CommonJS require no ES module/],
    [{ module: 'commonjs', verbatimModuleSyntax: true }, /verbatimModuleSyntax/],
  ] as const)('with %j is told what to change', async ([compilerOptions, words]) => {
    const service = make({
      'package.json': '{ "name": "orders" }',
      'index.ts': '',
      'tsconfig.json': { compilerOptions },
    });
    expect((await service.init()).stderr).toMatch(words);
  });
});
