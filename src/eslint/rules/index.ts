import type { Rule } from '../rule.js';
import { noDirectClient } from './no-direct-client.js';

/** How loud a rule is in a configuration. */
type Severity = 'error' | 'warn' | 'off';

/** One rule, and what the two configurations make of it. */
export interface Row {
  readonly rule: Rule;
  readonly recommended: Severity;
  readonly strict: Severity;
}

/** All rules, by the names that configurations know them by. */
export const rules: Readonly<Record<string, Row>> = {
  'no-direct-client': { rule: noDirectClient, recommended: 'error', strict: 'error' },
};
