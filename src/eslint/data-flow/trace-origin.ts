import { findVariable, getPropertyName, getStringIfConstant } from '@eslint-community/eslint-utils';
import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import { nextSteps } from './origin-steps.js';
import type { KeyedNode, Origin, SourceContext, OriginQuery, Variable } from './origin.js';

/** The origins of a value: several where it is one thing or another, none where it is nobody's. */
export type Trace = (node: TSESTree.Node) => readonly Origin[];

/** No honest path is longer; `a = a.next` would make one without end. */
const LONGEST_PATH = 12;

/** Each question is asked once, so `let a = b; let b = a` has an end, and a ladder of conditions no 2^n. */
function follow(start: TSESTree.Node, surroundings: SourceContext): Origin[] {
  const asked = new Map<TSESTree.Node, Set<string>>();
  const open: OriginQuery[] = [{ node: start, steps: [] }];
  const found: Origin[] = [];
  for (let trail = open.pop(); trail; trail = open.pop()) {
    if (!trail.node) continue;
    const before = asked.get(trail.node) ?? new Set();
    const question = trail.steps.join('.');
    if (before.has(question) || trail.steps.length > LONGEST_PATH) continue;
    asked.set(trail.node, before.add(question));
    for (const lead of nextSteps(trail, surroundings)) {
      if ('module' in lead) found.push(lead);
      else open.push(lead);
    }
  }
  return found;
}

function createTrace(sourceCode: Readonly<TSESLint.SourceCode>): Trace {
  const known = new WeakMap<TSESTree.Node, readonly Origin[]>();
  const trace: Trace = (node) => {
    const before = known.get(node);
    if (before) return before;
    known.set(node, []); // what asks for itself gets no answer
    const origins = follow(node, surroundings);
    known.set(node, origins);
    return origins;
  };
  const surroundings = createSourceContext(sourceCode, trace);
  return trace;
}

const traces = new WeakMap<object, Trace>();

/** "Where does this value come from?" for the nodes of one file; all rules share the answers. */
export function traceOf(sourceCode: Readonly<TSESLint.SourceCode>): Trace {
  const trace = traces.get(sourceCode.ast) ?? createTrace(sourceCode);
  traces.set(sourceCode.ast, trace);
  return trace;
}

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
export function createSourceContext(
  sourceCode: Readonly<TSESLint.SourceCode>,
  originsOf: SourceContext['originsOf'],
): SourceContext {
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
