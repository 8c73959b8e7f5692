import type { TSESTree } from '@typescript-eslint/utils';
import { CALL, type SourceContext } from '../data-flow/origin.js';
import { isFunction } from '../data-flow/syntax-nodes.js';
import type { OptionKind, OptionPlace } from './library-table.js';

/** Where a server is. */
const ADDRESS = /^(?:host|port|url|uri|path|socket|sentinels|nodes|cluster|connectionString)$/;

/** A connection that was made already, or what makes it. */
const GIVEN = /^(?:client|redis|redisInstance|connection|publisher|subscriber|createClient|Connector)$/;

/** Options of the connection within those of a library. */
const NESTED = /^(?:options|redisOptions|clientOptions|commonOptions)$/;

type Properties = ReadonlyMap<string, TSESTree.Node>;

/** How often a name, a spread or a nested object is followed: `const a = { ...a }` would have no end. */
const DEEPEST = 8;

/** An expression without what TypeScript writes around it. */
function bare(node: TSESTree.Node): TSESTree.Node {
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'ChainExpression':
      return bare(node.expression);
    default:
      return node;
  }
}

/** An expression, or what the constant that it names was declared as; nothing where a name may be anything. */
export function valueOf(
  node: TSESTree.Node,
  surroundings: SourceContext,
  depth = DEEPEST,
): TSESTree.Node | undefined {
  const value = bare(node);
  if (value.type !== 'Identifier') return value;
  const variable = surroundings.variableOf(value);
  const [definition, another] = variable?.defs ?? [];
  const declarator = definition?.node;
  if (declarator?.type !== 'VariableDeclarator' || another || depth === 0) return undefined;
  const isWrittenOnce = variable?.references.filter((one) => one.isWrite()).length === 1;
  if (!isWrittenOnce || !declarator.init || declarator.id.type !== 'Identifier') return undefined;
  return valueOf(declarator.init, surroundings, depth - 1);
}

/** The properties of an object literal; undefined where something unknown is spread into it. */
function propertiesOf(
  object: TSESTree.ObjectExpression,
  surroundings: SourceContext,
  depth = DEEPEST,
): Properties | undefined {
  const properties = new Map<string, TSESTree.Node>();
  for (const property of object.properties) {
    if (property.type === 'Property') {
      const key = surroundings.keyOf(property);
      if (key === undefined) return undefined;
      properties.set(key, property.value);
      continue;
    }
    const spread = depth > 0 ? valueOf(property.argument, surroundings) : undefined;
    const inner =
      spread?.type === 'ObjectExpression' ? propertiesOf(spread, surroundings, depth - 1) : undefined;
    if (!inner) return undefined;
    for (const [key, value] of inner) properties.set(key, value);
  }
  return properties;
}

function isPlainObject(
  object: TSESTree.ObjectExpression,
  kind: OptionKind,
  surroundings: SourceContext,
  depth: number,
): boolean {
  const properties = kind === 'url' ? undefined : propertiesOf(object, surroundings);
  if (!properties) return false;
  const keys = [...properties.keys()];
  if (keys.some((key) => GIVEN.test(key))) return false;
  const isNestedPlain = (key: string) => isPlain(properties.get(key), 'connection', surroundings, depth - 1);
  if (!keys.filter((key) => NESTED.test(key)).every(isNestedPlain)) return false;
  return kind === 'connection' || keys.some((key) => ADDRESS.test(key));
}

/** `process.env.NAME`, `import.meta.env.NAME`. */
function isEnvironment(node: TSESTree.MemberExpression, { keyOf }: SourceContext): boolean {
  const { object } = node;
  if (object.type !== 'MemberExpression' || keyOf(object) !== 'env') return false;
  return (
    object.object.type === 'MetaProperty' ||
    (object.object.type === 'Identifier' && object.object.name === 'process')
  );
}

/** Whether an expression is an address of a server and nothing more: options written out, a URL. */
function isPlain(
  node: TSESTree.Node | undefined,
  kind: OptionKind,
  surroundings: SourceContext,
  depth = DEEPEST,
): boolean {
  const value = node && depth > 0 ? valueOf(node, surroundings) : undefined;
  const isAlso = (part: TSESTree.Node) => isPlain(part, kind, surroundings, depth - 1);
  switch (value?.type) {
    case 'Literal':
      return typeof value.value === 'string' && value.value !== '';
    case 'TemplateLiteral':
      return true;
    case 'MemberExpression':
      return isEnvironment(value, surroundings);
    case 'BinaryExpression':
      return value.operator === '+' && (isAlso(value.left) || isAlso(value.right));
    case 'LogicalExpression':
      return isAlso(value.left) && isAlso(value.right);
    case 'ConditionalExpression':
      return isAlso(value.consequent) && isAlso(value.alternate);
    case 'ArrayExpression':
      return value.elements.length > 0 && value.elements.every((one) => one !== null && isAlso(one));
    case 'ObjectExpression':
      return isPlainObject(value, kind, surroundings, depth);
    default:
      return false;
  }
}

/** What a function returns on its outermost level. */
function returned(fn: TSESTree.Node | undefined): readonly TSESTree.Node[] {
  if (!isFunction(fn)) return [];
  if (fn.body.type !== 'BlockStatement') return [fn.body];
  return fn.body.body.flatMap((statement) =>
    statement.type === 'ReturnStatement' && statement.argument ? [statement.argument] : [],
  );
}

/** What is at the end of a path into an expression that is written out. */
function reach(
  start: TSESTree.Node,
  [step, ...rest]: readonly string[],
  surroundings: SourceContext,
): readonly TSESTree.Node[] {
  if (step === undefined) return [start];
  const value = valueOf(start, surroundings);
  if (step === CALL) return returned(value).flatMap((node) => reach(node, rest, surroundings));
  if (value?.type !== 'ObjectExpression') return [];
  const next = propertiesOf(value, surroundings)?.get(step) ?? written(value, step, surroundings);
  return next ? reach(next, rest, surroundings) : [];
}

/** A property that is written out after whatever is spread before it. */
function written(
  { properties }: TSESTree.ObjectExpression,
  key: string,
  { keyOf }: SourceContext,
): TSESTree.Node | undefined {
  const last = properties.findLast((property) => property.type !== 'Property' || keyOf(property) === key);
  return last?.type === 'Property' ? last.value : undefined;
}

/** The plain connections in the arguments of a call. */
export function plainIn(
  candidates: readonly TSESTree.Node[],
  { argument, path, kind }: OptionPlace,
  surroundings: SourceContext,
): readonly TSESTree.Node[] {
  const chosen = argument === 'any' ? candidates : candidates.slice(argument, argument + 1);
  return chosen
    .flatMap((node) => reach(node, path, surroundings))
    .filter((node) => isPlain(node, kind, surroundings) && (kind !== 'mixed' || !isText(node, surroundings)));
}

/** Among options that are mixed, a text is a name or a key. */
function isText(node: TSESTree.Node, surroundings: SourceContext): boolean {
  const type = valueOf(node, surroundings)?.type;
  return type !== 'ObjectExpression' && type !== 'ArrayExpression';
}
