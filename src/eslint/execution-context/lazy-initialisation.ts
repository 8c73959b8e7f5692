import type { TSESTree } from '@typescript-eslint/utils';
import type { SourceContext } from '../data-flow/origin.js';
import { usesOf } from '../data-flow/value-uses.js';
import type { Call } from './callback-timing.js';

const KEEPING = /^(?:set|add|push|defineProperty|assign)$/;
const GLOBALS = new Set(['globalThis', 'global', 'process', 'window', 'self']);

/** What something is kept in, as text: `client`, `this.client`, `globalThis.redis`; `clients` for `clients[key]`. */
function placeOf(target: TSESTree.Node, { keyOf }: SourceContext): string | undefined {
  let at = target;
  let key: string | undefined;
  while (at.type === 'MemberExpression' || at.type.startsWith('TS') || at.type === 'ChainExpression') {
    if (at.type === 'MemberExpression') key = keyOf(at);
    const next: unknown =
      at.type === 'MemberExpression' ? at.object : (at as { expression?: unknown }).expression;
    if (!next) return undefined;
    at = next as TSESTree.Node;
  }
  if (at.type === 'ThisExpression') return `this.${key ?? ''}`;
  if (at.type !== 'Identifier') return undefined;
  return GLOBALS.has(at.name) ? `${at.name}.${key ?? ''}` : at.name;
}

/** Where the value of a call is kept beyond the function: variables outside, fields, maps. */
function placesOf(call: TSESTree.Node, surroundings: SourceContext): Set<string> {
  const places = usesOf(call, surroundings).map((use) => {
    if (use.kind === 'kept') return placeOf(use.target, surroundings);
    if (use.kind !== 'passed' || use.call.callee.type !== 'MemberExpression') return undefined;
    const { callee } = use.call;
    return KEEPING.test(surroundings.keyOf(callee) ?? '') ? placeOf(callee.object, surroundings) : undefined;
  });
  return new Set(places.filter((place) => place !== undefined));
}

function exits(statement: TSESTree.Statement): boolean {
  const last = statement.type === 'BlockStatement' ? statement.body.at(-1) : statement;
  return ['ReturnStatement', 'ThrowStatement', 'ContinueStatement'].includes(last?.type ?? '');
}

/** `if (client) return client;` before a statement of the same block. */
function exitsBefore(node: TSESTree.Node, block: TSESTree.BlockStatement): TSESTree.Node[] {
  return block.body
    .slice(0, Math.max(0, block.body.indexOf(node as TSESTree.Statement)))
    .flatMap((statement) =>
      statement.type === 'IfStatement' && exits(statement.consequent) ? [statement.test] : [],
    );
}

/** What was asked before the node is reached. */
function testsBefore(start: TSESTree.Node): TSESTree.Node[] {
  const tests: TSESTree.Node[] = [];
  for (let node = start; node.parent; node = node.parent) {
    const { parent } = node;
    if (parent.type === 'BlockStatement') tests.push(...exitsBefore(node, parent));
    else if (parent.type === 'IfStatement' || parent.type === 'ConditionalExpression')
      tests.push(parent.test);
    else if (parent.type === 'LogicalExpression' && parent.right === node) tests.push(parent.left);
    else if (parent.type === 'AssignmentExpression' && ['??=', '||='].includes(parent.operator)) {
      tests.push(parent.left);
    }
  }
  return tests;
}

/** Whether a test looks at one of these places, itself or through a variable that was read from there. */
function looksAt(
  node: TSESTree.Node,
  places: ReadonlySet<string>,
  surroundings: SourceContext,
  depth = 2,
): boolean {
  const place = placeOf(node, surroundings);
  if (place !== undefined && places.has(place)) return true;
  const definition =
    node.type === 'Identifier' && depth > 0 ? surroundings.variableOf(node)?.defs[0]?.node : undefined;
  const init = definition?.type === 'VariableDeclarator' ? definition.init : undefined;
  if (init && looksAt(init, places, surroundings, depth - 1)) return true;
  return surroundings.childrenOf(node).some((child) => looksAt(child, places, surroundings, depth));
}

/** Whether a call happens only while what it makes is missing: `client ??= make()`, `if (!clients.has(key)) …`. */
export function isLazy(call: Call, surroundings: SourceContext): boolean {
  const places = placesOf(call, surroundings);
  return places.size > 0 && testsBefore(call).some((test) => looksAt(test, places, surroundings));
}
