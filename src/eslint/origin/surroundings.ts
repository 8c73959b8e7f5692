import { findVariable, getPropertyName, getStringIfConstant } from '@eslint-community/eslint-utils';
import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import type { KeyedNode, Surroundings, Variable } from './origin.js';

type Scope = Parameters<typeof findVariable>[0];
type Name = Parameters<typeof findVariable>[1];
type Keyed = Parameters<typeof getPropertyName>[0];
type Constant = Parameters<typeof getStringIfConstant>[0];

function isNode(value: unknown): value is TSESTree.Node {
  return (
    typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
  );
}

/** The nodes below, by the parser's own keys; a parser that names none has none. */
function childrenOf(node: TSESTree.Node, keys: Readonly<Record<string, readonly string[] | undefined>>) {
  const fields = node as unknown as Readonly<Record<string, unknown>>;
  return (keys[node.type] ?? []).flatMap((key) => [fields[key]].flat()).filter(isNode);
}

/** The questions about a file, asked of ESLint. Its types know no TypeScript nodes; what it runs on does. */
export function lookAround(
  sourceCode: Readonly<TSESLint.SourceCode>,
  originsOf: Surroundings['originsOf'],
): Surroundings {
  const scopeOf = (node: TSESTree.Node) => sourceCode.getScope(node) as unknown as Scope;
  const keyOf = (node: KeyedNode) => {
    const key = node.type === 'MemberExpression' ? node.property : node.key;
    if (key.type === 'PrivateIdentifier') return `#${key.name}`;
    if (node.type === 'AccessorProperty' && !node.computed && key.type === 'Identifier') return key.name;
    return getPropertyName(node as unknown as Keyed, scopeOf(node)) ?? undefined;
  };
  return {
    originsOf,
    keyOf,
    variableOf: (identifier) =>
      (findVariable(scopeOf(identifier), identifier as Name) as unknown as Variable | null) ?? undefined,
    textOf: (node) => getStringIfConstant(node as unknown as Constant, scopeOf(node)) ?? undefined,
    childrenOf: (node) => childrenOf(node, sourceCode.visitorKeys),
  };
}
