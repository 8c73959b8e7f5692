import type { TSESTree } from '@typescript-eslint/utils';
import {
  callSteps,
  importExpressionSteps,
  importSteps,
  requireEqualsSteps,
  returnSteps,
} from './call-origins.js';
import { classSteps, thisSteps } from './class-origins.js';
import { ANY, CALL, type OriginStep, type Steps, type SourceContext, type OriginQuery } from './origin.js';
import { globalSteps, variableSteps } from './variable-origins.js';

type Leads<Type> = (
  node: Extract<TSESTree.Node, { type: Type }>,
  steps: Steps,
  surroundings: SourceContext,
) => readonly OriginStep[];

/** What only stands around a value. */
const within = ({ expression: node }: { readonly expression: TSESTree.Node }, steps: Steps) => [
  { node, steps },
];

/** A promise goes by the name of its value. */
const awaited: Leads<'AwaitExpression'> = ({ argument: node }, steps) => [{ node, steps }];

const either: Leads<'LogicalExpression'> = ({ left, right }, steps) => [
  { node: left, steps },
  { node: right, steps },
];

const memberLeads: Leads<'MemberExpression'> = (node, steps, { keyOf }) => {
  const key = keyOf(node);
  return key === undefined ? [] : [{ node: node.object, steps: [key, ...steps] }];
};

const assigned: Leads<'AssignmentExpression'> = ({ left, operator, right }, steps) => {
  if (operator === '=') return [{ node: right, steps }];
  return ['||=', '&&=', '??='].includes(operator) ? [left, right].map((node) => ({ node, steps })) : [];
};

const named: Leads<'Identifier'> = (node, steps, surroundings) => {
  const variable = surroundings.variableOf(node);
  return (variable && variableSteps(variable, steps, surroundings)) ?? globalSteps(node.name, steps);
};

/** How to go on from each kind of node. What is not here, of whichever parser, leads nowhere. */
const table: { readonly [Type in TSESTree.Node['type']]?: Leads<`${Type}`> } = {
  ArrayExpression: arraySteps,
  ArrowFunctionExpression: returnSteps,
  AssignmentExpression: assigned,
  AwaitExpression: awaited,
  CallExpression: callSteps,
  ChainExpression: within,
  ClassDeclaration: classSteps,
  ClassExpression: classSteps,
  ConditionalExpression: ({ consequent, alternate }, steps) =>
    [consequent, alternate].map((node) => ({ node, steps })),
  FunctionDeclaration: returnSteps,
  FunctionExpression: returnSteps,
  Identifier: named,
  ImportDefaultSpecifier: importSteps,
  ImportExpression: importExpressionSteps,
  ImportNamespaceSpecifier: importSteps,
  ImportSpecifier: importSteps,
  LogicalExpression: either,
  MemberExpression: memberLeads,
  NewExpression: ({ callee }, steps) => [{ node: callee, steps: [CALL, ...steps] }],
  ObjectExpression: objectSteps,
  SequenceExpression: ({ expressions }, steps) => expressions.slice(-1).map((node) => ({ node, steps })),
  ThisExpression: thisSteps,
  TSAsExpression: within,
  TSImportEqualsDeclaration: requireEqualsSteps,
  TSInstantiationExpression: within,
  TSNonNullExpression: within,
  TSQualifiedName: ({ left, right }, steps) => [{ node: left, steps: [right.name, ...steps] }],
  TSSatisfiesExpression: within,
  TSTypeAssertion: within,
};

/** Where the value of `node.step.step…` is to be looked for next. */
export function nextSteps({ node, steps }: OriginQuery, surroundings: SourceContext): readonly OriginStep[] {
  if (!node) return [];
  const leads = table[node.type] as Leads<string> | undefined;
  return leads?.(node, steps, surroundings) ?? [];
}

/** A member of `{ … }`: by its name, by its getter, or out of what is spread into it. */
function objectSteps(
  { properties }: TSESTree.ObjectExpression,
  steps: Steps,
  { keyOf }: SourceContext,
): readonly OriginStep[] {
  const [name, ...rest] = steps;
  if (name === undefined) return [];
  return properties.flatMap((property): OriginStep[] => {
    if (property.type !== 'Property') return [{ node: property.argument, steps }];
    if (keyOf(property) !== name) return [];
    return [{ node: property.value, steps: property.kind === 'get' ? [CALL, ...rest] : rest }];
  });
}

/** An element of `[ … ]`: by its index, any one, or out of what is spread into it. */
function arraySteps({ elements }: TSESTree.ArrayExpression, steps: Steps): readonly OriginStep[] {
  const [index, ...rest] = steps;
  if (index === undefined) return [];
  return elements.flatMap((element, at) => {
    if (element?.type === 'SpreadElement') return [{ node: element.argument, steps: [ANY, ...rest] }];
    return element && (index === ANY || index === String(at)) ? [{ node: element, steps: rest }] : [];
  });
}
