import type { Form } from './client-exports.js';

/** Forms of exports. */
export const reexports: readonly Form[] = [
  ['export *', 'module', ({ module: m }) => `/*reexported*/export * from '${m}';`],
  ['export * as', 'module', ({ module: m }) => `/*reexported*/export * as lib from '${m}';`],
  [
    'export { x } from',
    'module',
    ({ module: m, member }) => `export { /*reexported*/${member} } from '${m}';`,
  ],
  [
    'export { x as y } from',
    'ts',
    ({ module: m, member }) => `export { /*reexported*/${member} as y } from '${m}';`,
  ],
  [
    'export { x }',
    'module',
    ({ module: m, member }) => `import { ${member} } from '${m}';\nexport { /*reexported*/${member} };`,
  ],
  [
    'export default x',
    'module',
    ({ module: m, member }) => `import { ${member} } from '${m}';\nexport default /*reexported*/${member};`,
  ],
  [
    'export const x',
    'module',
    ({ module: m, member }) => `import * as lib from '${m}';\nexport const /*reexported*/x = lib.${member};`,
  ],
  [
    'export const { x }',
    'module',
    ({ module: m, member }) =>
      `import * as lib from '${m}';\nexport const { ${member}: /*reexported*/x } = lib;`,
  ],
  ['module.exports', 'commonjs', ({ module: m }) => `module.exports = /*reexported*/require('${m}');`],
  [
    'module.exports = { x }',
    'commonjs',
    ({ module: m, member }) =>
      `const { ${member} } = require('${m}');\nmodule.exports = { a: 1, /*reexported*/${member} };`,
  ],
  [
    'exports.x',
    'commonjs',
    ({ module: m, member }) => `exports.x = /*reexported*/require('${m}').${member};`,
  ],
  [
    'export import x = require',
    'cts',
    ({ module: m }) => `export /*reexported*/import lib = require('${m}');`,
  ],
  [
    'export =',
    'cts',
    ({ module: m, member }) => `import lib = require('${m}');\nexport = /*reexported*/lib.${member};`,
  ],
];
