import type { TSESLint, TSESTree } from '@typescript-eslint/utils';

/** Whether a call replaces a module by a mock, or restores the module. */
export type MockKind = 'mock' | 'unmock';

/** Functions of vitest and Jest, by what they do. `module` counts only as a member of `mock`, as in node:test. */
const FUNCTIONS: Readonly<Record<MockKind, readonly string[]>> = {
  mock: ['mock', 'doMock', 'unstable_mockModule', 'mockModule', 'setMock', 'module'],
  unmock: ['unmock', 'doUnmock', 'dontMock', 'deepUnmock', 'unstable_unmockModule'],
};

/** A call that mocks or restores a module. */
export interface MockCall {
  readonly kind: MockKind;
  /** Name of the module, as the call writes it. */
  readonly module: string;
  /**
   * Whether installed packages get the mock too, when they load the module by `require()`. Mocks of Jest reach them, except
   * its mocks of ES modules.
   */
  readonly reachesPackages: boolean;
}

/** A mock call in a text. */
export interface MockCallInText extends MockCall {
  /** Where the call stands in the text, in UTF-16 code units. */
  readonly index: number;
}

/** A mock call in a syntax tree. */
export interface MockCallNode extends MockCall {
  readonly node: TSESTree.CallExpression;
  readonly callee: TSESTree.MemberExpression;
  /** Name of the function. */
  readonly name: string;
  /** The string that names the module. */
  readonly source: TSESTree.StringLiteral | TSESTree.TemplateLiteral;
}

/** `<typeof import('m')>` and the like. */
const TYPE_ARGUMENTS = String.raw`(?:<(?:[^<>()]|\([^()]*\)|<[^<>]*>)*>)?`;
const COMMENT = String.raw`(?:\/\*(?:(?!\*\/).)*\*\/\s*)?`;
const MODULE_NAME = String.raw`(?<quote>['"\`])(?<module>[^'"\`\n]+)\k<quote>`;
const NAMES = [...FUNCTIONS.mock, ...FUNCTIONS.unmock].filter((name) => name !== 'module').join('|');

const MOCK_CALL = new RegExp(
  String.raw`(?:(?:(?<runner>\bjest)\s*)?\.\s*(?<name>${NAMES})|\bmock\s*\.\s*module)\s*${TYPE_ARGUMENTS}\s*\(\s*${COMMENT}(?:import\s*\(\s*${COMMENT})?${MODULE_NAME}`,
  'g',
);

/** Finds mock calls in the code of a file that has not been parsed. Comments must have been removed from it. */
export function mockCallsIn(code: string): readonly MockCallInText[] {
  return [...code.matchAll(MOCK_CALL)].map(({ index, groups = {} }) => {
    const { name = 'module', module = '', runner } = groups;
    return { kind: kindOf(name) ?? 'mock', module, reachesPackages: isForPackages(runner, name), index };
  });
}

/** The mock call that a node is; undefined for every other call. */
export function mockCallOf(node: TSESTree.CallExpression): MockCallNode | undefined {
  const { callee, arguments: args } = node;
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return undefined;
  const { name } = callee.property;
  const kind = callee.computed ? undefined : kindOf(name);
  const source = kind && moduleNameIn(args[0]);
  if (!kind || !source || (name === 'module' && lastNameOf(callee.object) !== 'mock')) return undefined;
  const module = source.type === 'Literal' ? source.value : (source.quasis[0]?.value.cooked ?? '');
  const reachesPackages = isForPackages(lastNameOf(callee.object), name);
  return { kind, module, reachesPackages, node, callee, name, source };
}

/** `vi` of `vi` and of `import.meta.vitest.vi`. */
export function lastNameOf(node: TSESTree.Node): string | undefined {
  const name = node.type === 'MemberExpression' ? node.property : node;
  return name.type === 'Identifier' ? name.name : undefined;
}

/** Finds mock calls in the file that is linted. Those in comments do not count. */
export function mockCallsOf(sourceCode: Readonly<TSESLint.SourceCode>): readonly MockCall[] {
  const calls = mockCallsIn(sourceCode.text);
  const comments = calls.length > 0 ? sourceCode.getAllComments().map(({ range }) => range) : [];
  return calls.filter(({ index }) => !comments.some(([from, to]) => from <= index && index < to));
}

function isForPackages(runner: string | undefined, name: string): boolean {
  return runner === 'jest' && !name.endsWith('Module');
}

function kindOf(name: string): MockKind | undefined {
  if (FUNCTIONS.mock.includes(name)) return 'mock';
  return FUNCTIONS.unmock.includes(name) ? 'unmock' : undefined;
}

/** The string in `'m'` and `import('m')`. */
function moduleNameIn(argument: TSESTree.Node | undefined): MockCallNode['source'] | undefined {
  if (argument?.type === 'ImportExpression') return moduleNameIn(argument.source);
  if (argument?.type === 'Literal' && typeof argument.value === 'string') return argument;
  return argument?.type === 'TemplateLiteral' && argument.quasis.length === 1 ? argument : undefined;
}
