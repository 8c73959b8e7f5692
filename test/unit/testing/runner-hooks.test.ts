import { afterEach, expect, test } from 'vitest';
import { keepLast } from '../../../src/testing/runner-hooks.js';

interface JestState {
  currentDescribeBlock: { hooks: unknown[] };
}

const SYMBOL = Symbol('JEST_STATE_SYMBOL');
const globals = globalThis as unknown as Record<symbol, JestState | undefined>;

afterEach(() => void Reflect.deleteProperty(globals, SYMBOL));

/** The hooks of a file that runs in Jest. */
function startJest(): unknown[] {
  const state: JestState = { currentDescribeBlock: { hooks: ['theirs before'] } };
  globals[SYMBOL] = state;
  return state.currentDescribeBlock.hooks;
}

test('a hook stays the last one of Jest, and two of them stay behind all others', () => {
  const hooks = startJest();
  keepLast(() => void hooks.push('our afterAll'));
  hooks.push('their afterAll');
  expect(hooks).toEqual(['theirs before', 'their afterAll', 'our afterAll']);
  keepLast(() => void hooks.push('our afterEach'));
  hooks.push('their afterEach', 'another of theirs');
  expect(hooks.slice(0, 4)).toEqual([
    'theirs before',
    'their afterAll',
    'their afterEach',
    'another of theirs',
  ]);
  expect(hooks.slice(4).sort()).toEqual(['our afterAll', 'our afterEach']);
});

test('without the state of Jest, a hook is registered where it is', () => {
  const hooks: string[] = [];
  keepLast(() => void hooks.push('ours'));
  hooks.push('theirs');
  expect(hooks).toEqual(['ours', 'theirs']);
});

test('a hook that is not added to the state is left alone', () => {
  const hooks = startJest();
  keepLast(() => undefined);
  hooks.push('theirs');
  expect(hooks).toEqual(['theirs before', 'theirs']);
});
