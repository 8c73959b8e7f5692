import type { TSESTree } from '@typescript-eslint/utils';
import { isFunction } from '../origin/functions.js';
import { CALL, type Surroundings } from '../origin/origin.js';
import { isPlain, propertiesOf, valueOf } from './plain.js';
import type { Place } from './taker.js';

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
  surroundings: Surroundings,
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
  { keyOf }: Surroundings,
): TSESTree.Node | undefined {
  const last = properties.findLast((property) => property.type !== 'Property' || keyOf(property) === key);
  return last?.type === 'Property' ? last.value : undefined;
}

/** The plain connections in the arguments of a call. */
export function plainIn(
  candidates: readonly TSESTree.Node[],
  { argument, path, kind }: Place,
  surroundings: Surroundings,
): readonly TSESTree.Node[] {
  const chosen = argument === 'any' ? candidates : candidates.slice(argument, argument + 1);
  return chosen
    .flatMap((node) => reach(node, path, surroundings))
    .filter((node) => isPlain(node, kind, surroundings) && (kind !== 'mixed' || !isText(node, surroundings)));
}

/** Among options that are mixed, a text is a name or a key. */
function isText(node: TSESTree.Node, surroundings: Surroundings): boolean {
  const type = valueOf(node, surroundings)?.type;
  return type !== 'ObjectExpression' && type !== 'ArrayExpression';
}
