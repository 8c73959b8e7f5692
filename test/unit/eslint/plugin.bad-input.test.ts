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

const { parser: typescriptParser } = LANGUAGES.ts as {
  parser: { parseForESLint(code: string, options: object): { ast: object } };
};

/** Creates a parser whose nodes of one type have a name that no rule knows. */
function createParserWithUnknown(type: string): Linter.Parser {
  return {
    parseForESLint(code, options) {
      const parsed = typescriptParser.parseForESLint(code, options as object);
      visitNodes(parsed.ast, (node) => {
        if (node['type'] === type) node['type'] = `Unknown${type}`;
      });
      return parsed;
    },
  };
}

type Node = Record<string, unknown>;

function visitNodes(value: unknown, visit: (node: Node) => void, seen = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const node = value as Node;
  visit(node);
  for (const [key, child] of Object.entries(node)) if (key !== 'parent') visitNodes(child, visit, seen);
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

const samples = [...invalid, ...valid].filter(({ language }) => ['ts', 'cts', 'module'].includes(language));

/** Types of the nodes of a sample, which tell in which cases it has an unknown node. */
function nodeTypesOf(code: string): ReadonlySet<unknown> {
  const types = new Set<unknown>();
  const options = { sourceType: 'module', range: true, loc: true };
  visitNodes(typescriptParser.parseForESLint(code, options).ast, (node) => types.add(node['type']));
  return types;
}

const typesBySample = new Map(samples.map((sample) => [sample, nodeTypesOf(sample.code)]));

// The first case loads the parsers, which takes ten times as long on a busy machine.
describe('a parser with an unknown node type causes no crash', { timeout: 120_000 }, () => {
  test.for(TYPES)('%s', (type) => {
    const parser = createParserWithUnknown(type);
    const affected = samples.filter((sample) => typesBySample.get(sample)?.has(type));
    expect(affected).not.toEqual([]);
    for (const sample of affected) {
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
