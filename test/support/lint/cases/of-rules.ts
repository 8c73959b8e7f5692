import type { Case } from './case.js';
import * as functions from './no-client-in-function/index.js';
import * as leases from './no-floating-lease/index.js';
import * as connections from './no-plain-connection/index.js';
import * as shutdowns from './require-shutdown/index.js';

/** The cases of a rule. */
export interface Cases {
  readonly invalid: readonly Case[];
  readonly valid: readonly Case[];
}

/** The cases of the rules that fix nothing. */
export const casesOfRules: Readonly<Record<string, Cases>> = {
  'no-client-in-function': functions,
  'no-floating-lease': leases,
  'no-plain-connection': connections,
  'require-shutdown': shutdowns,
};
