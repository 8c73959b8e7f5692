import { type HygieneRule, packageName, packageVersion } from './define-rule.js';
import { noClientInFunction } from './rules/no-client-in-function.js';
import { noDirectClient } from './rules/no-direct-client.js';
import { noFloatingLease } from './rules/no-floating-lease.js';
import { noPlainConnection } from './rules/no-plain-connection.js';
import { requireShutdown } from './rules/require-shutdown.js';

/** Severity of a rule in a configuration. */
type Severity = 'error' | 'warn' | 'off';

/** A rule and its severity in each of the two configurations. */
export interface RuleEntry {
  readonly rule: HygieneRule;
  readonly recommended: Severity;
  readonly strict: Severity;
}

/** All rules, by the names that configurations use for them. */
export const rules: Readonly<Record<string, RuleEntry>> = {
  'no-direct-client': { rule: noDirectClient, recommended: 'error', strict: 'error' },
  'no-client-in-function': { rule: noClientInFunction, recommended: 'error', strict: 'error' },
  'no-plain-connection': { rule: noPlainConnection, recommended: 'error', strict: 'error' },
  'no-floating-lease': { rule: noFloatingLease, recommended: 'error', strict: 'error' },
  // Off in `recommended`: the shutdown may be in another file, and the rule sees one file at a time.
  'require-shutdown': { rule: requireShutdown, recommended: 'off', strict: 'error' },
};

/*
 * The types of the plugin are our own. ESLint's would make it a peer dependency, and with an optional one npm and pnpm
 * install ESLint in production for every service that has it among its devDependencies.
 */

/** A rule, as configurations see it. */
interface PluginRule {
  readonly meta: {
    readonly type: 'problem';
    readonly docs: { readonly description: string; readonly url: string };
    readonly messages: Record<string, string>;
  };
  create(context: never): Record<string, () => void>;
}

/** A flat configuration that includes the plugin. */
interface PluginConfig {
  readonly name: string;
  readonly plugins: Record<string, HygienePlugin>;
  readonly rules: Record<string, Severity>;
}

/** The plugin, in the form that flat configurations and oxlint's `jsPlugins` accept. */
export interface HygienePlugin {
  readonly meta: { readonly name: string; readonly version: string; readonly namespace: string };
  readonly rules: Record<string, PluginRule>;
  readonly configs: { readonly recommended: PluginConfig; readonly strict: PluginConfig };
}

const ruleEntries = Object.entries(rules);

/** The rules of redis-hygiene. */
export const plugin: HygienePlugin = {
  meta: { name: packageName, version: packageVersion, namespace: packageName },
  // The rules are written against typescript-eslint's types, which know the nodes of TypeScript.
  rules: Object.fromEntries(ruleEntries.map(([name, { rule }]) => [name, rule as unknown as PluginRule])),
  configs: {
    recommended: createConfig('recommended', () => plugin),
    strict: createConfig('strict', () => plugin),
  },
};

/** Creates a flat configuration that includes the plugin, so `[plugin.configs.recommended]` is enough. */
function createConfig(name: 'recommended' | 'strict', getPlugin: () => HygienePlugin): PluginConfig {
  const severities = ruleEntries.map(
    ([rule, entry]: [string, RuleEntry]) => [`${packageName}/${rule}`, entry[name]] as const,
  );
  return {
    name: `${packageName}/${name}`,
    get plugins() {
      return { [packageName]: getPlugin() };
    },
    rules: Object.fromEntries(severities),
  };
}
