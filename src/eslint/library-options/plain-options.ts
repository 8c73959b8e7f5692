import type { TSESTree } from '@typescript-eslint/utils';
import { returnedValuesOf } from '../data-flow/call-origins.js';
import { CALL, type SourceContext, type Variable } from '../data-flow/origin.js';
import { isFunction } from '../data-flow/syntax-nodes.js';
import type { OptionKind, OptionPlace } from './library-table.js';

/** Options that hold the address of a server. */
const ADDRESS_KEY = /^(?:host|port|url|uri|path|socket|sentinels|nodes|cluster|connectionString)$/;

/** Options that take an existing client, or a function or class that creates one. */
const CLIENT_KEY = /^(?:client|redis|redisInstance|connection|publisher|subscriber|createClient|Connector)$/;

/** Options of a library that take the options of the connection. */
const CONNECTION_OPTIONS_KEY = /^(?:options|redisOptions|clientOptions|commonOptions)$/;

/** Limit for names, spreads and nested objects that are followed: `const a = { ...a }` would never end. */
const MAX_DEPTH = 8;

/** Limit for the values of one variable. A variable of a bundle is assigned thousands of times. */
const MAX_VALUES = 4;

/** Plain connections in the arguments of a call: addresses without the enforced options. */
export function findPlainConnections(
  args: readonly TSESTree.Node[],
  { argument, path, kind, isUnlessFollowed = false }: OptionPlace,
  context: SourceContext,
): readonly TSESTree.Node[] {
  const candidates = argument === 'any' ? args : args.slice(argument, argument + 1);
  return candidates
    .filter((node) => !isUnlessFollowed || !isFollowed(node, args))
    .flatMap((node) => nodesAt(path, node, context))
    .filter((node) => isPlain(node, kind, context) && (kind !== 'mixed' || !isText(node, context)));
}

/** Whether a call has an argument after this one, other than `undefined`. */
function isFollowed(node: TSESTree.Node, args: readonly TSESTree.Node[]): boolean {
  const next = args[args.indexOf(node) + 1];
  return next !== undefined && !(next.type === 'Identifier' && next.name === 'undefined');
}

/** Whether an expression may be neither an object nor an array. Among mixed options, a text is a name or a key. */
function isText(node: TSESTree.Node, context: SourceContext): boolean {
  const values = valuesOf(node, context);
  return (
    values.length === 0 ||
    values.some(({ type }) => type !== 'ObjectExpression' && type !== 'ArrayExpression')
  );
}

/** Nodes at the end of a path into an expression, as far as the file contains them. */
function nodesAt(
  [key, ...rest]: readonly string[],
  start: TSESTree.Node,
  context: SourceContext,
): readonly TSESTree.Node[] {
  if (key === undefined) return [start];
  return valuesOf(start, context).flatMap((value) => {
    if (key === CALL)
      return isFunction(value)
        ? returnedValuesOf(value, context).flatMap((node) => nodesAt(rest, node, context))
        : [];
    if (value.type !== 'ObjectExpression') return [];
    const next = propertiesOf(value, context)?.get(key) ?? lastPropertyOf(value, key, context);
    return next ? nodesAt(rest, next, context) : [];
  });
}

/** Value of a property that no later spread can overwrite. */
function lastPropertyOf(
  { properties }: TSESTree.ObjectExpression,
  key: string,
  { keyOf }: SourceContext,
): TSESTree.Node | undefined {
  const last = properties.findLast((property) => property.type !== 'Property' || keyOf(property) === key);
  return last?.type === 'Property' ? last.value : undefined;
}

/** Properties of an object literal by their names; undefined if an unknown object is spread into it. */
function propertiesOf(
  object: TSESTree.ObjectExpression,
  context: SourceContext,
  depth = MAX_DEPTH,
): ReadonlyMap<string, TSESTree.Node> | undefined {
  const properties = new Map<string, TSESTree.Node>();
  for (const property of object.properties) {
    if (property.type === 'Property') {
      const key = context.keyOf(property);
      if (key === undefined) return undefined;
      properties.set(key, property.value);
      continue;
    }
    const [spread, another] = depth > 0 ? valuesOf(property.argument, context) : [];
    const inner =
      !another && spread?.type === 'ObjectExpression' ? propertiesOf(spread, context, depth - 1) : undefined;
    if (!inner) return undefined;
    for (const [key, value] of inner) properties.set(key, value);
  }
  return properties;
}

/**
 * The expression itself, or the values of the variable that it names: one for a constant, several for a variable that is
 * set in `if` and `else`. Empty if the file does not show all of them.
 */
function valuesOf(node: TSESTree.Node, context: SourceContext, depth = MAX_DEPTH): readonly TSESTree.Node[] {
  const value = unwrap(node);
  if (value.type !== 'Identifier') return [value];
  const assigned = depth === 0 ? [] : valuesOfVariable(context.variableOf(value));
  const values = assigned.map((one) => valuesOf(one, context, depth - 1));
  return values.every(({ length }) => length > 0) ? values.flat() : [];
}

/** Values that are assigned to a variable; empty if one of them is unknown. */
function valuesOfVariable(variable: Variable | undefined): readonly TSESTree.Node[] {
  const [definition, another] = variable?.defs ?? [];
  const declarator = definition?.node;
  if (declarator?.type !== 'VariableDeclarator' || another || declarator.id.type !== 'Identifier') return [];
  const writes = variable?.references.filter((reference) => reference.isWrite()) ?? [];
  if (writes.length > MAX_VALUES) return [];
  const values = writes.map(({ identifier }) => assignedValueOf(identifier));
  return values.includes(undefined) ? [] : values.filter((value) => value !== undefined);
}

/** The value in `name = value` and `const name = value`; undefined for any other way to write to a name. */
function assignedValueOf(name: TSESTree.Node): TSESTree.Node | undefined {
  const { parent } = name;
  if (parent?.type === 'VariableDeclarator')
    return parent.id === name ? (parent.init ?? undefined) : undefined;
  const isAssigned =
    parent?.type === 'AssignmentExpression' && parent.operator === '=' && parent.left === name;
  return isAssigned ? parent.right : undefined;
}

/** An expression without casts and optional chaining around it. */
function unwrap(node: TSESTree.Node): TSESTree.Node {
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'ChainExpression':
      return unwrap(node.expression);
    default:
      return node;
  }
}

/** Whether an expression is only the address of a server: literal options, or a URL. */
function isPlain(
  node: TSESTree.Node | undefined,
  kind: OptionKind,
  context: SourceContext,
  depth = MAX_DEPTH,
): boolean {
  const values = node && depth > 0 ? valuesOf(node, context) : [];
  return values.length > 0 && values.every((value) => isPlainValue(value, kind, context, depth));
}

function isPlainValue(
  value: TSESTree.Node,
  kind: OptionKind,
  context: SourceContext,
  depth: number,
): boolean {
  const isPlainPart = (part: TSESTree.Node) => isPlain(part, kind, context, depth - 1);
  switch (value.type) {
    case 'Literal':
      return typeof value.value === 'string' && value.value !== '';
    case 'TemplateLiteral':
      return true;
    case 'MemberExpression':
      return isEnvironmentVariable(value, context);
    case 'BinaryExpression':
      return value.operator === '+' && (isPlainPart(value.left) || isPlainPart(value.right));
    case 'LogicalExpression':
      return isPlainPart(value.left) && isPlainPart(value.right);
    case 'ConditionalExpression':
      return isPlainPart(value.consequent) && isPlainPart(value.alternate);
    case 'ArrayExpression':
      return (
        value.elements.length > 0 &&
        value.elements.every((element) => element !== null && isPlainPart(element))
      );
    case 'ObjectExpression':
      return isPlainObject(value, kind, context, depth);
    default:
      return false;
  }
}

/** Whether a member is `process.env.NAME` or `import.meta.env.NAME`. */
function isEnvironmentVariable(node: TSESTree.MemberExpression, { keyOf }: SourceContext): boolean {
  const { object } = node;
  if (object.type !== 'MemberExpression' || keyOf(object) !== 'env') return false;
  return (
    object.object.type === 'MetaProperty' ||
    (object.object.type === 'Identifier' && object.object.name === 'process')
  );
}

function isPlainObject(
  object: TSESTree.ObjectExpression,
  kind: OptionKind,
  context: SourceContext,
  depth: number,
): boolean {
  const properties = kind === 'url' ? undefined : propertiesOf(object, context);
  if (!properties) return false;
  const keys = [...properties.keys()];
  if (keys.some((key) => CLIENT_KEY.test(key))) return false;
  const isNestedPlain = (key: string) => isPlain(properties.get(key), 'connection', context, depth - 1);
  if (!keys.filter((key) => CONNECTION_OPTIONS_KEY.test(key)).every(isNestedPlain)) return false;
  return kind === 'connection' || keys.some((key) => ADDRESS_KEY.test(key));
}
