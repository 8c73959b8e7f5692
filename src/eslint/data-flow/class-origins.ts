import type { TSESTree } from '@typescript-eslint/utils';
import { CALL, type OriginStep, type Steps, type SourceContext, type OriginQuery } from './origin.js';

type ClassNode = TSESTree.ClassDeclaration | TSESTree.ClassExpression;
type Values = ReadonlyMap<string, readonly OriginQuery[]>;

const members = new WeakMap<ClassNode, Values>();

/** Every `this.name = value` below a node, but in classes and functions with a `this` of their own. */
function assignments(node: TSESTree.Node, surroundings: SourceContext): [string, OriginQuery][] {
  const own: [string, OriginQuery][] = [];
  if (node.type === 'AssignmentExpression' && node.left.type === 'MemberExpression') {
    const key = node.left.object.type === 'ThisExpression' ? surroundings.keyOf(node.left) : undefined;
    if (key !== undefined) own.push([key, { node: node.right, steps: [] }]);
  }
  const isForeign = (child: TSESTree.Node) =>
    child.type === 'ClassDeclaration' ||
    child.type === 'ClassExpression' ||
    child.type === 'FunctionDeclaration';
  const below = surroundings.childrenOf(node).filter((child) => !isForeign(child));
  return [...own, ...below.flatMap((child) => assignments(child, surroundings))];
}

/** `constructor(private readonly pool = …)`. */
function parameters(node: ClassNode): [string, OriginQuery][] {
  const constructor = node.body.body.find(
    (one) => one.type === 'MethodDefinition' && one.kind === 'constructor',
  );
  const params = constructor?.type === 'MethodDefinition' ? constructor.value.params : [];
  return params.flatMap((param): [string, OriginQuery][] => {
    if (param.type !== 'TSParameterProperty') return [];
    const name = param.parameter.type === 'AssignmentPattern' ? param.parameter.left : param.parameter;
    return [[name.name, { node: name, steps: [] }]];
  });
}

type Valued = TSESTree.PropertyDefinition | TSESTree.AccessorProperty | TSESTree.MethodDefinition;

function hasValue(member: TSESTree.ClassElement): member is Valued {
  return ['PropertyDefinition', 'AccessorProperty', 'MethodDefinition'].includes(member.type);
}

/** What the fields of a class hold, by their names: initial values, getters, methods, and what is assigned to `this`. */
function valuesOf(node: ClassNode, surroundings: SourceContext): Values {
  const before = members.get(node);
  if (before) return before;
  const pairs = node.body.body.flatMap((member): [string, OriginQuery][] => {
    if (!hasValue(member)) return [];
    const key = surroundings.keyOf(member);
    if (key === undefined || !member.value) return [];
    const isGetter = member.type === 'MethodDefinition' && member.kind === 'get';
    return [[key, { node: member.value, steps: isGetter ? [CALL] : [] }]];
  });
  const values = new Map<string, OriginQuery[]>();
  for (const [key, trail] of [...pairs, ...parameters(node), ...assignments(node.body, surroundings)]) {
    values.set(key, [...(values.get(key) ?? []), trail]);
  }
  members.set(node, values);
  return values;
}

function fieldLeads(
  node: ClassNode,
  [name = '', ...rest]: Steps,
  surroundings: SourceContext,
): readonly OriginStep[] {
  const trails = valuesOf(node, surroundings).get(name) ?? [];
  return trails.map((trail) => ({ node: trail.node, steps: [...trail.steps, ...rest] }));
}

/** `Class.name`, and `new Class().name`. */
export function classSteps(
  node: ClassNode,
  steps: Steps,
  surroundings: SourceContext,
): readonly OriginStep[] {
  const [first, ...rest] = steps;
  if (first === undefined) return [];
  return fieldLeads(node, first === CALL ? rest : steps, surroundings);
}

/** `this.name` in a class. */
export function thisSteps(
  node: TSESTree.ThisExpression,
  steps: Steps,
  surroundings: SourceContext,
): readonly OriginStep[] {
  let above: TSESTree.Node | undefined = node.parent;
  while (above && above.type !== 'ClassDeclaration' && above.type !== 'ClassExpression') {
    if (above.type === 'FunctionDeclaration') return [];
    above = above.parent;
  }
  return above && steps.length > 0 ? fieldLeads(above, steps, surroundings) : [];
}
