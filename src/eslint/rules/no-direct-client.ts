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

type MessageId = 'created' | 'extended' | 'reexported';

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
};

/** Finds clients that are not created by redis-hygiene, and exports that lead to such clients. */
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

function createReporter(context: RuleContext<MessageId>, { module }: Options) {
  const mocked = mockedModulesIn(context.sourceCode);
  const adviceFor = ({ advice, isReplaceable }: ClientMaker) => {
    if (module === undefined) return advice;
    return isReplaceable ? `Import it from "${module}"` : `Use "${module}" instead`;
  };
  return (
    messageId: MessageId,
    { node, origins }: ModuleExport,
    findMaker: (origin: Origin) => ClientMaker | undefined,
  ): void => {
    const [maker] = origins
      .filter((origin) => !mocked.has(origin.module))
      .flatMap((origin) => findMaker(origin) ?? []);
    if (!maker) return;
    const fixable = origins.filter((origin) => origin.module === maker.module && findMaker(origin));
    context.report({
      node,
      messageId,
      data: { module: maker.module, advice: adviceFor(maker) },
      fix: maker.isReplaceable ? createImportFix(fixable, module ?? DROP_IN_MODULE, context) : null,
    });
  };
}

const MOCK_FUNCTION = String.raw`(?:\.\s*(?:mock|doMock|unstable_mockModule|mockModule|setMock)|\bmock\s*\.\s*module)`;
/** `<typeof import('m')>` and the like. */
const TYPE_ARGUMENTS = String.raw`(?:<(?:[^<>()]|\([^()]*\)|<[^<>]*>)*>)?`;
const MODULE_NAME = String.raw`(['"\`])([^'"\`\n]+)\1`;

const MOCK_CALL = new RegExp(
  String.raw`${MOCK_FUNCTION}\s*${TYPE_ARGUMENTS}\s*\(\s*(?:import\s*\(\s*)?${MODULE_NAME}`,
  'g',
);

/** Modules that a test replaces by mocks (vitest, jest, node:test), so that their clients connect to nothing. */
function mockedModulesIn(sourceCode: Readonly<TSESLint.SourceCode>): ReadonlySet<string> {
  const calls = [...sourceCode.text.matchAll(MOCK_CALL)];
  const comments = calls.length > 0 ? sourceCode.getAllComments().map(({ range }) => range) : [];
  const isInComment = (index: number) => comments.some(([from, to]) => from <= index && index < to);
  return new Set(calls.flatMap(({ index, 2: module = '' }) => (isInComment(index) ? [] : [module])));
}
