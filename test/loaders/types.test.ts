import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useProject } from './rig/project.js';

const project = useProject('typescript');

const RESOLUTIONS = {
  node10: { module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true },
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};
type Resolution = keyof typeof RESOLUTIONS;

const STRICT = { target: 'es2022', strict: true, noEmit: true, skipLibCheck: false, types: ['node'] };

/** Expects that files compile without an error. */
async function expectToCompile(version: string, options: object, files: readonly string[]): Promise<void> {
  const config = `tsconfig.${JSON.stringify({ version, options, files }).replaceAll(/\W+/g, '-')}.json`;
  writeFileSync(
    join(project.dir, config),
    JSON.stringify({ compilerOptions: { ...STRICT, ...options }, files }),
  );
  const compiler = `node_modules/typescript-${version}/bin/tsc`;
  const { code, stdout } = await project.run('node', [compiler, '-p', config]);
  expect({ config, code, stdout }).toEqual({ config, code: 0, stdout: '' });
}

function nameOf(version: string): string {
  return `TypeScript ${project.versionOf(`typescript-${version}`)}`;
}

const VERSIONS: readonly (readonly [version: string, resolutions: readonly Resolution[], note?: string])[] = [
  ['5.4', ['node10', 'node16', 'nodenext', 'bundler']],
  ['5.9', ['node10', 'node16', 'nodenext', 'bundler']],
  ['6.0', ['node10', 'node16', 'nodenext', 'bundler']],
  ['7.0', ['node16', 'nodenext', 'bundler'], 'node10 was removed from TypeScript 7'],
];

test.for(VERSIONS)(
  'TypeScript %s resolves the types of all entry points',
  async ([version, resolutions, note], { task }) => {
    for (const resolution of resolutions) {
      const options = {
        ...RESOLUTIONS[resolution],
        lib: ['es2023', 'esnext.disposable'],
        // TypeScript 6 reports node10 as deprecated.
        ...(version === '6.0' && resolution === 'node10' ? { ignoreDeprecations: '6.0' } : {}),
      };
      const required = resolution === 'bundler' ? [] : ['required.cts']; // `import x = require()` needs CommonJS
      await expectToCompile(version, options, ['main.ts', 'disposal.ts', ...required]);
    }
    const tried = `${resolutions.join(', ')}; strict, skipLibCheck off`;
    task.meta.loader = { kind: 'types', loader: nameOf(version), tried, note };
  },
);

const VARIANTS: readonly (readonly [
  variant: string,
  version: string,
  options: object,
  files: readonly string[],
])[] = [
  [
    'ioredis 5.11.1',
    '6.0',
    {
      ...RESOLUTIONS.nodenext,
      lib: ['es2023', 'esnext.disposable'],
      paths: { ioredis: ['./node_modules/ioredis5'] },
    },
    ['main.ts', 'disposal.ts', 'required.cts'],
  ],
  [
    'without esModuleInterop',
    '5.9',
    { ...RESOLUTIONS.node10, lib: ['es2023'], esModuleInterop: false },
    ['required.cts'],
  ],
  [
    'lib without esnext.disposable',
    '5.9',
    { ...RESOLUTIONS.nodenext, lib: ['es2023'] },
    ['main.ts', 'required.cts'],
  ],
];

test.for(VARIANTS)('%s', async ([tried, version, options, files], { task }) => {
  await expectToCompile(version, options, files);
  task.meta.loader = { kind: 'types', loader: nameOf(version), tried };
});
