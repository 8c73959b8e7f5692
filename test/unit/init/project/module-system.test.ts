import { describe, expect, test } from 'vitest';
import { readTsConfig } from '../../../../src/init/project/module-system.js';
import { useProjects } from '../../../support/init/project.js';

const make = useProjects();

describe('a tsconfig.json', () => {
  test('is read with its comments and the files that it extends', () => {
    const { dir } = make({
      'tsconfig.json':
        '{ // comment\n "extends": ["./base", "@acme/ts"], "compilerOptions": { "outDir": "out", }, }',
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
    ['that cannot be parsed', { 'tsconfig.json': '{ "compilerOptions": ' }],
    ['that extends a missing file', { 'tsconfig.json': '{ "extends": "./nowhere.json" }' }],
    ['that extends itself', { 'tsconfig.json': '{ "extends": "./tsconfig.json" }' }],
    ['that contains null', { 'tsconfig.json': 'null' }],
  ] as const)('%s is reported, and defaults are assumed', async ([, files]) => {
    const service = make({ 'package.json': '{ "name": "orders" }', 'index.ts': '', ...files });
    expect(readTsConfig(service.dir)).toMatchObject({ isBroken: true });
    const { code, stderr } = await service.init();
    expect(code).toBe(0);
    expect(stderr).toContain('tsconfig.json, or a file that it extends, could not be read');
  });

  /** What `init` prints for a project with these compiler options. */
  async function notesFor(compilerOptions: object): Promise<string> {
    const service = make({
      'package.json': '{ "name": "orders" }',
      'index.ts': '',
      'tsconfig.json': { compilerOptions },
    });
    return (await service.init()).stderr;
  }

  test('with verbatimModuleSyntax in CommonJS gets a note on what to change', async () => {
    expect(await notesFor({ module: 'commonjs', verbatimModuleSyntax: true })).toContain(
      'verbatimModuleSyntax',
    );
  });

  test.for([{ module: 'commonjs', moduleResolution: 'node' }, { module: 'node16' }])(
    'with %j needs no change: the package has types and code for each',
    async (compilerOptions) => {
      expect(await notesFor(compilerOptions)).not.toContain('tsconfig.json');
    },
  );
});
