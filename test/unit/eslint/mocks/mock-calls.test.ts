import { expect, test } from 'vitest';
import { mockCallsIn } from '../../../../src/eslint/mocks/mock-calls.js';

const callsIn = (code: string) => mockCallsIn(code).map(({ kind, module }) => `${kind} ${module}`);

test.for([
  [`vi.mock('a')`, 'mock a'],
  ['vitest.doMock(`a`, () => ({}))', 'mock a'],
  [`vi . mock (\n  "a"`, 'mock a'],
  [`vi.mock(import('a'), f)`, 'mock a'],
  [`vi.mock(/* why */ import(/* why */ 'a'))`, 'mock a'],
  [`vi.mock<typeof import('b')>('a')`, 'mock a'],
  [`jest.mock<Map<string, Redis>>('a')`, 'mock a'],
  [`jest.unstable_mockModule('a', f)`, 'mock a'],
  [`jest.setMock('a', {})`, 'mock a'],
  [`mock.module('a')`, 'mock a'],
  [`t.mock.module('a')`, 'mock a'],
  [`vi.unmock('a')`, 'unmock a'],
  [`vi.doUnmock('a')`, 'unmock a'],
  [`jest.dontMock('a')`, 'unmock a'],
] as const)('%s is a call', ([code, expected]) => {
  expect(callsIn(code)).toEqual([expected]);
});

test.for([
  `angular.module('a')`,
  `mock('a')`,
  `vi.mock(name)`,
  `vi.mock('a" )`,
  `vi.importActual('a')`,
  `vi.mocked('a')`,
  `jest.requireMock('a')`,
])('%s is no call', (code) => {
  expect(callsIn(code)).toEqual([]);
});

test.for([
  [`jest.mock('a')`, true],
  [`jest . setMock('a', {})`, true],
  [`import.meta.jest.unmock('a')`, true],
  [`jest.unstable_mockModule('a', f)`, false],
  [`vi.mock('a')`, false],
  [`myjest.mock('a')`, false],
  [`mock.module('a')`, false],
] as const)('%s: whether installed packages get the mock is %s', ([code, reachesPackages]) => {
  expect(mockCallsIn(code)).toMatchObject([{ reachesPackages }]);
});

test('all calls of a file are found, each with its place', () => {
  const code = `vi.mock('a');\nvi.unmock('b'); vi.mock('a');\n`;
  expect(mockCallsIn(code).map(({ index }) => code.slice(index, index + 5))).toEqual([
    '.mock',
    '.unmo',
    '.mock',
  ]);
});
