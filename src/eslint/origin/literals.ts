import type { TSESTree } from '@typescript-eslint/utils';
import { ANY, CALL, type Lead, type Steps, type Surroundings } from './origin.js';

/** A member of `{ … }`: by its name, by its getter, or out of what is spread into it. */
export function objectLeads(
  { properties }: TSESTree.ObjectExpression,
  steps: Steps,
  { keyOf }: Surroundings,
): readonly Lead[] {
  const [name, ...rest] = steps;
  if (name === undefined) return [];
  return properties.flatMap((property): Lead[] => {
    if (property.type !== 'Property') return [{ node: property.argument, steps }];
    if (keyOf(property) !== name) return [];
    return [{ node: property.value, steps: property.kind === 'get' ? [CALL, ...rest] : rest }];
  });
}

/** An element of `[ … ]`: by its index, any one, or out of what is spread into it. */
export function arrayLeads({ elements }: TSESTree.ArrayExpression, steps: Steps): readonly Lead[] {
  const [index, ...rest] = steps;
  if (index === undefined) return [];
  return elements.flatMap((element, at) => {
    if (element?.type === 'SpreadElement') return [{ node: element.argument, steps: [ANY, ...rest] }];
    return element && (index === ANY || index === String(at)) ? [{ node: element, steps: rest }] : [];
  });
}
