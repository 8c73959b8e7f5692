import tseslint from 'typescript-eslint';

/** Limits for the length of files and functions. */
const sizes = {
  'max-lines': ['error', { max: 400 }],
  'max-lines-per-function': ['error', { max: 50, skipComments: true, skipBlankLines: true }],
};

export default tseslint.config(
  // Types are compiled, and fixtures are run, by what users have.
  { ignores: ['dist', 'coverage', 'node_modules', 'test/process/types', 'test/loaders/fixtures'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      ...sizes,
      'no-console': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
      ],
    },
  },
  {
    // Suites of many short tests are long functions. The limit for files still holds.
    files: ['{test,bench,scripts,examples}/**/*.{ts,mjs,cjs}', 'examples/services/**/*.js'],
    rules: {
      'max-lines-per-function': 'off',
      'no-console': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off', // expect.any() and its like are `any`
    },
  },
  {
    // A module of Nest is an empty class with a decorator.
    files: ['examples/services/nest/**/*.ts'],
    rules: { '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }] },
  },
  {
    // Programs that are not compiled call the decorator.
    files: ['test/compatibility/programs/nest-*.mjs'],
    rules: { '@typescript-eslint/no-extraneous-class': ['error', { allowEmpty: true }] },
  },
  {
    // Vitest and ESLint load these default exports.
    files: ['*.config.{js,ts}', 'test/support/*-reporter.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    // typescript-eslint declares `type` of a node as an enum, which would have to be loaded. The values are strings.
    files: ['src/eslint/**', 'test/unit/eslint/**', 'test/support/lint/**'],
    rules: { '@typescript-eslint/no-unsafe-enum-comparison': 'off' },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    ...tseslint.configs.disableTypeChecked,
  },
  {
    // CommonJS modules have to use require().
    files: ['**/*.{cjs,cts}', 'examples/services/{express,nest}/**/*.js'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
