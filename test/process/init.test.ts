import { spawnSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Framework, frameworks } from '../../src/init/project/manifest.js';
import { adopt, serviceText } from '../support/init/services.js';
import { manifest, MODULES, outputOf, useService } from '../support/init/use-service.js';

// Runs every bootstrap module that init can write in JavaScript. On SIGTERM the server stops first, then all Redis
// connections are closed. init.slow.test.ts does the same in TypeScript.

const service = useService();
const frameworkNames = Object.keys(frameworks) as readonly Framework[];

describe.for(frameworkNames)('%s', (framework) => {
  test.for([
    ['module', 'import', 'src/redis-hygiene.js'],
    ['commonjs', 'require', 'src/redis-hygiene.js'],
  ] as const)(
    'in JavaScript, type %s: answers the request under way, then closes its connections',
    async ([type, moduleSyntax, bootstrap]) => {
      service.write('package.json', manifest(framework, type, 'node src/main.js'));
      const text = serviceText(framework, { moduleSyntax, annotations: 'none' });
      service.write('src/main.js', text);
      expect(service.init()).toContain(`created  ${bootstrap}`);
      const changed = service.read('src/main.js');
      expect(changed).not.toBe(text);
      service.write('src/main.js', adopt(changed, framework));
      await service.expectStops('src/main.js');
      expect(service.init()).toBe('Nothing to change: everything is in place.\n');
    },
  );
});

describe('with ESLint', () => {
  const ESLINT_PACKAGES = ['eslint', 'typescript-eslint', '@eslint-community', 'picomatch'];
  const lint = (...args: string[]) =>
    outputOf(() => service.node(join(MODULES, 'eslint/bin/eslint.js'), '.', ...args));

  test.for(['src/main.js', 'src/main.ts'])(
    '%s: ESLint loads the config that init wrote, and --fix moves the imports',
    (file) => {
      for (const name of ESLINT_PACKAGES)
        symlinkSync(join(MODULES, name), service.at('node_modules', name), 'junction');
      const devDependencies = { eslint: '^10.0.0', 'typescript-eslint': '^8.0.0' };
      service.write('package.json', {
        ...manifest('express', 'module', 'node src/main.js'),
        devDependencies,
      });
      if (file.endsWith('.ts')) service.write('tsconfig.json', { compilerOptions: { module: 'nodenext' } });
      service.write(
        file,
        serviceText('express', {
          moduleSyntax: 'import',
          annotations: file.endsWith('.ts') ? 'types' : 'none',
        }),
      );
      expect(service.init()).toContain('created  eslint.config.js');
      expect(lint()).toContain('redis-hygiene/no-direct-client');
      expect(lint('--fix')).toBe('');
      expect(service.read(file)).toContain("import { Redis } from 'redis-hygiene/ioredis';");
    },
  );
});

test('without permission to write, init changes nothing and reports it', ({ skip }) => {
  if (process.getuid?.() !== 0) skip('only root can switch to a user without permissions');
  const NOBODY_UID = 65_534;
  const canRun = spawnSync(process.execPath, ['--version'], { cwd: '/', uid: NOBODY_UID }).status === 0;
  if (!canRun) skip('Node is in a folder that other users may not enter');
  service.write('package.json', manifest('plain', 'module', 'node src/main.js'));
  service.write('src/main.js', 'main();\n');
  chmodSync(service.at('.'), 0o755);
  const bin = service.at('node_modules/redis-hygiene/dist/cli.cjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'init', '.', '--yes'], {
    cwd: service.at('.'),
    uid: NOBODY_UID,
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/cannot be written: EACCES.*HYG_INIT_WRITE/);
  expect(service.read('src/main.js')).toBe('main();\n');
});
