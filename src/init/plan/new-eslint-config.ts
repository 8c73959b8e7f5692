import { CONFIG_ENTRY, pluginLine } from './eslint-config.js';
import type { Project } from '../project/project.js';
import type { SourceFile } from '../project/project.js';

/** Packages that read TypeScript for ESLint: the line that loads one, and the parser in it. */
const PARSERS = [
  { package: 'typescript-eslint', name: 'tseslint', parser: 'tseslint.parser' },
  { package: '@typescript-eslint/parser', name: 'tsParser', parser: 'tsParser' },
];

/** The package that reads TypeScript here, if one is installed. */
export function parserOf({ manifest }: Project): (typeof PARSERS)[number] | undefined {
  return PARSERS.find((one) => one.package in manifest.dependencies);
}

/** The smallest config that lints with our rules, and nothing else. */
export function newEslintConfig(project: Project): SourceFile {
  const { tsconfig, manifest } = project;
  const parser = tsconfig ? parserOf(project) : undefined;
  const out = tsconfig?.outDir?.replace(/^\.\//, '').replace(/\/$/, '') ?? 'dist';
  const entries = [
    ...(tsconfig && !out.startsWith('.') ? [`{ ignores: ['${out}/'] },`] : []),
    `${CONFIG_ENTRY},`,
    ...(parser ? [`{ files: ['**/*.{ts,mts,cts}'], languageOptions: { parser: ${parser.parser} } },`] : []),
  ];
  const lines = [
    pluginLine('import'),
    ...(parser ? [`import ${parser.name} from '${parser.package}';`] : []),
    '',
    'export default [',
    ...entries.map((entry) => `  ${entry}`),
    '];',
    '',
  ];
  return {
    path: manifest.type === 'module' ? 'eslint.config.js' : 'eslint.config.mjs',
    text: lines.join('\n'),
  };
}
