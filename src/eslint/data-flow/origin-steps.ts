import type { TSESTree } from '@typescript-eslint/utils';
import {
  callSteps,
  importEqualsSteps,
  importExpressionSteps,
  importSteps,
  returnSteps,
} from './call-origins.js';
import { classSteps, thisSteps } from './class-origins.js';
import {
  type AccessPath,
  ANY,
  CALL,
  type OriginQuery,
  type OriginStep,
  type SourceContext,
} from './origin.js';
import { globalSteps, variableSteps } from './variable-origins.js';

/** Returns the next steps for a node of one type. */
type StepFinder<Type> = (
  node: Extract<TSESTree.Node, { type: Type }>,
  path: AccessPath,
  context: SourceContext,
) => readonly OriginStep[];

/** Steps into the expression of a cast or another wrapper that does not change the value. */
const wrapperSteps = ({ expression: node }: { readonly expression: TSESTree.Node }, path: AccessPath) => [
  { node, path },
];

/** A promise has the same path as its value, so `await` adds nothing. */
const awaitSteps: StepFinder<'AwaitExpression'> = ({ argument: node }, path) => [{ node, path }];

const logicalSteps: StepFinder<'LogicalExpression'> = ({ left, right }, path) => [
  { node: left, path },
  { node: right, path },
];

const memberSteps: StepFinder<'MemberExpression'> = (node, path, { keyOf }) => {
  const key = keyOf(node);
  return key === undefined ? [] : [{ node: node.object, path: [key, ...path] }];
};

const assignmentSteps: StepFinder<'AssignmentExpression'> = ({ left, operator, right }, path) => {
  if (operator === '=') return [{ node: right, path }];
  return ['||=', '&&=', '??='].includes(operator) ? [left, right].map((node) => ({ node, path })) : [];
};

const identifierSteps: StepFinder<'Identifier'> = (node, path, context) => {
  const variable = context.variableOf(node);
  return (variable && variableSteps(variable, path, context)) ?? globalSteps(node.name, path);
};

/** Next steps by node type. Types that are missing here, of any parser, end the search. */
const stepFinders: { readonly [Type in TSESTree.Node['type']]?: StepFinder<`${Type}`> } = {
  ArrayExpression: arraySteps,
  ArrowFunctionExpression: returnSteps,
  AssignmentExpression: assignmentSteps,
  AwaitExpression: awaitSteps,
  CallExpression: callSteps,
  ChainExpression: wrapperSteps,
  ClassDeclaration: classSteps,
  ClassExpression: classSteps,
  ConditionalExpression: ({ consequent, alternate }, path) =>
    [consequent, alternate].map((node) => ({ node, path })),
  FunctionDeclaration: returnSteps,
  FunctionExpression: returnSteps,
  Identifier: identifierSteps,
  ImportDefaultSpecifier: importSteps,
  ImportExpression: importExpressionSteps,
  ImportNamespaceSpecifier: importSteps,
  ImportSpecifier: importSteps,
  LogicalExpression: logicalSteps,
  MemberExpression: memberSteps,
  NewExpression: ({ callee }, path) => [{ node: callee, path: [CALL, ...path] }],
  ObjectExpression: objectSteps,
  SequenceExpression: ({ expressions }, path) => expressions.slice(-1).map((node) => ({ node, path })),
  ThisExpression: thisSteps,
  TSAsExpression: wrapperSteps,
  TSImportEqualsDeclaration: importEqualsSteps,
  TSInstantiationExpression: wrapperSteps,
  TSNonNullExpression: wrapperSteps,
  TSQualifiedName: ({ left, right }, path) => [{ node: left, path: [right.name, ...path] }],
  TSSatisfiesExpression: wrapperSteps,
  TSTypeAssertion: wrapperSteps,
};

/** Origins and further queries that one query leads to. */
export function nextSteps({ node, path }: OriginQuery, context: SourceContext): readonly OriginStep[] {
  if (!node) return [];
  const findSteps = stepFinders[node.type] as StepFinder<string> | undefined;
  return findSteps?.(node, path, context) ?? [];
}

/** Steps to a member of `{ … }`: to its value, its getter, or an object that is spread into the literal. */
function objectSteps(
  { properties }: TSESTree.ObjectExpression,
  path: AccessPath,
  { keyOf }: SourceContext,
): readonly OriginStep[] {
  const [name, ...rest] = path;
  if (name === undefined) return [];
  return properties.flatMap((property): OriginStep[] => {
    if (property.type !== 'Property') return [{ node: property.argument, path }];
    if (keyOf(property) !== name) return [];
    return [{ node: property.value, path: property.kind === 'get' ? [CALL, ...rest] : rest }];
  });
}

/** Steps to an element of `[ … ]`: to the one with the index, to any, or to one that is spread into the literal. */
function arraySteps({ elements }: TSESTree.ArrayExpression, path: AccessPath): readonly OriginStep[] {
  const [index, ...rest] = path;
  if (index === undefined) return [];
  return elements.flatMap((element, at) => {
    if (element?.type === 'SpreadElement') return [{ node: element.argument, path: [ANY, ...rest] }];
    return element && (index === ANY || index === String(at)) ? [{ node: element, path: rest }] : [];
  });
}
