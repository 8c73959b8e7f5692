import { describe, expect, test } from 'vitest';
import { addScripts, parseJsonc } from '../../../../src/init/source/json-edit.js';
import {
  closingBracketOf,
  hasBalancedBrackets,
  insertAtTop,
  mask,
  stringLiteral,
  styleOf,
  withoutComments,
} from '../../../../src/init/source/source-text.js';

describe('mask()', () => {
  test.for([
    ["f('a(b') // (", "f('___')     "],
    ['x = /[/(]/g', 'x = /____/g'],
    ['a / (b) / c', 'a / (b) / c'],
    ['`a ${(b)} c`', '`__________`'],
    ["'it\\'s' + (1)", "'_____' + (1)"],
    ['/* a\n( */ b', '    \n     b'],
    ["s = '/*'; t = '*/'", "s = '__'; t = '__'"],
    ['return /"/.test(x)', 'return /_/.test(x)'],
    ['(x) => /[(]/.test(x)', '(x) => /___/.test(x)'],
  ])('blanks out comments and contents of strings in %j', ([text = '', masked]) => {
    expect(mask(text)).toBe(masked);
    expect(mask(text)).toHaveLength(text.length);
  });

  test('withoutComments() keeps strings', () => {
    expect(withoutComments("a('//x') // y")).toBe("a('//x')     ");
  });

  test('hasBalancedBrackets() and closingBracketOf() match brackets by kind', () => {
    expect([
      hasBalancedBrackets('([{}])'),
      hasBalancedBrackets('([)]'),
      hasBalancedBrackets('('),
      hasBalancedBrackets(')'),
      hasBalancedBrackets(''),
    ]).toEqual([true, false, false, false, true]);
    expect(closingBracketOf('a(b[c]d)e', 1)).toBe(7);
  });
});

describe('insertAtTop()', () => {
  const LINE = "import './x';";
  test.for([
    ['', '|'],
    ["import a from 'a';\n", "|import a from 'a';\n"],
    ['#!/usr/bin/env node\nmain();\n', '#!/usr/bin/env node\n|main();\n'],
    ['#!/usr/bin/env node', '#!/usr/bin/env node\n|'],
    ["'use strict';\nmain();\n", "'use strict';\n|main();\n"],
    ["'use strict';\n\nmain();\n", "'use strict';\n\n|main();\n"],
    ['"use strict" // yes\nmain();\n', '"use strict" // yes\n|main();\n'],
    ['// About this file.\n\nmain();\n', '// About this file.\n\n|main();\n'],
    ['// About main.\nmain();\n', '|// About main.\nmain();\n'],
    ['/** About main. */\nfunction main() {}\n', '|/** About main. */\nfunction main() {}\n'],
    ['// @ts-check\nmain();\n', '// @ts-check\n|main();\n'],
    ['/* eslint-disable no-console */\nmain();\n', '/* eslint-disable no-console */\n|main();\n'],
    ['/**\n * @license MIT\n */\nmain();\n', '/**\n * @license MIT\n */\n|main();\n'],
    ['// About this file.\n\n// About main.\nmain();\n', '// About this file.\n\n|// About main.\nmain();\n'],
    ['// About this file.\r\n\r\nmain();\r\n', '// About this file.\r\n\r\n|main();\r\n'],
    ['\uFEFFmain();\n', '\uFEFF|main();\n'],
    ["import 'dotenv/config';\nimport a from 'a';\n", "import 'dotenv/config';\n|import a from 'a';\n"],
    ["import './a.js';\n", "|import './a.js';\n"],
    [
      "import './tracing.js';\nimport 'reflect-metadata';\nmain();\n",
      "import './tracing.js';\nimport 'reflect-metadata';\n|main();\n",
    ],
    [
      'import "./instrumentation"; // first\nimport a from "a";\n',
      'import "./instrumentation"; // first\n|import a from "a";\n',
    ],
    [
      "import './sentry.server';\nimport '@utils/instrumentSentry';\nimport '~/lib/otel' /* first */\nmain();\n",
      "import './sentry.server';\nimport '@utils/instrumentSentry';\nimport '~/lib/otel' /* first */\n|main();\n",
    ],
    ["import './environment-list.js';\n", "|import './environment-list.js';\n"],
    ["import '@acme/music-instruments/list';\n", "|import '@acme/music-instruments/list';\n"],
    ["require('dotenv').config();\nmain();\n", "require('dotenv').config();\n|main();\n"],
    [
      "const tracer = require('dd-trace').init();\nmain();\n",
      "const tracer = require('dd-trace').init();\n|main();\n",
    ],
    ["// First.\nimport 'newrelic';\nmain();\n", "// First.\nimport 'newrelic';\n|main();\n"],
    [
      "'use strict';\n// About this file.\n\nrequire('./env');\n\nmain();\n",
      "'use strict';\n// About this file.\n\nrequire('./env');\n\n|main();\n",
    ],
    ['/* a */ main();\n', '|/* a */ main();\n'],
    ['/* not closed\nmain();\n', '|/* not closed\nmain();\n'],
  ])('inserts where the first import of %j belongs', ([text = '', expected = '']) => {
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    expect(insertAtTop(text, LINE, eol)).toBe(expected.replace('|', () => `${LINE}${eol}`));
  });
});

describe('code style', () => {
  test.for([
    ['', "'", ';', '  '],
    ['import a from "a"\nimport b from "b"\n', '"', '', '  '],
    ["const a = require('a');\nif (a) {\n\tb();\n}\n", "'", ';', '\t'],
    ['import {\n    a,\n} from "a";\nimport b from "b";\n', '"', ';', '    '],
    ['const text = "a";\nimport a from \'a\';\n', "'", ';', '  '],
  ] as const)('is detected in %j', ([text, quote, semicolon, indent]) => {
    expect(styleOf(text)).toEqual({ quote, semicolon, indent, eol: '\n' });
  });

  test('decides the quotes of a string literal', () => {
    const style = styleOf();
    expect(stringLiteral(`it's "a" \\ b`, style)).toBe(`'it\\'s "a" \\\\ b'`);
    expect(stringLiteral(`it's "a"`, { ...style, quote: '"' })).toBe(`"it's \\"a\\""`);
  });
});

describe('addScripts()', () => {
  const scripts = { lint: 'eslint .', doctor: 'x' };
  test.for([
    ['{}', '{\n  "scripts": {\n    "lint": "eslint .",\n    "doctor": "x"\n  }\n}'],
    [
      '{\n  "name": "a"\n}\n',
      '{\n  "name": "a",\n  "scripts": {\n    "lint": "eslint .",\n    "doctor": "x"\n  }\n}\n',
    ],
    [
      '{\n\t"scripts": {\n\t\t"a": "b"\n\t}\n}\n',
      '{\n\t"scripts": {\n\t\t"a": "b",\n\t\t"lint": "eslint .",\n\t\t"doctor": "x"\n\t}\n}\n',
    ],
    [
      '{ "scripts": { "a": "b" }, "z": [1, 2] }',
      '{ "scripts": { "a": "b", "lint": "eslint .", "doctor": "x" }, "z": [1, 2] }',
    ],
    ['{"scripts":{"a":"b"},"z":1}', '{"scripts":{"a":"b","lint":"eslint .","doctor":"x"},"z":1}'],
    [
      '{\n  "scripts": {},\n  "z": 1\n}\n',
      '{\n  "scripts": {\n    "lint": "eslint .",\n    "doctor": "x"\n  },\n  "z": 1\n}\n',
    ],
    [
      '{\r\n  "a": "}{",\r\n  "scripts": {\r\n    "b": "echo \\"}\\" // x"\r\n  }\r\n}\r\n',
      '{\r\n  "a": "}{",\r\n  "scripts": {\r\n    "b": "echo \\"}\\" // x",\r\n    "lint": "eslint .",\r\n    "doctor": "x"\r\n  }\r\n}\r\n',
    ],
    [
      '\uFEFF{\n    "scripts": {\n        "a": "b"\n    }\n}',
      '\uFEFF{\n    "scripts": {\n        "a": "b",\n        "lint": "eslint .",\n        "doctor": "x"\n    }\n}',
    ],
    [
      '{\n  "x": { "scripts": { "c": "d" } },\n  "scripts": {\n    "a": "b"\n  }\n}',
      '{\n  "x": { "scripts": { "c": "d" } },\n  "scripts": {\n    "a": "b",\n    "lint": "eslint .",\n    "doctor": "x"\n  }\n}',
    ],
  ])('adds scripts to %j', ([text = '', expected]) => {
    expect(addScripts(text, scripts)).toBe(expected);
  });

  test.for(['{ "scripts": 5 }', '{ "scripts": ["a"] }', '{ "scripts": null }'])(
    'returns undefined when scripts is not an object: %s',
    (text) => {
      expect(addScripts(text, scripts)).toBeUndefined();
    },
  );
});

test.for([
  ['{ "a": 1, }', { a: 1 }],
  [
    '// x\n{ "a": ["b/*", "*/c", ",]"], /* y */ "d": { "e": 1, }, }',
    { a: ['b/*', '*/c', ',]'], d: { e: 1 } },
  ],
  [
    '\uFEFF{ "$schema": "https://json.schemastore.org/tsconfig" }',
    { $schema: 'https://json.schemastore.org/tsconfig' },
  ],
] as const)('parseJsonc() reads %j', ([text, value]) => {
  expect(parseJsonc(text)).toEqual(value);
});
