import { expect, test } from 'vitest';
import { overlayTraps } from '../../../src/core/overlay.js';

class Target {
  readonly isTarget = true;
  static own = 'own';
  static replaced = 'original';
  static get getter() {
    return 'getter';
  }
}

const properties = { replaced: 'replacement', added: 'added', __esModule: true };
const overlaid = new Proxy(
  Target,
  overlayTraps<typeof Target>(() => properties),
) as typeof Target & typeof properties;

test('properties replace those of the target, or are added to them', () => {
  const { own, getter, replaced, added } = overlaid;
  expect([own, getter, replaced, added]).toEqual(['own', 'getter', 'replacement', 'added']);
  expect(Target.replaced).toBe('original');
});

test('added properties are listed once, but not the mark of compilers', () => {
  expect(Object.keys(overlaid)).toEqual(['own', 'replaced', 'added']);
  expect(Object.getOwnPropertyNames(overlaid)).toContain('__esModule');
});

test('a class stays a class', () => {
  expect(new overlaid()).toBeInstanceOf(Target);
  expect(new Target()).toBeInstanceOf(overlaid);
});
