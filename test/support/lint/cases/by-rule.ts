import type { LintCase } from './case.js';
import * as functions from './no-client-in-function/index.js';
import * as leases from './no-floating-lease/index.js';
import * as connections from './no-plain-connection/index.js';
import * as shutdowns from './require-shutdown/index.js';

/** Cases of one rule. */
export interface RuleCases {
  readonly invalid: readonly LintCase[];
  readonly valid: readonly LintCase[];
}

/** Cases of the rules without a fix. */
export const casesByRule: Readonly<Record<string, RuleCases>> = {
  'no-client-in-function': functions,
  'no-floating-lease': leases,
  'no-plain-connection': connections,
  'require-shutdown': shutdowns,
};
