import type { Form } from './client-exports.js';

/** Forms of static imports. */
export const imports: readonly Form[] = [
  [
    'default import',
    'module',
    ({ module: m, member, use }) => `import lib from '${m}';\n${use(`lib.${member}`)}`,
  ],
  [
    'named import',
    'module',
    ({ module: m, member, use }) => `import { ${member} } from '${m}';\n${use(member)}`,
  ],
  [
    'aliased import',
    'module',
    ({ module: m, member, use }) => `import { ${member} as x } from "${m}";\n${use('x')}`,
  ],
  [
    'import by string',
    'module',
    ({ module: m, member, use }) => `import { '${member}' as x } from '${m}';\n${use('x')}`,
  ],
  [
    'namespace import',
    'module',
    ({ module: m, member, use }) => `import * as lib from '${m}';\n${use(`lib.${member}`)}`,
  ],
  [
    'default of a namespace',
    'module',
    ({ module: m, member, use }) => `import * as lib from '${m}';\n${use(`lib.default.${member}`)}`,
  ],
  [
    'import x = require',
    'cts',
    ({ module: m, member, use }) => `import lib = require('${m}');\n${use(`lib.${member}`)}`,
  ],
  [
    'import x = lib.y',
    'cts',
    ({ module: m, member, use }) => `import lib = require('${m}');\nimport x = lib.${member};\n${use('x')}`,
  ],
];

/** Forms of `require()`. */
export const requires: readonly Form[] = [
  [
    'require',
    'commonjs',
    ({ module: m, member, use }) => `const lib = require('${m}');\n${use(`lib.${member}`)}`,
  ],
  [
    'require in a script',
    'script',
    ({ module: m, member, use }) => `var x = require("${m}").${member};\n${use('x')}`,
  ],
  [
    'require without a variable',
    'commonjs',
    ({ module: m, member, use }) => `'use strict';\n${use(`require('${m}').${member}`)}`,
  ],
  [
    'destructured require',
    'commonjs',
    ({ module: m, member, use }) => `const { ${member} } = require('${m}');\n${use(member)}`,
  ],
  [
    'renamed, with a default',
    'commonjs',
    ({ module: m, member, use }) => `const { ${member}: x = undefined } = require(\`${m}\`);\n${use('x')}`,
  ],
  [
    'nested pattern',
    'commonjs',
    ({ module: m, member, use }) => `const { default: { ${member}: x } } = require('${m}');\n${use('x')}`,
  ],
  [
    'rest of a pattern',
    'commonjs',
    ({ module: m, member, use }) => `const { y, ...rest } = require('${m}');\n${use(`rest.${member}`)}`,
  ],
  [
    'createRequire',
    'module',
    ({ module: m, member, use }) =>
      `import { createRequire } from 'node:module';\nconst load = createRequire(import.meta.url);\nconst { ${member} } = load('${m}');\n${use(member)}`,
  ],
  [
    'module.require',
    'commonjs',
    ({ module: m, member, use }) => `const x = module.require('${m}').${member};\n${use('x')}`,
  ],
];

/** Forms of `import()`. */
export const dynamic: readonly Form[] = [
  [
    'await import, destructured',
    'module',
    ({ module: m, member, use }) => `const { ${member} } = await import('${m}');\n${use(member)}`,
  ],
  [
    'await import',
    'module',
    ({ module: m, member, use }) => `const lib = await import('${m}');\n${use(`lib.${member}`)}`,
  ],
  [
    'import().then() with a pattern',
    'module',
    ({ module: m, member, use }) => `import('${m}').then(({ ${member}: x }) => {\n  ${use('x')}\n});`,
  ],
  [
    'import().then() with a name',
    'module',
    ({ module: m, member, use }) => `import('${m}').then(function (lib) {\n  ${use(`lib.${member}`)}\n});`,
  ],
  [
    'Promise.all() of imports',
    'module',
    ({ module: m, member, use }) =>
      `const [, { ${member} }] = await Promise.all([import('node:fs'), import('${m}')]);\n${use(member)}`,
  ],
  [
    'import() that a function returns',
    'module',
    ({ module: m, member, use }) =>
      `const load = async () => import('${m}');\n${use(`(await load()).${member}`)}`,
  ],
  [
    'import() in a function that is passed to a loader',
    'module',
    ({ module: m, member, use }) =>
      `const { ${member} } = await loadOptional('redis', () => import('${m}'));\n${use(member)}`,
  ],
  [
    'import() in a function that runs once',
    'module',
    ({ module: m, member, use }) =>
      `const load = once(async () => await import('${m}'));\n${use(`(await load()).${member}`)}`,
  ],
];

/** Forms of `require()` with the helpers of compilers. */
export const interop: readonly Form[] = (
  ['__importDefault', '__importStar', '_interopRequireDefault', '_interopRequireWildcard', '__toESM'] as const
).map((helper) => [
  helper,
  'commonjs',
  ({ module: m, member, use }) =>
    `const lib_1 = ${helper}(require('${m}'));\n${use(`lib_1.default.${member}`)}`,
]);
