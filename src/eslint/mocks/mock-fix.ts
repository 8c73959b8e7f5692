import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import { lastNameOf, type MockCallNode } from './mock-calls.js';

type SourceText = Pick<Readonly<TSESLint.SourceCode>, 'text' | 'getText'>;

/**
 * The call that does for another module what a call does for ioredis: `vi.mock('m', () => import('ioredis'))`. The mocks
 * of both modules are then the same object, whatever the mock of ioredis is. Undefined if no such call can be written.
 */
export function createCounterpart(
  call: MockCallNode,
  module: string,
  sourceCode: SourceText,
): string | undefined {
  const quote = sourceCode.getText(call.source).startsWith('"') ? '"' : "'";
  const inQuotes = (name: string) => `${quote}${name}${quote}`;
  const object = sourceCode.getText(call.callee.object);
  const args = argumentsOfCounterpart(call, inQuotes(call.module), sourceCode);
  if (!args) return undefined;
  return `${object}.${call.name}(${[inQuotes(module), ...args].join(', ')})`;
}

/** Arguments after the name of the module. */
function argumentsOfCounterpart(
  { kind, callee, name, node }: MockCallNode,
  mocked: string,
  sourceCode: SourceText,
): readonly string[] | undefined {
  const runner = lastNameOf(callee.object);
  if (name === 'module') {
    // Node gives no access to the mock itself, so its options are repeated.
    const options = node.arguments.slice(1);
    return options.every(isRepeatable) ? options.map((option) => sourceCode.getText(option)) : undefined;
  }
  if (runner !== 'vi' && runner !== 'vitest' && runner !== 'jest') return undefined;
  return kind === 'mock' ? [`() => import(${mocked})`] : [];
}

/** Whether an expression has the same value each time: names, and objects of names. */
function isRepeatable(node: TSESTree.Node): boolean {
  switch (node.type) {
    case 'Identifier':
    case 'Literal':
      return true;
    case 'MemberExpression':
      return !node.computed && isRepeatable(node.object);
    case 'ObjectExpression':
      return node.properties.every(
        (property) => property.type === 'Property' && !property.computed && isRepeatable(property.value),
      );
    default:
      return false;
  }
}

/** Creates a fix that adds a call as the next statement; null where no statement can follow. */
export function createMockFix(
  { node }: MockCallNode,
  counterpart: string | undefined,
  { text }: SourceText,
): TSESLint.ReportFixFunction | null {
  const statement = node.parent.type === 'AwaitExpression' ? node.parent.parent : node.parent;
  const isInList = statement.parent?.type === 'Program' || statement.parent?.type === 'BlockStatement';
  if (counterpart === undefined || statement.type !== 'ExpressionStatement' || !isInList) return null;
  const [from, to] = statement.range;
  const lineStart = text.lastIndexOf('\n', from - 1) + 1;
  const indentation = /^[ \t]*/.exec(text.slice(lineStart, from))?.[0] ?? '';
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const end = text[to - 1] === ';' ? ';' : '';
  return (fixer) => fixer.insertTextAfter(statement, `${lineBreak}${indentation}${counterpart}${end}`);
}
