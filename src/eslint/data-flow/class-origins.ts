import type { TSESTree } from '@typescript-eslint/utils';
import { type AccessPath, CALL, type OriginQuery, type OriginStep, type SourceContext } from './origin.js';

type ClassNode = TSESTree.ClassDeclaration | TSESTree.ClassExpression;

/** Values of the members of a class, by the members' names. */
type MemberValues = ReadonlyMap<string, readonly OriginQuery[]>;

/** Steps for `Class.name` and `new Class().name`. */
export function classSteps(node: ClassNode, path: AccessPath, context: SourceContext): readonly OriginStep[] {
  const [first, ...rest] = path;
  if (first === undefined) return [];
  return memberSteps(node, first === CALL ? rest : path, context);
}

/** Steps for `this.name` in a class. */
export function thisSteps(
  node: TSESTree.ThisExpression,
  path: AccessPath,
  context: SourceContext,
): readonly OriginStep[] {
  let above: TSESTree.Node | undefined = node.parent;
  while (above && above.type !== 'ClassDeclaration' && above.type !== 'ClassExpression') {
    if (above.type === 'FunctionDeclaration') return [];
    above = above.parent;
  }
  return above && path.length > 0 ? memberSteps(above, path, context) : [];
}

function memberSteps(
  node: ClassNode,
  [name = '', ...rest]: AccessPath,
  context: SourceContext,
): readonly OriginStep[] {
  const values = memberValuesOf(node, context).get(name) ?? [];
  return values.map((value) => ({ node: value.node, path: [...value.path, ...rest] }));
}

const memberValues = new WeakMap<ClassNode, MemberValues>();

/** Values of a class's members: initial values, getters, methods, parameter properties, and assignments to `this`. */
function memberValuesOf(node: ClassNode, context: SourceContext): MemberValues {
  const known = memberValues.get(node);
  if (known) return known;
  const declared = node.body.body.flatMap((member): [string, OriginQuery][] => {
    if (!hasValue(member)) return [];
    const key = context.keyOf(member);
    if (key === undefined || !member.value) return [];
    const isGetter = member.type === 'MethodDefinition' && member.kind === 'get';
    return [[key, { node: member.value, path: isGetter ? [CALL] : [] }]];
  });
  const pairs = [...declared, ...parameterProperties(node), ...assignmentsToThis(node.body, context)];
  const values = new Map<string, OriginQuery[]>();
  for (const [key, value] of pairs) {
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  memberValues.set(node, values);
  return values;
}

type MemberWithValue = TSESTree.PropertyDefinition | TSESTree.AccessorProperty | TSESTree.MethodDefinition;

function hasValue(member: TSESTree.ClassElement): member is MemberWithValue {
  return ['PropertyDefinition', 'AccessorProperty', 'MethodDefinition'].includes(member.type);
}

/** Parameter properties, such as `constructor(private readonly pool = …)`. */
function parameterProperties(node: ClassNode): [string, OriginQuery][] {
  const constructor = node.body.body.find(
    (member) => member.type === 'MethodDefinition' && member.kind === 'constructor',
  );
  const params = constructor?.type === 'MethodDefinition' ? constructor.value.params : [];
  return params.flatMap((param): [string, OriginQuery][] => {
    if (param.type !== 'TSParameterProperty') return [];
    const name = param.parameter.type === 'AssignmentPattern' ? param.parameter.left : param.parameter;
    return [[name.name, { node: name, path: [] }]];
  });
}

/** All `this.name = value` below a node, but not in nested classes and function declarations: `this` differs there. */
function assignmentsToThis(node: TSESTree.Node, context: SourceContext): [string, OriginQuery][] {
  const own: [string, OriginQuery][] = [];
  if (node.type === 'AssignmentExpression' && node.left.type === 'MemberExpression') {
    const key = node.left.object.type === 'ThisExpression' ? context.keyOf(node.left) : undefined;
    if (key !== undefined) own.push([key, { node: node.right, path: [] }]);
  }
  const hasOwnThis = (child: TSESTree.Node) =>
    child.type === 'ClassDeclaration' ||
    child.type === 'ClassExpression' ||
    child.type === 'FunctionDeclaration';
  const children = context.childrenOf(node).filter((child) => !hasOwnThis(child));
  return [...own, ...children.flatMap((child) => assignmentsToThis(child, context))];
}
