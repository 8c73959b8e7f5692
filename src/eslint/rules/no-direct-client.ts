import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import { DROP_IN, LIBRARIES, type ClientMaker, makerOf, sourceOf } from '../client-libraries.js';
import type { Origin } from '../data-flow/origin.js';
import type { Trace } from '../data-flow/trace-origin.js';
import { isAllowed } from '../file-kinds.js';
import { replacement } from '../import-fix.js';
import {
  allExports,
  copiedExports,
  type Export,
  exportedValues,
  isAmbient,
  isCommonJsExport,
  namedExports,
} from '../module-exports.js';
import { type Context, defineRule } from '../rule.js';

/** What the configuration may say. */
interface Options {
  /** Globs of files where raw clients may be made. */
  readonly allow?: readonly string[];
  /** The module to use instead; the fix writes it. */
  readonly module?: string;
}

type Message = 'created' | 'extended' | 'reexported';

const schema: TSESLint.RuleMetaData<Message>['schema'] = [
  {
    type: 'object',
    additionalProperties: false,
    properties: {
      allow: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        uniqueItems: true,
        description:
          'Globs of files where raw clients may be made, relative to the folder that the linter runs in.',
      },
      module: {
        type: 'string',
        pattern: String.raw`^[^'"\`\\\s]+$`,
        description: `The module to use instead. Default: "${DROP_IN}".`,
      },
    },
  },
];

const messages: Readonly<Record<Message, string>> = {
  created: 'This client of {{module}} has no name, no heartbeat and no owner. {{advice}}.',
  extended: 'This class is a client of {{module}} without a name, a heartbeat or an owner. {{advice}}.',
  reexported:
    'Whoever imports this makes clients of {{module}} without a name, a heartbeat or an owner. {{advice}}.',
};

/** What is called: of `f.call(…)`, `f.apply(…)` and `Reflect.construct(f, …)` it is f. */
function calledIn({ callee, arguments: args }: TSESTree.CallExpression): TSESTree.Node | undefined {
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return callee;
  const { object, property } = callee;
  if (object.type === 'Identifier' && object.name === 'Reflect')
    return property.name === 'construct' ? args[0] : undefined;
  return property.name === 'call' || property.name === 'apply' ? object : callee;
}

function createReporter(context: Context<Message>, { module }: Options) {
  const mocked = mockedModules(context.sourceCode);
  const advise = ({ advice, isReplaceable }: ClientMaker) => {
    if (module === undefined) return advice;
    return isReplaceable ? `Import it from "${module}"` : `Use "${module}" instead`;
  };
  return (
    messageId: Message,
    { node, origins }: Export,
    recognise: (origin: Origin) => ClientMaker | undefined,
  ): void => {
    const [first] = origins
      .filter((origin) => !mocked.has(origin.module))
      .flatMap((origin) => recognise(origin) ?? []);
    if (!first) return;
    const own = origins.filter((origin) => origin.module === first.module && recognise(origin));
    context.report({
      node,
      messageId,
      data: { module: first.module, advice: advise(first) },
      fix: first.isReplaceable ? replacement(own, module ?? DROP_IN, context) : null,
    });
  };
}

function createListener(context: Context<Message>, trace: Trace, options: Options): TSESLint.RuleListener {
  const report = createReporter(context, options);
  const creation = (node: TSESTree.Node, called: TSESTree.Node | undefined) =>
    called && report('created', { node, origins: trace(called) }, makerOf);
  const reexport = (node: TSESTree.Node, values: () => readonly Export[]) => {
    if (isAmbient(node, context.filename)) return;
    for (const value of values()) report('reexported', value, sourceOf);
  };
  const inheritance = ({ superClass: node }: TSESTree.ClassDeclaration | TSESTree.ClassExpression) =>
    node && report('extended', { node, origins: trace(node) }, sourceOf);
  return {
    NewExpression: (node) => creation(node, node.callee),
    CallExpression: (node) => {
      creation(node, calledIn(node));
      const copied = copiedExports(node, trace);
      if (copied.length > 0) reexport(node, () => copied);
    },
    ClassDeclaration: inheritance,
    ClassExpression: inheritance,
    ExportAllDeclaration: (node) => reexport(node, () => allExports(node)),
    ExportNamedDeclaration: (node) => reexport(node, () => namedExports(node, trace)),
    ExportDefaultDeclaration: (node) => reexport(node, () => exportedValues(node.declaration, trace)),
    TSExportAssignment: (node) => reexport(node, () => exportedValues(node.expression, trace)),
    AssignmentExpression: (node) => {
      if (isCommonJsExport(node)) reexport(node, () => exportedValues(node.right, trace));
    },
  };
}

/** Finds clients that are made behind the back of redis-hygiene, and what leads to them. */
export const noDirectClient = defineRule<Message>({
  name: 'no-direct-client',
  description: 'Clients come from redis-hygiene, not from ioredis, iovalkey, redis or @valkey/valkey-glide',
  fixable: 'code',
  messages,
  schema,
  modules: LIBRARIES,
  create: (context, trace) => {
    const options = (context.options[0] ?? {}) as Options;
    return isAllowed(context, options.allow ?? []) ? {} : createListener(context, trace, options);
  },
});

const CALL = String.raw`(?:\.\s*(?:mock|doMock|unstable_mockModule|mockModule|setMock)|\bmock\s*\.\s*module)`;
/** `<typeof import('m')>` and the like. */
const TYPES = String.raw`(?:<(?:[^<>()]|\([^()]*\)|<[^<>]*>)*>)?`;
const NAME = String.raw`(['"\`])([^'"\`\n]+)\1`;

const MOCK = new RegExp(String.raw`${CALL}\s*${TYPES}\s*\(\s*(?:import\s*\(\s*)?${NAME}`, 'g');

/** The modules that a test replaces (vitest, jest, node:test): what it makes of them connects to nothing. */
function mockedModules(sourceCode: Readonly<TSESLint.SourceCode>): ReadonlySet<string> {
  const calls = [...sourceCode.text.matchAll(MOCK)];
  const comments = calls.length > 0 ? sourceCode.getAllComments().map(({ range }) => range) : [];
  const isSaid = (at: number) => comments.some(([from, to]) => from <= at && at < to);
  return new Set(calls.flatMap(({ index, 2: module = '' }) => (isSaid(index) ? [] : [module])));
}
