import { expect, test } from 'vitest';
import {
  type AttributionSource,
  attributionSources,
  type Confidence,
} from '../../../../src/doctor/attribution/attribution.js';
import { compareAttributions } from '../../../../src/doctor/attribution/attribute.js';
import { attribution } from '../../../support/unit/doctor/attribution/peers.js';

/** The best attribution first, as pairs of source and confidence. */
function order(...attributions: readonly (readonly [AttributionSource, Confidence])[]) {
  return attributions
    .map(([source, confidence]) => attribution({ source, confidence }))
    .sort(compareAttributions)
    .map(({ source, confidence }) => [source, confidence]);
}

test('ranks a certain attribution above a likely one of any source', () => {
  expect(order(['name', 'likely'], ['process', 'certain'])).toEqual([
    ['process', 'certain'],
    ['name', 'likely'],
  ]);
});

test('ranks attributions of equal confidence by their source', () => {
  for (const confidence of ['certain', 'likely'] as const) {
    const attributions = attributionSources.map((source) => [source, confidence] as const);
    expect(order(...attributions.toReversed())).toEqual(attributions);
  }
});

test.each(['pod', 'container', 'process', 'hosts'] as const)(
  'ranks an ambiguous %s above the bare address and its DNS name, and below all other attributions',
  (source) => {
    const expected = [
      ['library', 'likely'],
      [source, 'ambiguous'],
      ['dns', 'likely'],
      ['address', 'likely'],
      ['address', 'ambiguous'],
    ] as const;
    expect(order(...expected.toReversed())).toEqual(expected);
  },
);
