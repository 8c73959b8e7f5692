import { join } from 'node:path';
import { fromProject, type Ending, type Project } from './project.js';

/** A finding as every linter can tell it. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A file whose rule has options. */
interface Override {
  readonly file: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A linter, with its way to be configured and its way to tell what it found. */
export interface Linter {
  readonly name: string;
  /** Writes the configuration of a project: one rule, with its options for some files. */
  configure(project: Project, rule: string, overrides: readonly Override[]): void;
  /** @throws what the linter says, if it could not lint */
  lint(project: Project): Promise<Finding[]>;
  fix(project: Project): Promise<void>;
}

interface EslintFile {
  readonly filePath: string;
  readonly messages: readonly { line: number; column: number; message: string; ruleId: string | null }[];
}

interface OxlintReport {
  readonly diagnostics: readonly {
    message: string;
    code?: string;
    filename: string;
    labels: readonly { span: { line: number; column: number } }[];
  }[];
}

function inOrder(findings: Finding[]): Finding[] {
  const key = ({ file, line, column }: Finding) =>
    `${file}:${String(line).padStart(4)}:${String(column).padStart(4)}`;
  return findings.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** @throws what the linter printed, unless it says "findings" or "none" by its exit code */
function printed({ code, stdout, stderr }: Ending): string {
  if (code === 0 || code === 1) return stdout;
  throw new Error(`The linter ended with ${code}: ${stderr}${stdout.slice(0, 2000)}`);
}

/** The blocks of a flat configuration. */
function flatBlocks(rule: string, overrides: readonly Override[]): string {
  const rows = overrides.map(({ file, options }) => ({
    files: [file],
    rules: { [`redis-hygiene/${rule}`]: ['error', options] },
  }));
  return `[
  { files: ['**/*.{mjs,cjs,ts,cts}'] },
  { files: ['**/*.{cjs,cts}'], languageOptions: { sourceType: 'commonjs' } },
  { files: ['**/*.{ts,cts}'], languageOptions: { parser: tseslint.parser } },
  { ...plugin.configs.strict, rules: { 'redis-hygiene/${rule}': 'error' } },
  ...${JSON.stringify(rows)},
]`;
}

interface Flat {
  readonly name: string;
  readonly folder: string;
  readonly config: string;
  readonly text: (blocks: string) => string;
}

function eslint({ name, folder, config, text }: Flat): Linter {
  const run = (project: Project, ...args: string[]) =>
    project.run(join(folder, 'bin/eslint.js'), ['--no-warn-ignored', '--config', config, ...args, '.']);
  return {
    name,
    configure: (project, rule, overrides) => project.write(config, text(flatBlocks(rule, overrides))),
    lint: async (project) => {
      const files = JSON.parse(printed(await run(project, '--format', 'json'))) as EslintFile[];
      return inOrder(
        files.flatMap(({ filePath, messages }) =>
          messages.map(({ line, column, message }) => ({
            file: fromProject(project, filePath),
            line,
            column,
            message,
          })),
        ),
      );
    },
    fix: async (project) => void printed(await run(project, '--fix')),
  };
}

const oxlint: Linter = {
  name: 'oxlint',
  configure: (project, rule, overrides) =>
    project.write(
      '.oxlintrc.json',
      JSON.stringify({
        plugins: [],
        categories: { correctness: 'off' },
        ignorePatterns: ['node_modules'], // else oxlint goes through links, and fixes what is behind them
        jsPlugins: ['redis-hygiene/eslint'],
        rules: { [`redis-hygiene/${rule}`]: 'error' },
        overrides: overrides.map(({ file, options }) => ({
          files: [file],
          rules: { [`redis-hygiene/${rule}`]: ['error', options] },
        })),
      }),
    ),
  lint: async (project) => {
    const text = printed(await project.run('oxlint/bin/oxlint', ['--format', 'json', '.']));
    return inOrder(
      (JSON.parse(text) as OxlintReport).diagnostics.map(({ message, filename, labels: [label] }) => ({
        file: filename.replaceAll('\\', '/'),
        line: label?.span.line ?? 0,
        column: label?.span.column ?? 0,
        message,
      })),
    );
  },
  fix: async (project) => void printed(await project.run('oxlint/bin/oxlint', ['--fix', '.'])),
};

/** The linters that the rules are for. ESLint 9 is configured in CommonJS, so that `require()` of the plugin is tried too. */
export const linters: readonly Linter[] = [
  eslint({
    name: 'ESLint 10',
    folder: 'eslint',
    config: 'eslint.config.js',
    text: (blocks) =>
      `import plugin from 'redis-hygiene/eslint';\nimport tseslint from 'typescript-eslint';\nexport default ${blocks};\n`,
  }),
  eslint({
    name: 'ESLint 9',
    folder: 'eslint9',
    config: 'eslint.config.cjs',
    text: (blocks) =>
      `const plugin = require('redis-hygiene/eslint');\nconst tseslint = require('typescript-eslint');\nmodule.exports = ${blocks};\n`,
  }),
  oxlint,
];
