import type { Form } from './client-exports.js';

/** Forms in which an export is assigned or wrapped before it is used. */
export const aliases: readonly Form[] = [
  [
    'constant',
    'module',
    ({ module: m, member, use }) => `import { ${member} as y } from '${m}';\nconst x = y;\n${use('x')}`,
  ],
  [
    'variable that is assigned twice',
    'module',
    ({ module: m, member, use }) =>
      `import * as lib from '${m}';\nlet x;\nx = null;\nx = lib.${member};\n${use('x')}`,
  ],
  [
    'assignment in a function',
    'module',
    ({ module: m, member, use }) =>
      `import * as lib from '${m}';\nlet x;\nfunction load() {\n  ({ ${member}: x } = lib);\n}\nload();\n${use('x')}`,
  ],
  [
    'default parameter',
    'module',
    ({ module: m, member, use }) =>
      `import { ${member} as y } from '${m}';\nexport function make(x = y) {\n  return ${use('x')}\n}`,
  ],
  [
    'argument of an immediately invoked function',
    'commonjs',
    ({ module: m, member, use }) => `(function (lib) {\n  ${use(`lib.${member}`)}\n})(require('${m}'));`,
  ],
  [
    'object literal',
    'module',
    ({ module: m, member, use }) =>
      `import { ${member} } from '${m}';\nconst libs = { ${member} };\n${use(`libs.${member}`)}`,
  ],
  [
    'object with a spread',
    'commonjs',
    ({ module: m, member, use }) => `const libs = { y: 1, ...require('${m}') };\n${use(`libs.${member}`)}`,
  ],
  [
    'computed member',
    'commonjs',
    ({ module: m, member, use }) =>
      `const lib = require('${m}');\nconst key = '${member}';\n${use(`lib[key]`)}\n${use(`lib['${member}']`)}`,
  ],
  [
    'conditional expression',
    'module',
    ({ module: m, member, use }) =>
      `import { ${member} as y } from '${m}';\nconst x = process.env.FAKE ? class {} : y;\n${use('x')}`,
  ],
  [
    'nullish coalescing',
    'module',
    ({ module: m, member, use }) =>
      `import { ${member} as y } from '${m}';\nconst x = globalThis.y ?? y;\n${use('x')}`,
  ],
  [
    'sequence',
    'commonjs',
    ({ module: m, member, use }) => `const lib_1 = require('${m}');\n${use(`(0, lib_1.${member})`)}`,
  ],
  [
    'class field',
    'module',
    ({ module: m, member, use }) =>
      `import { ${member} as y } from '${m}';\nexport class Service {\n  #x = y;\n  open() {\n    ${use('this.#x')}\n  }\n}`,
  ],
  [
    'casts',
    'ts',
    ({ module: m, member, use }) =>
      `import { ${member} as y } from '${m}';\n${use('y as any')}\n${use('y!')}\n${use('y satisfies unknown')}\n${use('<any>y')}`,
  ],
  [
    'bind()',
    'module',
    ({ module: m, member, use }) =>
      `import { ${member} as y } from '${m}';\nconst x = y.bind(null);\n${use('x')}`,
  ],
];
