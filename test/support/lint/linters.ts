import { join } from 'node:path';
import { pathInProject, type CommandResult, type Project } from './project.js';

/** The parts of a finding that all linters report. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Options of the rule for one file. */
interface Override {
  readonly file: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A linter: how it is configured, and how its findings are read. */
export interface Linter {
  readonly name: string;
  /** Writes the configuration of a project: one rule, with options for some files. */
  configure(project: Project, rule: string, overrides: readonly Override[]): void;
  /** @throws Error with the output of the linter, if it could not lint */
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

function sortFindings(findings: Finding[]): Finding[] {
  const key = ({ file, line, column }: Finding) =>
    `${file}:${String(line).padStart(4)}:${String(column).padStart(4)}`;
  return findings.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/**
 * Output of a linter. Its exit code is 0 without findings and 1 with findings.
 * @throws Error with the output, for every other exit code
 */
function outputOf({ code, stdout, stderr }: CommandResult): string {
  if (code === 0 || code === 1) return stdout;
  throw new Error(`The linter ended with ${code}: ${stderr}${stdout.slice(0, 2000)}`);
}

/** Code of a flat configuration's array. */
function flatConfigCode(rule: string, overrides: readonly Override[]): string {
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

interface EslintVersion {
  readonly name: string;
  readonly folder: string;
  readonly config: string;
  /** Returns the text of the configuration file. */
  readonly text: (blocks: string) => string;
}

function createEslint({ name, folder, config, text }: EslintVersion): Linter {
  const run = (project: Project, ...args: string[]) =>
    project.run(join(folder, 'bin/eslint.js'), ['--no-warn-ignored', '--config', config, ...args, '.']);
  return {
    name,
    configure: (project, rule, overrides) => project.write(config, text(flatConfigCode(rule, overrides))),
    lint: async (project) => {
      const files = JSON.parse(outputOf(await run(project, '--format', 'json'))) as EslintFile[];
      return sortFindings(
        files.flatMap(({ filePath, messages }) =>
          messages.map(({ line, column, message }) => ({
            file: pathInProject(project, filePath),
            line,
            column,
            message,
          })),
        ),
      );
    },
    fix: async (project) => void outputOf(await run(project, '--fix')),
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
        ignorePatterns: ['node_modules'], // oxlint follows links, and would fix the files that they lead to
        jsPlugins: ['redis-hygiene/eslint'],
        rules: { [`redis-hygiene/${rule}`]: 'error' },
        overrides: overrides.map(({ file, options }) => ({
          files: [file],
          rules: { [`redis-hygiene/${rule}`]: ['error', options] },
        })),
      }),
    ),
  lint: async (project) => {
    const text = outputOf(await project.run('oxlint/bin/oxlint', ['--format', 'json', '.']));
    return sortFindings(
      (JSON.parse(text) as OxlintReport).diagnostics.map(({ message, filename, labels: [label] }) => ({
        file: filename.replaceAll('\\', '/'),
        line: label?.span.line ?? 0,
        column: label?.span.column ?? 0,
        message,
      })),
    );
  },
  fix: async (project) => void outputOf(await project.run('oxlint/bin/oxlint', ['--fix', '.'])),
};

/** Linters that the rules support. ESLint 9 is configured in CommonJS, so that `require()` of the plugin is tested too. */
export const linters: readonly Linter[] = [
  createEslint({
    name: 'ESLint 10',
    folder: 'eslint',
    config: 'eslint.config.js',
    text: (blocks) =>
      `import plugin from 'redis-hygiene/eslint';\nimport tseslint from 'typescript-eslint';\nexport default ${blocks};\n`,
  }),
  createEslint({
    name: 'ESLint 9',
    folder: 'eslint9',
    config: 'eslint.config.cjs',
    text: (blocks) =>
      `const plugin = require('redis-hygiene/eslint');\nconst tseslint = require('typescript-eslint');\nmodule.exports = ${blocks};\n`,
  }),
  oxlint,
];
