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

test('a certain attribution comes before a likely one, whatever their sources', () => {
  expect(order(['name', 'likely'], ['process', 'certain'])).toEqual([
    ['process', 'certain'],
    ['name', 'likely'],
  ]);
});

test('among attributions of one confidence the more telling source comes first', () => {
  for (const confidence of ['certain', 'likely'] as const) {
    const attributions = attributionSources.map((source) => [source, confidence] as const);
    expect(order(...attributions.toReversed())).toEqual(attributions);
  }
});

test.each(['pod', 'container', 'process', 'hosts'] as const)(
  'an ambiguous attribution of a %s explains, so it comes before the bare address and its DNS name, and after all else',
  (source) => {
    const best = [
      ['library', 'likely'],
      [source, 'ambiguous'],
      ['dns', 'likely'],
      ['address', 'likely'],
      ['address', 'ambiguous'],
    ] as const;
    expect(order(...best.toReversed())).toEqual(best);
  },
);
