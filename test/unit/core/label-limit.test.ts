import { expect, test } from 'vitest';
import { createLabelLimit, OTHER } from '../../../src/core/label-limit.js';

test('the first values keep their names, all later ones share one', () => {
  const limit = createLabelLimit(2);
  expect(['a', 'b', 'c', 'a', 'd', 'b'].map(limit)).toEqual(['a', 'b', OTHER, 'a', OTHER, 'b']);
});
