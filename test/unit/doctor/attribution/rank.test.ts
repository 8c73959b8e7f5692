import { expect, test } from 'vitest';
import {
  type ClaimSource,
  claimSources,
  type Confidence,
} from '../../../../src/doctor/attribution/attribution.js';
import { compareClaims } from '../../../../src/doctor/attribution/attribute.js';
import { claim } from './peers.js';

/** The best claim first, as pairs of source and confidence. */
function order(...claims: readonly (readonly [ClaimSource, Confidence])[]) {
  return claims
    .map(([source, confidence]) => claim({ source, confidence }))
    .sort(compareClaims)
    .map(({ source, confidence }) => [source, confidence]);
}

test('a certain claim comes before a likely one, whatever their sources', () => {
  expect(order(['name', 'likely'], ['process', 'certain'])).toEqual([
    ['process', 'certain'],
    ['name', 'likely'],
  ]);
});

test('among claims of one confidence the more telling source comes first', () => {
  for (const confidence of ['certain', 'likely'] as const) {
    const claims = claimSources.map((source) => [source, confidence] as const);
    expect(order(...claims.toReversed())).toEqual(claims);
  }
});

test.each(['pod', 'container', 'process', 'hosts'] as const)(
  'an ambiguous claim of a %s explains, so it comes before the bare address and its DNS name, and after all else',
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
