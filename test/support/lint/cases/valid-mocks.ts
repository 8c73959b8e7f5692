import { casesFrom, type LintCase } from './case.js';

/** Mocks of ioredis in files that mock the drop-in too, and calls that are no mocks of ioredis. */
export const validMocks: readonly LintCase[] = casesFrom(
  {
    'vi.mock of both': `vi.mock('ioredis');\nvi.mock('redis-hygiene/ioredis', () => import('ioredis'));\nimport Redis from 'ioredis';\nnew Redis();\n`,
    'vi.mock of both, by import()': `vi.mock(import('redis-hygiene/ioredis'), () => ({}));\nvi.mock(import('ioredis'), () => ({}));\n`,
    'one vi.mock for several vi.doMock': `vi.mock('redis-hygiene/ioredis', () => import('ioredis'));\ntest('a', () => { vi.doMock('ioredis', a); });\ntest('b', () => { vi.doMock('ioredis', b); });\n`,
    'commonjs: jest.mock, which the drop-in gets too': `jest.mock('ioredis', () => require('ioredis-mock'));\nconst Redis = require('ioredis');\nnew Redis();\n`,
    'commonjs: other mocks of Jest': `jest.setMock('ioredis', class {});\njest.doMock('ioredis');\njest.unmock('ioredis');\njest.dontMock('ioredis');\n`,
    'commonjs: jest.mock of both': `jest.mock("ioredis");\njest.mock("redis-hygiene/ioredis", () => jest.requireMock("ioredis"));\nconst Redis = require('ioredis');\nnew Redis();\n`,
    'mock.module of both': `mock.module('ioredis', { defaultExport: class {} });\nmock.module('redis-hygiene/ioredis', { defaultExport: class {} });\n`,
    'commonjs: the mock itself': `const mock = jest.requireMock('ioredis');\nmock.mockClear();\n`,
    'the mock itself, by import': `const mock = await vi.importMock('ioredis');\nmock.Redis.mockClear();\n`,
    'the drop-in alone': `vi.mock('redis-hygiene/ioredis');\nimport { Redis } from 'redis-hygiene/ioredis';\nnew Redis();\n`,
    'a path inside ioredis, and other packages': `vi.mock('ioredis/built/utils');\nvi.mock('ioredis-mock');\nvi.mock('@acme/ioredis');\nimport 'ioredis';\n`,
    'a module of another framework': `angular.module('ioredis');\nmodule('ioredis');\nvi['mock']('redis');\n`,
    'a computed name': `vi.mock(name + 'ioredis');\nvi[mock]('ioredis');\nvi.mock(\`\${scope}ioredis\`);\n`,
  },
  { project: 'mocks' },
);
