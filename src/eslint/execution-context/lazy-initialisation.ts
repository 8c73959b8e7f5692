import type { TSESTree } from '@typescript-eslint/utils';
import type { SourceContext } from '../data-flow/origin.js';
import type { CallNode } from '../data-flow/syntax-nodes.js';
import { usesOf } from '../data-flow/value-uses.js';

/** Whether a call runs only while its result is missing: `client ??= make()`, `if (!clients.has(key)) …`. */
export function isLazy(call: CallNode, context: SourceContext): boolean {
  const storage = storageNamesOf(call, context);
  return storage.size > 0 && testsBefore(call).some((test) => hasReadOf(storage, test, context));
}

/** Methods that store their argument in the object. */
const STORING_METHOD = /^(?:set|add|push|defineProperty|assign)$/;

/** Names of everything that keeps the result of a call beyond the function: outer variables, fields, maps. */
function storageNamesOf(call: TSESTree.Node, context: SourceContext): Set<string> {
  const names = usesOf(call, context).map((use) => {
    if (use.kind === 'stored') return storageNameOf(use.target, context);
    if (use.kind !== 'passed' || use.call.callee.type !== 'MemberExpression') return undefined;
    const { callee } = use.call;
    return STORING_METHOD.test(context.keyOf(callee) ?? '')
      ? storageNameOf(callee.object, context)
      : undefined;
  });
  return new Set(names.filter((name) => name !== undefined));
}

const GLOBAL_OBJECTS = new Set(['globalThis', 'global', 'process', 'window', 'self']);

/** Variable or field of a target: `client`, `this.client`, `globalThis.redis`; `clients` for `clients[key]`. */
function storageNameOf(target: TSESTree.Node, { keyOf }: SourceContext): string | undefined {
  let node = target;
  let key: string | undefined;
  while (node.type === 'MemberExpression' || node.type.startsWith('TS') || node.type === 'ChainExpression') {
    if (node.type === 'MemberExpression') key = keyOf(node);
    const next: unknown =
      node.type === 'MemberExpression' ? node.object : (node as { expression?: unknown }).expression;
    if (!next) return undefined;
    node = next as TSESTree.Node;
  }
  if (node.type === 'ThisExpression') return `this.${key ?? ''}`;
  if (node.type !== 'Identifier') return undefined;
  return GLOBAL_OBJECTS.has(node.name) ? `${node.name}.${key ?? ''}` : node.name;
}

/** Conditions that are evaluated before a node is reached, and on which it depends. */
function testsBefore(start: TSESTree.Node): TSESTree.Node[] {
  const tests: TSESTree.Node[] = [];
  for (let node = start; node.parent; node = node.parent) {
    const { parent } = node;
    if (parent.type === 'BlockStatement') tests.push(...earlyExitTests(node, parent));
    else if (parent.type === 'IfStatement' || parent.type === 'ConditionalExpression')
      tests.push(parent.test);
    else if (parent.type === 'LogicalExpression' && parent.right === node) tests.push(parent.left);
    else if (parent.type === 'AssignmentExpression' && ['??=', '||='].includes(parent.operator)) {
      tests.push(parent.left);
    }
  }
  return tests;
}

/** Conditions of early exits, such as `if (client) return client;`, before a statement of the same block. */
function earlyExitTests(node: TSESTree.Node, block: TSESTree.BlockStatement): TSESTree.Node[] {
  return block.body
    .slice(0, Math.max(0, block.body.indexOf(node as TSESTree.Statement)))
    .flatMap((statement) =>
      statement.type === 'IfStatement' && isExit(statement.consequent) ? [statement.test] : [],
    );
}

function isExit(statement: TSESTree.Statement): boolean {
  const last = statement.type === 'BlockStatement' ? statement.body.at(-1) : statement;
  return ['ReturnStatement', 'ThrowStatement', 'ContinueStatement'].includes(last?.type ?? '');
}

/** Whether a node reads one of these variables and fields, directly or through a variable that was read from it. */
function hasReadOf(
  storage: ReadonlySet<string>,
  node: TSESTree.Node,
  context: SourceContext,
  depth = 2,
): boolean {
  const name = storageNameOf(node, context);
  if (name !== undefined && storage.has(name)) return true;
  const definition =
    node.type === 'Identifier' && depth > 0 ? context.variableOf(node)?.defs[0]?.node : undefined;
  const init = definition?.type === 'VariableDeclarator' ? definition.init : undefined;
  if (init && hasReadOf(storage, init, context, depth - 1)) return true;
  return context.childrenOf(node).some((child) => hasReadOf(storage, child, context, depth));
}
