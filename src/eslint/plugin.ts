import type { ESLint, Linter, Rule } from 'eslint';
import { packageName, packageVersion } from './rule.js';
import { rules, type Row } from './rules/index.js';

/** The plugin as flat configurations and oxlint's `jsPlugins` take it. */
export interface HygienePlugin extends ESLint.Plugin {
  readonly meta: { readonly name: string; readonly version: string; readonly namespace: string };
  readonly rules: Record<string, Rule.RuleModule>;
  readonly configs: { readonly recommended: Linter.Config; readonly strict: Linter.Config };
}

const rows = Object.entries(rules);

/** The plugin's own part of a configuration; it carries the plugin, so `[plugin.configs.recommended]` is enough. */
function configure(name: 'recommended' | 'strict', plugin: () => HygienePlugin): Linter.Config {
  const severities = rows.map(([rule, row]: [string, Row]) => [`${packageName}/${rule}`, row[name]] as const);
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
