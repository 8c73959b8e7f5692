import { expect, test } from 'vitest';
import { Introduction } from '../../../../src/connect/dial/introduction.js';

test('a server that closes two introduced connections in a row gets no further introduction', () => {
  const introduction = new Introduction();
  expect(introduction.isSkipped(0)).toBe(false);
  introduction.onClosed(true, 0);
  expect(introduction.isSkipped(0)).toBe(false);
  introduction.onClosed(true, 0);
  expect(introduction.isSkipped(0)).toBe(true);
});

test('closes that are not in a row refuse nothing, nor do a few on a server that has taken an introduction', () => {
  const introduction = new Introduction();
  introduction.onClosed(true, 0);
  introduction.onAccepted();
  for (let close = 1; close <= 5; close += 1) introduction.onClosed(true, 0);
  expect(introduction.isSkipped(0)).toBe(false);
  introduction.onClosed(true, 0);
  expect(introduction.isSkipped(0)).toBe(true);
});

test('if a connection without introduction is closed too, that was not the reason', () => {
  const introduction = new Introduction();
  [true, true, false].forEach((wasIntroduced) => introduction.onClosed(wasIntroduced, 0));
  expect(introduction.isSkipped(0)).toBe(false);
  introduction.onClosed(true, 0);
  expect(introduction.isSkipped(0)).toBe(false);
});

test('after ten minutes one connection is introduced again', () => {
  const introduction = new Introduction();
  [true, true].forEach((wasIntroduced) => introduction.onClosed(wasIntroduced, 0));
  expect(introduction.isSkipped(599_999)).toBe(true);
  expect(introduction.isSkipped(600_000)).toBe(false);
  introduction.onClosed(true, 600_001);
  expect(introduction.isSkipped(600_002)).toBe(true);
});
