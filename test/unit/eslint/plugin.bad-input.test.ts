import { Linter } from 'eslint';
import { describe, expect, test } from 'vitest';
import type { ESLint } from 'eslint';
import plugin from '../../../src/eslint/index.js';
import { invalid, valid } from '../../support/lint/cases/index.js';
import { fileOf, LANGUAGES } from '../../support/lint/languages.js';

const linter = new Linter();
const strict = plugin.configs.strict;

function verify(code: string, languageOptions: Linter.LanguageOptions, filename = 'a.mjs') {
  return linter.verify(code, [{ files: ['**/*.{mjs,cjs,ts,cts}'], languageOptions }, strict], { filename });
}

test('a file that does not parse has the one error of the parser', () => {
  const messages = verify(`import R from 'ioredis'; new R(`, LANGUAGES.module);
  expect(messages).toMatchObject([{ fatal: true, ruleId: null }]);
});

test.for(['', '\uFEFF', '#!/usr/bin/env node\n', `'ioredis'`, `/* 'ioredis' */`, `import 'ioredis'`])(
  'nothing in %j',
  (code) => {
    expect(verify(code, LANGUAGES.module)).toEqual([]);
  },
);

/** A parser that makes of each node of a type something that nobody knows. */
function exotic(type: string): Linter.Parser {
  const { parser } = LANGUAGES.ts as {
    parser: { parseForESLint(code: string, options: object): { ast: object } };
  };
  return {
    parseForESLint(code, options) {
      const parsed = parser.parseForESLint(code, options as object);
      rename(parsed.ast, type, new Set());
      return parsed;
    },
  };
}

function rename(value: unknown, type: string, seen: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const node = value as Record<string, unknown>;
  if (node['type'] === type) node['type'] = `Exotic${type}`;
  for (const [key, child] of Object.entries(node)) if (key !== 'parent') rename(child, type, seen);
}

const TYPES = [
  ...[
    'Identifier',
    'Literal',
    'MemberExpression',
    'CallExpression',
    'ImportSpecifier',
    'Property',
    'ObjectPattern',
  ],
  ...['VariableDeclarator', 'ArrowFunctionExpression', 'BlockStatement', 'ClassBody', 'AssignmentPattern'],
  ...[
    'ImportDefaultSpecifier',
    'TSExternalModuleReference',
    'SpreadElement',
    'Program',
    'ClassDeclaration',
    'TSParameterProperty',
    'AwaitExpression',
    'ExportSpecifier',
  ],
];

const samples = [...invalid, ...valid].filter(({ language }) => language === 'ts' || language === 'module');

describe('a parser with nodes of its own', () => {
  test.for(TYPES)('%s', (type) => {
    const parser = exotic(type);
    for (const one of samples) {
      const messages = verify(
        one.code,
        { sourceType: 'module', parser },
        fileOf({ ...one, filename: 'a.ts' }),
      );
      expect(messages.filter(({ fatal }) => fatal)).toEqual([]);
    }
  });
});

test('a language without JavaScript is left alone', () => {
  const words: ESLint.Plugin = {
    languages: {
      text: {
        fileType: 'text',
        lineStart: 1,
        columnStart: 1,
        nodeTypeKey: 'type',
        visitorKeys: { Text: [] },
        validateLanguageOptions: () => undefined,
        parse: () => ({ ok: true, ast: { type: 'Text' } }),
        createSourceCode: (file: { body: string }) => ({
          text: file.body,
          ast: { type: 'Text' },
          *traverse() {
            yield { kind: 1, target: { type: 'Text' }, phase: 1, args: [] };
          },
          getLoc: () => ({ start: { line: 1, column: 1 }, end: { line: 1, column: 1 } }),
          getRange: () => [0, 0],
        }),
      } as never,
    },
  };
  const messages = linter.verify(
    `'ioredis'`,
    [
      { files: ['**/*.txt'], plugins: { words }, language: 'words/text' },
      { ...strict, files: ['**/*.txt'] },
    ],
    { filename: 'a.txt' },
  );
  expect(messages).toEqual([]);
});
