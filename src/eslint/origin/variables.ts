import type { TSESTree } from '@typescript-eslint/utils';
import { bindingLeads } from './bindings.js';
import { CALL, type Definition, type Lead, type Steps, type Surroundings, type Variable } from './origin.js';

const REQUIRE = { module: 'node:module', source: undefined };

/** What a name means that no file declares. */
export function globalLeads(name: string, steps: Steps): readonly Lead[] {
  if (name === 'require') return [{ ...REQUIRE, path: ['createRequire', CALL, ...steps] }];
  if (name === 'module' && steps[0] === 'require')
    return [{ ...REQUIRE, path: ['createRequire', CALL, ...steps.slice(1)] }];
  return [];
}

/** `declare const require: …` says what is there anyhow. */
function isAmbient({ node, parent }: Definition): boolean {
  return [node, parent].some((one) => one && 'declare' in one && one.declare);
}

/** Where a declaration takes its value from; variables take theirs from what is written to them. */
function definitionLeads({ type, node, name }: Definition, steps: Steps, surroundings: Surroundings) {
  if (type === 'Parameter') return bindingLeads(name, steps, surroundings);
  return type === 'Variable' ? [] : [{ node, steps }];
}

/** Everything that a variable may hold, wherever it was written to; undefined for what stands for a global. */
export function variableLeads(
  { defs, references }: Variable,
  steps: Steps,
  surroundings: Surroundings,
): readonly Lead[] | undefined {
  if (defs.every(isAmbient)) return undefined;
  const written = references.filter((reference) => reference.isWrite());
  return [
    ...defs.flatMap((definition) => definitionLeads(definition, steps, surroundings)),
    ...written.flatMap(({ identifier }: { identifier: TSESTree.Node }) =>
      bindingLeads(identifier, steps, surroundings),
    ),
  ];
}
