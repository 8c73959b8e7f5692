import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import {
  CLIENT_PACKAGES,
  type ClientMaker,
  clientMakerOf,
  clientMakerWithin,
  DROP_IN_MODULE,
} from '../client-libraries.js';
import type { Origin } from '../data-flow/origin.js';
import type { Trace } from '../data-flow/trace-origin.js';
import { isMatchedByGlobs } from '../file-kinds.js';
import { createImportFix } from '../import-fix.js';
import { findFixObstacle } from '../mocks/fix-obstacle.js';
import { mockCallsOf } from '../mocks/mock-calls.js';
import { createMockCheck, type MockMessageId, mockMessages } from '../mocks/mock-check.js';
import {
  copiedExportsOf,
  exportedValuesOf,
  isAmbient,
  isCommonJsExport,
  type ModuleExport,
  namedExportsOf,
  starExportsOf,
} from '../module-exports.js';
import { defineRule, type RuleContext } from '../define-rule.js';

/** Options of the rule. */
interface Options {
  /** Globs of files that may create raw clients. */
  readonly allow?: readonly string[];
  /** Module to use instead of ioredis, also in the fix. */
  readonly module?: string;
}

type MessageId = 'created' | 'extended' | 'reexported' | MockMessageId;

const schema: TSESLint.RuleMetaData<MessageId>['schema'] = [
  {
    type: 'object',
    additionalProperties: false,
    properties: {
      allow: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        uniqueItems: true,
        description:
          'Globs of files that may create raw clients, relative to the folder that the linter runs in.',
      },
      module: {
        type: 'string',
        pattern: String.raw`^[^'"\`\\\s]+$`,
        description: `Module to use instead. Default: "${DROP_IN_MODULE}".`,
      },
    },
  },
];

const messages: Readonly<Record<MessageId, string>> = {
  created: 'This client of {{module}} has no name, no heartbeat and no owner. {{advice}}.',
  extended: 'Clients of this subclass of {{module}} have no name, no heartbeat and no owner. {{advice}}.',
  reexported:
    'Clients of {{module}} that are created with this export have no name, no heartbeat and no owner. {{advice}}.',
  ...mockMessages,
};

/** Finds clients that are not created by redis-hygiene, exports that lead to such clients, and mocks of ioredis alone. */
export const noDirectClient = defineRule<MessageId>({
  name: 'no-direct-client',
  description: 'Clients come from redis-hygiene, not from ioredis, iovalkey, redis or @valkey/valkey-glide',
  fixable: 'code',
  messages,
  schema,
  modules: CLIENT_PACKAGES,
  create: (context, trace) => {
    const options = (context.options[0] ?? {}) as Options;
    return isMatchedByGlobs(context, options.allow ?? []) ? {} : createListener(context, trace, options);
  },
});

function createListener(
  context: RuleContext<MessageId>,
  trace: Trace,
  options: Options,
): TSESLint.RuleListener {
  const report = createReporter(context, options);
  const checkMock = createMockCheck(context, options.module ?? DROP_IN_MODULE);
  const checkCreation = (node: TSESTree.Node, called: TSESTree.Node | undefined) =>
    called && report('created', { node, origins: trace(called) }, clientMakerOf);
  const checkExports = (node: TSESTree.Node, findExports: () => readonly ModuleExport[]) => {
    if (isAmbient(node, context.filename)) return;
    for (const value of findExports()) report('reexported', value, clientMakerWithin);
  };
  const checkClass = ({ superClass: node }: TSESTree.ClassDeclaration | TSESTree.ClassExpression) =>
    node && report('extended', { node, origins: trace(node) }, clientMakerWithin);
  return {
    NewExpression: (node) => checkCreation(node, node.callee),
    CallExpression: (node) => {
      checkMock(node);
      checkCreation(node, calledFunctionOf(node));
      const copied = copiedExportsOf(node, trace);
      if (copied.length > 0) checkExports(node, () => copied);
    },
    ClassDeclaration: checkClass,
    ClassExpression: checkClass,
    ExportAllDeclaration: (node) => checkExports(node, () => starExportsOf(node)),
    ExportNamedDeclaration: (node) => checkExports(node, () => namedExportsOf(node, trace)),
    ExportDefaultDeclaration: (node) => checkExports(node, () => exportedValuesOf(node.declaration, trace)),
    TSExportAssignment: (node) => checkExports(node, () => exportedValuesOf(node.expression, trace)),
    AssignmentExpression: (node) => {
      if (isCommonJsExport(node)) checkExports(node, () => exportedValuesOf(node.right, trace));
    },
  };
}

/** The function that a call runs: `f` of `f(…)`, `f.call(…)`, `f.apply(…)` and `Reflect.construct(f, …)`. */
function calledFunctionOf({ callee, arguments: args }: TSESTree.CallExpression): TSESTree.Node | undefined {
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return callee;
  const { object, property } = callee;
  if (object.type === 'Identifier' && object.name === 'Reflect')
    return property.name === 'construct' ? args[0] : undefined;
  return property.name === 'call' || property.name === 'apply' ? object : callee;
}

/** Reports a value if it is, or leads to, a client maker. */
type Report = (
  messageId: Exclude<MessageId, MockMessageId>,
  value: ModuleExport,
  findMaker: (origin: Origin) => ClientMaker | undefined,
) => void;

function createReporter(context: RuleContext<MessageId>, { module }: Options): Report {
  const mocked = mockedModulesIn(context.sourceCode);
  const replacement = module ?? DROP_IN_MODULE;
  const adviceFor = ({ advice, isReplaceable }: ClientMaker) => {
    if (module === undefined) return advice;
    return isReplaceable ? `Import it from "${module}"` : `Use "${module}" instead`;
  };
  return (messageId, { node, origins }, findMaker) => {
    const makers = origins
      .filter((origin) => !mocked.has(origin.module))
      .flatMap((origin) => findMaker(origin) ?? []);
    // A value that may come from another library too cannot be fixed by the import of one.
    const maker = makers.find(({ isReplaceable }) => !isReplaceable) ?? makers[0];
    if (!maker) return;
    const fixable = origins.filter((origin) => origin.module === maker.module && findMaker(origin));
    const fix = maker.isReplaceable ? createImportFix(fixable, replacement, context) : null;
    const obstacle = fix ? findFixObstacle(context, replacement) : undefined;
    const advice = obstacle === undefined ? adviceFor(maker) : `${adviceFor(maker)}. ${obstacle}`;
    context.report({
      node,
      messageId,
      data: { module: maker.module, advice },
      fix: obstacle === undefined ? fix : null,
    });
  };
}

/** Modules that a test replaces by mocks (vitest, jest, node:test), so that their clients connect to nothing. */
function mockedModulesIn(sourceCode: Readonly<TSESLint.SourceCode>): ReadonlySet<string> {
  const calls = mockCallsOf(sourceCode);
  return new Set(calls.filter(({ kind }) => kind === 'mock').map(({ module }) => module));
}
