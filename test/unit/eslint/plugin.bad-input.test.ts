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

test('a file that does not parse has only the error of the parser', () => {
  const messages = verify(`import R from 'ioredis'; new R(`, LANGUAGES.module);
  expect(messages).toMatchObject([{ fatal: true, ruleId: null }]);
});

test.for(['', '\uFEFF', '#!/usr/bin/env node\n', `'ioredis'`, `/* 'ioredis' */`, `import 'ioredis'`])(
  '%j has no findings',
  (code) => {
    expect(verify(code, LANGUAGES.module)).toEqual([]);
  },
);

/** Creates a parser whose nodes of one type have a name that no rule knows. */
function createParserWithUnknown(type: string): Linter.Parser {
  const { parser } = LANGUAGES.ts as {
    parser: { parseForESLint(code: string, options: object): { ast: object } };
  };
  return {
    parseForESLint(code, options) {
      const parsed = parser.parseForESLint(code, options as object);
      renameType(parsed.ast, type, new Set());
      return parsed;
    },
  };
}

function renameType(value: unknown, type: string, seen: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const node = value as Record<string, unknown>;
  if (node['type'] === type) node['type'] = `Unknown${type}`;
  for (const [key, child] of Object.entries(node)) if (key !== 'parent') renameType(child, type, seen);
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

// The first case loads the parsers, which takes ten times as long on a busy machine.
describe('a parser with an unknown node type causes no crash', { timeout: 120_000 }, () => {
  test.for(TYPES)('%s', (type) => {
    const parser = createParserWithUnknown(type);
    for (const sample of samples) {
      const messages = verify(
        sample.code,
        { sourceType: 'module', parser },
        fileOf({ ...sample, filename: 'a.ts' }),
      );
      expect(messages.filter(({ fatal }) => fatal)).toEqual([]);
    }
  });
});

test('a file of another language has no findings', () => {
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
