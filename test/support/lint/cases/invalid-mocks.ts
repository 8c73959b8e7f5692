import { casesFrom, type LintCase } from './case.js';

/** A mock of ioredis, and the same code with the call for the drop-in after it. */
interface MockExample {
  readonly code: string;
  /** What the fix adds after the first line. Missing if there is no fix. */
  readonly added?: string;
}

const VITEST = `vi.mock('redis-hygiene/ioredis', () => import('ioredis'));\n`;

const examples: Readonly<Record<string, MockExample>> = {
  'vi.mock': {
    code: `vi.mock(/*mocked*/'ioredis');\nimport Redis from 'ioredis';\nnew Redis();\n`,
    added: VITEST,
  },
  'vi.mock of an import()': {
    code: `vi.mock(import(/*mocked*/'ioredis'), () => ({ default: class {} }));\nimport Redis from 'ioredis';\nnew Redis();\n`,
    added: VITEST,
  },
  'ts: vi.mock with type arguments': {
    code: `vi.mock<typeof import('ioredis')>(/*mocked*/'ioredis', () => ({}));\nimport { Redis } from 'ioredis';\nnew Redis();\n`,
    added: VITEST,
  },
  'a factory function of a mock': {
    code: `vi.mock(/*mocked*/"ioredis", async (load) => ({ ...(await load()), Redis: class {} }))\n`,
    added: `vi.mock("redis-hygiene/ioredis", () => import("ioredis"))\n`,
  },
  'vi.mock of vi.importActual': {
    code: `vi.mock(/*mocked*/'ioredis', async () => ({ ...(await vi.importActual('ioredis')) }));\n`,
    added: VITEST,
  },
  'the name vitest': {
    code: `vitest.doMock(/*mocked*/\`ioredis\`);\n`,
    added: `vitest.doMock('redis-hygiene/ioredis', () => import('ioredis'));\n`,
  },
  'import.meta.vitest': {
    code: `import.meta.vitest.vi.mock(/*mocked*/'ioredis');\n`,
    added: `import.meta.vitest.vi.mock('redis-hygiene/ioredis', () => import('ioredis'));\n`,
  },
  CRLF: { code: `vi.mock(/*mocked*/'ioredis');\r\n`, added: VITEST.replace('\n', '\r\n') },
  'vi.unmock': {
    code: `vi.unmock(/*unmocked*/'ioredis');\n`,
    added: `vi.unmock('redis-hygiene/ioredis');\n`,
  },
  'vi.doUnmock beside a mock of both': {
    code: `vi.doUnmock(/*unmocked*/'ioredis');\nvi.mock('ioredis');\n${VITEST}`,
    added: `vi.doUnmock('redis-hygiene/ioredis');\n`,
  },
  'jest.unstable_mockModule': {
    code: `await jest.unstable_mockModule(/*mocked*/'ioredis', () => ({}));\nconst { Redis } = await import('ioredis');\nnew Redis();\n`,
    added: `jest.unstable_mockModule('redis-hygiene/ioredis', () => import('ioredis'));\n`,
  },
  'mock.module with names': {
    code: `mock.module(/*mocked*/'ioredis', { defaultExport: Fake, namedExports: { Redis: fakes.Redis } });\n`,
    added: `mock.module('redis-hygiene/ioredis', { defaultExport: Fake, namedExports: { Redis: fakes.Redis } });\n`,
  },
  't.mock.module with names': {
    code: `test('a', (t) => { t.mock.module(/*mocked*/'ioredis', options);\n});\n`,
    added: `t.mock.module('redis-hygiene/ioredis', options);\n`,
  },
  'mock.module with a class': {
    code: `import { mock } from 'node:test';\nmock.module(/*mocked*/'ioredis', { defaultExport: class {} });\nconst { default: Redis } = await import('ioredis');\nnew Redis();\n`,
  },
  'an unknown runner': { code: `runner.mock(/*mocked*/'ioredis');\n` },
  'no statement': {
    code: `beforeEach(() => vi.doMock(/*mocked*/'ioredis'));\nif (a) vi.doMock(/*mocked*/'ioredis');\n`,
  },
  'a call for the drop-in in a comment': {
    code: `vi.mock(/*mocked*/'ioredis');\n// vi.mock('redis-hygiene/ioredis', () => import('ioredis'));\n`,
    added: VITEST,
  },
};

const nested = casesFrom(
  {
    'indented, and twice': `test('a', () => {\n\tvi.doMock(/*mocked*/'ioredis'); // first\n\tvi.doMock(/*mocked*/'ioredis', fake);\n});\n`,
  },
  {
    project: 'mocks',
    output: `test('a', () => {\n\tvi.doMock(/*mocked*/'ioredis');\n\tvi.doMock('redis-hygiene/ioredis', () => import('ioredis')); // first\n\tvi.doMock(/*mocked*/'ioredis', fake);\n\tvi.doMock('redis-hygiene/ioredis', () => import('ioredis'));\n});\n`,
  },
);

const ownModule = casesFrom(
  {
    'a mock where another module is to be used': `vi.mock(/*mocked*/'ioredis');\nvi.mock('redis-hygiene/ioredis');\n`,
  },
  {
    project: 'mocks-of-acme',
    options: { module: '@acme/redis' },
    output: `vi.mock(/*mocked*/'ioredis');\nvi.mock('@acme/redis', () => import('ioredis'));\nvi.mock('redis-hygiene/ioredis');\n`,
  },
);

/** Mocks of ioredis in files that do not mock the drop-in. The fix adds the missing mock. */
export const invalidMocks: readonly LintCase[] = [
  ...Object.entries(examples).flatMap(([title, { code, added }]) =>
    casesFrom(
      { [title]: code },
      { project: 'mocks', output: added === undefined ? code : insert(code, added) },
    ),
  ),
  ...nested,
  ...ownModule,
];

/** Inserts a line after the first one. */
function insert(code: string, added: string): string {
  const end = code.indexOf('\n') + 1;
  return code.slice(0, end) + added + code.slice(end);
}
