import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Framework, frameworks } from '../../src/init/project/manifest.js';
import { adopt, serviceText } from '../support/init/services.js';
import { manifest, MODULES, outputOf, useService } from '../support/init/use-service.js';

// Compiles and runs every bootstrap module that init can write in TypeScript, like init.test.ts in JavaScript.

const service = useService();
const frameworkNames = Object.keys(frameworks) as readonly Framework[];
const compile = () => outputOf(() => service.node(join(MODULES, 'typescript/bin/tsc'), '-p', '.'));

describe.for(frameworkNames)('%s', (framework) => {
  test.for([
    ['module', { module: 'nodenext' }],
    ['commonjs', { module: 'nodenext' }],
    ['commonjs', { module: 'commonjs', moduleResolution: 'bundler' }],
  ] as const)(
    'in TypeScript, type %s, %j: answers the request under way, then closes its connections',
    async ([type, options]) => {
      service.write('package.json', manifest(framework, type, 'node dist/main.js'));
      const strict = {
        target: 'es2022',
        strict: true,
        noUnusedLocals: true,
        declaration: true,
        types: ['node'],
      };
      service.write('tsconfig.json', {
        compilerOptions: {
          ...options,
          ...strict,
          rootDir: 'src',
          outDir: 'dist',
          skipLibCheck: true,
          esModuleInterop: true,
        },
        include: ['src'],
      });
      service.write('src/main.ts', serviceText(framework, { moduleSyntax: 'import', annotations: 'types' }));
      expect(service.init()).toContain('created  src/redis-hygiene.ts');
      service.write('src/main.ts', adopt(service.read('src/main.ts'), framework));
      expect(compile()).toBe('');
      await service.expectStops('dist/main.js');
      expect(service.init()).toBe('Nothing to change: everything is in place.\n');
    },
  );
});
