import type { HygieneRule } from '../rule.js';
import { noClientInFunction } from './no-client-in-function.js';
import { noDirectClient } from './no-direct-client.js';
import { noFloatingLease } from './no-floating-lease.js';
import { noPlainConnection } from './no-plain-connection.js';
import { requireShutdown } from './require-shutdown.js';

/** How loud a rule is in a configuration. */
type Severity = 'error' | 'warn' | 'off';

/** One rule, and what the two configurations make of it. */
export interface Row {
  readonly rule: HygieneRule;
  readonly recommended: Severity;
  readonly strict: Severity;
}

/** All rules, by the names that configurations know them by. */
export const rules: Readonly<Record<string, Row>> = {
  'no-direct-client': { rule: noDirectClient, recommended: 'error', strict: 'error' },
  'no-client-in-function': { rule: noClientInFunction, recommended: 'error', strict: 'error' },
  'no-plain-connection': { rule: noPlainConnection, recommended: 'error', strict: 'error' },
  'no-floating-lease': { rule: noFloatingLease, recommended: 'error', strict: 'error' },
  // One file does not show whether another one stops what it starts.
  'require-shutdown': { rule: requireShutdown, recommended: 'off', strict: 'error' },
};
