import type { ESLint, Linter, Rule } from 'eslint';
import { type HygieneRule, packageName, packageVersion } from './rule.js';
import { noClientInFunction } from './rules/no-client-in-function.js';
import { noDirectClient } from './rules/no-direct-client.js';
import { noFloatingLease } from './rules/no-floating-lease.js';
import { noPlainConnection } from './rules/no-plain-connection.js';
import { requireShutdown } from './rules/require-shutdown.js';

/** How loud a rule is in a configuration. */
type Severity = 'error' | 'warn' | 'off';

/** One rule, and what the two configurations make of it. */
export interface RuleEntry {
  readonly rule: HygieneRule;
  readonly recommended: Severity;
  readonly strict: Severity;
}

/** All rules, by the names that configurations know them by. */
export const rules: Readonly<Record<string, RuleEntry>> = {
  'no-direct-client': { rule: noDirectClient, recommended: 'error', strict: 'error' },
  'no-client-in-function': { rule: noClientInFunction, recommended: 'error', strict: 'error' },
  'no-plain-connection': { rule: noPlainConnection, recommended: 'error', strict: 'error' },
  'no-floating-lease': { rule: noFloatingLease, recommended: 'error', strict: 'error' },
  // One file does not show whether another one stops what it starts.
  'require-shutdown': { rule: requireShutdown, recommended: 'off', strict: 'error' },
};

/** The plugin as flat configurations and oxlint's `jsPlugins` take it. */
export interface HygienePlugin extends ESLint.Plugin {
  readonly meta: { readonly name: string; readonly version: string; readonly namespace: string };
  readonly rules: Record<string, Rule.RuleModule>;
  readonly configs: { readonly recommended: Linter.Config; readonly strict: Linter.Config };
}

const rows = Object.entries(rules);

/** The plugin's own part of a configuration; it carries the plugin, so `[plugin.configs.recommended]` is enough. */
function configure(name: 'recommended' | 'strict', plugin: () => HygienePlugin): Linter.Config {
  const severities = rows.map(
    ([rule, row]: [string, RuleEntry]) => [`${packageName}/${rule}`, row[name]] as const,
  );
  return {
    name: `${packageName}/${name}`,
    get plugins() {
      return { [packageName]: plugin() };
    },
    rules: Object.fromEntries(severities),
  };
}

/** The rules of redis-hygiene. */
export const plugin: HygienePlugin = {
  meta: { name: packageName, version: packageVersion, namespace: packageName },
  // Written against typescript-eslint's types of the same interface, which know the nodes of TypeScript.
  rules: Object.fromEntries(rows.map(([name, { rule }]) => [name, rule as unknown as Rule.RuleModule])),
  configs: {
    recommended: configure('recommended', () => plugin),
    strict: configure('strict', () => plugin),
  },
};
