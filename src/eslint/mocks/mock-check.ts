import type { TSESTree } from '@typescript-eslint/utils';
import type { RuleContext } from '../define-rule.js';
import { hasCounterpart, missesPackages } from './file-mocks.js';
import { type MockKind, mockCallOf, mockCallsOf } from './mock-calls.js';
import { createCounterpart, createMockFix } from './mock-fix.js';
import { searchProject } from './project-search.js';

/** Ids of messages about mocks. */
export type MockMessageId = 'mocked' | 'unmocked';

/** Messages about mocks of ioredis in files that do not mock the module to use instead. */
export const mockMessages: Readonly<Record<MockMessageId, string>> = {
  mocked:
    'Code that imports "{{module}}" may not get this mock of ioredis, and would then open connections. {{advice}}.',
  unmocked: 'This call has no effect on code that imports "{{module}}". {{advice}}.',
};

/** Creates a check of calls: it reports those that mock ioredis in a file that does not mock the other module too. */
export function createMockCheck(
  context: RuleContext<MockMessageId>,
  module: string,
): (node: TSESTree.CallExpression) => void {
  const { sourceCode, filename } = context;
  return (node) => {
    const call = mockCallOf(node);
    if (!call || !missesPackages(call)) return;
    if (hasCounterpart(call, mockCallsOf(sourceCode), module)) return;
    // Without a project, as for a text from standard input, code that imports ioredis may exist.
    if (searchProject(filename, module)?.isUsed === false) return;
    const counterpart = createCounterpart(call, module, sourceCode);
    context.report({
      node: call.source,
      messageId: call.kind === 'mock' ? 'mocked' : 'unmocked',
      data: { module, advice: adviceFor(call.kind, counterpart, module) },
      fix: createMockFix(call, counterpart, sourceCode),
    });
  };
}

function adviceFor(kind: MockKind, counterpart: string | undefined, module: string): string {
  if (counterpart !== undefined) return `Add ${counterpart}`;
  return kind === 'mock' ? `Mock "${module}" too, with the same exports` : `Restore "${module}" too`;
}
